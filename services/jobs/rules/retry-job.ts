import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import { derivedJobId } from './job-id.ts';

/**
 * The same job once more, for one whose runner did not bring it to its end: there is one such job, whoever asks and however
 * often. One that was lost is not retried a second time; one that was handed back may go on as it would have.
 */
export function retryOf(data: JobEnqueuedData, handedBack: boolean): JobEnqueuedData {
  const id = derivedJobId(data.job_id, 'retry');
  return { ...data, job_id: id, rerun_of: data.job_id, retry_lost: handedBack && data.retry_lost };
}

/** How a job says that it was handed back: its runner was told to stop. */
export const handedBackDetail = 'its runner was told to stop and handed the job back: it runs again';
