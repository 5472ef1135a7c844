import { isAppError } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { retryOf } from '../jobs/rules/retry-job.ts';

/** Asks once more for a job that its runner lost or handed back. However often it is called, there is one such job. */
export async function askAgain(
  { data, eventId, correlationId }: OpenJob,
  log: EventLog,
  handedBack = false,
): Promise<void> {
  const again = retryOf(data, handedBack);
  try {
    await log.append(
      { type: 'JobEnqueued', id: again.job_id, data: again },
      { expect: 0, cause: { eventId, correlationId, consumer: 'runner', ordinal: 'retry' } },
    );
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
}
