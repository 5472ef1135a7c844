import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pumpOutput } from '../../../../services/io/process/output-pump.ts';

type HeldPipe = { readonly open: () => Socket; readonly write: (text: string) => void };

/** A pipe that stays open for writing until the work is done, as one that somebody else holds. */
async function withHeldPipe(work: (pipe: HeldPipe) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'ct-pipe-'));
  const file = join(dir, 'pipe');
  execFileSync('mkfifo', [file]);
  const holder = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  const open = () => {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  };
  try {
    await work({ open, write: (text) => void writeSync(holder, text) });
  } finally {
    closeSync(holder);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Stands still, as a process does that gets no core. */
const standStill = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('the output of a job that is over', () => {
  it('is taken whole, though this process stood still before it could read', () =>
    withHeldPipe(async ({ open, write }) => {
      write('all that was found\n');
      let taken = '';
      // From here the timers come before the next round of reading.
      await new Promise(setImmediate);
      const pump = pumpOutput(open(), (chunk) => {
        taken += chunk;
      });
      pump.finish();
      standStill(400);
      await pump.done;
      assert.equal(taken, 'all that was found\n');
    }));

  it('is taken whole, though the taker was busy until a look at the pipe was due', () =>
    withHeldPipe(async ({ open, write }) => {
      write('first\n');
      let taken = '';
      const stored = Promise.withResolvers<void>();
      const pump = pumpOutput(open(), (chunk) => {
        taken += chunk;
        if (taken !== 'first\n') return undefined;
        setImmediate(round, 3);
        pump.finish();
        return stored.promise;
      });
      // In each round the time is up for a look, which comes behind the next round.
      const round = (left: number): void => {
        if (left > 0) {
          setImmediate(round, left - 1);
          standStill(150);
          return;
        }
        write('second\n');
        stored.resolve();
      };
      await pump.done;
      assert.equal(taken, 'first\nsecond\n');
    }));
});
