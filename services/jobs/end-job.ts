import type { RecipeExitedData } from '../../events/jobs/job.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { LogSummary } from '../io/log-stream.ts';
import type { OpenJob } from './rules/job-queue.ts';

/** What an end says beside the job and its log. */
type JobEnd = Omit<
  RecipeExitedData,
  'job_id' | 'project' | 'log_bytes' | 'log_digest' | 'log_first_seq' | 'log_last_seq'
>;

/** Appends the one end of a job; false when somebody else has ended it. */
export async function endJob(
  { data, eventId, correlationId, seq }: OpenJob,
  end: JobEnd,
  summary: LogSummary,
  log: EventLog,
): Promise<boolean> {
  const { job_id, project } = data;
  const logged = {
    log_bytes: summary.bytes,
    log_digest: summary.digest,
    log_first_seq: summary.firstSeq,
    log_last_seq: summary.lastSeq,
  };
  // Each try to end it is another event: the second one is refused, whoever makes it.
  const ordinal = `exited-${seq}-${crypto.randomUUID()}`;
  const { outcome } = await appendOnce(
    log,
    { type: 'RecipeExited', id: job_id, data: { job_id, project, ...end, ...logged } },
    { expect: 0, cause: { eventId, correlationId, consumer: 'runner', ordinal } },
  );
  return outcome === 'appended';
}
