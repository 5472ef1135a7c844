import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import { AppError } from '../../floor/app-error.ts';
import { appendOnce } from '../../io/event-log.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';

/**
 * A project may be removed, and its name taken by somebody else, between the look at it and the event of its job: such a job is
 * nobody's, and is cancelled at once.
 */
export async function endHomeless(
  { name, owner }: { name: string; owner: string },
  jobs: readonly { job_id: string }[],
  { caller, deps: { log, models } }: { caller: Caller; deps: ApiDeps },
): Promise<void> {
  if (models.query().projects.find(name)?.owner === owner) return;
  for (const { job_id } of jobs)
    await log.append({
      type: 'JobCancelRequested',
      id: job_id,
      data: { job_id, project: name, by: caller.name },
    });
  throw new AppError('not_found', 'There is no such project.');
}

/** Appends a job, or finds the one that an earlier try of the same request made. Answers the event's sequence. */
export async function enqueue(data: JobEnqueuedData, { log }: ApiDeps): Promise<number> {
  // Only an id that was derived from an Idempotency-Key can be there already: that first request was cut off.
  return (await appendOnce(log, { type: 'JobEnqueued', id: data.job_id, data }, { expect: 0 })).seq;
}
