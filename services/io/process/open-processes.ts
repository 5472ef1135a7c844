import { AppError } from '../../floor/app-error.ts';
import { openGroupLauncher } from './group-launcher.ts';
import type { Launcher } from './launcher.ts';
import { probeContainment } from './probe-containment.ts';
import { openResidentLauncher } from './resident-launcher.ts';
import { type Containment, checkRequest, type RunRequest, type RunResult } from './run-request.ts';
import { superviseRun } from './supervise-run.ts';

export type Processes = {
  /** How surely nothing survives a job here. */
  readonly containment: Containment;
  /**
   * Runs a recipe. What the recipe does is data. Rejects with `invalid` or `unavailable` when it cannot be started or its end
   * cannot be known. When `onOutput` fails the job is killed, and that error is thrown.
   */
  run(request: RunRequest): Promise<RunResult>;
  /** Kills what runs, whose runs resolve as cancelled. */
  close(): Promise<void>;
};

/** `containment` forces a level, whether or not the machine gives it; without, the best one is probed for. */
export async function openProcesses(options: { containment?: Containment } = {}): Promise<Processes> {
  const containment = options.containment ?? (await probeContainment());
  const launcher = containment === 'process-group' ? openGroupLauncher() : renewing(containment);
  await launcher.ready();
  const closing = new AbortController();
  const running = new Set<Promise<RunResult>>();
  return {
    containment,
    async run(request) {
      checkRequest(request);
      if (closing.signal.aborted) throw new AppError('unavailable', 'No recipe starts after the end of the service.');
      const run = superviseRun(launcher, request, closing.signal);
      running.add(run);
      return run.finally(() => running.delete(run));
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      await launcher.close();
    },
  };
}

/** The resident launcher, started anew for the next job when somebody has killed it. */
function renewing(level: 'pid-namespace' | 'subreaper'): Launcher {
  let current = openResidentLauncher(level);
  const live = async () => {
    const seen = current;
    const launcher = await seen.catch(() => undefined);
    // Of several jobs that find it lost at once, one starts the next.
    if ((!launcher || launcher.lost) && current === seen) current = openResidentLauncher(level);
    return current;
  };
  return {
    ready: async () => void (await current),
    launch: async (order) => (await live()).launch(order),
    close: async () => (await current).close(),
  };
}
