import type { Database } from 'better-sqlite3';
import { type Priority, priorities } from '../../events/jobs/job.ts';
import type { JobDoc, JobStatus } from './jobs.ts';

type JobFilter = {
  /** Null: any. */
  readonly owner: string | null;
  /** Only of these projects; null or missing: of all. */
  readonly among?: readonly string[] | null;
  readonly project: string | null;
  /** One, or any of several. */
  readonly status: JobStatus | readonly JobStatus[] | null;
  /** Null or missing: any. */
  readonly recipe?: string | null;
  readonly subproject?: string | null;
  readonly branch?: string | null;
  readonly reason?: string | null;
  /** Only jobs enqueued after this sequence. */
  readonly after?: number;
  /** Only jobs enqueued before this sequence. */
  readonly before: number;
  readonly limit: number;
};

export type FoundJob = {
  seq: number;
  owner: string;
  status: JobStatus;
  logFirst: number;
  logLast: number;
  doc: string;
};

/** Queued jobs of one project and priority; the words are those of the one that waits longest. */
type WaitingJobs = {
  priority: Priority;
  project: string;
  jobs: number;
  seq: number;
  job_id: string;
  enqueued_at: string;
};

/** Queued jobs that are looked through for what waits. */
const mostWaiting = 2_000;
/** Jobs of a project among which earlier ones of a recipe are looked for. */
const mostBetween = 2_000;

/** `docs`: documents as JSON, newest first, with commas between them. `next`: what the page after it comes before, or null. */
type JobPage = { readonly docs: Buffer; readonly next: number | null };

const nothing = Buffer.alloc(0);

/** Finds jobs. Documents come as ready JSON text. Long: a list of questions, each a statement that is prepared once. */
export function jobQueries(db: Database) {
  const one = db.prepare<[string], FoundJob>(
    'SELECT seq, owner, status, log_first AS logFirst, log_last AS logLast, doc FROM jobs WHERE job_id = ?',
  );
  const commit = db.prepare<[number], string | null>("SELECT doc ->> 'sha' FROM jobs WHERE seq = ?").pluck();
  const commitOfJob = db.prepare<[string], string | null>("SELECT doc ->> 'sha' FROM jobs WHERE job_id = ?").pluck();
  const bySeq = db.prepare<[number], string>('SELECT doc FROM jobs WHERE seq = ?').pluck();
  const judged = db
    .prepare<[string], string>(
      `SELECT doc ->> 'sha' FROM jobs INDEXED BY jobs_judged
       WHERE project = ? AND doc ->> 'on_default_branch' = 1 AND doc ->> 'sha' IS NOT NULL ORDER BY seq DESC LIMIT 1`,
    )
    .pluck();
  const tagged = db.prepare<[string, number], { branch: string; job_id: string; at: string }>(
    `SELECT branch, job_id, at FROM (
       SELECT doc ->> 'branch' AS branch, job_id, doc ->> 'enqueued_at' AS at, seq
       FROM (SELECT * FROM jobs WHERE project = ? ORDER BY seq DESC LIMIT ${mostBetween}))
     WHERE branch LIKE 'refs/tags/%' GROUP BY branch HAVING seq = min(seq) ORDER BY seq DESC LIMIT ?`,
  );
  const newestOf = db.prepare<
    [string],
    { project: string; job_id: string; status: JobStatus; enqueued_at: string; finished_at: string | null }
  >(
    `SELECT project, job_id, status, doc ->> 'enqueued_at' AS enqueued_at, doc ->> 'finished_at' AS finished_at
     FROM json_each(?) p JOIN jobs ON seq = (SELECT max(seq) FROM jobs WHERE project = p.value)`,
  );
  const pages = new Map<string, ReturnType<typeof preparePage>>();
  const preparePage = (where: string) => {
    const newest = `FROM jobs WHERE ${where} ORDER BY seq DESC LIMIT ?`;
    return {
      rows: db.prepare<(string | number)[], { seq: number; doc: string }>(`SELECT seq, doc ${newest}`),
      // Joined inside SQLite, in the order of the inner query, and taken as bytes: half the time of 50 rows of text.
      docs: db
        .prepare<(string | number)[], Buffer | null>(
          `SELECT CAST(group_concat(doc, ',') AS BLOB) FROM (SELECT doc ${newest})`,
        )
        .pluck(),
      lastAndNext: db.prepare<(string | number)[], number>(`SELECT seq ${newest} OFFSET ?`).pluck(),
    };
  };
  const ownerOf = db.prepare<[string], string>('SELECT owner FROM projects WHERE name = ?').pluck();
  const perStatus = db.prepare<[], { status: JobStatus; count: number }>(
    "SELECT status, count(*) AS count FROM jobs WHERE status IN ('queued', 'running', 'parsing') GROUP BY status",
  );
  const perStatusOf = db.prepare<[string], { status: JobStatus; count: number }>(
    "SELECT status, count(*) AS count FROM jobs WHERE owner = ? AND status IN ('queued', 'running', 'parsing') GROUP BY status",
  );
  const running = db.prepare<[], { owner: string; doc: string }>(
    "SELECT owner, doc FROM jobs WHERE status = 'running' ORDER BY seq LIMIT 1000",
  );
  const open = db
    .prepare<[], string>("SELECT job_id FROM jobs WHERE status IN ('running', 'parsing') ORDER BY seq LIMIT 10000")
    .pluck();
  const waitingOf = (where: string) =>
    db.prepare<(string | number)[], WaitingJobs>(
      `SELECT doc ->> 'priority' AS priority, project, count(*) AS jobs, min(seq) AS seq, job_id,
         doc ->> 'enqueued_at' AS enqueued_at
       FROM (SELECT * FROM jobs WHERE ${where} status = 'queued' ORDER BY seq LIMIT ${mostWaiting}) GROUP BY 1, 2`,
    );
  const waiting = { all: waitingOf(''), own: waitingOf('owner = ? AND') };
  const pageOf = ({
    owner,
    among,
    project,
    status,
    recipe,
    subproject,
    branch,
    reason,
  }: Omit<JobFilter, 'after' | 'before' | 'limit'>) => {
    const several = status === null ? [] : [status].flat();
    const only = several.length === 1 ? several[0] : undefined;
    const conditions: [string, string | null][] = [
      ['owner = ?', owner],
      ['project IN (SELECT value FROM json_each(?))', among ? JSON.stringify(among) : null],
      ['project = ?', project],
      // One by one the index gives them in their order.
      only === undefined
        ? ['status IN (SELECT value FROM json_each(?))', status === null ? null : JSON.stringify(several)]
        : ['status = ?', only],
      ["doc ->> 'recipe' = ?", recipe ?? null],
      ["doc ->> 'subproject' = ?", subproject ?? null],
      ["doc ->> 'branch' = ?", branch ?? null],
      // The index holds what did not simply end; both conditions have to be read in the words of the index.
      [`doc ->> 'reason' = ?${reason === 'exited' ? '' : " AND doc ->> 'reason' <> 'exited'"}`, reason ?? null],
    ];
    const asked = conditions.filter((condition): condition is [string, string] => condition[1] !== null);
    const where = [...asked.map(([sql]) => sql), 'seq > ? AND seq < ?'].join(' AND ');
    let page = pages.get(where);
    if (!page) {
      page = preparePage(where);
      pages.set(where, page);
    }
    return { page, values: asked.map(([, value]) => value) };
  };
  const between = db
    .prepare<[string, number, number, string, string, number], string>(
      `SELECT doc FROM (SELECT seq, doc FROM jobs WHERE project = ? AND seq > ? AND seq < ? AND doc ->> 'on_default_branch' = 1
         ORDER BY seq DESC LIMIT ${mostBetween})
       WHERE doc ->> 'subproject' = ? AND doc ->> 'recipe' = ? ORDER BY seq DESC LIMIT ?`,
    )
    .pluck();
  const firstBetween = db
    .prepare<[string, number, number, string, string, number], string>(
      `SELECT doc FROM (SELECT seq, doc FROM jobs WHERE project = ? AND seq > ? AND seq < ? AND doc ->> 'on_default_branch' = 1
         ORDER BY seq LIMIT ${mostBetween})
       WHERE doc ->> 'subproject' = ? AND doc ->> 'recipe' = ? ORDER BY seq LIMIT ?`,
    )
    .pluck();
  return {
    find: (id: string) => one.get(id),
    /** The jobs of a recipe that spoke for the default branch and were asked for between two sequences, newest first. */
    between: (
      { project, subproject, recipe }: Pick<JobDoc, 'project' | 'subproject' | 'recipe'>,
      [after, before]: readonly [number, number],
      limit: number,
    ) => between.all(project, after, before, subproject, recipe, limit).map((doc) => JSON.parse(doc) as JobDoc),
    /** The same, oldest first. */
    firstBetween: (
      { project, subproject, recipe }: Pick<JobDoc, 'project' | 'subproject' | 'recipe'>,
      [after, before]: readonly [number, number],
      limit: number,
    ) => firstBetween.all(project, after, before, subproject, recipe, limit).map((doc) => JSON.parse(doc) as JobDoc),
    /** The first job of each tag among the newest jobs of a project, the newest tag first. */
    tagged: (project: string, limit: number) => tagged.all(project, limit),
    /** The newest job of each of these projects, as far as they have one. */
    newestOf: (projects: readonly string[]) => newestOf.all(JSON.stringify(projects)),
    /** The commit of a job; null when it came to none or is not there. */
    commitOfJob: (id: string) => commitOfJob.get(id) ?? null,
    /** The commit of a job, by the sequence of its JobEnqueued; null when it came to none or is not there. */
    commitOf: (seq: number) => commit.get(seq) ?? null,
    /** A job by the sequence of its JobEnqueued. */
    at: (seq: number) => {
      const doc = bySeq.get(seq);
      return doc === undefined ? null : (JSON.parse(doc) as JobDoc);
    },
    /** The commit of the newest job that spoke for the default branch; null before the first. */
    judgedCommit: (project: string) => judged.get(project) ?? null,
    page: ({ after = 0, before, limit, ...filter }: JobFilter) => {
      const { page, values } = pageOf(filter);
      return page.rows.all(...values, after, before, limit);
    },
    /** A page as the bytes of its documents. */
    pageBytes: ({ after = 0, before, limit, ...filter }: JobFilter): JobPage => {
      const { owner, project } = filter;
      // All jobs of a project are its owner's: without this, a look at somebody else's reads through all of one's own.
      if (owner !== null && project !== null && ownerOf.get(project) !== owner) return { docs: nothing, next: null };
      const { page, values } = pageOf(filter);
      const [last, next] = page.lastAndNext.all(...values, after, before, 2, limit - 1);
      return {
        docs: page.docs.get(...values, after, before, limit) ?? nothing,
        next: next === undefined ? null : (last ?? null),
      };
    },
    active: () => Object.fromEntries(perStatus.all().map(({ status, count }) => [status, count])),
    /** How many jobs of an owner have not ended, of everybody for null. */
    activeOf: (owner: string | null) => {
      const rows = owner === null ? perStatus.all() : perStatusOf.all(owner);
      const countOf = (status: JobStatus) => rows.find((row) => row.status === status)?.count ?? 0;
      return { queued: countOf('queued'), running: countOf('running'), parsing: countOf('parsing') };
    },
    /** Everybody's running jobs, the oldest first. */
    running: () => running.all(),
    /** Jobs that have begun and not ended. */
    open: () => open.all(),
    /** What waits, by priority and project: high ones first, then those that have waited longest. */
    waiting: (owner: string | null, limit: number): WaitingJobs[] => {
      const rows = owner === null ? waiting.all.all() : waiting.own.all(owner);
      const rank = ({ priority }: WaitingJobs) => priorities.indexOf(priority);
      return rows.sort((a, b) => rank(a) - rank(b) || a.seq - b.seq).slice(0, limit);
    },
  };
}
