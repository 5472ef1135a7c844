import type { Recorded } from '../../events/registry.ts';
import type { EventLog } from '../io/event-log.ts';
import { derivedJobId } from '../jobs/rules/job-id.ts';
import type { ReadModels } from '../projector/read-models.ts';
import {
  bottleEvents,
  causeBefore,
  changesBy,
  findingEvents,
  jobEvents,
  patchEvents,
  workEvents,
} from './chain-events.ts';
import type { Read } from './log-range.ts';

export type Subject = { readonly entity: 'finding' | 'job' | 'patch' | 'bottle' | 'work'; readonly id: string };

/** Entities that are looked at in one walk, and of one kind in one place. */
const mostEntities = 150;
const mostAttempts = 25;
const mostMembers = 25;
const mostJobs = 25;
const mostBottles = 25;
/** Attempts of a project among which the one is looked for that a run followed from. */
const mostParents = 500;

type Place = { readonly log: EventLog; readonly models: Pick<ReadModels, 'query'> };

/** `cut`: what was not looked at, in words. Events come in the order in which they were met. */
type Walk = { readonly events: readonly Recorded[]; readonly cut: readonly string[] };

/**
 * Walks from a finding, a job, an attempt, a bottle or the work on an issue to what caused it and to what it caused. The log is read under the subjects of
 * the entities on the way. Their names follow from the read model, from the events, or from how ids are derived. So no index
 * of causes is kept for the whole log.
 */
export async function walkFrom(subject: Subject, place: Place): Promise<Walk> {
  const walk: Steps = { ...place, met: new Map(), cut: new Set(), visited: new Set() };
  if (subject.entity === 'job') await job(walk, subject.id, { causes: true, effects: true });
  else if (subject.entity === 'patch') await patch(walk, subject.id);
  else if (subject.entity === 'bottle') await bottle(walk, subject.id);
  else if (subject.entity === 'work') await work(walk, subject.id);
  else await finding(walk, Number(subject.id));
  return { events: [...walk.met.values()], cut: [...walk.cut] };
}

type Ways = { readonly causes?: boolean; readonly effects?: boolean };

/** What the steps of a walk take: what was met, what was left out, and where it has been. */
type Steps = Place & {
  readonly met: Map<number, Recorded>;
  readonly cut: Set<string>;
  readonly visited: Set<string>;
};

function add({ met }: Steps, events: readonly Recorded[]): void {
  for (const event of events) met.set(event.seq, event);
}

function addRead(walk: Steps, { events, whole }: Read, what: string): readonly Recorded[] {
  add(walk, events);
  if (!whole) walk.cut.add(`the newer events of ${what}`);
  return events;
}

function isNew({ visited, cut }: Steps, key: string): boolean {
  if (visited.has(key)) return false;
  if (visited.size >= mostEntities) {
    cut.add(`whatever lies beyond ${mostEntities} findings, jobs and attempts`);
    return false;
  }
  visited.add(key);
  return true;
}

function firstOf<T>({ cut }: Steps, all: readonly T[], most: number, what: string): readonly T[] {
  if (all.length > most) cut.add(`${all.length - most} of ${all.length} ${what}`);
  return all.slice(0, most);
}

/** A job with, when asked, what it came from and what its findings became. */
async function job(walk: Steps, id: string, { causes = false, effects = false }: Ways = {}): Promise<void> {
  if (!isNew(walk, `job ${id} ${causes} ${effects}`)) return;
  const events = await jobEvents(id, walk.log);
  add(walk, events);
  const enqueued = events.find((event): event is Recorded<'JobEnqueued'> => event.type === 'JobEnqueued');
  if (!enqueued) return;
  if (causes) await causeOf(walk, enqueued);
  if (!effects) return;
  addRead(walk, await changesBy(id, walk.log), `the findings of job ${id}`);
  await job(walk, derivedJobId(id, 'retry'));
  const attempts = walk.models.query().patches.idsOf.job(enqueued.data.project, id, mostAttempts + 1);
  for (const patchId of firstOf(walk, attempts, mostAttempts, `attempts from job ${id}`)) await attempt(walk, patchId);
}

/** What a job came from: an attempt, an earlier job, or a schedule or a push. */
async function causeOf(walk: Steps, enqueued: Recorded<'JobEnqueued'>): Promise<void> {
  const { patch, rerun_of, project, purpose, job_id } = enqueued.data;
  if (rerun_of !== null) await job(walk, rerun_of, { causes: true });
  const parent = patch?.patch_id ?? (enqueued.causationId === null ? undefined : mergedBefore(walk, project, job_id));
  if (parent !== undefined) {
    await attempt(walk, parent);
    await origin(walk, parent);
  }
  if (purpose !== 'scheduled') return;
  const fired = await causeBefore(enqueued, 'schedule', walk.log);
  if (fired) await withForge(walk, fired);
}

/** An event with the message of the forge that made us look, if one did. */
async function withForge(walk: Steps, event: Recorded): Promise<void> {
  add(walk, [event]);
  const told = await causeBefore(event, 'forge', walk.log);
  if (told) add(walk, [told]);
}

/** The attempt whose merge, or conflict, asked for a run: the run's id follows from the attempt's. */
function mergedBefore(walk: Steps, project: string, jobId: string): string | undefined {
  const isParent = (id: string) => runsAfter(id).includes(jobId);
  return walk.models.query().patches.idsOf.project(project, mostParents).find(isParent);
}

/** An attempt with the jobs that drafted and proved it, and the run that its merge asked for. */
async function attempt(walk: Steps, id: string): Promise<void> {
  if (!isNew(walk, `patch ${id}`)) return;
  const events = addRead(walk, await patchEvents(id, walk.log), `attempt ${id}`);
  const doc = walk.models.query().patches.find(id)?.doc;
  if (!doc) return;
  const own = new Set(events.map(({ eventId }) => eventId));
  for (const event of events)
    if (event.type.startsWith('Pr') && !own.has(event.causationId ?? '')) await withForge(walk, event);
  const drafting = Array.from({ length: doc.turn + 1 }, (_, turn) =>
    derivedJobId(id, 'draft', doc.base.sha, `${turn}`),
  );
  for (const one of [...drafting, ...doc.verify_jobs, ...runsAfter(id)].slice(0, mostJobs)) await job(walk, one);
  const members = firstOf(walk, doc.members, mostMembers, `findings of attempt ${id}`);
  for (const { identity } of members) await standing(walk, identity);
}

/** Where a finding began, and where it ended if it did, with the run that proves it. */
async function standing(walk: Steps, identity: string): Promise<void> {
  if (!isNew(walk, `standing ${identity}`)) return;
  const doc = walk.models.query().findings.known(identity);
  if (!doc) return;
  const [began, ended] = await Promise.all([doc.id, doc.resolved_seq].map((seq) => (seq ? walk.log.at(seq) : null)));
  for (const event of [began, ended]) if (event) add(walk, [event]);
  if (ended?.type === 'FindingResolved') await job(walk, ended.data.job_id);
}

/** What an attempt came from: the run that saw its findings, and the run that first did. */
async function origin(walk: Steps, id: string): Promise<void> {
  const doc = walk.models.query().patches.find(id)?.doc;
  if (!doc) return;
  await job(walk, doc.job_id, { causes: true });
  const lead = walk.models.query().findings.known(doc.identity);
  if (lead) await job(walk, lead.first_seen_job, { causes: true });
}

async function patch(walk: Steps, id: string): Promise<void> {
  await attempt(walk, id);
  await origin(walk, id);
}

async function finding(walk: Steps, id: number): Promise<void> {
  const doc = walk.models.query().findings.find(id);
  if (!doc) return;
  const events = addRead(walk, await findingEvents(doc.identity, walk.log), `finding ${id}`).filter(
    ({ seq }) => seq >= id,
  );
  await job(walk, doc.first_seen_job, { causes: true });
  const jobs = new Set(events.flatMap(({ data }) => ('job_id' in data ? [data.job_id] : [])));
  for (const one of firstOf(walk, [...jobs].reverse(), mostJobs, 'jobs that saw a change'))
    await job(walk, one, { causes: true });
  const attempts = walk.models.query().patches.idsOf.identity(doc.identity, mostAttempts + 1);
  for (const one of firstOf(walk, attempts, mostAttempts, 'attempts')) {
    await attempt(walk, one);
    await origin(walk, one);
  }
}

/** A bottle with its job; what it asked for on its way stands with the bottle. */
async function run(walk: Steps, id: string): Promise<void> {
  if (!isNew(walk, `bottle ${id}`)) return;
  add(walk, await bottleEvents(id, walk.log));
  const jobId = walk.models.query().bottles.find(id)?.doc.job_id;
  if (jobId) await job(walk, jobId);
}

/** A bottle, and the issue or the attempt for which it works. */
async function bottle(walk: Steps, id: string): Promise<void> {
  await run(walk, id);
  const { bottles, works } = walk.models.query();
  const of = works.ofBottle(id);
  if (of !== undefined) addRead(walk, await workEvents(of, walk.log), `the work ${of}`);
  const attempted = bottles.find(id)?.doc.work.patch_id;
  if (attempted !== undefined) await attempt(walk, attempted);
}

/** All rounds on an issue: each turn's bottle, and the attempts that came of them. */
async function work(walk: Steps, id: string): Promise<void> {
  const events = addRead(walk, await workEvents(id, walk.log), `the work ${id}`);
  const asked = events.filter((event): event is Recorded<'WorkTurnAsked'> => event.type === 'WorkTurnAsked');
  const turns = asked.map(({ data }) => data.bottle_id).reverse();
  for (const one of firstOf(walk, turns, mostBottles, 'bottles')) await run(walk, one);
  const proposed = events.filter((event): event is Recorded<'WorkProposed'> => event.type === 'WorkProposed');
  const attempts = [...new Set(proposed.map(({ data }) => data.patch_id))].reverse();
  for (const one of firstOf(walk, attempts, mostAttempts, 'attempts')) await attempt(walk, one);
}

/** The runs that a merge and a conflict of an attempt ask for. */
const runsAfter = (patchId: string) => ['merged', 'conflicted'].map((why) => derivedJobId(patchId, why));
