import type { Database } from 'better-sqlite3';
import type { ResolvedManifest } from '../../events/jobs/agent-manifest.ts';
import type { BottleEgress, BottleEnd, BottleWork, DoneStatus } from '../../events/jobs/bottle.ts';
import type { EventData } from '../../events/registry.ts';
import type { CutoffPolicy } from '../../events/work/budget.ts';
import { docTable, type Projection } from '../define.ts';

export const bottleStatuses = ['requested', 'running', 'ended', 'destroyed'] as const;
type BottleStatus = (typeof bottleStatuses)[number];

/** A bottle as the API sends it. Digests name what is stored; times are ISO 8601 UTC. */
export type BottleDoc = {
  id: string;
  project: string;
  subproject: string | null;
  agent: string;
  status: BottleStatus;
  ended: BottleEnd | null;
  why: string | null;
  done: { status: DoneStatus; summary: string } | null;
  work: BottleWork;
  prompt: string;
  requested_by: string;
  job_id: string | null;
  runner: string | null;
  manifest: ResolvedManifest | null;
  manifest_digest: string | null;
  /** What it went on from, and what it left to go on from. */
  thawed: string | null;
  session: string | null;
  diff: { digest: string; files: number; bytes: number } | null;
  sha: string | null;
  /** Where it went by its gateway; null before its end. */
  egress: BottleEgress | null;
  /** What ended or limits it from outside; null for nothing. */
  stop: BottleStop | null;
  exit_code: number | null;
  turns: number | null;
  duration_ms: number | null;
  calls: number;
  refused: number;
  last_call: { words: string; at: string } | null;
  requested_at: string;
  started_at: string | null;
  ended_at: string | null;
  updated_at: string;
  seq: number;
};

/** `policy` null: it was to end, and what it left is kept. `by`: who asked; null for a budget and a circle. */
export type BottleStop = {
  policy: CutoffPolicy | null;
  why: EventData<'AgentCutOff'>['why'];
  detail: string;
  by: string | null;
  at: string;
};

/** One thing that an agent asked its sidecar for. */
export type BottleCall = { seq: number; at: string; method: string | null; words: string; refused: boolean };

const keptPrompt = 2_000;
const shownCalls = 500;

/** Bottles, newest last, and what their agents asked for. */
export const bottles: Projection = {
  name: 'bottles',
  version: 2,
  tables: { bottles: 'seq', bottle_calls: 'seq', bottle_jobs: 'job_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS bottles (
      seq INTEGER PRIMARY KEY, bottle_id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, owner TEXT NOT NULL, status TEXT NOT NULL,
      job_id TEXT, patch_id TEXT, thawed TEXT, session TEXT, diff TEXT, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS bottles_by_project ON bottles (project, seq);
    CREATE INDEX IF NOT EXISTS bottles_live ON bottles (seq) WHERE status IN ('requested', 'running');
    CREATE INDEX IF NOT EXISTS bottles_by_patch ON bottles (patch_id) WHERE patch_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS bottles_by_session ON bottles (session) WHERE session IS NOT NULL;
    CREATE TABLE IF NOT EXISTS bottle_jobs (job_id TEXT PRIMARY KEY, bottle_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bottle_calls (
      seq INTEGER PRIMARY KEY, bottle_id TEXT NOT NULL, at TEXT NOT NULL, method TEXT, words TEXT NOT NULL, refused INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS bottle_calls_of ON bottle_calls (bottle_id, seq);`,
  open: (db) => {
    const owners = new Map<string, string>();
    const findOwner = db.prepare<[string], string>('SELECT owner FROM bottles WHERE bottle_id = ?').pluck();
    const addCall = db.prepare('INSERT OR IGNORE INTO bottle_calls VALUES (?, ?, ?, ?, ?, ?)');
    const addJob = db.prepare('INSERT OR IGNORE INTO bottle_jobs VALUES (?, ?)');
    const handOver = db.prepare('UPDATE bottles SET owner = ? WHERE project = ?');
    const without = ['bottle_calls', 'bottle_jobs'].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE bottle_id IN (SELECT bottle_id FROM bottles WHERE project = ?)`),
    );
    const docs = docTable<BottleDoc>(db, {
      table: 'bottles',
      key: 'bottle_id',
      columns: ['seq', 'project', 'owner', 'status', 'job_id', 'patch_id', 'thawed', 'session', 'diff'],
      values: (doc) => [
        ...[doc.seq, doc.project, owners.get(doc.id) ?? findOwner.get(doc.id) ?? '', doc.status, doc.job_id],
        ...[doc.work.patch_id ?? null, doc.thawed, doc.session, doc.diff?.digest ?? null],
      ],
      changing: ['status', 'job_id', 'session', 'diff'],
    });
    const change = (id: string, time: string, next: (doc: BottleDoc) => Partial<BottleDoc>) => {
      const doc = docs.get(id);
      if (doc) docs.set(id, { ...doc, ...next(doc), updated_at: time });
    };
    /** The first word counts; but what ends a bottle stands above what only refuses its requests. */
    const stop = (
      {
        bottle_id,
        why,
        detail,
        by = null,
      }: Pick<BottleStop, 'why' | 'detail'> & { bottle_id: string; by?: string | null },
      policy: BottleStop['policy'],
      at: string,
    ) =>
      change(bottle_id, at, (doc) =>
        doc.stop === null || doc.stop.policy === 'cutoff' ? { stop: { policy, why, detail, by, at } } : {},
      );
    return {
      flush: () => {
        docs.flush();
        owners.clear();
      },
      on: {
        AgentRunRequested: ({ data, seq, time }) => {
          if (docs.get(data.bottle_id)) return;
          owners.set(data.bottle_id, data.owner);
          const { project, subproject, agent, work, requested_by, session } = data;
          docs.set(data.bottle_id, {
            ...{
              id: data.bottle_id,
              project,
              subproject,
              agent,
              status: 'requested',
              ended: null,
              why: null,
              done: null,
            },
            ...{ work, prompt: data.prompt.slice(0, keptPrompt), requested_by, job_id: null, runner: null },
            ...{ manifest: null, manifest_digest: null, thawed: session, session: null, diff: null, sha: null },
            ...{ egress: null, stop: null },
            ...{ exit_code: null, turns: null, duration_ms: null, calls: 0, refused: 0, last_call: null },
            ...{ requested_at: time, started_at: null, ended_at: null, updated_at: time, seq },
          });
        },
        JobEnqueued: ({ data, time }) => {
          if (!data.bottle) return;
          addJob.run(data.job_id, data.bottle.bottle_id);
          change(data.bottle.bottle_id, time, () => ({ job_id: data.job_id }));
        },
        AgentRunStarted: ({ data, time }) =>
          change(data.bottle_id, time, ({ started_at }) => {
            const { job_id, runner, manifest, manifest_digest } = data;
            return { status: 'running', job_id, runner, manifest, manifest_digest, started_at: started_at ?? time };
          }),
        BottleCalled: ({ data, seq, time }) => {
          addCall.run(seq, data.bottle_id, time, data.method, data.words, Number(data.refused));
          change(data.bottle_id, time, ({ calls, refused }) => ({
            ...{
              calls: calls + 1,
              refused: refused + Number(data.refused),
              last_call: { words: data.words, at: time },
            },
          }));
        },
        AgentRunDone: ({ data: { bottle_id, status, summary }, time }) =>
          change(bottle_id, time, () => ({ done: { status, summary } })),
        AgentRunEnded: ({ data, time }) =>
          change(data.bottle_id, time, (doc) => {
            const { ended, why, session, diff, sha, exit_code, turns, duration_ms, egress = null } = data;
            return {
              ...{ status: 'ended', ended, why, session, diff, sha, egress },
              ...{ exit_code, turns, duration_ms, ended_at: doc.ended_at ?? time },
            };
          }),
        AgentCutOff: ({ data, time }) => stop(data, 'cutoff', time),
        AgentFrozen: ({ data, time }) => stop(data, 'freeze', time),
        AgentKilled: ({ data, time }) => stop(data, 'kill', time),
        AgentRunStopRequested: ({ data: { bottle_id, by, reason }, time }) =>
          stop({ bottle_id, why: 'asked', detail: reason, by }, null, time),
        BottleDestroyed: ({ data, time }) =>
          change(data.bottle_id, time, () => ({ status: 'destroyed', session: null })),
        ProjectHandedOver: ({ data: { name, to } }) => {
          docs.flush();
          owners.clear();
          handOver.run(to, name);
        },
        ProjectRemoved: ({ data }) => {
          docs.flush();
          for (const one of without) one.run(data.name);
          docs.deleteWhere('project', data.name);
        },
      },
    };
  },
};

type BottleFilter = {
  /** Null: any. */
  readonly owner: string | null;
  readonly among: readonly string[] | null;
  readonly project: string | null;
  readonly status: BottleStatus | null;
  /** Whether only those that wait or work are wanted. */
  readonly live: boolean;
  readonly before: number;
  readonly limit: number;
};

/** Finds bottles; pages hold documents as ready JSON text, newest first. */
export function bottleQueries(db: Database) {
  const one = db.prepare<[string], { owner: string; doc: string }>(
    'SELECT owner, doc FROM bottles WHERE bottle_id = ?',
  );
  const job = db.prepare<[string], string>('SELECT bottle_id FROM bottle_jobs WHERE job_id = ?').pluck();
  const ofPatch = db.prepare<[string], string>('SELECT bottle_id FROM bottles WHERE patch_id = ? ORDER BY seq').pluck();
  const bySession = db
    .prepare<[string], string>('SELECT bottle_id FROM bottles WHERE session = ? ORDER BY seq')
    .pluck();
  const needed = db
    .prepare<[string, string], number>(
      "SELECT 1 FROM bottles WHERE status <> 'destroyed' AND (session = ? OR diff = ?) LIMIT 1",
    )
    .pluck();
  const calls = db.prepare<[string, number], Omit<BottleCall, 'refused'> & { refused: number }>(
    'SELECT seq, at, method, words, refused FROM bottle_calls WHERE bottle_id = ? ORDER BY seq DESC LIMIT ?',
  );
  const page = db.prepare<Record<string, unknown>, { seq: number; owner: string; doc: string }>(
    `SELECT seq, owner, doc FROM bottles WHERE seq < @before AND (@owner IS NULL OR owner = @owner)
     AND (@project IS NULL OR project = @project) AND (@status IS NULL OR status = @status)
     AND (@live = 0 OR status IN ('requested', 'running'))
     AND (@among IS NULL OR project IN (SELECT value FROM json_each(@among))) ORDER BY seq DESC LIMIT @limit`,
  );
  const find = (id: string) => {
    const row = one.get(id);
    return row ? { owner: row.owner, doc: JSON.parse(row.doc) as BottleDoc } : undefined;
  };
  return {
    find,
    /** Whether a job is that of a bottle. */
    isJob: (jobId: string) => job.get(jobId) !== undefined,
    /** The bottles that worked for a turn of an attempt. */
    ofPatch: (patchId: string) => ofPatch.all(patchId),
    /** Whether a bottle of this project left this frozen state, and is not destroyed. */
    isOf: (project: string, session: string) => bySession.all(session).some((id) => find(id)?.doc.project === project),
    /** A bottle and all those from which it went on, the newest first. */
    lineOf: (id: string): string[] => {
      const line: string[] = [];
      for (let at: string | undefined = id; at !== undefined && !line.includes(at) && line.length < 1000; ) {
        line.push(at);
        const thawed: string | null = find(at)?.doc.thawed ?? null;
        at = thawed === null ? undefined : bySession.all(thawed)[0];
      }
      return line;
    },
    /** Whether something stored belongs to a bottle that is not destroyed. */
    isNeeded: (digest: string) => needed.get(digest, digest) !== undefined,
    /** The last calls of a bottle, oldest first. */
    calls: (id: string, limit = shownCalls): BottleCall[] =>
      calls
        .all(id, limit)
        .map((call) => ({ ...call, refused: call.refused === 1 }))
        .reverse(),
    page: ({ among, live, ...filter }: BottleFilter) =>
      page.all({ ...filter, live: Number(live), among: among === null ? null : JSON.stringify(among) }),
  };
}
