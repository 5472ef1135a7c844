import type { Recorded } from '../../../events/registry.ts';
import type { HistoryEntry } from '../../documents/history-entry.ts';
import { entityEvents } from '../../history/entity-events.ts';
import type { EventLog } from '../../io/event-log.ts';

/** Everything that happened to a finding, oldest first. */
export async function historyOf(identity: string, log: EventLog): Promise<HistoryEntry[]> {
  const { events } = await entityEvents('FindingDetected', { id: identity, most: Number.POSITIVE_INFINITY }, log);
  return events.map(entryOf);
}

function entryOf({ type, seq, time, causationId, data }: Recorded): HistoryEntry {
  return {
    type,
    seq,
    time,
    caused_by: causationId,
    ...('job_id' in data ? { job_id: data.job_id } : {}),
    ...('reason' in data && data.reason ? { reason: data.reason } : {}),
    ...('by' in data ? { by: data.by } : {}),
  };
}
