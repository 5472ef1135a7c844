import type { Database } from 'better-sqlite3';
import { isTrial } from '../../events/jobs/job.ts';
import type { ProjectDocument } from '../../events/projects/project.ts';
import type { EventName, Recorded } from '../../events/registry.ts';
import type { Projection } from '../define.ts';
import { newsOfJobs, newsSchema } from './notice-news.ts';
import {
  type NoticeChannel,
  type NoticeJob,
  type NoticeTarget,
  noticeQueue,
  targetKey,
  targetTables,
  type Watched,
  watchedOf,
} from './notice-targets.ts';
import { farmEvents, type JobFacts, matches, projectEvents } from './notice-words.ts';

/** What one replay brings again at most: what was told first. */
export const mostReplayed = 1_000;
/** What was told to a webhook is remembered for so many events at least. */
const keptNotices = 10_000;

/** Who outside is told of what: a queue for each webhook, status and gateway, in the order of the log. */
export const notices: Projection = {
  name: 'notices',
  version: 4,
  tables: {
    notices: 'project, channel, target, event_seq',
    notice_targets: 'target_key',
    notice_jobs: 'job_id',
    notice_projects: 'project',
    notice_places: 'project, place',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS notices (
      project TEXT NOT NULL, channel TEXT NOT NULL, target TEXT NOT NULL, event_seq INTEGER NOT NULL,
      event_type TEXT NOT NULL, due_seq INTEGER, due_at TEXT NOT NULL, about TEXT NOT NULL,
      PRIMARY KEY (project, channel, target, event_seq)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS notices_due ON notices (project, channel, target, due_seq, event_seq)
      WHERE due_seq IS NOT NULL;
    CREATE TABLE IF NOT EXISTS notice_targets (
      target_key TEXT PRIMARY KEY, project TEXT NOT NULL, channel TEXT NOT NULL, pending INTEGER NOT NULL,
      doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS notice_targets_of ON notice_targets (project, channel);
    CREATE INDEX IF NOT EXISTS notice_targets_waiting ON notice_targets (target_key) WHERE pending > 0;
    CREATE TABLE IF NOT EXISTS notice_jobs (
      job_id TEXT PRIMARY KEY, project TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS notice_projects (project TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;${newsSchema}`,
  open: openNotices,
};

type Changed = Recorded<'ProjectRegistered'> | Recorded<'ProjectUpdated'>;
type Handler = (event: Recorded) => void;
type Place = readonly [project: string, channel: NoticeChannel, target: string];

/** What stands in the tables, and what every event asks for: which project is watched by whom. */
type NoticeState = ReturnType<typeof targetTables> & {
  readonly queue: ReturnType<typeof noticeQueue>;
  readonly places: ReturnType<typeof newsOfJobs>;
  readonly watching: Map<string, Watched>;
};

function openNotices(db: Database) {
  const state: NoticeState = {
    ...targetTables(db),
    queue: noticeQueue(db),
    places: newsOfJobs(db),
    watching: new Map(
      db
        .prepare<[], string>('SELECT doc FROM notice_projects')
        .pluck()
        .all()
        .map((doc) => JSON.parse(doc) as Watched)
        .map((one) => [one.name, one]),
    ),
  };
  const { targets, jobs, watched: kept } = state;
  const seeIn: Handler = (event) => see(state, event);
  const on: Partial<Record<EventName, Handler>> = Object.fromEntries(projectEvents.map((name) => [name, seeIn]));
  return {
    flush: () => {
      targets.flush();
      jobs.flush();
      kept.flush();
    },
    on: {
      ...on,
      ProjectRegistered: (event) => {
        describe(state, event);
        see(state, event);
      },
      ProjectUpdated: (event) => {
        describe(state, event);
        see(state, event);
      },
      ProjectRemoved: ({ data }) => removeProject(state, data.name),
      ...Object.fromEntries(farmEvents.map((name) => [name, (event: Recorded) => toEverybody(state, event)])),
      NoticeSent: (event) => sent(state, event),
      NoticeFailed: (event) => failed(state, event),
      NoticeReplayRequested: ({ data: { project, target, from_seq }, seq, time }) => {
        const place: Place = [project, 'webhook', target];
        change(state, place, (doc) => {
          const again = state.queue.replay(place, from_seq, { seq, time }, mostReplayed);
          return { ...doc, pending: doc.pending + again, gone: false };
        });
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

function change({ targets }: NoticeState, place: Place, next: (doc: NoticeTarget) => NoticeTarget): void {
  const doc = targets.get(targetKey(...place));
  if (doc) targets.set(targetKey(...place), next(doc));
}

function begin({ targets }: NoticeState, place: Place, seq: number): NoticeTarget {
  const key = targetKey(...place);
  const known = targets.get(key);
  if (known) return known;
  const [project, channel, target] = place;
  const facts = { pending: 0, sent: 0, last_sent_seq: null, last_sent_at: null, last_failure: null, gone: false };
  const fresh = { project, channel, target, since_seq: seq, ...facts };
  targets.set(key, fresh);
  return fresh;
}

/** Puts an event into the queue of a target; of what is about the same thing only the newest is delivered. */
function enqueue(state: NoticeState, place: Place, event: Recorded, about = ''): void {
  const doc = begin(state, place, event.seq);
  const older = about === '' ? 0 : state.queue.supersede(place, about);
  const added = state.queue.add(place, event, !doc.gone, about);
  state.targets.set(targetKey(...place), { ...doc, pending: doc.pending - older + (doc.gone ? 0 : added) });
}

function end({ queue, targets }: NoticeState, place: Place): void {
  queue.remove(place);
  targets.delete(targetKey(...place));
}

/** Takes from a project's document who is to be told of what. */
function describe(state: NoticeState, { data, seq }: Changed): void {
  const { watching, watched: kept } = state;
  const before = watching.get(data.name);
  const now = watchedOf(data as ProjectDocument);
  for (const { id } of before?.webhooks ?? [])
    if (!now?.webhooks.some((one) => one.id === id)) end(state, [data.name, 'webhook', id]);
  for (const { id, target_ref } of now?.webhooks ?? []) {
    begin(state, [data.name, 'webhook', id], seq);
    const moved = before?.webhooks.some((one) => one.id === id && one.target_ref !== target_ref);
    if (moved) change(state, [data.name, 'webhook', id], (doc) => ({ ...doc, gone: false }));
  }
  if (now) {
    watching.set(data.name, now);
    kept.set(data.name, now);
  } else if (before) {
    watching.delete(data.name);
    kept.delete(data.name);
  }
}

function removeProject({ watching, watched: kept, places, queue, targets, jobs }: NoticeState, name: string): void {
  if (!watching.delete(name)) return;
  kept.delete(name);
  places.forget(name);
  queue.removeProject(name);
  targets.deleteWhere('project', name);
  jobs.deleteWhere('project', name);
}

function toEverybody(state: NoticeState, event: Recorded): void {
  for (const watched of state.watching.values()) byWords(state, event, watched, undefined);
}

function see(state: NoticeState, event: Recorded): void {
  const project = 'project' in event.data ? event.data.project : event.entityId;
  const watched = state.watching.get(project);
  if (watched) byWords(state, event, watched, follow(state, event, watched));
}

function byWords(state: NoticeState, event: Recorded, { name, webhooks }: Watched, job: JobFacts | undefined): void {
  for (const webhook of webhooks)
    if (matches(webhook, event, job)) enqueue(state, [name, 'webhook', webhook.id], event);
}

/** What an event says about a job. */
function follow(state: NoticeState, event: Recorded, watched: Watched): JobFacts | undefined {
  const { jobs } = state;
  switch (event.type) {
    case 'JobEnqueued':
      jobs.set(event.data.job_id, newJob(event));
      return undefined;
    case 'JobCancelRequested':
      remember(state, event.data.job_id, (job) => ({ ...job, cancelled: job.cancelled || job.ended === null }));
      return undefined;
    case 'RecipeStarted':
      remember(state, event.data.job_id, (job) => ({ ...job, started: true }));
      announce(state, event, event.data.job_id, watched);
      return undefined;
    case 'WorkspacePrepared':
      remember(state, event.data.job_id, (job) => ({ ...job, sha: event.data.sha }));
      announce(state, event, event.data.job_id, watched);
      return undefined;
    case 'RecipeExited':
      remember(state, event.data.job_id, (job) => ({
        ...job,
        sha: event.data.sha ?? job.sha,
        ended: endOf(event.data, job.cancelled),
      }));
      return undefined;
    case 'FindingsParsed':
      return finish(state, event, watched);
    default:
      return undefined;
  }
}

function remember({ jobs }: NoticeState, id: string, next: (job: NoticeJob) => NoticeJob): void {
  const job = jobs.get(id);
  if (job) jobs.set(id, next(job));
}

/** A job shows on its commit as soon as that is known, and again at its end. */
function announce(state: NoticeState, event: Recorded, id: string, { commit_status }: Watched): void {
  const job = state.jobs.get(id);
  if (!commit_status || !job || job.trial || job.sha === null || !job.started || job.announced) return;
  if (state.places.isBehind(job)) return;
  state.jobs.set(id, { ...job, announced: true });
  enqueue(state, [job.project, 'commit_status', job.context], event, job.sha);
}

function finish(state: NoticeState, event: Recorded<'FindingsParsed'>, { commit_status, clawdforge }: Watched) {
  const { job_id, project, passed } = event.data;
  const read = state.jobs.get(job_id);
  state.jobs.delete(job_id);
  if (!read || read.trial || (event.data.reading ?? 1) > 1) return read && { ...read, news: null };
  const ended = judged(read.ended, passed);
  const isBehind = state.places.isBehind(read);
  const job = { ...read, ended, news: state.places.of(event.data, { ...read, ended }) };
  if (commit_status && job.sha !== null && !isBehind)
    enqueue(state, [project, 'commit_status', job.context], event, job.sha);
  if (clawdforge && event.data.new > 0) enqueue(state, [project, 'clawdforge', 'clawdforge'], event);
  return job;
}

function sent(state: NoticeState, { data, time }: Recorded<'NoticeSent'>): void {
  const { queue } = state;
  const place: Place = [data.project, data.channel, data.target];
  change(state, place, (doc) => {
    const settled = queue.settle(place, data.event_seq);
    const count = doc.sent + 1;
    if (data.channel !== 'webhook') queue.forget(place);
    else if (count % 1_000 === 0) queue.prune(place, keptNotices);
    return { ...doc, pending: doc.pending - settled, sent: count, last_sent_seq: data.event_seq, last_sent_at: time };
  });
}

function failed(state: NoticeState, { data, time }: Recorded<'NoticeFailed'>): void {
  const { queue } = state;
  const { project, channel, target, event_seq, reason, target_gone = false } = data;
  const place: Place = [project, channel, target];
  change(state, place, (doc) => {
    const settled = queue.settle(place, event_seq);
    if (target_gone) queue.settleAll(place);
    if (channel !== 'webhook') queue.forget(place);
    const pending = target_gone ? 0 : doc.pending - settled;
    return { ...doc, pending, gone: target_gone, last_failure: { event_seq, at: time, reason } };
  });
}

function newJob({ data, seq }: Recorded<'JobEnqueued'>): NoticeJob {
  const { project, subproject, recipe, purpose, sha, branch, snapshot } = data;
  const facts = { started: false, announced: false, cancelled: false, ended: null };
  const trial = isTrial(purpose);
  return {
    project,
    seq,
    context: `crafting-table/${project}/${subproject}/${recipe}`.slice(0, 256),
    branch,
    isDefault: branch === snapshot.default_branch,
    recipe,
    trial,
    sha,
    ...facts,
  };
}

/** The findings of a job may make of its end what its exit code does not say. */
function judged(ended: NoticeJob['ended'], passed: boolean | undefined): NoticeJob['ended'] {
  if (passed === undefined || ended === null || ended === 'cancelled') return ended;
  return passed ? 'succeeded' : 'failed';
}

function endOf({ reason, exit_code }: Recorded<'RecipeExited'>['data'], cancelled: boolean): NoticeJob['ended'] {
  if (cancelled || reason === 'cancelled') return 'cancelled';
  return reason === 'exited' && exit_code === 0 ? 'succeeded' : 'failed';
}
