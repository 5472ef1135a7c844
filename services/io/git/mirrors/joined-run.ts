/**
 * Lets many callers share one run, but never one that began before they asked: who comes while a run is under way shares
 * the run after it. At most one run is under way and one waits.
 */
export function createJoinedRun<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let waiting: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const run = start().finally(() => {
      if (running === run) running = undefined;
    });
    running = run;
    return run;
  };
  return () => {
    if (waiting !== undefined) return waiting;
    if (running === undefined) return begin();
    const after = (): Promise<T> => {
      waiting = undefined;
      return begin();
    };
    waiting = running.then(after, after);
    return waiting;
  };
}

/** Runs tasks one after the other, in the order in which they came; a failed task does not stop the next. */
export function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task, task);
    last = run.catch(() => {});
    return run;
  };
}

/** Waits for shared work until the caller gives up; the work itself goes on for the others. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
