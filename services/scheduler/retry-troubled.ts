import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { ownName } from './fire-slots.ts';

type RetryDeps = {
  readonly log: EventLog;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
};

const atOnce = 50;
const lag = 10_000;

/** Tries jobs again whose surroundings had failed, when their time has come. Of any number of schedulers one asks. */
export function retryTroubled({ log, models, logger, clock }: RetryDeps): () => Promise<void> {
  return async () => {
    for (const { job_id, project: name } of models.query().retries.due(new Date(clock.now()).toISOString(), atOnce)) {
      try {
        const [before, project] = [await log.last('JobEnqueued', job_id), models.query().projects.find(name)];
        if (!before || !project?.enabled) continue;
        const again = nextTry(before.data);
        const { eventId, correlationId } = before;
        const cause = { eventId, correlationId, consumer: 'scheduler', ordinal: `try ${again.retry}` };
        const { seq } = await appendOnce(
          log,
          { type: 'JobEnqueued', id: again.job_id, data: again },
          { expect: 0, cause },
        );
        await models.applied(seq, lag);
      } catch (error) {
        logger.warn({ job_id, error: messageOf(error) }, 'a job could not be tried again, will try later');
      }
    }
  };
}

function nextTry(data: JobEnqueuedData): JobEnqueuedData & { retry: number } {
  const retry = (data.retry ?? 0) + 1;
  const id = derivedJobId(data.job_id, 'environment');
  return { ...data, job_id: id, rerun_of: data.job_id, retry, purpose: 'scheduled', requested_by: ownName };
}
