import type { Database } from 'better-sqlite3';
import { type FindingDoc, originQuery } from './findings.ts';

type FindingFilter = {
  /** Null: any, here and below. */
  readonly owner: string | null;
  /** Only of these projects; null or missing: of all. */
  readonly among?: readonly string[] | null;
  readonly project: string | null;
  readonly state: string | null;
  readonly kind: string | null;
  readonly severity: string | null;
  /** Only findings last seen after this sequence. */
  readonly since: number;
  readonly before: number;
  readonly limit: number;
};

const parsed = (doc: string) => JSON.parse(doc) as FindingDoc;

/**
 * Finds findings; pages hold documents as ready JSON text, newest first.
 * Long: a list of questions, each a statement that is prepared once.
 */
export function findingQueries(db: Database) {
  const byId = db.prepare<[number], string>('SELECT doc FROM findings WHERE id = ?').pluck();
  const known = db.prepare<[string], string>('SELECT doc FROM findings WHERE identity = ?').pluck();
  const openOf = db
    .prepare<[string, string, string], string>(
      "SELECT doc FROM findings WHERE project = ? AND subproject = ? AND recipe = ? AND state IN ('open', 'suppressed') ORDER BY id",
    )
    .pluck();
  const lookedFor = db
    .prepare<[string, string, string], string>(
      `SELECT doc FROM findings WHERE project = ? AND subproject = ? AND recipe = ? AND state IN ('open', 'suppressed', 'unwatched')
       ORDER BY id`,
    )
    .pluck();
  const openIn = db
    .prepare<[string, number], string>(
      `SELECT doc FROM findings WHERE project = ? AND state = 'open' ORDER BY
       instr('critical high  error   medium  warn    low     info    ', severity), id LIMIT ?`,
    )
    .pluck();
  const moved = db
    .prepare<[string, string], string>(
      'SELECT DISTINCT origin_file FROM findings WHERE project = ? AND file = ? AND file <> origin_file ORDER BY origin_file',
    )
    .pluck();
  const appeared = db
    .prepare<[string, number, number], string>(
      'SELECT doc FROM findings WHERE project = ? AND id > ? AND id <= ? ORDER BY id LIMIT 5000',
    )
    .pluck();
  const gone = db
    .prepare<[string, number, number], string>(
      "SELECT doc FROM findings WHERE project = ? AND state = 'resolved' AND resolved_seq > ? AND resolved_seq <= ? ORDER BY id LIMIT 5000",
    )
    .pluck();
  const closed = db
    .prepare<[string, string, string, number], string>(
      `SELECT doc FROM findings WHERE project = ? AND subproject = ? AND recipe = ? AND state IN ('resolved', 'unwatched')
       AND resolved_seq > ? ORDER BY resolved_seq DESC LIMIT 5000`,
    )
    .pluck();
  const notOpen = db
    .prepare<[string, string, string], string>(
      `SELECT doc FROM findings WHERE project = ? AND subproject = ? AND recipe = ? AND state IN ('resolved', 'unwatched', 'not_observed')
       ORDER BY last_seen_seq DESC LIMIT 5000`,
    )
    .pluck();
  const find = (id: number) => {
    const doc = byId.get(id);
    return doc === undefined ? undefined : parsed(doc);
  };
  return {
    find,
    /** The path under which the findings of a subproject were named first. */
    originOf: originQuery(db),
    known: (identity: string) => {
      const doc = known.get(identity);
      return doc === undefined ? undefined : parsed(doc);
    },
    openOf: (project: string, subproject: string, recipe: string) =>
      openOf.all(project, subproject, recipe).map(parsed),
    /** The same, with those that nobody looked for while their recipe was out of the project. */
    lookedForOf: (project: string, subproject: string, recipe: string) =>
      lookedFor.all(project, subproject, recipe).map(parsed),
    /** What is known of a recipe and not open, what was seen last first. */
    notOpenOf: (project: string, subproject: string, recipe: string) =>
      notOpen.all(project, subproject, recipe).map(parsed),
    /** What was closed of a recipe after a sequence, the newest first. */
    closedSince: (place: { project: string; subproject: string; recipe: string }, seq: number) =>
      closed.all(place.project, place.subproject, place.recipe, seq).map(parsed),
    /** The open findings of a project, the most severe first. */
    openIn: (project: string, limit: number) => openIn.all(project, limit).map(parsed),
    /** The paths under which findings that are now in this file were first seen. */
    movedInto: (project: string, file: string) => moved.all(project, file),
    changedBetween: (project: string, from: number, to: number) => ({
      appeared: appeared.all(project, from, to),
      gone: gone.all(project, from, to),
    }),
    page: ({ owner, among, project, state, kind, severity, since, before, limit }: FindingFilter) => {
      const conditions: [string, string | number | null][] = [
        ['project IN (SELECT name FROM projects WHERE owner = ?)', owner],
        ['project IN (SELECT value FROM json_each(?))', among ? JSON.stringify(among) : null],
        ['project = ?', project],
        ['state = ?', state],
        ['kind = ?', kind],
        ['severity = ?', severity],
        ['last_seen_seq > ?', since || null],
      ];
      const asked = conditions.filter((condition): condition is [string, string | number] => condition[1] !== null);
      const where = [...asked.map(([sql]) => sql), 'id < ?'].join(' AND ');
      return db
        .prepare<(string | number)[], { id: number; doc: string }>(
          `SELECT id, doc FROM findings WHERE ${where} ORDER BY id DESC LIMIT ?`,
        )
        .all(...asked.map(([, value]) => value), before, limit);
    },
  };
}
