/** The time, so that a test can be at any date; intervals in milliseconds. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls again and again, never twice at once; answers how to stop, which resolves when no call runs any more. */
  every(intervalMs: number, work: () => Promise<void>): { stop(): Promise<void> };
};

/** The clock of this machine. Its timers keep no process alive; what `work` throws is its own affair. */
export const systemClock: Clock = {
  now: () => Date.now(),
  every: (intervalMs, work) => {
    let running: Promise<void> | undefined;
    const timer = setInterval(() => {
      running ??= work()
        .catch(() => {})
        .finally(() => {
          running = undefined;
        });
    }, intervalMs);
    timer.unref();
    return {
      stop: async () => {
        clearInterval(timer);
        await running;
      },
    };
  },
};
