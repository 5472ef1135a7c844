import type { Database } from 'better-sqlite3';
import { type FindingsParsedData, isTrial, type JobEnqueuedData } from '../../events/jobs/job.ts';
import { headlineOf, type Share, type Shares } from '../../events/jobs/measured.ts';
import type { ProjectDocument } from '../../events/projects/project.ts';
import type { Recorded } from '../../events/registry.ts';
import { type DocTable, docTable, type Handlers, type Projection } from '../define.ts';
import { findingHandlers, patchHandlers } from './digest-change-rows.ts';
import { digestMailHandlers } from './digest-mail-rows.ts';
import type { DigestSettings } from './digest-rows.ts';

/**
 * What digests are made of. Rows that a digest shows are written once and never changed, so that a window of the log gives
 * the same digest for ever; `digest_runs` and `digest_findings.open` alone change, and are shown by none.
 */
export const digests: Projection = {
  name: 'digests',
  version: 7,
  tables: {
    digest_changes: 'run_seq, opens, rank, seq',
    digest_due: 'id',
    digest_findings: 'id',
    digest_hushed: 'seq',
    digest_jobs: 'seq',
    digest_left: 'seq',
    digest_mails: 'id',
    digest_overdue: 'date',
    digest_patches: 'seq',
    digest_removed: 'project',
    digest_runs: 'job_id',
    digest_settings: 'seq',
    digest_slots: 'seq',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS digest_runs (
      job_id TEXT PRIMARY KEY, run_seq INTEGER NOT NULL, project TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS digest_jobs (
      seq INTEGER PRIMARY KEY, run_seq INTEGER NOT NULL, since INTEGER NOT NULL, project TEXT NOT NULL,
      subproject TEXT NOT NULL, recipe TEXT NOT NULL, time TEXT NOT NULL, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_jobs_of ON digest_jobs (project, seq);
    CREATE INDEX IF NOT EXISTS digest_jobs_like ON digest_jobs (project, subproject, recipe, seq);
    CREATE INDEX IF NOT EXISTS digest_jobs_at ON digest_jobs (time);
    CREATE INDEX IF NOT EXISTS digest_jobs_by ON digest_jobs (run_seq);
    CREATE TABLE IF NOT EXISTS digest_changes (
      run_seq INTEGER NOT NULL, opens INTEGER NOT NULL, rank INTEGER NOT NULL, seq INTEGER NOT NULL,
      finding INTEGER NOT NULL, prev INTEGER NOT NULL, PRIMARY KEY (run_seq, opens, rank, seq)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS digest_changes_by ON digest_changes (finding, seq);
    CREATE INDEX IF NOT EXISTS digest_changes_again ON digest_changes (run_seq, prev) WHERE prev > 0;
    CREATE TABLE IF NOT EXISTS digest_findings (
      id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, project TEXT NOT NULL, open INTEGER NOT NULL,
      changed INTEGER NOT NULL, rank INTEGER NOT NULL, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_findings_of ON digest_findings (project);
    CREATE TABLE IF NOT EXISTS digest_hushed (
      seq INTEGER PRIMARY KEY, project TEXT NOT NULL, finding INTEGER NOT NULL, hushed INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_hushed_of ON digest_hushed (project, seq);
    CREATE TABLE IF NOT EXISTS digest_left (
      seq INTEGER PRIMARY KEY, project TEXT NOT NULL, finding INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_left_of ON digest_left (project, seq);
    CREATE TABLE IF NOT EXISTS digest_patches (
      seq INTEGER PRIMARY KEY, project TEXT NOT NULL, patch_id TEXT NOT NULL, what TEXT NOT NULL, title TEXT NOT NULL,
      url TEXT, number INTEGER);
    CREATE INDEX IF NOT EXISTS digest_patches_of ON digest_patches (project, seq);
    CREATE INDEX IF NOT EXISTS digest_patches_by ON digest_patches (patch_id, seq);
    CREATE TABLE IF NOT EXISTS digest_slots (
      seq INTEGER PRIMARY KEY, project TEXT NOT NULL, recipe TEXT NOT NULL, slot TEXT NOT NULL, missed INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_slots_of ON digest_slots (project, slot);
    CREATE TABLE IF NOT EXISTS digest_settings (seq INTEGER PRIMARY KEY, project TEXT NOT NULL, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS digest_settings_of ON digest_settings (project, seq);
    CREATE TABLE IF NOT EXISTS digest_removed (project TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS digest_due (
      id TEXT PRIMARY KEY, date TEXT NOT NULL, project TEXT NOT NULL, seq INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS digest_due_at ON digest_due (date, project);
    CREATE INDEX IF NOT EXISTS digest_due_of ON digest_due (project, seq);
    CREATE TABLE IF NOT EXISTS digest_mails (id TEXT PRIMARY KEY, date TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS digest_mails_at ON digest_mails (date);
    CREATE TABLE IF NOT EXISTS digest_overdue (date TEXT PRIMARY KEY, seq INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;`,
  open: openDigests,
};

/** The tables that hold what belongs to a project, besides its runs and `digest_changes`, which hangs on these. */
const owned = [
  'digest_jobs',
  'digest_findings',
  'digest_hushed',
  'digest_left',
  'digest_patches',
  'digest_slots',
  'digest_settings',
];

function openDigests(db: Database) {
  const addSettings = db.prepare('INSERT INTO digest_settings VALUES (?, ?, ?)');
  const runs = docTable<Run>(db, {
    table: 'digest_runs',
    key: 'job_id',
    columns: ['run_seq', 'project'],
    values: ({ run_seq, project }) => [run_seq, project],
    changing: [],
  });
  /** Runs whose beginning was seen here and that changed nothing so far, which is most of them: nothing is to be counted. */
  const unchanged = new Set<number>();
  const addSlot = db.prepare('INSERT INTO digest_slots VALUES (?, ?, ?, ?, ?)');
  const lastSettings = db
    .prepare<[string], string>('SELECT doc FROM digest_settings WHERE project = ? ORDER BY seq DESC LIMIT 1')
    .pluck();
  const settingsOf = (project: string): DigestSettings | null => JSON.parse(lastSettings.get(project) ?? 'null');
  const settings = ({ seq, time, data }: { seq: number; time: string; data: ProjectDocument }) => {
    const { notify, schedule, enabled } = data;
    const { called } = settingsOf(data.name) ?? {};
    const name = called === undefined ? {} : { called };
    const doc: DigestSettings = { time, on: notify.on, email_count: notify.email_count, schedule, enabled, ...name };
    addSettings.run(seq, data.name, JSON.stringify(doc));
  };
  return {
    flush: () => {
      runs.flush();
      if (unchanged.size > mostUnchanged) unchanged.clear();
    },
    on: {
      ...runHandlers(db, runs, unchanged),
      ...findingHandlers(db, (runSeq) => void unchanged.delete(runSeq)),
      ...patchHandlers(db),
      ...digestMailHandlers(db),
      ProjectRegistered: settings,
      ProjectUpdated: settings,
      ProjectRenamed: ({ seq, data: { name, to } }: Recorded<'ProjectRenamed'>) => {
        const before = settingsOf(name);
        if (before) addSettings.run(seq, name, JSON.stringify({ ...before, called: to }));
      },
      ScheduleFired: ({ seq, data: { project, recipe, slot, missed } }: Recorded<'ScheduleFired'>) => {
        addSlot.run(seq, project, recipe, slot, missed);
      },
      ProjectRemoved: ({ seq, data: { name } }: Recorded<'ProjectRemoved'>) => {
        runs.flush();
        db.prepare(
          'DELETE FROM digest_changes WHERE run_seq IN (SELECT run_seq FROM digest_runs WHERE project = ?)',
        ).run(name);
        runs.deleteWhere('project', name);
        for (const table of owned) db.prepare(`DELETE FROM ${table} WHERE project = ?`).run(name);
        db.prepare('INSERT OR REPLACE INTO digest_removed VALUES (?, ?)').run(name, seq);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

/** A job on its way to its digest. `parsed` is the sequence of its last reading, 0 for none. */
type Run = {
  readonly run_seq: number;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly branch: string;
  readonly on_default: 0 | 1;
  readonly cancelled: boolean;
  readonly exited: Exited | null;
  /** Only of one that was measured. */
  readonly coverage?: Share;
  readonly parsed: number;
};

const unsaid: Exited = { reason: 'exited', exit_code: null, duration_ms: 0 };

const mostUnchanged = 100_000;

function runHandlers(db: Database, runs: DocTable<Run>, unchanged: Set<number>): Handlers {
  const tally = db
    .prepare<[number, number, number], number[]>(
      'SELECT opens, rank, count(*) FROM digest_changes WHERE run_seq = ? AND seq > ? AND seq < ? GROUP BY opens, rank',
    )
    .raw();
  const keep = db.prepare('INSERT INTO digest_jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const change = (id: string, next: (run: Run) => Run) => {
    const run = runs.get(id);
    if (run) runs.set(id, next(run));
  };
  return {
    JobEnqueued: ({ seq, data }) => {
      if (isTrial(data.purpose)) return;
      runs.set(data.job_id, runOf(seq, data));
      unchanged.add(seq);
    },
    JobCancelRequested: ({ data }) =>
      change(data.job_id, (run) => (run.exited === null ? { ...run, cancelled: true } : run)),
    RecipeExited: ({ data: { job_id, reason, exit_code, duration_ms } }) =>
      change(job_id, (run) => ({ ...run, exited: { reason, exit_code, duration_ms } })),
    CoverageMeasured: ({ data }) => change(data.job_id, (run) => ({ ...run, ...coverageIn(data) })),
    FindingsParsed: ({ seq, time, data }) =>
      change(data.job_id, (run) => {
        const { run_seq, subproject, recipe, branch, on_default, parsed } = run;
        const doc = {
          job_id: data.job_id,
          branch,
          on_default: data.on_default_branch === undefined ? on_default : Number(data.on_default_branch),
          ...outcomeOf(run.exited ?? unsaid, run.cancelled, data.passed),
          ...seenIn(data),
          ...(run.coverage ? { coverage: run.coverage } : {}),
          ...(data.failure?.kind === 'coverage' ? { uncovered: data.failure.detail } : {}),
          tally: unchanged.delete(run_seq) ? [] : tally.all(run_seq, parsed, seq),
        };
        keep.run(seq, run_seq, parsed, data.project, subproject, recipe, time, JSON.stringify(doc));
        return { ...run, parsed: seq };
      }),
  };
}

type Exited = { reason: string; exit_code: number | null; duration_ms: number };

function runOf(run_seq: number, { project, subproject, recipe, branch, snapshot }: JobEnqueuedData): Run {
  const on_default = branch === snapshot.default_branch ? 1 : 0;
  return {
    run_seq,
    project,
    subproject,
    recipe,
    branch,
    on_default,
    cancelled: false,
    exited: null,
    parsed: 0,
  };
}

/** As the jobs are judged everywhere: a cancel that was asked for before the end always wins. */
function outcomeOf(exited: Exited, cancelled: boolean, passed: boolean | undefined) {
  if (cancelled || exited.reason === 'cancelled') return { ...exited, outcome: 'cancelled' };
  const isGood = passed ?? (exited.reason === 'exited' && exited.exit_code === 0);
  return { ...exited, outcome: isGood ? 'passed' : 'failed' };
}

function coverageIn(shares: Shares): { coverage?: Share } {
  const coverage = headlineOf(shares);
  return coverage === null ? {} : { coverage };
}

function seenIn({ total, by_kind, by_severity, not_observed, baseline }: FindingsParsedData) {
  return {
    findings: total,
    baseline: baseline?.findings ?? 0,
    warnings: by_severity['warn'] ?? 0,
    cves: by_kind['cve'] ?? 0,
    not_observed: not_observed?.slice(0, 200) ?? null,
  };
}
