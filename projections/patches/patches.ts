import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Recorded } from '../../events/registry.ts';
import { docTable, type Handlers, type Projection } from '../define.ts';
import { attemptChanges, isNewDraft } from './attempt-changes.ts';
import { newPatch, type PatchDoc } from './patch-document.ts';

/** Attempts of the patch loop, newest last, and whose turn it is. */
export const patches: Projection = {
  name: 'patches',
  version: 9,
  tables: {
    patches: 'seq',
    patch_members: 'identity, patch_id',
    patch_diffs: 'patch_id',
    patch_drafts: 'patch_id, turn, base_sha',
    patching: 'seq',
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

/** What tells drafts apart: a draft that was judged on a commit is not judged there again. */
export function digestOf(diff: string): string {
  return createHash('sha256').update(diff).digest('hex');
}

/** Long: a reducer, one step an event. */
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
  /** What the table of changes says, once what is kept beside the attempt is kept. */
  const steps = Object.fromEntries(
    Object.entries(attemptChanges).map(([name, next]) => [
      name,
      (event: Recorded & At) =>
        change(event, (doc) => (next as (doc: PatchDoc, event: Recorded) => PatchDoc)(doc, event)),
    ]),
  ) as Handlers;
  return {
    flush: () => {
      docs.flush();
      owners.clear();
    },
    on: {
      ...steps,
      PatchRequested: ({ data, seq, time }) => {
        owners.set(data.patch_id, data.owner);
        docs.set(data.patch_id, newPatch(data, seq, time));
        for (const { identity } of data.members) member.run(identity, data.patch_id);
      },
      PatchSentBack: (event) => {
        const { patch_id, turn, reason } = event.data;
        sayOfDraft.run(reason, patch_id, turn, docs.get(patch_id)?.base.sha ?? '');
        steps.PatchSentBack?.(event);
      },
      PatchDrafted: (event) => {
        const { patch_id, turn, diff } = event.data;
        const doc = docs.get(patch_id);
        if (doc && isNewDraft(doc, event.data)) {
          keepDiff.run(patch_id, diff);
          keepDraft.run(patch_id, turn, doc.base.sha, doc.project, digestOf(diff));
        }
        steps.PatchDrafted?.(event);
      },
      PatchVerifyFailed: (event) => {
        const { patch_id, failure } = event.data;
        const doc = docs.get(patch_id);
        if (doc) sayOfDraft.run(failure.reason, patch_id, doc.turn, doc.base.sha);
        steps.PatchVerifyFailed?.(event);
      },
      PatchApprovalDeclined: (event) => {
        const { patch_id, failure } = event.data;
        const doc = docs.get(patch_id);
        if (doc) sayOfDraft.run(failure.reason, patch_id, doc.turn, doc.base.sha);
        steps.PatchApprovalDeclined?.(event);
      },
      JobEnqueued: (event) => {
        const { patch } = event.data;
        if (patch) change({ data: patch, time: event.time }, (doc) => attemptChanges.JobEnqueued(doc, event));
      },
      PatchingPaused: ({ data: { by, reason }, seq, time }) => {
        lift.run();
        pause.run(seq, by, reason, time);
      },
      PatchingResumed: () => void lift.run(),
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
