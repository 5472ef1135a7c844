import type { Clock } from '../../../services/floor/clock.ts';

/** A clock that stands still until it is set; its timers run when they are told to. */
export type HandClock = Clock & {
  set(time: string): void;
  /** Runs everything that waits for an interval, once, and waits for it. */
  beat(): Promise<void>;
};

export function handClock(time: string): HandClock {
  let nowMs = Date.parse(time);
  const works = new Set<() => Promise<void>>();
  const running = new Set<Promise<void>>();
  return {
    now: () => nowMs,
    every: (_intervalMs, work) => {
      works.add(work);
      return {
        stop: async () => {
          works.delete(work);
          await Promise.allSettled(running);
        },
      };
    },
    set: (next) => {
      nowMs = Date.parse(next);
    },
    beat: async () => {
      const round = [...works].map((work) => work());
      for (const one of round) running.add(one);
      await Promise.all(round).finally(() => {
        for (const one of round) running.delete(one);
      });
    },
  };
}
