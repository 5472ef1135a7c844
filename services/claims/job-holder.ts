import type { Recorded } from '../../events/registry.ts';
import { AppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { JobKeeper } from '../jobs/keep-jobs.ts';

type Holder = { readonly runner: string; readonly lease: string };

type HolderDeps = { readonly log: EventLog; readonly keeper: JobKeeper };

/** What is known of a job that has not ended and is held by this runner under this lease. */
type HeldJob = Pick<Recorded<'JobEnqueued'>, 'seq' | 'eventId' | 'correlationId' | 'data'>;

/**
 * The job that a runner holds. The log itself is asked when our own view does not say so: it may be a moment behind. Throws
 * AppError('not_found') or ('conflict') when the job is not that runner's to speak of; then `cause` is the sequence of its end.
 */
export async function heldJob(jobId: string, { runner, lease }: Holder, { log, keeper }: HolderDeps): Promise<HeldJob> {
  const known = keeper.queue.get(jobId);
  if (known?.state === 'running' && known.runner === runner && known.lease === lease) return known;
  const [enqueued, started, exited] = await Promise.all([
    log.last('JobEnqueued', jobId),
    log.last('RecipeStarted', jobId),
    log.last('RecipeExited', jobId),
  ]);
  // What is another runner's looks like what is not there.
  if (!enqueued || started?.data.runner !== runner) throw new AppError('not_found', 'This runner has no such job.');
  if (started.data.lease !== lease) throw new AppError('conflict', 'The job was taken under another lease.');
  if (exited) throw new AppError('conflict', 'The job has ended.', { cause: exited.seq });
  return enqueued;
}
