import { isAppError } from '../app-error.ts';
import { derivedJobId } from '../decisions/job-id.ts';
import type { OpenJob } from '../decisions/job-queue.ts';
import type { EventLog } from '../io/event-log.ts';

/** Asks once more for a job that its runner lost. However often it is called, there is one such job. */
export async function askAgain({ data, eventId, correlationId }: OpenJob, log: EventLog): Promise<void> {
  const id = derivedJobId(data.job_id, 'retry');
  const again = { ...data, job_id: id, rerun_of: data.job_id, retry_lost: false };
  try {
    await log.append(
      { type: 'JobEnqueued', id, data: again },
      { expect: 0, cause: { eventId, correlationId, consumer: 'runner', ordinal: 'retry' } },
    );
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
}
