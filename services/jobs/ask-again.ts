import type { Recorded } from '../../events/registry.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import { retryOf } from './rules/retry-job.ts';

/** Asks once more for a job that its runner lost or handed back. However often it is called, there is one such job. */
export async function askAgain(
  { data, eventId, correlationId }: Pick<Recorded<'JobEnqueued'>, 'data' | 'eventId' | 'correlationId'>,
  log: EventLog,
  handedBack = false,
): Promise<void> {
  const again = retryOf(data, handedBack);
  const cause = { eventId, correlationId, consumer: 'runner', ordinal: 'retry' };
  await appendOnce(log, { type: 'JobEnqueued', id: again.job_id, data: again }, { expect: 0, cause });
}
