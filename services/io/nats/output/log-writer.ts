import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { JetStreamClient } from '@nats-io/jetstream';
import { logStream } from '../../../../events/streams.ts';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import { type DiskFlow, freeFlow } from '../../disk/disk-flow.ts';
import type { LogWriter, Pipe } from '../../log-stream.ts';

/** Chunks on their way at once; beyond it the recipe's pipes are paused. */
const window = 64;
/** How long a small piece of output waits for company, in ms: what a person following the log notices as delay. */
const patience = 25;
/** How long output is held while the server is away, in ms. */
const outage = 60_000;

type Piece = { readonly pipe: Pipe; readonly bytes: Buffer; readonly number: number };

/** Writes a job's output in chunks, in order, also across a restart of the server; where there is no room it waits. */
export function openLogWriter(js: JetStreamClient, jobId: string, flow: DiskFlow = freeFlow): LogWriter {
  const writerId = randomUUID();
  const digest = createHash('sha256');
  const seqs = { first: 0, last: 0 };
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let gatheredPipe: Pipe = 'stdout';
  let bytes = 0;
  let number = 0;
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown;
  const queue: Piece[] = [];
  let failed: Piece[] = [];
  let onTheWay = 0;
  let isHeld = false;
  const waiters: (() => void)[] = [];

  const send = async (piece: Piece) => {
    const ack = await js.publish(`ct-log.${jobId}.${piece.pipe}`, piece.bytes, {
      msgID: `${writerId}-${piece.number}`,
      timeout: 5_000,
    });
    if (seqs.first === 0 || ack.seq < seqs.first) seqs.first = ack.seq;
    if (ack.seq > seqs.last) seqs.last = ack.seq;
  };
  /** The server stored a beginning of what was on its way: the rest is sent again, one by one, before anything new. */
  const recover = async () => {
    const pieces = failed.sort((a, b) => a.number - b.number);
    failed = [];
    const deadline = performance.now() + outage;
    for (const piece of pieces) {
      while (true) {
        try {
          await send(piece);
          break;
        } catch (error) {
          if (performance.now() > deadline)
            throw new AppError('unavailable', `The log of the job cannot be stored: ${messageOf(error)}.`, {
              cause: error,
            });
          await wait(200);
        }
      }
    }
  };
  const finish = () => {
    onTheWay -= 1;
    if (onTheWay === 0 && failed.length > 0 && failure === undefined) {
      onTheWay = 1;
      recover()
        .catch((error) => {
          failure = error;
        })
        .finally(finish);
      return;
    }
    pump();
    if (onTheWay < window / 2) for (const wake of waiters.splice(0)) wake();
  };
  const hold = (room: Promise<void>) => {
    isHeld = true;
    void room.finally(() => {
      isHeld = false;
      pump();
    });
  };
  const pump = () => {
    while (!isHeld && onTheWay < window && failed.length === 0) {
      const [piece] = queue;
      if (!piece) return;
      const room = flow.enter(piece.bytes.length);
      if (room !== null) return hold(room);
      queue.shift();
      onTheWay += 1;
      send(piece)
        .catch(() => failed.push(piece))
        .finally(() => {
          flow.wrote(piece.bytes.length);
          finish();
        });
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (gatheredBytes === 0) return;
    const whole = gathered.length === 1 && gathered[0] ? gathered[0] : Buffer.concat(gathered, gatheredBytes);
    gathered = [];
    gatheredBytes = 0;
    digest.update(whole);
    for (let from = 0; from < whole.length; from += logStream.maxChunkBytes) {
      number += 1;
      queue.push({ pipe: gatheredPipe, bytes: whole.subarray(from, from + logStream.maxChunkBytes), number });
    }
    pump();
  };
  const idle = () => new Promise<void>((resolve) => waiters.push(resolve));

  return {
    write: (pipe, chunk) => {
      if (failure !== undefined) throw failure;
      if (chunk.length === 0) return;
      if (pipe !== gatheredPipe) flush();
      gatheredPipe = pipe;
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      bytes += chunk.length;
      if (gatheredBytes >= logStream.maxChunkBytes) flush();
      else timer ??= setTimeout(flush, patience);
      return queue.length > window ? idle() : undefined;
    },
    end: async () => {
      flush();
      while ((queue.length > 0 || onTheWay > 0) && failure === undefined) await idle();
      if (failure !== undefined) throw failure;
      return { firstSeq: seqs.first, lastSeq: seqs.last, bytes, digest: bytes > 0 ? digest.digest('hex') : null };
    },
  };
}
