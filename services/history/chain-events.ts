import { events, type Recorded } from '../../events/registry.ts';
import type { EventLog } from '../io/event-log.ts';
import { entityEvents, eventsNamed } from './entity-events.ts';
import { type Read, readRange } from './log-range.ts';

/** Events of one entity that are read; an entity that has lived longer is cut. */
const mostOfEntity = 200;
/** Finding events between the end of a recipe and the last word about its log. */
const mostOfReading = 2_000;
/** How far back from an event its cause is looked for, where only the cause's id is known, and where it mostly is. */
const farthestBack = 20_000;
const near = 250;
/** Up to so many events, all of a range are read: fewer than a filter with a wildcard costs the server. */
const shortRange = 500;

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
  return entityEvents('FindingDetected', { id: identity, most: mostOfEntity }, log);
}

/** Everything that happened to an attempt. */
export function patchEvents(id: string, log: EventLog): Promise<Read> {
  return entityEvents('PatchRequested', { id, most: mostOfEntity }, log);
}

const bottleEventNames = [
  'AgentRunRequested',
  'AgentRunStarted',
  'AgentRunDone',
  'AgentRunStopRequested',
  'AgentCutOff',
  'AgentFrozen',
  'AgentKilled',
  'AgentThawed',
  'AgentRunEnded',
  'BottleDestroyed',
] as const;

/** What is said of a bottle, without what its agent asked for; of several events of one name the newest. */
export async function bottleEvents(id: string, log: EventLog): Promise<Recorded[]> {
  const found = await Promise.all(bottleEventNames.map((name) => log.last(name, id)));
  return found.filter((event) => event !== null);
}

/** Everything that happened to the work on an issue. */
export function workEvents(id: string, log: EventLog): Promise<Read> {
  return entityEvents('IssueTargeted', { id, most: mostOfEntity }, log);
}

/** What changed in the project because a job's log was read, the first time and each time after. */
export async function changesBy(jobId: string, log: EventLog): Promise<Read> {
  const [exits, rereads, words] = await Promise.all(
    (['RecipeExited', 'LogRereadRequested', 'FindingsParsed'] as const).map(async (name) => {
      const read = await eventsNamed(name, { id: jobId, most: 20 }, log);
      return read.events.map(({ seq }) => seq);
    }),
  );
  const starts = [...(exits ?? []), ...(rereads ?? [])];
  const end = await log.end();
  const reads = await Promise.all(
    starts.map((from) => {
      const to = words?.find((seq) => seq > from) ?? end;
      const filter = to - from > shortRange ? { filter: 'ct.finding.*.*' } : {};
      return readRange(log, { from: from + 1, to, ...filter, most: mostOfReading });
    }),
  );
  const ofJob = ({ type, data }: Recorded) =>
    events[type].entity === 'finding' && 'job_id' in data && data.job_id === jobId;
  return { events: reads.flatMap((read) => read.events.filter(ofJob)), whole: reads.every(({ whole }) => whole) };
}

/** The event before this one that caused it, looked for among those of an entity. */
export async function causeBefore(
  { seq, causationId }: Recorded,
  entity: 'schedule' | 'forge',
  log: EventLog,
): Promise<Recorded | null> {
  if (causationId === null) return null;
  const isIt = (event: Recorded) => event.eventId === causationId;
  const nearest = await readRange(log, { from: seq - near, to: seq - 1, most: near });
  const found = nearest.events.find(isIt);
  if (found) return events[found.type].entity === entity ? found : null;
  const range = { from: seq - farthestBack, to: seq - near - 1, filter: `ct.${entity}.*.*`, most: farthestBack };
  return (await readRange(log, range)).events.find(isIt) ?? null;
}
