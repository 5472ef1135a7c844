import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../../events/backoff.ts';
import type { Recorded } from '../../events/registry.ts';
import { isAppError } from '../floor/app-error.ts';
import type { Follower, FollowOptions } from './event-log.ts';

/** The pauses after questions that brought nothing new. */
const pauses = { firstMs: 25, longestMs: 200 };

/** Follows the log by asking for one event after the other: for those who may have no consumer on the server. */
export function pollEvents(
  { from, onEvent, onDrained, onError }: FollowOptions,
  next: (seq: number) => Promise<Recorded | null>,
): Follower {
  const stopping = new AbortController();
  const stopped = () => stopping.signal.aborted;
  let lastSeq = from - 1;

  const ask = async () => {
    try {
      return await next(lastSeq + 1);
    } catch (error) {
      // The log is away for a while; anything else is an event that cannot be opened.
      if (isAppError(error, 'unavailable')) return null;
      throw error;
    }
  };
  const poll = async () => {
    for (let misses = 0; !stopped(); ) {
      const event = await ask();
      if (stopped()) return;
      if (event && event.seq > lastSeq) {
        onEvent(event);
        lastSeq = event.seq;
        misses = 0;
        continue;
      }
      if (misses === 0) onDrained?.();
      misses += 1;
      await wait(backoffMs(misses, pauses), undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  };
  const polling = poll().catch((error) => {
    if (!stopped()) onError(error);
  });
  return {
    lastSeq: () => lastSeq,
    stop: async () => {
      stopping.abort();
      await polling;
    },
  };
}
