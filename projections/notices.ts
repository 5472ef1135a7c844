import type { Database } from 'better-sqlite3';
import type { ProjectDocument } from '../events/project.ts';
import type { EventName, Recorded } from '../events/registry.ts';
import type { Projection } from './define.ts';
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
import { type JobFacts, matches, projectEvents } from './notice-words.ts';

/** What one replay brings again at most: what was told first. */
export const mostReplayed = 1_000;
/** What was told to a webhook is remembered for so many events at least. */
const keptNotices = 10_000;

/** Who outside is told of what: a queue for each webhook, status and gateway, in the order of the log. */
export const notices: Projection = {
  name: 'notices',
  version: 3,
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

function openNotices(db: Database) {
  const { targets, jobs, watched: kept } = targetTables(db);
  const queue = noticeQueue(db);
  const places = newsOfJobs(db);
  /** Asked for every event of every project, so it is at hand. */
  const watching = new Map<string, Watched>();
  for (const doc of db.prepare<[], string>('SELECT doc FROM notice_projects').pluck().all()) {
    const one = JSON.parse(doc) as Watched;
    watching.set(one.name, one);
  }
  const change = (
    project: string,
    channel: NoticeChannel,
    target: string,
    next: (doc: NoticeTarget) => NoticeTarget,
  ) => {
    const doc = targets.get(targetKey(project, channel, target));
    if (doc) targets.set(targetKey(project, channel, target), next(doc));
  };
  const begin = (project: string, channel: NoticeChannel, target: string, seq: number): NoticeTarget => {
    const key = targetKey(project, channel, target);
    const known = targets.get(key);
    if (known) return known;
    const facts = { pending: 0, sent: 0, last_sent_seq: null, last_sent_at: null, last_failure: null, gone: false };
    const fresh = { project, channel, target, since_seq: seq, ...facts };
    targets.set(key, fresh);
    return fresh;
  };
  const tell = (project: string, channel: NoticeChannel, target: string, event: Recorded, about = '') => {
    const doc = begin(project, channel, target, event.seq);
    const older = about === '' ? 0 : queue.supersede([project, channel, target], about);
    const added = queue.add([project, channel, target], event, !doc.gone, about);
    targets.set(targetKey(project, channel, target), { ...doc, pending: doc.pending - older + (doc.gone ? 0 : added) });
  };
  const end = (project: string, channel: NoticeChannel, target: string) => {
    queue.remove([project, channel, target]);
    targets.delete(targetKey(project, channel, target));
  };

  const describe = ({ data, seq }: Changed) => {
    const before = watching.get(data.name);
    const now = watchedOf(data as ProjectDocument);
    for (const { id } of before?.webhooks ?? [])
      if (!now?.webhooks.some((one) => one.id === id)) end(data.name, 'webhook', id);
    for (const { id, target_ref } of now?.webhooks ?? []) {
      begin(data.name, 'webhook', id, seq);
      const moved = before?.webhooks.some((one) => one.id === id && one.target_ref !== target_ref);
      if (moved) change(data.name, 'webhook', id, (doc) => ({ ...doc, gone: false }));
    }
    if (now) {
      watching.set(data.name, now);
      kept.set(data.name, now);
    } else if (before) {
      watching.delete(data.name);
      kept.delete(data.name);
    }
  };

  const byWords = (event: Recorded, { name, webhooks }: Watched, job: JobFacts | undefined) => {
    for (const webhook of webhooks) if (matches(webhook, event, job)) tell(name, 'webhook', webhook.id, event);
  };
  const remember = (id: string, next: (job: NoticeJob) => NoticeJob) => {
    const job = jobs.get(id);
    if (job) jobs.set(id, next(job));
  };
  /** A job shows on its commit as soon as that is known, and again at its end. */
  const announce = (event: Recorded, id: string, { commit_status }: Watched) => {
    const job = jobs.get(id);
    if (!commit_status || !job || job.trial || job.sha === null || !job.started || job.announced) return;
    jobs.set(id, { ...job, announced: true });
    tell(job.project, 'commit_status', job.context, event, job.sha);
  };
  const finish = (event: Recorded<'FindingsParsed'>, { commit_status, clawdforge }: Watched) => {
    const { job_id, project, passed } = event.data;
    const read = jobs.get(job_id);
    jobs.delete(job_id);
    if (!read || read.trial || (event.data.reading ?? 1) > 1) return read && { ...read, news: null };
    const ended = judged(read.ended, passed);
    const job = { ...read, ended, news: places.of(event.data, { ...read, ended }) };
    if (commit_status && job.sha !== null) tell(project, 'commit_status', job.context, event, job.sha);
    if (clawdforge && event.data.new > 0) tell(project, 'clawdforge', 'clawdforge', event);
    return job;
  };
  /** What an event says about a job. */
  const follow = (event: Recorded, watched: Watched): JobFacts | undefined => {
    switch (event.type) {
      case 'JobEnqueued':
        jobs.set(event.data.job_id, newJob(event.data));
        return undefined;
      case 'JobCancelRequested':
        remember(event.data.job_id, (job) => ({ ...job, cancelled: job.cancelled || job.ended === null }));
        return undefined;
      case 'RecipeStarted':
        remember(event.data.job_id, (job) => ({ ...job, started: true }));
        announce(event, event.data.job_id, watched);
        return undefined;
      case 'WorkspacePrepared':
        remember(event.data.job_id, (job) => ({ ...job, sha: event.data.sha }));
        announce(event, event.data.job_id, watched);
        return undefined;
      case 'RecipeExited':
        remember(event.data.job_id, (job) => ({
          ...job,
          sha: event.data.sha ?? job.sha,
          ended: endOf(event.data, job.cancelled),
        }));
        return undefined;
      case 'FindingsParsed':
        return finish(event, watched);
      default:
        return undefined;
    }
  };
  const see: Handler = (event) => {
    const project = 'project' in event.data ? event.data.project : event.entityId;
    const watched = watching.get(project);
    if (!watched) return;
    byWords(event, watched, follow(event, watched));
  };
  const on: Partial<Record<EventName, Handler>> = Object.fromEntries(projectEvents.map((name) => [name, see]));
  return {
    flush: () => {
      targets.flush();
      jobs.flush();
      kept.flush();
    },
    on: {
      ...on,
      ProjectRegistered: (event) => {
        describe(event);
        see(event);
      },
      ProjectUpdated: (event) => {
        describe(event);
        see(event);
      },
      ProjectRemoved: ({ data: { name } }) => {
        if (!watching.delete(name)) return;
        kept.delete(name);
        places.forget(name);
        queue.removeProject(name);
        targets.deleteWhere('project', name);
        jobs.deleteWhere('project', name);
      },
      DigestOverdue: (event) => {
        for (const watched of watching.values()) byWords(event, watched, undefined);
      },
      NoticeSent: ({ data: { project, channel, target, event_seq }, time }) =>
        change(project, channel, target, (doc) => {
          const settled = queue.settle([project, channel, target], event_seq);
          const sent = doc.sent + 1;
          if (channel !== 'webhook') queue.forget([project, channel, target]);
          else if (sent % 1_000 === 0) queue.prune([project, channel, target], keptNotices);
          return { ...doc, pending: doc.pending - settled, sent, last_sent_seq: event_seq, last_sent_at: time };
        }),
      NoticeFailed: ({ data: { project, channel, target, event_seq, reason, target_gone = false }, time }) =>
        change(project, channel, target, (doc) => {
          const settled = queue.settle([project, channel, target], event_seq);
          if (target_gone) queue.settleAll([project, channel, target]);
          if (channel !== 'webhook') queue.forget([project, channel, target]);
          const pending = target_gone ? 0 : doc.pending - settled;
          return { ...doc, pending, gone: target_gone, last_failure: { event_seq, at: time, reason } };
        }),
      NoticeReplayRequested: ({ data: { project, target, from_seq }, seq, time }) =>
        change(project, 'webhook', target, (doc) => {
          const again = queue.replay([project, 'webhook', target], from_seq, { seq, time }, mostReplayed);
          return { ...doc, pending: doc.pending + again, gone: false };
        }),
    },
  } satisfies ReturnType<Projection['open']>;
}

function newJob(data: Recorded<'JobEnqueued'>['data']): NoticeJob {
  const { project, subproject, recipe, purpose, sha, branch, snapshot } = data;
  const facts = { started: false, announced: false, cancelled: false, ended: null };
  const trial = purpose === 'verify' || purpose === 'draft';
  return {
    project,
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
