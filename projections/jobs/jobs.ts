import type { Database } from 'better-sqlite3';
import type {
  Compiled,
  Dependencies,
  ExitReason,
  JobEnqueuedData,
  Priority,
  RunFailure,
  TestCounts,
} from '../../events/jobs/job.ts';
import { docTable, type Projection } from '../define.ts';
import { type CoverageDoc, coverageDoc } from './coverage.ts';

export const jobStatuses = ['queued', 'running', 'parsing', 'succeeded', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** A job exactly as the API sends it. */
export type JobDoc = {
  job_id: string;
  project: string;
  subproject: string;
  recipe: string;
  command: string;
  language: string;
  branch: string;
  sha: string | null;
  status: JobStatus;
  reason: ExitReason | null;
  detail: string | null;
  exit_code: number | null;
  signal: string | null;
  priority: Priority;
  purpose: string;
  enqueued_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  /** Where its time went, in ms; null where a step was not reached, or was not measured then. */
  timings: JobTimings;
  /** Where its dependencies came from; null when it has no install. */
  dependencies: Dependencies | null;
  /** Whether packages were there compiled; null where nothing is kept of what its command compiles. */
  compiled: Compiled | null;
  findings_count: number;
  new_findings_count: number;
  resolved_findings_count: number;
  not_observed: string | null;
  not_observed_count: number;
  /** Whether it spoke for the default branch; null while that is not known. */
  on_default_branch: boolean | null;
  /** How many of its findings stood there when the recipe was looked at first: they are not new. */
  baseline_findings_count: number;
  /** Why it failed, and when it is tried again by itself; null when it did not fail, or is not. */
  failure: RunFailure | null;
  retry_at: string | null;
  /** The tools whose work was seen in the log, and whether it proves that they printed all they had. */
  tools: { tool: string; parser: string; complete: boolean; findings: number }[];
  /** What of its output and files could not be read, such as a coverage report that breaks off. */
  problems: string[];
  /** What its test tools counted; null when none said. */
  tests: TestCounts | null;
  /** What ran of the code, by its coverage reports; null when it left none. */
  coverage: JobCoverage | null;
  log_bytes: number;
  truncated: boolean;
  runner: string | null;
  containment: string | null;
  sandbox: string | null;
  requested_by: string;
  cancel_requested_by: string | null;
  rerun_of: string | null;
  /** The patch attempt that it belongs to. */
  patch_id: string | null;
  cause: string;
  recipe_snapshot: JobEnqueuedData['snapshot'];
  recipe_snapshot_json: string;
};

/** Waiting for a slot, the commit, the tree, the install or what was kept, the command, reading what it printed. */
type JobTimings = Record<'wait_ms' | 'fetch_ms' | 'tree_ms' | 'install_ms' | 'run_ms' | 'read_ms', number | null>;

/** Between two times of events, in ms; clocks of two machines may differ. */
const between = (from: string | null, to: string) =>
  from === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));

/** As in the read model of coverage, without what the job says itself. */
export type JobCoverage = Omit<CoverageDoc, 'job_id' | 'subproject' | 'recipe' | 'branch' | 'sha' | 'measured_at'>;

/** What is kept beside the document: whose it is, and where its log lies. */
type Row = { doc: JobDoc; seq: number; owner: string; logFirst: number; logLast: number };

/** The end that a job came to. A cancel that was asked for before the end always wins. */
function endOf(
  doc: JobDoc,
  reason: ExitReason,
  passed: boolean | undefined,
): Exclude<JobStatus, 'queued' | 'running' | 'parsing'> {
  if (reason === 'cancelled' || doc.cancel_requested_by !== null) return 'cancelled';
  return (passed ?? (reason === 'exited' && doc.exit_code === 0)) ? 'succeeded' : 'failed';
}

/** Jobs, newest last; the row id is the sequence of their JobEnqueued. */
export const jobs: Projection = {
  name: 'jobs',
  version: 9,
  tables: { jobs: 'seq' },
  schema: `
    CREATE TABLE IF NOT EXISTS jobs (
      seq INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, owner TEXT NOT NULL,
      status TEXT NOT NULL, log_first INTEGER NOT NULL, log_last INTEGER NOT NULL, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS jobs_by_project ON jobs (project, seq);
    CREATE INDEX IF NOT EXISTS jobs_by_project_status ON jobs (project, status, seq);
    CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner, seq);
    CREATE INDEX IF NOT EXISTS jobs_by_owner_status ON jobs (owner, status, seq);
    CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, seq);
    CREATE INDEX IF NOT EXISTS jobs_by_reason ON jobs (doc ->> 'reason', seq) WHERE doc ->> 'reason' <> 'exited';
    CREATE INDEX IF NOT EXISTS jobs_judged ON jobs (project, seq)
      WHERE doc ->> 'on_default_branch' = 1 AND doc ->> 'sha' IS NOT NULL;`,
  open: openJobs,
};

/** Long: a reducer, one step an event. */
function openJobs(db: Database) {
  const beside = new Map<string, Omit<Row, 'doc'>>();
  const handOver = db.prepare('UPDATE jobs SET owner = ? WHERE project = ?');
  const findBeside = db.prepare<[string], Omit<Row, 'doc'>>(
    'SELECT seq, owner, log_first AS logFirst, log_last AS logLast FROM jobs WHERE job_id = ?',
  );
  const besideOf = (id: string) =>
    beside.get(id) ?? findBeside.get(id) ?? { seq: 0, owner: '', logFirst: 0, logLast: 0 };
  const docs = docTable<JobDoc>(db, {
    table: 'jobs',
    key: 'job_id',
    columns: ['seq', 'project', 'owner', 'status', 'log_first', 'log_last'],
    values: (doc) => {
      const { seq, owner, logFirst, logLast } = besideOf(doc.job_id);
      return [seq, doc.project, owner, doc.status, logFirst, logLast];
    },
    changing: ['status', 'log_first', 'log_last'],
  });
  const change = (id: string, next: (doc: JobDoc) => JobDoc) => {
    const doc = docs.get(id);
    if (doc) docs.set(id, next(doc));
  };
  return {
    flush: () => {
      docs.flush();
      beside.clear();
    },
    on: {
      JobEnqueued: ({ data, seq, time, correlationId }) => {
        beside.set(data.job_id, { seq, owner: data.owner, logFirst: 0, logLast: 0 });
        docs.set(data.job_id, newJob(data, time, correlationId));
      },
      JobCancelRequested: ({ data }) =>
        change(data.job_id, (doc) =>
          doc.status === 'queued' || doc.status === 'running' ? { ...doc, cancel_requested_by: data.by } : doc,
        ),
      RecipeStarted: ({ data, time }) =>
        // A runner and a cancel may race: what has ended is not begun again by a claim that came after it.
        change(data.job_id, (doc) =>
          doc.status === 'queued'
            ? {
                ...doc,
                status: 'running',
                started_at: time,
                timings: { ...doc.timings, wait_ms: between(doc.enqueued_at, time) },
                runner: data.runner,
                containment: data.containment,
                sandbox: data.sandbox ?? null,
              }
            : doc,
        ),
      WorkspacePrepared: ({ data }) => change(data.job_id, (doc) => ({ ...doc, sha: data.sha })),
      RecipeExited: ({ data, time }) =>
        change(data.job_id, (doc) => {
          beside.set(data.job_id, {
            ...besideOf(data.job_id),
            logFirst: data.log_first_seq,
            logLast: data.log_last_seq,
          });
          const { reason, exit_code, signal, detail, duration_ms, log_bytes, truncated } = data;
          const sha = data.sha ?? doc.sha;
          return {
            ...doc,
            status: 'parsing',
            reason,
            exit_code,
            signal,
            detail,
            sha,
            finished_at: time,
            duration_ms,
            log_bytes,
            truncated,
            timings: { ...doc.timings, ...data.timings },
            dependencies: data.dependencies ?? null,
            compiled: data.compiled ?? null,
          };
        }),
      CoverageMeasured: ({ data, time }) =>
        change(data.job_id, (doc) => ({ ...doc, coverage: jobCoverage(coverageDoc(data, time)) })),
      FindingsParsed: ({ data, time }) =>
        change(data.job_id, (doc) => ({
          ...doc,
          timings: { ...doc.timings, read_ms: doc.timings.read_ms ?? between(doc.finished_at, time) },
          status: endOf(doc, doc.reason ?? 'exited', data.passed),
          findings_count: data.total,
          new_findings_count: data.new,
          resolved_findings_count: data.resolved,
          not_observed: data.not_observed,
          not_observed_count: data.not_observed_count ?? 0,
          on_default_branch: data.on_default_branch ?? null,
          baseline_findings_count: data.baseline?.findings ?? 0,
          failure: data.failure ?? null,
          retry_at: data.retry?.at ?? null,
          tools: data.tools,
          problems: data.problems ?? [],
          tests: data.tests ?? null,
        })),
      ProjectHandedOver: ({ data: { name, to } }) => {
        docs.flush();
        beside.clear();
        handOver.run(to, name);
      },
      ProjectRemoved: ({ data }) => docs.deleteWhere('project', data.name),
    },
  } satisfies ReturnType<Projection['open']>;
}

function jobCoverage(doc: CoverageDoc): JobCoverage {
  const { percent, lines, statements, branches, functions, changed, formats, file_count, outside } = doc;
  return { percent, lines, statements, branches, functions, changed, formats, file_count, outside };
}

/** Long: a document, one line a field. */
function newJob(data: JobEnqueuedData, time: string, cause: string): JobDoc {
  const {
    job_id,
    project,
    subproject,
    recipe,
    command,
    language,
    branch,
    sha,
    priority,
    purpose,
    requested_by,
    rerun_of,
  } = data;
  return {
    job_id,
    project,
    subproject,
    recipe,
    command,
    language,
    branch,
    sha,
    status: 'queued',
    reason: null,
    detail: null,
    exit_code: null,
    signal: null,
    priority,
    purpose,
    enqueued_at: time,
    started_at: null,
    finished_at: null,
    duration_ms: null,
    timings: { wait_ms: null, fetch_ms: null, tree_ms: null, install_ms: null, run_ms: null, read_ms: null },
    dependencies: null,
    compiled: null,
    findings_count: 0,
    new_findings_count: 0,
    resolved_findings_count: 0,
    not_observed: null,
    not_observed_count: 0,
    on_default_branch: null,
    baseline_findings_count: 0,
    failure: null,
    retry_at: null,
    tools: [],
    problems: [],
    tests: null,
    coverage: null,
    log_bytes: 0,
    truncated: false,
    runner: null,
    containment: null,
    sandbox: null,
    requested_by,
    cancel_requested_by: null,
    rerun_of,
    patch_id: data.patch?.patch_id ?? null,
    cause,
    recipe_snapshot: data.snapshot,
    recipe_snapshot_json: JSON.stringify(data.snapshot),
  };
}
