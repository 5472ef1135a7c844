import type { Database } from 'better-sqlite3';
import type { PatchDoc, PatchStatus } from './patch-document.ts';

type PatchFilter = {
  /** Null: any. */
  readonly owner: string | null;
  /** Only of these projects; null or missing: of all. */
  readonly among?: readonly string[] | null;
  readonly project: string | null;
  readonly status: PatchStatus | null;
  /** Only attempts requested before this sequence. */
  readonly before: number;
  readonly limit: number;
};

/** What an identity has been through: attempts of the loop itself since it was last reconsidered, and whether people closed one. */
type PatchStanding = {
  readonly attempts: number;
  readonly active: PatchDoc | null;
  readonly refused: PatchDoc | null;
  /** The newest attempt since then, and the newest that people have merged. */
  readonly latest: PatchDoc | null;
  readonly merged: PatchDoc | null;
  /** Attempts in all, which number the next one. */
  readonly ever: number;
};

type PatchingPause = { readonly by: string; readonly reason: string; readonly at: string };

/** People have said no to it: to its pull request, or before there was one. */
const isRefused = ({ status, failure }: PatchDoc) => status === 'closed' || failure?.reason === 'not_approved';

/** What others brought says nothing of what the loop may still try by itself. */
const isOwn = ({ methods }: PatchDoc) => !methods.includes('given');

const parsed = (doc: string) => JSON.parse(doc) as PatchDoc;

/**
 * Finds attempts; pages hold documents as ready JSON text, newest first, without their diffs.
 * Long: a list of questions, each a statement that is prepared once.
 */
export function patchQueries(db: Database) {
  const one = db.prepare<[string], { owner: string; doc: string }>('SELECT owner, doc FROM patches WHERE patch_id = ?');
  const paused = db.prepare<[], PatchingPause>('SELECT by, reason, at FROM patching');
  const allOpen = db.prepare<[], string>('SELECT doc FROM patches WHERE open = 1 ORDER BY seq').pluck();
  const judged = db.prepare<[string, string, string], { patch_id: string; turn: number; reason: string }>(
    `SELECT patch_id, turn, reason FROM patch_drafts
     WHERE project = ? AND (base_sha = ? OR reason = 'not_approved') AND digest = ? AND reason IS NOT NULL LIMIT 20`,
  );
  const diff = db.prepare<[string], string>('SELECT diff FROM patch_diffs WHERE patch_id = ?').pluck();
  const ofIdentity = db
    .prepare<[string], string>(
      'SELECT p.doc FROM patch_members m JOIN patches p USING (patch_id) WHERE m.identity = ? ORDER BY p.seq',
    )
    .pluck();
  const numbered = db
    .prepare<[string, string], number>('SELECT count(*) FROM patches WHERE patch_id > ? AND patch_id < ?')
    .pluck();
  const openOf = db
    .prepare<[string], string>('SELECT doc FROM patches WHERE project = ? AND open = 1 ORDER BY seq')
    .pluck();
  const ofPull = db
    .prepare<[string, number], string>(
      'SELECT doc FROM patches WHERE repository = ? COLLATE NOCASE AND pr_number = ? ORDER BY seq',
    )
    .pluck();
  const ofBranch = db
    .prepare<[string, string], string>(
      "SELECT doc FROM patches WHERE project = ? AND doc ->> 'branch' = ? ORDER BY seq",
    )
    .pluck();
  const openPulls = db
    .prepare<[], string>('SELECT doc FROM patches WHERE open = 1 AND pr_number IS NOT NULL ORDER BY seq')
    .pluck();
  const closedSince = db
    .prepare<[string], string>(
      "SELECT doc FROM patches WHERE open = 0 AND status = 'closed' AND doc ->> 'ended_at' >= ? ORDER BY seq DESC LIMIT 50",
    )
    .pluck();
  const closedBetween = db
    .prepare<[string, string], string>(
      `SELECT doc FROM patches WHERE open = 0 AND status = 'closed' AND doc ->> 'branch_removed' = 0
       AND doc ->> 'ended_at' >= ? AND doc ->> 'ended_at' < ? ORDER BY seq LIMIT 50`,
    )
    .pluck();
  const idsOfIdentity = db
    .prepare<[string, number], string>(
      'SELECT patch_id FROM patch_members JOIN patches USING (patch_id) WHERE identity = ? ORDER BY seq DESC LIMIT ?',
    )
    .pluck();
  const idsOfJob = db
    .prepare<[string, string, number], string>(
      "SELECT patch_id FROM patches WHERE project = ? AND doc ->> 'job_id' = ? ORDER BY seq DESC LIMIT ?",
    )
    .pluck();
  const idsOfProject = db
    .prepare<[string, number], string>('SELECT patch_id FROM patches WHERE project = ? ORDER BY seq DESC LIMIT ?')
    .pluck();
  return {
    /** The ids of attempts at a finding, of those that a run gave rise to, and of a whole project; newest first. */
    idsOf: {
      identity: (identity: string, most: number) => idsOfIdentity.all(identity, most),
      job: (project: string, jobId: string, most: number) => idsOfJob.all(project, jobId, most),
      project: (project: string, most: number) => idsOfProject.all(project, most),
    },
    find: (id: string) => {
      const found = one.get(id);
      return found && { owner: found.owner, doc: parsed(found.doc) };
    },
    /** Who has paused the patch loop of the farm; null when it runs. */
    paused: () => paused.get() ?? null,
    /** The attempts of all projects that still count, oldest first. */
    allOpen: () => allOpen.all().map(parsed),
    /** Drafts of these very bytes that came to nothing on a commit, or that a person declined on any, and why. */
    judgedDrafts: (project: string, sha: string, digest: string) => judged.all(project, sha, digest),
    diff: (id: string) => diff.get(id) ?? null,
    /** The attempts of a project that still count, oldest first. */
    openOf: (project: string) => openOf.all(project).map(parsed),
    ofPull: (repository: string, number: number) => ofPull.all(repository, number).map(parsed),
    ofBranch: (project: string, branch: string) => ofBranch.all(project, branch).map(parsed),
    openPulls: () => openPulls.all().map(parsed),
    /** Those that people have refused since an instant: they may open them again. */
    closedSince: (time: string) => closedSince.all(time).map(parsed),
    /** Those that people refused between two instants and whose branch is still there. */
    closedBetween: (from: string, to: string) => closedBetween.all(from, to).map(parsed),
    numberedOf: (findingId: number) => numbered.get(`${findingId}-`, `${findingId}.`) ?? 0,
    standing: (identity: string): PatchStanding => {
      const docs = ofIdentity.all(identity).map(parsed);
      const lifted = Math.max(0, ...docs.map(({ reconsidered }) => reconsidered?.seq ?? 0));
      const since = docs.filter(({ seqs }) => seqs.requested > lifted);
      return {
        attempts: since.filter(isOwn).length,
        active: docs.find(({ open }) => open) ?? null,
        refused: since.find(isRefused) ?? null,
        latest: since.findLast(isOwn) ?? null,
        merged: since.findLast(({ status }) => status === 'merged') ?? null,
        ever: docs.length,
      };
    },
    page: ({ owner, among, project, status, before, limit }: PatchFilter) => {
      const conditions: [string, string | null][] = [
        ['owner = ?', owner],
        ['project IN (SELECT value FROM json_each(?))', among ? JSON.stringify(among) : null],
        ['project = ?', project],
        ['status = ?', status],
      ];
      const asked = conditions.filter((condition): condition is [string, string] => condition[1] !== null);
      const where = [...asked.map(([sql]) => sql), 'seq < ?'].join(' AND ');
      return db
        .prepare<(string | number)[], { seq: number; doc: string }>(
          `SELECT seq, doc FROM patches WHERE ${where} ORDER BY seq DESC LIMIT ?`,
        )
        .all(...asked.map(([, value]) => value), before, limit);
    },
  };
}
