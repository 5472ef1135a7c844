import { setTimeout as pause } from 'node:timers/promises';
import { watchMovement } from './movement.ts';
import { paced } from './pace.ts';

type Found<T> = T | undefined | null | false;

/** So long nothing may move, in ms, before a wait is given up; on a slow machine it is the waiting that moves. */
const stillMs = 90_000;
/** What moves for ever, such as a loop, is given up too; on a machine of the usual speed. */
const longestMs = 150_000;
/** How often one looks whether something moves. */
const lookMs = 2_000;

/** Says why a wait that began at `startedAt` is over without success; null while there is hope. */
function openWait(): () => string | null {
  const startedAt = performance.now();
  const stillFor = watchMovement();
  let lookAt = startedAt + lookMs;
  return () => {
    const now = performance.now();
    if (now < lookAt) return null;
    lookAt = now + lookMs;
    const secs = (ms: number) => `${Math.round(ms / 1000)} s`;
    const still = stillFor();
    if (still > stillMs) return `nothing moved for ${secs(still)}`;
    return now - startedAt > paced(longestMs) ? `it did not come about within ${secs(now - startedAt)}` : null;
  };
}

/** How many ms to wait until a service is asked again: an answer costs it and the test more than a look at a value. */
const pauseAfter = (asked: number): number => Math.min(10 + 4 * asked, 50);

/**
 * Asks until the answer holds something, and gives up when nothing moves any more. `what` names it in the error; a function is
 * asked at that moment, and may tell what was seen instead.
 */
export async function until<T>(
  ask: () => Promise<Found<T>> | Found<T>,
  what: string | (() => string) = String(ask),
): Promise<T> {
  const over = openWait();
  for (let asked = 1; ; asked += 1) {
    const answer = ask();
    const found = await answer;
    if (found) return found;
    const reason = over();
    if (reason !== null) {
      const words = typeof what === 'string' ? what.slice(0, 500) : what().slice(0, 4_000);
      throw new Error(`What was waited for did not come about: ${reason}. ${words}`);
    }
    await pause(answer instanceof Promise ? pauseAfter(asked) : 10);
  }
}

/** Some work, given up when nothing moves any more; its signal is raised then. */
export async function whileMoving<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = openWait();
  const abort = new AbortController();
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    const reason = over();
    if (reason === null) return;
    const error = new Error(`No answer came: ${reason}.`);
    abort.abort(error);
    reject(error);
  }, lookMs);
  try {
    return await Promise.race([work(abort.signal), never]);
  } finally {
    clearInterval(timer);
  }
}
