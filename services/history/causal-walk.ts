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
export type Walk = { readonly events: readonly Recorded[]; readonly cut: readonly string[] };

/**
 * Walks from a finding, a job, an attempt, a bottle or the work on an issue to what caused it and to what it caused. The log is read under the subjects of
 * the entities on the way. Their names follow from the read model, from the events, or from how ids are derived. So no index
 * of causes is kept for the whole log.
 */
export async function walkFrom(subject: Subject, place: Place): Promise<Walk> {
  const walk = openWalk(place);
  if (subject.entity === 'job') await walk.job(subject.id, { causes: true, effects: true });
  else if (subject.entity === 'patch') await walk.patch(subject.id);
  else if (subject.entity === 'bottle') await walk.bottle(subject.id);
  else if (subject.entity === 'work') await walk.work(subject.id);
  else await walk.finding(Number(subject.id));
  return { events: [...walk.met.values()], cut: [...walk.cut] };
}

type Ways = { readonly causes?: boolean; readonly effects?: boolean };

function openWalk({ log, models }: Place) {
  const met = new Map<number, Recorded>();
  const cut = new Set<string>();
  const visited = new Set<string>();

  const add = (events: readonly Recorded[]) => {
    for (const event of events) met.set(event.seq, event);
  };
  const addRead = ({ events, whole }: Read, what: string) => {
    add(events);
    if (!whole) cut.add(`the newer events of ${what}`);
    return events;
  };
  const isNew = (key: string) => {
    if (visited.has(key)) return false;
    if (visited.size >= mostEntities) {
      cut.add(`whatever lies beyond ${mostEntities} findings, jobs and attempts`);
      return false;
    }
    visited.add(key);
    return true;
  };
  const firstOf = <T>(all: readonly T[], most: number, what: string): readonly T[] => {
    if (all.length > most) cut.add(`${all.length - most} of ${all.length} ${what}`);
    return all.slice(0, most);
  };

  /** A job with, when asked, what it came from and what its findings became. */
  async function job(id: string, { causes = false, effects = false }: Ways = {}): Promise<void> {
    if (!isNew(`job ${id} ${causes} ${effects}`)) return;
    const events = await jobEvents(id, log);
    add(events);
    const enqueued = events.find((event): event is Recorded<'JobEnqueued'> => event.type === 'JobEnqueued');
    if (!enqueued) return;
    if (causes) await causeOf(enqueued);
    if (!effects) return;
    addRead(await changesBy(id, log), `the findings of job ${id}`);
    await job(derivedJobId(id, 'retry'));
    const attempts = models.query().patches.idsOf.job(enqueued.data.project, id, mostAttempts + 1);
    for (const patchId of firstOf(attempts, mostAttempts, `attempts from job ${id}`)) await attempt(patchId);
  }

  /** What a job came from: an attempt, an earlier job, or a schedule or a push. */
  async function causeOf(enqueued: Recorded<'JobEnqueued'>): Promise<void> {
    const { patch, rerun_of, project, purpose, job_id } = enqueued.data;
    if (rerun_of !== null) await job(rerun_of, { causes: true });
    const parent = patch?.patch_id ?? (enqueued.causationId === null ? undefined : mergedBefore(project, job_id));
    if (parent !== undefined) {
      await attempt(parent);
      await origin(parent);
    }
    if (purpose !== 'scheduled') return;
    const fired = await causeBefore(enqueued, 'schedule', log);
    if (fired) await withForge(fired);
  }

  /** An event with the message of the forge that made us look, if one did. */
  async function withForge(event: Recorded): Promise<void> {
    add([event]);
    const told = await causeBefore(event, 'forge', log);
    if (told) add([told]);
  }

  /** The attempt whose merge, or conflict, asked for a run: the run's id follows from the attempt's. */
  function mergedBefore(project: string, jobId: string): string | undefined {
    const isParent = (id: string) => runsAfter(id).includes(jobId);
    return models.query().patches.idsOf.project(project, mostParents).find(isParent);
  }

  /** An attempt with the jobs that drafted and proved it, and the run that its merge asked for. */
  async function attempt(id: string): Promise<void> {
    if (!isNew(`patch ${id}`)) return;
    const events = addRead(await patchEvents(id, log), `attempt ${id}`);
    const doc = models.query().patches.find(id)?.doc;
    if (!doc) return;
    const own = new Set(events.map(({ eventId }) => eventId));
    for (const event of events)
      if (event.type.startsWith('Pr') && !own.has(event.causationId ?? '')) await withForge(event);
    const drafting = Array.from({ length: doc.turn + 1 }, (_, turn) =>
      derivedJobId(id, 'draft', doc.base.sha, `${turn}`),
    );
    for (const one of [...drafting, ...doc.verify_jobs, ...runsAfter(id)].slice(0, mostJobs)) await job(one);
    const members = firstOf(doc.members, mostMembers, `findings of attempt ${id}`);
    for (const { identity } of members) await standing(identity);
  }

  /** Where a finding began, and where it ended if it did, with the run that proves it. */
  async function standing(identity: string): Promise<void> {
    if (!isNew(`standing ${identity}`)) return;
    const doc = models.query().findings.known(identity);
    if (!doc) return;
    const [began, ended] = await Promise.all([doc.id, doc.resolved_seq].map((seq) => (seq ? log.at(seq) : null)));
    for (const event of [began, ended]) if (event) add([event]);
    if (ended?.type === 'FindingResolved') await job(ended.data.job_id);
  }

  /** What an attempt came from: the run that saw its findings, and the run that first did. */
  async function origin(id: string): Promise<void> {
    const doc = models.query().patches.find(id)?.doc;
    if (!doc) return;
    await job(doc.job_id, { causes: true });
    const lead = models.query().findings.known(doc.identity);
    if (lead) await job(lead.first_seen_job, { causes: true });
  }

  async function patch(id: string): Promise<void> {
    await attempt(id);
    await origin(id);
  }

  async function finding(id: number): Promise<void> {
    const doc = models.query().findings.find(id);
    if (!doc) return;
    const events = addRead(await findingEvents(doc.identity, log), `finding ${id}`).filter(({ seq }) => seq >= id);
    await job(doc.first_seen_job, { causes: true });
    const jobs = new Set(events.flatMap(({ data }) => ('job_id' in data ? [data.job_id] : [])));
    for (const one of firstOf([...jobs].reverse(), mostJobs, 'jobs that saw a change'))
      await job(one, { causes: true });
    const attempts = models.query().patches.idsOf.identity(doc.identity, mostAttempts + 1);
    for (const one of firstOf(attempts, mostAttempts, 'attempts')) {
      await attempt(one);
      await origin(one);
    }
  }

  /** A bottle with its job; what it asked for on its way stands with the bottle. */
  async function run(id: string): Promise<void> {
    if (!isNew(`bottle ${id}`)) return;
    add(await bottleEvents(id, log));
    const jobId = models.query().bottles.find(id)?.doc.job_id;
    if (jobId) await job(jobId);
  }

  /** A bottle, and the issue or the attempt for which it works. */
  async function bottle(id: string): Promise<void> {
    await run(id);
    const { bottles, works } = models.query();
    const of = works.ofBottle(id);
    if (of !== undefined) addRead(await workEvents(of, log), `the work ${of}`);
    const attempted = bottles.find(id)?.doc.work.patch_id;
    if (attempted !== undefined) await attempt(attempted);
  }

  /** All rounds on an issue: each turn's bottle, and the attempts that came of them. */
  async function work(id: string): Promise<void> {
    const events = addRead(await workEvents(id, log), `the work ${id}`);
    const asked = events.filter((event): event is Recorded<'WorkTurnAsked'> => event.type === 'WorkTurnAsked');
    const turns = asked.map(({ data }) => data.bottle_id).reverse();
    for (const one of firstOf(turns, mostBottles, 'bottles')) await run(one);
    const proposed = events.filter((event): event is Recorded<'WorkProposed'> => event.type === 'WorkProposed');
    const attempts = [...new Set(proposed.map(({ data }) => data.patch_id))].reverse();
    for (const one of firstOf(attempts, mostAttempts, 'attempts')) await attempt(one);
  }

  return { met, cut, job, patch, finding, bottle, work };
}

/** The runs that a merge and a conflict of an attempt ask for. */
const runsAfter = (patchId: string) => ['merged', 'conflicted'].map((why) => derivedJobId(patchId, why));
