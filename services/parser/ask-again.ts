import type { RecipeExitedData } from '../../events/job.ts';
import { isAppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import { handedBackDetail, retryOf } from '../jobs/rules/retry-job.ts';

/** Asks once more for a job that was lost or handed back by a runner which may not ask itself: one with its own account. */
export async function askAgainFor(exit: RecipeExitedData, log: EventLog): Promise<void> {
  if (exit.reason !== 'runner_lost') return;
  const enqueued = await log.last('JobEnqueued', exit.job_id);
  if (!enqueued) return;
  const { data, eventId, correlationId } = enqueued;
  const again = retryOf(data, exit.detail === handedBackDetail);
  try {
    await log.append(
      { type: 'JobEnqueued', id: again.job_id, data: again },
      { expect: 0, cause: { eventId, correlationId, consumer: 'runner', ordinal: 'retry' } },
    );
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
}
