import type { EventName, Recorded } from '../../events/registry.ts';
import { subjectOf } from '../../events/subjects.ts';
import type { EventLog } from '../io/event-log.ts';
import { type Read, readRange } from './log-range.ts';

/** Events of one entity that are read; an entity that has lived longer is cut. */
const mostOfEntity = 200;
/** Finding events between the end of a recipe and the last word about its log. */
const mostOfReading = 2_000;
/** How far back from an event its cause is looked for, where only the cause's id is known. */
const farthestBack = 20_000;

const jobEventNames = [
  'JobEnqueued',
  'JobCancelRequested',
  'RecipeStarted',
  'WorkspacePrepared',
  'RecipeExited',
  'LogRereadRequested',
  'FindingsParsed',
] as const;

/** What is said of a job, without what was seen in its log; of several events of one name the newest. */
export async function jobEvents(id: string, log: EventLog): Promise<Recorded[]> {
  const found = await Promise.all(jobEventNames.map((name) => log.last(name, id)));
  return found.filter((event) => event !== null);
}

/** Everything that happened to a finding. */
export function findingEvents(identity: string, log: EventLog): Promise<Read> {
  return ofEntity('FindingDetected', identity, log);
}

/** Everything that happened to an attempt. */
export function patchEvents(id: string, log: EventLog): Promise<Read> {
  return ofEntity('PatchRequested', id, log);
}

/** What changed in the project because a job's log was read, the first time and each time after. */
export async function changesBy(jobId: string, log: EventLog): Promise<Read> {
  const [exits, rereads, words] = await Promise.all(
    (['RecipeExited', 'LogRereadRequested', 'FindingsParsed'] as const).map(async (name) => {
      const { events } = await readRange(log, {
        from: 1,
        to: Number.MAX_SAFE_INTEGER,
        filter: subjectOf(name, jobId),
        most: 20,
      });
      return events.map(({ seq }) => seq);
    }),
  );
  const starts = [...(exits ?? []), ...(rereads ?? [])];
  const end = await log.end();
  const reads = await Promise.all(
    starts.map((from) => {
      const to = words?.find((seq) => seq > from) ?? end;
      return readRange(log, { from: from + 1, to, filter: 'ct.finding.*.*', most: mostOfReading });
    }),
  );
  const ofJob = (event: Recorded) => 'job_id' in event.data && event.data.job_id === jobId;
  return { events: reads.flatMap(({ events }) => events.filter(ofJob)), whole: reads.every(({ whole }) => whole) };
}

/** The event before this one that caused it, looked for among those of an entity. */
export async function causeBefore(
  { seq, causationId }: Recorded,
  entity: 'schedule' | 'forge',
  log: EventLog,
): Promise<Recorded | null> {
  if (causationId === null) return null;
  const range = { from: seq - farthestBack, to: seq - 1, filter: `ct.${entity}.*.*`, most: farthestBack };
  const { events } = await readRange(log, range);
  return events.find(({ eventId }) => eventId === causationId) ?? null;
}

function ofEntity(name: EventName, id: string, log: EventLog): Promise<Read> {
  const filter = subjectOf(name, id).replace(/[^.]+$/, '*');
  return readRange(log, { from: 1, to: Number.MAX_SAFE_INTEGER, filter, most: mostOfEntity });
}
