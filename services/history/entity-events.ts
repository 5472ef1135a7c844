import { type EventName, events, type Recorded } from '../../events/registry.ts';
import { subjectOf } from '../../events/subjects.ts';
import type { EventLog } from '../io/event-log.ts';
import { type Read, readRange } from './log-range.ts';

/** Which events of which entity; at most `most` are read. */
type Wanted = { readonly id: string; readonly most: number };

/**
 * Everything that happened to the entity of which this event speaks, oldest first. Each name is asked for by itself: an
 * exact subject is found at once, and what a wildcard costs grows with the whole log.
 */
export async function entityEvents(type: EventName, { id, most }: Wanted, log: EventLog): Promise<Read> {
  const names = (Object.keys(events) as EventName[]).filter((name) => events[name].entity === events[type].entity);
  const reads = await Promise.all(names.map((name) => eventsNamed(name, { id, most }, log)));
  const found = reads.flatMap((read) => read.events).sort((a, b) => a.seq - b.seq);
  return { events: found.slice(0, most), whole: found.length <= most && reads.every(({ whole }) => whole) };
}

/** The events of one name of an entity, oldest first. */
export async function eventsNamed(type: EventName, { id, most }: Wanted, log: EventLog): Promise<Read> {
  const last = await log.last(type, id);
  if (last === null) return { events: [], whole: true };
  const first: Recorded | null = await log.first(type, id);
  // Most happen once, and need no consumer.
  if (first?.seq === last.seq) return { events: [last], whole: true };
  return readRange(log, { from: first?.seq ?? 1, to: last.seq, filter: subjectOf(type, id), most });
}
