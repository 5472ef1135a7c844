import type { Recorded } from '../../events/registry.ts';
import { messageOf } from '../floor/app-error.ts';
import { endOrphan, endUnstarted } from '../jobs/orphans.ts';
import { type emptyQueue, type OpenJob, supersededBy } from '../jobs/rules/job-queue.ts';
import { canHold } from '../jobs/rules/plan-confinement.ts';
import { missingLabels } from '../jobs/rules/waiting-for.ts';
import { claimJob } from './claim-job.ts';
import type { Lease } from './lease.ts';
import type { Readiness } from './readiness.ts';
import { type RunJobDeps, runJob, type StopReason } from './run-job.ts';

/** A runner between two events: what it knows of the jobs, and which of them it runs. Each step below takes it. */
export type RunnerState = {
  readonly deps: RunJobDeps & { readonly runner: string; readonly slots: number };
  readonly levels: {
    readonly containment: RunJobDeps['processes']['containment'];
    readonly sandbox: RunJobDeps['sandbox']['level'];
  };
  readonly queue: ReturnType<typeof emptyQueue>;
  readonly running: Map<string, { readonly abort: (reason: StopReason) => void; readonly done: Promise<void> }>;
  /** Jobs of others, or of nobody, that this runner is ending. */
  readonly ending: Set<string>;
  /** Jobs that this runner took and could not bring to their end, because the log or its store did not answer. */
  readonly unended: Set<string>;
  readonly readiness: Readiness;
  lease: Lease;
  /** All jobs of the past are known. */
  caughtUp: boolean;
  closing: boolean;
  planned: boolean;
};

/** A job that our sandbox cannot hold is refused in the open, unless somebody else is there who can run it. */
export function isForOthers({ levels, lease }: RunnerState, { data }: OpenJob): boolean {
  const { needs } = data.snapshot.subproject;
  if (canHold(data, levels.sandbox)) return false;
  return lease
    .others()
    .some(
      ({ sandbox, labels, draining }) =>
        !draining && canHold(data, sandbox) && missingLabels(needs, new Set(labels)).length === 0,
    );
}

/** Takes jobs as far as there are slots, once for all that happens in one turn of the loop. */
export function plan(state: RunnerState): void {
  if (state.planned) return;
  state.planned = true;
  setImmediate(() => {
    state.planned = false;
    const { readiness, running, queue, deps } = state;
    while (state.caughtUp && !state.closing && readiness.refusal() === null && running.size < deps.slots) {
      const job = queue.next();
      if (!job) return;
      begin(state, job);
    }
  });
}

function begin(state: RunnerState, job: OpenJob): void {
  const { deps, lease, levels, queue, running, unended } = state;
  const { log, logger, runner } = deps;
  const id = job.data.job_id;
  queue.take(id);
  unended.delete(id);
  const controller = new AbortController();
  const done = claimJob(job, { log, runner, lease: lease.id, ...levels })
    .then((claimed) => (claimed ? runJob(job, controller.signal, deps) : undefined))
    .catch((error) => {
      unended.add(id);
      setTimeout(() => {
        queue.giveBack(id);
        plan(state);
      }, 500).unref();
      logger.error({ job_id: id, error: messageOf(error) }, 'a job could not be brought to its end');
    })
    .finally(() => {
      running.delete(id);
      plan(state);
    });
  running.set(id, { abort: (reason) => controller.abort(reason), done });
}

/** Ends what nobody runs any more: cancelled jobs that wait, and jobs of runners whose lease is over. */
export function sweep(state: RunnerState): void {
  const { deps, ending, lease, queue, running, unended } = state;
  for (const job of queue.open()) {
    const id = job.data.job_id;
    if (ending.has(id) || running.has(id)) continue;
    if (job.state === 'queued' && job.cancelRequested) end(state, job, endUnstarted(job, 'cancelled', deps));
    if (job.state === 'running' && (unended.has(id) || lease.isLost(job.runner ?? '', job.lease ?? '')))
      end(state, job, endOrphan(job, deps));
  }
}

/** Ends a job that this runner does not run; once at a time, tried again at the next look. */
function end({ deps, ending }: RunnerState, { data: { job_id: id } }: OpenJob, how: Promise<void>): void {
  ending.add(id);
  how
    .catch((error) =>
      deps.logger.warn({ job_id: id, error: messageOf(error) }, 'a job could not be ended, will try again'),
    )
    .finally(() => ending.delete(id));
}

/** Takes an event of a job in; once the past is known, acts on it. */
export function onJobEvent(state: RunnerState, event: Recorded): void {
  const { deps, ending, lease, queue, running, unended } = state;
  const job = queue.evolve(event);
  if (!state.caughtUp || !job) return;
  const id = job.data.job_id;
  const stop = (reason: StopReason) => running.get(id)?.abort(reason);
  if (event.type === 'JobEnqueued') {
    for (const older of supersededBy(job, queue.open()))
      if (!ending.has(older.data.job_id)) end(state, older, endUnstarted(older, `superseded by ${id}`, deps));
    plan(state);
  }
  if (event.type === 'JobCancelRequested') {
    if (running.has(id)) stop('cancelled');
    else if (job.state === 'queued' && !ending.has(id)) end(state, job, endUnstarted(job, 'cancelled', deps));
  }
  if (event.type === 'RecipeStarted' && event.data.lease !== lease.id) stop('lost');
  if (event.type === 'RecipeExited') {
    stop('lost');
    unended.delete(id);
    plan(state);
  }
}

/** Resolves when none runs any more. */
export async function allDone({ running }: RunnerState): Promise<void> {
  await Promise.all([...running.values()].map(({ done }) => done));
}
