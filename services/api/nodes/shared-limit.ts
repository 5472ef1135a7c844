import type { Clock } from '../../floor/clock.ts';
import type { ApiNodes } from './api-nodes.ts';

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** Keys remembered within a minute. */
const mostKeys = 50_000;

/**
 * Counts requests by the minute of the clock, over all processes that answer: each adds what the others have said of the same
 * minute. They say it four times a second, so that much more than the limit may pass, and not the limit once for each.
 */
export function sharedLimit(nodes: ApiNodes, clock: Pick<Clock, 'now'>, windowMs: number) {
  const counts = new Map<string, number>();
  let minute = -1;
  const turn = () => {
    const now = Math.floor(clock.now() / windowMs);
    if (now !== minute || counts.size > mostKeys) counts.clear();
    minute = now;
    return (now + 1) * windowMs - clock.now();
  };
  nodes.share('requests', function* () {
    turn();
    // The minute is part of the key: what another one says of the last minute counts for nothing in this.
    for (const [key, count] of counts) yield [`${minute} ${key}`, count];
  });
  const current = (key: string) => (counts.get(key) ?? 0) + nodes.countElsewhere('requests', `${minute} ${key}`);
  return class SharedLimit {
    incr(key: string, done: Answer): void {
      const ttl = turn();
      counts.set(key, (counts.get(key) ?? 0) + 1);
      done(null, { current: current(key), ttl });
    }

    read(key: string, done: Answer): void {
      const ttl = turn();
      done(null, { current: current(key), ttl });
    }

    child(): SharedLimit {
      return this;
    }
  };
}
