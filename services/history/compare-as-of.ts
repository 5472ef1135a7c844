import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { Queries, ReadModels } from '../projector/read-models.ts';
import { type ComparedEntity, compareDocs, type EntityChange } from './rules/entity-change.ts';
import { type Brief, type Touched, type TouchedRange, touch } from './touched-entities.ts';

/** The read models at one end of a range, and whose of it may be shown. */
type AsOf = { readonly models: Pick<ReadModels, 'query'>; readonly shows: (project: string) => boolean };

type Comparing = {
  /** Null sees everything. */
  readonly owner: string | null;
  /** Null: all of the owner's. */
  readonly among: readonly string[] | null;
  readonly project: string | null;
  readonly entity: ComparedEntity | null;
  readonly before: AsOf;
  readonly after: AsOf;
  readonly range: TouchedRange;
};

/** `next`: where the next page begins; null when this was the last. */
type ChangePage = { readonly changes: EntityChange[]; readonly next: number | null };

/** Things compared for one page: those that turn out to be the same cost as much as the others. */
const mostCompared = 5_000;
/** What a project took with it when it was removed, of each kind. */
const mostRemoved = 5_000;

/** Compares what the events of a range were about, from the `start`-th on, in the order in which it was first touched. */
export function changesBetween(comparing: Comparing, start: number, limit: number): ChangePage {
  const candidates = candidatesOf(comparing);
  const changes: EntityChange[] = [];
  const stop = Math.min(candidates.length, start + mostCompared);
  let at = start;
  for (; at < stop && changes.length < limit; at += 1) {
    const change = changeOf(candidates[at] as Touched, comparing);
    if (change) changes.push(change);
  }
  return { changes, next: at < candidates.length ? at : null };
}

function candidatesOf({ entity, project, before, after, range }: Comparing): Touched[] {
  const all = new Map([...range.touched].map(([key, one]) => [key, { ...one, events: [...one.events] }]));
  const { patches } = after.models.query();
  for (const [identity, brief] of range.closed)
    for (const id of patches.idsOf.identity(identity, 25)) touch(all, 'patch', id, brief);
  for (const removal of range.removals) touchRemoved(all, removal, before.models.query());
  return [...all.values()]
    .filter((one) => entity === null || one.entity === entity)
    .filter((one) => project === null || one.events.some((event) => event.project === project))
    .sort(
      (a, b) =>
        (a.events[0]?.seq ?? 0) - (b.events[0]?.seq ?? 0) || (`${a.entity}${a.id}` < `${b.entity}${b.id}` ? -1 : 1),
    );
}

/** What belonged to a project went with it. */
function touchRemoved(all: Map<string, Touched>, removal: Brief, { jobs, findings, patches }: Queries): void {
  const { project } = removal;
  const page = { owner: null, project, before: Number.MAX_SAFE_INTEGER, limit: mostRemoved };
  for (const { doc } of jobs.page({ ...page, status: null }))
    touch(all, 'job', (JSON.parse(doc) as JobDoc).job_id, removal);
  for (const { doc } of findings.page({ ...page, state: null, kind: null, severity: null, since: 0 }))
    touch(all, 'finding', (JSON.parse(doc) as { identity: string }).identity, removal);
  for (const id of patches.idsOf.project(project, mostRemoved)) touch(all, 'patch', id, removal);
}

function changeOf({ entity, id, events, more }: Touched, comparing: Comparing): EntityChange | null {
  const [was, is] = [found(entity, id, comparing.before, comparing), found(entity, id, comparing.after, comparing)];
  const compared = compareDocs(entity, was, is);
  if (!compared) return null;
  const named: Doc = { ...was, ...is };
  const project = String(entity === 'project' ? named.name : named.project);
  return {
    entity,
    id: entity === 'finding' ? String(named.id) : id,
    project,
    ...compared,
    events: events.filter((event) => isTheirs(event, comparing)).map(({ project: _project, ...event }) => event),
    more_events: more,
  };
}

type Doc = Readonly<Record<string, unknown>> & {
  readonly name?: string;
  readonly project?: string;
  readonly id?: unknown;
};

/** A thing as of a point of the log, when it is the caller's. */
function found(entity: ComparedEntity, id: string, { models, shows }: AsOf, { owner, among }: Comparing): Doc | null {
  const { projects, jobs, findings, patches } = models.query();
  const isOwn = (name: string) =>
    shows(name) && (among === null || among.includes(name)) && (owner === null || projects.find(name)?.owner === owner);
  const doc = docOf();
  if (doc === undefined) return null;
  return isOwn(String(entity === 'project' ? doc.name : doc.project)) ? doc : null;

  function docOf(): Doc | undefined {
    if (entity === 'project') return projects.find(id);
    if (entity === 'finding') return findings.known(id);
    const one = entity === 'job' ? jobs.find(id) : patches.find(id);
    if (!one || (owner !== null && one.owner !== owner)) return undefined;
    return typeof one.doc === 'string' ? (JSON.parse(one.doc) as Doc) : one.doc;
  }
}

/** Whether the project was the caller's when an event came: a name may have been somebody else's before. */
function isTheirs({ seq, project, type }: Brief, { owner, among, before, range }: Comparing): boolean {
  if (among !== null && !among.includes(project)) return false;
  if (owner === null) return true;
  if (!before.shows(project)) return false;
  const since = range.owners
    .get(project)
    ?.findLast((one) => (type === 'ProjectRemoved' ? one.seq < seq : one.seq <= seq));
  return (since?.owner ?? before.models.query().projects.find(project)?.owner) === owner;
}
