import type { Clock } from '../../services/floor/clock.ts';

/** A clock that stands still until it is moved by hand; what waits for an interval runs when it is told to. */
export type MovedClock = Clock & {
  /** Sets the time and calls nothing. */
  set(time: number | string): void;
  /** Moves the time on, calls at once all whose interval has passed, and waits for them. */
  forward(ms: number): Promise<void>;
  /** Calls at once all that wait for an interval, whatever the time, and waits for them. */
  beat(): Promise<void>;
};

const msOf = (time: number | string): number => (typeof time === 'number' ? time : Date.parse(time));

/** `startsAt` in ms since 1970, or a date as text; without it, this moment. */
export function movedClock(startsAt: number | string = Date.now()): MovedClock {
  let now = msOf(startsAt);
  const works = new Set<{ every: number; next: number; run: () => Promise<void> }>();
  return {
    now: () => now,
    every: (intervalMs, work) => {
      const running = new Set<Promise<void>>();
      const run = () => {
        const call = work().catch(() => {});
        running.add(call);
        return call.finally(() => running.delete(call));
      };
      const one = { every: intervalMs, next: now + intervalMs, run };
      works.add(one);
      return {
        stop: async () => {
          works.delete(one);
          await Promise.all(running);
        },
      };
    },
    set: (time) => {
      now = msOf(time);
    },
    forward: async (ms) => {
      now += ms;
      const due = [...works].filter(({ next }) => next <= now);
      for (const one of due) one.next = now + one.every;
      await Promise.all(due.map(({ run }) => run()));
    },
    beat: async () => {
      await Promise.all([...works].map(({ run }) => run()));
    },
  };
}
