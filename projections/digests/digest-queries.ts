import type { Database } from 'better-sqlite3';
import {
  cveRanks,
  type DigestDueDoc,
  type DigestFinding,
  type DigestJob,
  type DigestMailDoc,
  type DigestPatch,
  type DigestSettings,
  type DigestSlot,
  type DigestTally,
} from './digest-rows.ts';

/** Everything after `from_seq`, up to and with `to_seq`. */
type Window = { readonly from_seq: number; readonly to_seq: number };

/** Which findings are wanted: those of some recipes, and known vulnerabilities of any. */
export type Topics = { readonly recipes: readonly string[]; readonly cves: boolean };

/** What changed of the findings of a project within a window, first and last state compared. */
export type ChangedFindings = {
  readonly tallies: readonly DigestTally[];
  /** The most urgent ones, at most as many as asked for. */
  readonly opened: readonly DigestFinding[];
  readonly closed: readonly DigestFinding[];
};

/** Runs of a recipe of a subproject on the default branch, oldest first. */
export type PastRun = {
  readonly seq: number;
  readonly findings: number;
  readonly duration_ms: number;
  /** What ran of the code; null where no report said so. */
  readonly covered: number | null;
  readonly coverable: number | null;
};

/** Findings that nobody looks for any more: their recipe was taken out. */
export type LeftFindings = { readonly subproject: string; readonly recipe: string; readonly count: number };

type PatchRow = Omit<DigestPatch, 'finding'> & { found: string | null };

type Change = { run_seq: number; opens: 0 | 1; rank: number; seq: number; finding: number; recipe: string };

const runsOf = `digest_jobs j CROSS JOIN digest_changes c ON c.run_seq = j.run_seq AND c.seq > j.since AND c.seq < j.seq
  WHERE j.project = :project AND j.seq > :from_seq AND j.seq <= :to_seq`;
const wanted = `(instr(:recipes, ' ' || j.recipe || ' ') > 0 OR (:cves AND c.rank IN (${cveRanks.join(', ')})))`;

/**
 * Finds what digests are made of. Equal windows give equal answers for ever, until the project is removed.
 * Long: a list of questions, each a statement that is prepared once.
 */
export function digestQueries(db: Database) {
  const parsed = <T>(docs: readonly string[]) => docs.map((doc) => JSON.parse(doc) as T);
  const jobs = db.prepare<[string, number, number], Omit<DigestJob, 'job_id'> & { doc: string }>(
    'SELECT seq, run_seq, since, subproject, recipe, doc FROM digest_jobs WHERE project = ? AND seq > ? AND seq <= ? ORDER BY seq',
  );
  const first = db.prepare<object[], Change>(
    `SELECT c.*, j.recipe FROM ${runsOf} AND c.opens = :opens AND c.rank <= :most_rank AND c.prev <= :from_seq AND ${wanted}
     ORDER BY c.rank, c.seq LIMIT :limit`,
  );
  const again = db
    .prepare<object[], number>(
      `SELECT DISTINCT c.finding FROM ${runsOf} AND c.prev > 0 AND c.prev > :from_seq LIMIT 5000`,
    )
    .pluck();
  const ofFinding = db.prepare<object[], Change>(
    `SELECT c.*, j.recipe FROM digest_changes c CROSS JOIN digest_jobs j
       ON j.run_seq = c.run_seq AND c.seq > j.since AND c.seq < j.seq
     WHERE c.finding = :finding AND j.seq > :from_seq AND j.seq <= :to_seq ORDER BY c.seq`,
  );
  const hushed = db.prepare<[string, number, number], { finding: number; hushed: 0 | 1 }>(
    'SELECT finding, hushed FROM digest_hushed WHERE project = ? AND seq > ? AND seq <= ? ORDER BY seq',
  );
  const left = db.prepare<[string, number, number], LeftFindings>(
    `SELECT f.doc ->> 'subproject' AS subproject, f.doc ->> 'recipe' AS recipe, count(*) AS count
     FROM digest_left l JOIN digest_findings f ON f.id = l.finding
     WHERE l.project = ? AND l.seq > ? AND l.seq <= ? GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const finding = db.prepare<[number], string>('SELECT doc FROM digest_findings WHERE id = ?').pluck();
  const pastRuns = db.prepare<[string, string, string, number, number], PastRun>(
    `SELECT seq, doc ->> 'findings' AS findings, doc ->> 'duration_ms' AS duration_ms,
       doc ->> '$.coverage.covered' AS covered, doc ->> '$.coverage.total' AS coverable FROM digest_jobs
     WHERE project = ? AND subproject = ? AND recipe = ? AND seq <= ? AND doc ->> 'on_default' = 1 ORDER BY seq DESC LIMIT ?`,
  );
  // The id of an attempt begins with that of its finding.
  const withFinding = 'LEFT JOIN digest_findings f ON f.id = CAST(p.patch_id AS INTEGER)';
  const patches = db.prepare<[string, number, number], PatchRow>(
    `SELECT p.seq, p.patch_id, what, title, url, number, f.doc AS found FROM digest_patches p ${withFinding}
     WHERE p.project = ? AND p.seq > ? AND p.seq <= ? ORDER BY p.seq`,
  );
  const openPulls = db.prepare<[string, number], PatchRow>(
    `SELECT max(p.seq) AS seq, p.patch_id, what, title, url, number, f.doc AS found FROM digest_patches p ${withFinding}
     WHERE p.project = ? AND p.seq <= ? AND what NOT IN ('drafted', 'pushed') GROUP BY p.patch_id ORDER BY 1`,
  );
  const asPatch = ({ found, ...row }: PatchRow): DigestPatch => ({
    ...row,
    finding: found === null ? null : (JSON.parse(found) as DigestFinding),
  });
  const slots = db.prepare<[string, string, string, number], DigestSlot>(
    'SELECT seq, recipe, slot, missed FROM digest_slots WHERE project = ? AND slot > ? AND slot <= ? AND seq <= ? ORDER BY slot',
  );
  const missed = db.prepare<[string, number, number], DigestSlot>(
    'SELECT seq, recipe, slot, missed FROM digest_slots WHERE project = ? AND seq > ? AND seq <= ? AND missed > 0 ORDER BY seq',
  );
  const settings = db
    .prepare<[string, number], string>(
      'SELECT doc FROM digest_settings WHERE project = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
    )
    .pluck();
  const back = db
    .prepare<[number], number>('SELECT finding FROM digest_changes WHERE run_seq = ? AND opens = 1 AND seq <> finding')
    .pluck();
  const removed = db.prepare<[string], number>('SELECT seq FROM digest_removed WHERE project = ?').pluck();
  const before = db
    .prepare<[string], number>('SELECT seq FROM digest_jobs WHERE time <= ? ORDER BY time DESC, seq DESC LIMIT 1')
    .pluck();
  const due = db.prepare<[string], string>('SELECT doc FROM digest_due WHERE date = ? ORDER BY project').pluck();
  const lastDue = db
    .prepare<[string], string>('SELECT doc FROM digest_due WHERE project = ? ORDER BY seq DESC LIMIT 1')
    .pluck();
  const dueBefore = db
    .prepare<[string, number], string>(
      'SELECT doc FROM digest_due WHERE project = ? AND seq < ? ORDER BY seq DESC LIMIT 1',
    )
    .pluck();
  const mails = db.prepare<[string], string>('SELECT doc FROM digest_mails WHERE date = ? ORDER BY id').pluck();
  const overdue = db.prepare<[string], number>('SELECT seq FROM digest_overdue WHERE date = ?').pluck();
  const dates = db.prepare<[string | null, string | null, string, number], { date: string; projects: number }>(
    `SELECT date, count(*) AS projects FROM digest_due WHERE (? IS NULL OR doc ->> 'project' = ?) AND date < ?
     GROUP BY date ORDER BY date DESC LIMIT ?`,
  );
  const openDates = db
    .prepare<[string], string>(`SELECT DISTINCT date FROM digest_due WHERE date >= ? ORDER BY date`)
    .pluck();

  /** What was turned more than once counts by its first and last turn; what was suppressed meanwhile does not count. */
  const correct = (asked: object, project: string, { from_seq, to_seq }: Window) => {
    const hush = new Map(hushed.all(project, from_seq, to_seq).map((one) => [one.finding, one.hushed]));
    const doubtful = new Set([...again.all(asked), ...[...hush].flatMap(([id, value]) => (value === 1 ? [id] : []))]);
    const skipped = new Set<number>();
    const corrections: DigestTally[] = [];
    for (const id of doubtful) {
      const turns = ofFinding.all({ ...asked, finding: id });
      const [one, last] = [turns[0], turns.at(-1)];
      if (!one || !last) continue;
      corrections.push(...turns.map(({ opens, recipe, rank }) => ({ opens, recipe, rank, count: -1 })));
      if (hush.get(id) === 1 || one.opens !== last.opens) skipped.add(id);
      else corrections.push({ opens: one.opens, recipe: one.recipe, rank: one.rank, count: 1 });
    }
    return { skipped, corrections };
  };
  const list = (asked: object, opens: 0 | 1, limit: number, tallies: readonly DigestTally[], skipped: Set<number>) =>
    first
      .all({ ...asked, opens, limit: limit + skipped.size, most_rank: rankOfNth(limit, opens, tallies) })
      .filter((change) => !skipped.has(change.finding))
      .slice(0, limit)
      .flatMap((change) => parsed<DigestFinding>([finding.get(change.finding) ?? 'null']))
      .filter((doc) => doc !== null);
  return {
    /** The findings that a run opened again. */
    openedAgain: (runSeq: number): ReadonlySet<number> => new Set(back.all(runSeq)),
    jobs: (project: string, { from_seq, to_seq }: Window): DigestJob[] =>
      jobs.all(project, from_seq, to_seq).map(({ doc, ...row }) => ({ ...row, ...JSON.parse(doc) })),
    /** What the jobs of a window changed; at most `limit` findings are listed. */
    changed: (
      project: string,
      told: readonly DigestJob[],
      window: Window,
      { recipes, cves }: Topics,
      limit: number,
    ): ChangedFindings => {
      const asked = { project, ...window, recipes: ` ${recipes.join(' ')} `, cves: cves ? 1 : 0 };
      const { skipped, corrections } = correct(asked, project, window);
      const isAsked = ({ recipe, rank }: DigestTally) => recipes.includes(recipe) || (cves && cveRanks.includes(rank));
      const tallies = summed([...told.flatMap(talliesOf), ...corrections].filter(isAsked));
      const listed = (opens: 0 | 1) => list(asked, opens, limit, tallies, skipped);
      return { tallies, opened: listed(1), closed: listed(0) };
    },
    left: (project: string, { from_seq, to_seq }: Window) => left.all(project, from_seq, to_seq),
    /** The newest `limit` runs up to a sequence, oldest first. */
    pastRuns: (project: string, subproject: string, recipe: string, toSeq: number, limit: number) =>
      pastRuns.all(project, subproject, recipe, toSeq, limit).reverse(),
    patches: (project: string, { from_seq, to_seq }: Window) => patches.all(project, from_seq, to_seq).map(asPatch),
    openPulls: (project: string, toSeq: number) =>
      openPulls
        .all(project, toSeq)
        .filter(({ what }) => what === 'opened' || what === 'waiting')
        .map(asPatch),
    /** Slots used by then, by the time of the slot. */
    slots: (project: string, from: string, to: string, toSeq: number) => slots.all(project, from, to, toSeq),
    missed: (project: string, { from_seq, to_seq }: Window) => missed.all(project, from_seq, to_seq),
    settings: (project: string, toSeq: number): DigestSettings | null => {
      const doc = settings.get(project, toSeq);
      return doc === undefined ? null : JSON.parse(doc);
    },
    /** Whether the project was removed after a sequence. */
    removedAfter: (project: string, seq: number) => (removed.get(project) ?? 0) > seq,
    /** The last job that had been read at a time, as a sequence; 0 for none. */
    seqBefore: (time: string) => before.get(time) ?? 0,
    due: (date: string) => parsed<DigestDueDoc>(due.all(date)),
    /** The digest of the project before the one that became due at a sequence. */
    dueBefore: (project: string, seq: number): DigestDueDoc | null => JSON.parse(dueBefore.get(project, seq) ?? 'null'),
    lastDue: (project: string): DigestDueDoc | null => JSON.parse(lastDue.get(project) ?? 'null'),
    mails: (date: string) => parsed<DigestMailDoc>(mails.all(date)),
    /** Dates from one on that have something due. */
    /** The dates before one that have a digest, of a project or of all, the newest first. */
    dates: (project: string | null, before: string, limit: number) => dates.all(project, project, before, limit),
    datesSince: (date: string) => openDates.all(date),
    isOverdue: (date: string) => overdue.get(date) !== undefined,
  };
}

export type DigestQueries = ReturnType<typeof digestQueries>;

function summed(tallies: readonly DigestTally[]): DigestTally[] {
  const sums = new Map<string, DigestTally>();
  for (const tally of tallies) {
    const key = `${tally.opens} ${tally.recipe} ${tally.rank}`;
    sums.set(key, { ...tally, count: (sums.get(key)?.count ?? 0) + tally.count });
  }
  return [...sums.values()].filter(({ count }) => count > 0);
}

function talliesOf({ recipe, tally }: DigestJob): DigestTally[] {
  return tally.map(([opens, rank, count]) => ({ opens: opens === 1 ? 1 : 0, recipe, rank, count }));
}

/** The rank down to which one has to look for so many findings; -1 when there are none. */
function rankOfNth(count: number, opens: 0 | 1, tallies: readonly DigestTally[]): number {
  let left = count;
  let reached = -1;
  for (const tally of tallies.filter((one) => one.opens === opens).sort((a, b) => a.rank - b.rank)) {
    if (left <= 0 && tally.rank > reached) break;
    left -= tally.count;
    reached = tally.rank;
  }
  return reached;
}
