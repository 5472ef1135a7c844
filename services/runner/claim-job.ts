import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';

/**
 * Takes a job: the log grants RecipeStarted to one runner only. False when another one was first; its RecipeStarted is
 * then on its way to us. Nobody outside relies on this fact yet, so it need not be on disk before the work begins.
 */
export async function claimJob(
  { data, eventId, correlationId }: OpenJob,
  { log, ...claim }: { log: EventLog; runner: string; lease: string; containment: string; sandbox: string },
): Promise<boolean> {
  const { job_id, project } = data;
  const started = await appendOnce(
    log,
    { type: 'RecipeStarted', id: job_id, data: { job_id, project, ...claim } },
    {
      expect: 0,
      durable: false,
      cause: { eventId, correlationId, consumer: 'runner', ordinal: `started-${claim.lease}` },
    },
  );
  if (started.outcome === 'there') return false;
  return !started.duplicate || (await log.last('RecipeStarted', job_id))?.data.lease === claim.lease;
}
