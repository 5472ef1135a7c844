import type { Readable } from 'node:stream';

type Pump = {
  /** Resolves when the pipe has ended and all of it was taken; rejects when taking it failed. */
  done: Promise<void>;
  /** For a job that is over: no longer waits for a pipe that somebody else holds open and nobody writes to. */
  finish(): void;
};

const QUIET_MS = 100;

/** Hands over what a pipe brings, piece by piece, and does not read on while the taker is busy. */
export function pumpOutput(pipe: Readable, take: (chunk: Buffer) => void | Promise<void>): Pump {
  const done = Promise.withResolvers<void>();
  let taking: Promise<void> | undefined;
  let heard = false;
  let quietCheck: NodeJS.Timeout | undefined;
  const fail = (error: unknown) => {
    done.reject(error);
    pipe.destroy();
  };
  pipe.on('data', (chunk: Buffer) => {
    heard = true;
    try {
      const busy = take(chunk);
      if (!busy) return;
      pipe.pause();
      taking = busy.then(() => {
        taking = undefined;
        // What came meanwhile has still to be read.
        heard = true;
        pipe.resume();
      });
      taking.catch(fail);
    } catch (error) {
      fail(error);
    }
  });
  pipe.on('error', fail);
  pipe.on('close', () => {
    clearInterval(quietCheck);
    void Promise.resolve(taking).then(() => done.resolve(), fail);
  });
  /**
   * To be called behind a round of reading, as `setImmediate` does. A timer comes before it: after a standstill of this process
   * the time is up, and nobody has looked into the pipe yet.
   */
  const look = () => {
    if (!heard && !taking) pipe.destroy();
    heard = false;
  };
  // The failure also reaches whoever awaits `done` later.
  done.promise.catch(() => {});
  return {
    done: done.promise,
    finish() {
      quietCheck = setInterval(() => setImmediate(look), QUIET_MS);
      if (pipe.destroyed) clearInterval(quietCheck);
    },
  };
}
