import type { Database } from 'better-sqlite3';
import type { FindingsParsedData, JobEnqueuedData } from '../events/job.ts';
import type { ProjectDocument } from '../events/project.ts';
import type { Recorded } from '../events/registry.ts';
import type { Handlers, Projection } from './define.ts';
import { findingHandlers, patchHandlers } from './digest-change-rows.ts';
import { digestMailHandlers } from './digest-mail-rows.ts';

/**
 * What digests are made of. Rows that a digest shows are written once and never changed, so that a window of the log gives
 * the same digest for ever; `digest_runs` and `digest_findings.open` alone change, and are shown by none.
 */
export const digests: Projection = {
  name: 'digests',
  version: 1,
  tables: {
    digest_changes: 'run_seq, opens, rank, seq',
    digest_due: 'id',
    digest_findings: 'id',
    digest_hushed: 'seq',
    digest_jobs: 'seq',
    digest_mails: 'id',
    digest_overdue: 'date',
    digest_patches: 'seq',
    digest_removed: 'project',
    digest_runs: 'run_seq',
    digest_settings: 'seq',
    digest_slots: 'seq',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS digest_runs (
      run_seq INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, doc TEXT NOT NULL,
      cancelled INTEGER NOT NULL DEFAULT 0, exited TEXT, parsed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS digest_runs_of ON digest_runs (project);
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

/** The tables that hold what belongs to a project; `digest_changes` hangs on its runs. */
const owned = [
  'digest_runs',
  'digest_jobs',
  'digest_findings',
  'digest_hushed',
  'digest_patches',
  'digest_slots',
  'digest_settings',
];

function openDigests(db: Database) {
  const addSettings = db.prepare('INSERT INTO digest_settings VALUES (?, ?, ?)');
  const addSlot = db.prepare('INSERT INTO digest_slots VALUES (?, ?, ?, ?, ?)');
  const settings = ({ seq, time, data }: { seq: number; time: string; data: ProjectDocument }) => {
    const { notify, schedule, enabled } = data;
    const doc = { time, on: notify.on, email_count: notify.email_count, schedule, enabled };
    addSettings.run(seq, data.name, JSON.stringify(doc));
  };
  return {
    flush: () => {},
    on: {
      ...runHandlers(db),
      ...findingHandlers(db),
      ...patchHandlers(db),
      ...digestMailHandlers(db),
      ProjectRegistered: settings,
      ProjectUpdated: settings,
      ScheduleFired: ({ seq, data: { project, recipe, slot, missed } }: Recorded<'ScheduleFired'>) => {
        addSlot.run(seq, project, recipe, slot, missed);
      },
      ProjectRemoved: ({ seq, data: { name } }: Recorded<'ProjectRemoved'>) => {
        db.prepare(
          'DELETE FROM digest_changes WHERE run_seq IN (SELECT run_seq FROM digest_runs WHERE project = ?)',
        ).run(name);
        for (const table of owned) db.prepare(`DELETE FROM ${table} WHERE project = ?`).run(name);
        db.prepare('INSERT OR REPLACE INTO digest_removed VALUES (?, ?)').run(name, seq);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

type Run = { run_seq: number; doc: string; cancelled: number; exited: string | null; parsed: number };

function runHandlers(db: Database): Handlers {
  const add = db.prepare('INSERT OR IGNORE INTO digest_runs (run_seq, job_id, project, doc) VALUES (?, ?, ?, ?)');
  const cancel = db.prepare('UPDATE digest_runs SET cancelled = 1 WHERE job_id = ? AND exited IS NULL');
  const exit = db.prepare('UPDATE digest_runs SET exited = ? WHERE job_id = ?');
  const find = db.prepare<[string], Run>(
    'SELECT run_seq, doc, cancelled, exited, parsed FROM digest_runs WHERE job_id = ?',
  );
  const parsed = db.prepare('UPDATE digest_runs SET parsed = ? WHERE run_seq = ?');
  const tally = db
    .prepare<[number, number, number], number[]>(
      'SELECT opens, rank, count(*) FROM digest_changes WHERE run_seq = ? AND seq > ? AND seq < ? GROUP BY opens, rank',
    )
    .raw();
  const keep = db.prepare('INSERT INTO digest_jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  return {
    JobEnqueued: ({ seq, data }) => {
      if (data.purpose === 'verify' || data.purpose === 'draft') return;
      add.run(seq, data.job_id, data.project, JSON.stringify(runOf(data)));
    },
    JobCancelRequested: ({ data }) => {
      cancel.run(data.job_id);
    },
    RecipeExited: ({ data: { job_id, reason, exit_code, duration_ms } }) => {
      exit.run(JSON.stringify({ reason, exit_code, duration_ms }), job_id);
    },
    FindingsParsed: ({ seq, time, data }) => {
      const run = find.get(data.job_id);
      if (!run) return;
      const { subproject, recipe, ...where } = JSON.parse(run.doc) as ReturnType<typeof runOf>;
      const exited = JSON.parse(run.exited ?? '{"reason":"exited","exit_code":null,"duration_ms":0}') as Exited;
      const doc = {
        job_id: data.job_id,
        ...where,
        ...outcomeOf(exited, run.cancelled === 1),
        ...seenIn(data),
        tally: tally.all(run.run_seq, run.parsed, seq),
      };
      keep.run(seq, run.run_seq, run.parsed, data.project, subproject, recipe, time, JSON.stringify(doc));
      parsed.run(seq, run.run_seq);
    },
  };
}

type Exited = { reason: string; exit_code: number | null; duration_ms: number };

function runOf({ subproject, recipe, branch, snapshot }: JobEnqueuedData) {
  return { subproject, recipe, branch, on_default: branch === snapshot.default_branch ? 1 : 0 };
}

/** As the jobs are judged everywhere: a cancel that was asked for before the end always wins. */
function outcomeOf(exited: Exited, cancelled: boolean) {
  if (cancelled || exited.reason === 'cancelled') return { ...exited, outcome: 'cancelled' };
  return { ...exited, outcome: exited.reason === 'exited' && exited.exit_code === 0 ? 'passed' : 'failed' };
}

function seenIn({ total, by_kind, by_severity, not_observed }: FindingsParsedData) {
  return {
    findings: total,
    warnings: by_severity['warn'] ?? 0,
    cves: by_kind['cve'] ?? 0,
    not_observed: not_observed?.slice(0, 200) ?? null,
  };
}
