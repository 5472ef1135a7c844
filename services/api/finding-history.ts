import { type Static, Type } from '@sinclair/typebox';
import type { Recorded } from '../../events/registry.ts';
import { subjectOf } from '../../events/subjects.ts';
import type { EventLog } from '../io/event-log.ts';

/** One thing that happened to a finding. */
export const HistoryEntry = Type.Object(
  {
    type: Type.String(),
    seq: Type.Integer(),
    time: Type.String(),
    caused_by: Type.Union([Type.String(), Type.Null()]),
    job_id: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    by: Type.Optional(Type.String()),
  },
  { title: 'HistoryEntry' },
);
export type HistoryEntry = Static<typeof HistoryEntry>;

/** Everything that happened to a finding, oldest first: its events are those under its subject. */
export async function historyOf(identity: string, log: EventLog): Promise<HistoryEntry[]> {
  const filter = subjectOf('FindingDetected', identity).replace(/[^.]+$/, '*');
  const end = await log.end(filter);
  const found: HistoryEntry[] = [];
  if (end === 0) return found;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const follower = await log.follow({
    from: 1,
    filter,
    onEvent: (event) => {
      if (event.seq <= end) found.push(entryOf(event));
      if (event.seq >= end) resolve();
    },
    onError: reject,
  });
  try {
    await promise;
  } finally {
    await follower.stop();
  }
  return found;
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
