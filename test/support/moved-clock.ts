import type { Clock } from '../../services/floor/clock.ts';

export type MovedClock = Clock & {
  /** Moves the time on and calls what is due, once. */
  forward(ms: number): Promise<void>;
};

/** A clock that stands still until it is moved by hand. */
export function movedClock(startsAt = Date.now()): MovedClock {
  let now = startsAt;
  const works = new Set<{ every: number; next: number; work: () => Promise<void> }>();
  return {
    now: () => now,
    every: (intervalMs, work) => {
      const one = { every: intervalMs, next: now + intervalMs, work };
      works.add(one);
      return { stop: async () => void works.delete(one) };
    },
    forward: async (ms) => {
      now += ms;
      for (const one of [...works]) {
        if (one.next > now) continue;
        one.next = now + one.every;
        await one.work().catch(() => {});
      }
    },
  };
}
