import { projectOf } from '../../events/event-filter.ts';
import { type Recorded, events as vocabulary } from '../../events/registry.ts';
import { AppError } from '../floor/app-error.ts';
import type { EventLog, Follower } from '../io/event-log.ts';
import type { ComparedEntity } from './rules/entity-change.ts';

/** An event as a difference names it. */
export type Brief = {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly by?: string;
  readonly project: string;
};

/** A thing that events of a range are about; a finding's id is its identity. */
export type Touched = {
  readonly entity: ComparedEntity;
  readonly id: string;
  /** The first and the last ones. */
  readonly events: Brief[];
  more: number;
};

/** What the events after `from`, up to `to`, are about. Ranges never change: the log is only ever added to. */
export type TouchedRange = {
  readonly touched: ReadonlyMap<string, Touched>;
  /** Who owned a project from a sequence on, in the order of the log. */
  readonly owners: ReadonlyMap<string, readonly { readonly seq: number; readonly owner: string }[]>;
  /** Findings that were closed, each with its event: a branch without a pull request ends with its finding. */
  readonly closed: ReadonlyMap<string, Brief>;
  readonly removals: readonly Brief[];
};

/** Events that are read for one difference. */
const mostEvents = 100_000;
const firstKept = 10;
const mostKept = 20;
const keptRanges = 4;

/** Reads ranges, and keeps the last few: a difference is asked for page by page. Throws AppError('invalid') for one too large. */
export function touchedRanges(log: EventLog): (from: number, to: number) => Promise<TouchedRange> {
  const kept = new Map<string, Promise<TouchedRange>>();
  return (from, to) => {
    if (to - from > mostEvents)
      throw new AppError(
        'invalid',
        `There are ${to - from} events between ${from} and ${to}; ${mostEvents} are compared at most: move from and to closer together.`,
        { name: 'range_too_large' },
      );
    const key = `${from}-${to}`;
    const found = kept.get(key) ?? readTouched(log, from, to);
    kept.delete(key);
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    if (kept.size > keptRanges) kept.delete(kept.keys().next().value ?? '');
    return found;
  };
}

/** Notes what an event is about. */
export function touch(all: Map<string, Touched>, entity: ComparedEntity, id: string, brief: Brief): void {
  const key = `${entity} ${id}`;
  const one = all.get(key) ?? { entity, id, events: [], more: 0 };
  all.set(key, one);
  if (one.events.at(-1)?.seq === brief.seq) return;
  one.events.push(brief);
  if (one.events.length <= mostKept) return;
  one.events.splice(firstKept, 1);
  one.more += 1;
}

async function readTouched(log: EventLog, from: number, to: number): Promise<TouchedRange> {
  const touched = new Map<string, Touched>();
  const owners = new Map<string, { seq: number; owner: string }[]>();
  const closed = new Map<string, Brief>();
  const removals: Brief[] = [];
  const take = (event: Recorded) => {
    const brief = briefOf(event);
    if (brief === null) return;
    const { type, data } = event;
    const { entity } = vocabulary[type];
    if (entity === 'project' || entity === 'job' || entity === 'finding' || entity === 'patch')
      touch(touched, entity, event.entityId, brief);
    if (type === 'JobEnqueued' && data.patch) touch(touched, 'patch', data.patch.patch_id, brief);
    if (type === 'FindingsObserved')
      for (const { identity } of data.occurrences) touch(touched, 'finding', identity, brief);
    if (type === 'FindingResolved') closed.set(data.identity, brief);
    if (type === 'ProjectRemoved') removals.push(brief);
    if (type === 'ProjectRegistered' || type === 'ProjectUpdated')
      owners.set(data.name, [...(owners.get(data.name) ?? []), { seq: event.seq, owner: data.owner }]);
    if (type === 'ProjectHandedOver')
      owners.set(data.name, [...(owners.get(data.name) ?? []), { seq: event.seq, owner: data.to }]);
  };
  if (to > from) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onEvent = (event: Recorded) => {
      if (event.seq <= to) take(event);
      if (event.seq >= to) resolve();
    };
    const follower: Follower = await log.follow({ from: from + 1, onEvent, onError: reject });
    await promise.finally(() => follower.stop());
  }
  return { touched, owners, closed, removals };
}

function briefOf(event: Recorded): Brief | null {
  const { seq, time, type, data } = event;
  const project = projectOf(event);
  if (project === null) return null;
  const by = 'by' in data ? data.by : 'requested_by' in data ? data.requested_by : undefined;
  return { seq, time, type, project, ...(by === undefined ? {} : { by }) };
}
