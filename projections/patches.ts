import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { proofStages } from '../events/job.ts';
import type { PatchCost, PatchFailure } from '../events/patch.ts';
import { docTable, type Projection } from './define.ts';
import { newPatch, type PatchDoc, type PatchStatus } from './patch-document.ts';

/** Attempts of the patch loop, newest last, and whose turn it is. */
export const patches: Projection = {
  name: 'patches',
  version: 4,
  tables: {
    patches: 'seq',
    patch_members: 'identity, patch_id',
    patch_diffs: 'patch_id',
    patch_drafts: 'patch_id, turn, base_sha',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS patches (
      seq INTEGER PRIMARY KEY, patch_id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, owner TEXT NOT NULL, status TEXT NOT NULL,
      open INTEGER NOT NULL, repository TEXT, pr_number INTEGER, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS patches_by_project ON patches (project, seq);
    CREATE INDEX IF NOT EXISTS patches_by_owner ON patches (owner, seq);
    CREATE INDEX IF NOT EXISTS patches_open ON patches (project, seq) WHERE open = 1;
    CREATE INDEX IF NOT EXISTS patches_by_pull ON patches (repository, pr_number) WHERE pr_number IS NOT NULL;
    CREATE TABLE IF NOT EXISTS patch_members (
      identity TEXT NOT NULL, patch_id TEXT NOT NULL, PRIMARY KEY (identity, patch_id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS patch_members_of ON patch_members (patch_id);
    CREATE TABLE IF NOT EXISTS patch_diffs (patch_id TEXT PRIMARY KEY, diff TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS patch_drafts (
      patch_id TEXT NOT NULL, turn INTEGER NOT NULL, base_sha TEXT NOT NULL, project TEXT NOT NULL, digest TEXT NOT NULL, reason TEXT,
      PRIMARY KEY (patch_id, turn, base_sha)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS patching (seq INTEGER PRIMARY KEY, by TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS patch_drafts_by_digest ON patch_drafts (project, base_sha, digest);`,
  open: openPatches,
};

/** Tries before a draft end in it; only what was drafted can fail later. Of two words about one try the first counts. */
const laterSteps = new Set(['verify', 'push', 'forge']);

/** What tells drafts apart: a draft that was judged on a commit is not judged there again. */
export function digestOf(diff: string): string {
  return createHash('sha256').update(diff).digest('hex');
}

/** Jobs on the draft itself; of the others one makes it, and one looks at the base commit. */
const ofDraft = new Set<string>(proofStages.filter((stage) => stage !== 'base'));

function openPatches(db: Database) {
  const owners = new Map<string, string>();
  const handOver = db.prepare('UPDATE patches SET owner = ? WHERE project = ?');
  const findOwner = db.prepare<[string], string>('SELECT owner FROM patches WHERE patch_id = ?').pluck();
  const member = db.prepare('INSERT OR IGNORE INTO patch_members VALUES (?, ?)');
  const withoutMembers = db.prepare(
    'DELETE FROM patch_members WHERE patch_id IN (SELECT patch_id FROM patches WHERE project = ?)',
  );
  const keepDiff = db.prepare('INSERT OR REPLACE INTO patch_diffs VALUES (?, ?)');
  const pause = db.prepare('INSERT INTO patching VALUES (?, ?, ?, ?)');
  const lift = db.prepare('DELETE FROM patching');
  const keepDraft = db.prepare('INSERT OR REPLACE INTO patch_drafts VALUES (?, ?, ?, ?, ?, NULL)');
  const sayOfDraft = db.prepare('UPDATE patch_drafts SET reason = ? WHERE patch_id = ? AND turn = ? AND base_sha = ?');
  const withoutDrafts = db.prepare('DELETE FROM patch_drafts WHERE project = ?');
  const withoutDiffs = db.prepare(
    'DELETE FROM patch_diffs WHERE patch_id IN (SELECT patch_id FROM patches WHERE project = ?)',
  );
  const waitingFor = db
    .prepare<[string], string>(
      "SELECT p.patch_id FROM patch_members m JOIN patches p USING (patch_id) WHERE m.identity = ? AND p.open = 1 AND p.status = 'pushed'",
    )
    .pluck();
  const docs = docTable<PatchDoc>(db, {
    table: 'patches',
    key: 'patch_id',
    columns: ['seq', 'project', 'owner', 'status', 'open', 'repository', 'pr_number'],
    values: (doc) => [
      doc.seqs.requested,
      doc.project,
      owners.get(doc.id) ?? findOwner.get(doc.id) ?? '',
      doc.status,
      doc.open ? 1 : 0,
      doc.repository,
      doc.pr_number,
    ],
    changing: ['status', 'open', 'pr_number'],
  });
  type At = { readonly data: { readonly patch_id: string }; readonly time: string };
  const change = ({ data, time }: At, next: (doc: PatchDoc) => PatchDoc) => {
    const doc = docs.get(data.patch_id);
    if (!doc) return;
    const changed = next(doc);
    if (changed !== doc) docs.set(doc.id, { ...changed, updated_at: time });
  };
  const end =
    (status: PatchStatus) =>
    (event: At & { readonly data: { readonly failure: PatchFailure; readonly cost?: PatchCost } }) =>
      change(event, (last) => {
        const { failure, cost } = event.data;
        const doc = cost ? { ...last, cost } : last;
        // A pull request that could not be renewed stays as it is.
        if (doc.pr_number !== null) return { ...doc, status: doc.open ? 'pr_opened' : doc.status, failure };
        return { ...doc, status, failure, open: false, ended_at: event.time };
      });
  return {
    flush: () => {
      docs.flush();
      owners.clear();
    },
    on: {
      PatchRequested: ({ data, seq, time }) => {
        owners.set(data.patch_id, data.owner);
        docs.set(data.patch_id, newPatch(data, seq, time));
        for (const { identity } of data.members) member.run(identity, data.patch_id);
      },
      PatchRefreshRequested: (event) =>
        change(event, (doc) => {
          if (!doc.open) return doc;
          const { job_id, base, members } = event.data;
          return {
            ...doc,
            job_id,
            base,
            members,
            refreshed: true,
            status: 'requested',
            turn: 0,
            sent_back: [],
            failure: null,
            seqs: { ...doc.seqs, refreshed: event.seq },
          };
        }),
      PatchSessionOpened: (event) =>
        change(event, (doc) => {
          const { session_id, adapter, model } = event.data;
          return { ...doc, sessions: [...doc.sessions, { session_id, adapter, model, closed: false }] };
        }),
      PatchSessionClosed: (event) =>
        change(event, (doc) => {
          const close = (one: PatchDoc['sessions'][number]) =>
            one.session_id === event.data.session_id ? { ...one, closed: true } : one;
          return { ...doc, sessions: doc.sessions.map(close) };
        }),
      PatchTurnStarted: (event) =>
        change(event, (doc) => ({
          ...doc,
          agent_turns: doc.agent_turns + 1,
          seqs: { ...doc.seqs, turn: event.seq },
        })),
      PatchSentBack: (event) =>
        change(event, (doc) => {
          const { turn, method, step, reason, detail, duration_ms, cost = null } = event.data;
          const seqs = { ...doc.seqs, sent_back: event.seq };
          sayOfDraft.run(reason, doc.id, turn, doc.base.sha);
          const late = laterSteps.has(step) || doc.turn < turn;
          if (!doc.open || !late || doc.sent_back.some((one) => one.turn === turn)) return { ...doc, seqs };
          return {
            ...doc,
            seqs,
            turn,
            status: 'requested',
            sent_back: [...doc.sent_back, { turn, method, step, reason, detail, duration_ms, cost }],
          };
        }),
      PatchDrafted: (event) =>
        change(event, (doc) => {
          const { diff, method, turn, files, targets, explanation, confidence, cost } = event.data;
          const seqs = { ...doc.seqs, drafted: event.seq };
          if (!doc.open || doc.turn >= turn) return { ...doc, seqs };
          keepDiff.run(doc.id, diff);
          keepDraft.run(doc.id, turn, doc.base.sha, doc.project, digestOf(diff));
          return {
            ...doc,
            seqs,
            status: 'drafted',
            turn,
            method,
            files,
            targets,
            explanation,
            confidence,
            cost,
            drafted_at: event.time,
          };
        }),
      JobEnqueued: ({ data: { patch, job_id }, time }) => {
        if (patch === undefined) return;
        change({ data: patch, time }, (doc) => ({
          ...doc,
          status: patch.stage === 'draft' || !doc.open ? doc.status : 'verifying',
          verify_jobs: ofDraft.has(patch.stage) ? [...doc.verify_jobs, job_id] : doc.verify_jobs,
        }));
      },
      PatchVerified: (event) =>
        change(event, (doc) => ({
          ...doc,
          evidence: event.data.evidence,
          verified_at: event.time,
          seqs: { ...doc.seqs, verified: event.seq },
        })),
      PatchDeclined: end('declined'),
      PatchRefused: end('refused'),
      PatchApplyFailed: end('apply_failed'),
      PatchAbandoned: end('abandoned'),
      PatchStopped: end('stopped'),
      PatchingPaused: ({ data: { by, reason }, seq, time }) => {
        lift.run();
        pause.run(seq, by, reason, time);
      },
      PatchingResumed: () => void lift.run(),
      PatchVerifyFailed: (event) => {
        change(event, (doc) => {
          sayOfDraft.run(event.data.failure.reason, doc.id, doc.turn, doc.base.sha);
          return { ...doc, evidence: event.data.evidence ?? doc.evidence };
        });
        end('verify_failed')(event);
      },
      BranchPushed: (event) =>
        change(event, (doc) => ({
          ...doc,
          status: !doc.open ? doc.status : doc.pr_number === null ? 'pushed' : 'pr_opened',
          commit: event.data.commit,
          pushed_at: event.time,
          seqs: { ...doc.seqs, pushed: event.seq },
        })),
      BranchTakenOver: (event) => change(event, (doc) => ({ ...doc, taken_over: event.data.commit })),
      PrOpened: (event) => change(event, (doc) => shown(doc, event)),
      PrUpdated: (event) => change(event, (doc) => (doc.open ? shown({ ...doc, conflicted: false }, event) : doc)),
      PrCommented: (event) => change(event, (doc) => ({ ...doc, comments: event.data.comments })),
      PrConflicted: (event) => change(event, (doc) => ({ ...doc, conflicted: true })),
      PrMerged: (event) =>
        change(event, (doc) => ({
          ...doc,
          status: 'merged',
          open: false,
          ended_at: event.time,
          seqs: { ...doc.seqs, pr: event.seq },
        })),
      PrClosed: (event) =>
        change(event, (doc) => ({
          ...doc,
          status: 'closed',
          open: false,
          ended_at: event.time,
          seqs: { ...doc.seqs, pr: event.seq },
        })),
      PatchReconsidered: (event) =>
        change(event, (doc) => {
          const { by, reason } = event.data;
          return { ...doc, reconsidered: { by, reason, at: event.time, seq: event.seq } };
        }),
      // A branch without a pull request has done its work when its finding is gone.
      FindingResolved: ({ data, time }) => {
        docs.flush();
        for (const id of waitingFor.all(data.identity))
          change({ data: { patch_id: id }, time }, (doc) =>
            doc.forge === 'none' ? { ...doc, open: false, ended_at: time } : doc,
          );
      },
      ProjectHandedOver: ({ data: { name, to } }) => {
        docs.flush();
        owners.clear();
        handOver.run(to, name);
      },
      ProjectRemoved: ({ data }) => {
        docs.flush();
        withoutMembers.run(data.name);
        withoutDiffs.run(data.name);
        withoutDrafts.run(data.name);
        docs.deleteWhere('project', data.name);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

type Shown = {
  readonly seq: number;
  readonly time: string;
  readonly data: { number: number; url: string; title: string };
};

function shown(doc: PatchDoc, { data, seq, time }: Shown): PatchDoc {
  const { number, url, title } = data;
  const pull = { pr_number: number, pr_url: url, title, pr_opened_at: doc.pr_opened_at ?? time };
  return { ...doc, ...pull, status: 'pr_opened', open: true, ended_at: null, seqs: { ...doc.seqs, pr: seq } };
}
