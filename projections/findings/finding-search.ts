import type { Database } from 'better-sqlite3';
import { type GroupDimension, type GroupRow, groupDimensions } from './finding-groups.ts';

export const findingSorts = ['newest', 'oldest', 'severity', 'last_seen', 'file'] as const;
export type FindingSort = (typeof findingSorts)[number];

/** What is looked for. Everything that is said has to hold; of several values of one dimension, one. */
export type FindingSearch = {
  /** Null: any team's. */
  readonly owner: string | null;
  /** Only of these projects; null: of all. */
  readonly among: readonly string[] | null;
  readonly of: { readonly [D in GroupDimension]?: readonly (string | number | null)[] };
  readonly rules?: readonly string[];
  /** Paths begin with one of these; a whole path is its own beginning. */
  readonly paths?: readonly string[];
  /** Only in these files. */
  readonly files?: readonly string[];
  /** Each of these stands somewhere in code, file, package or the beginning of the message. */
  readonly words?: readonly string[];
  /** Last seen after this sequence. */
  readonly seenAfter?: number;
  /** First seen after this sequence: the id of a finding is one. */
  readonly newAfter?: number;
  /** First seen before, or not before, this time, in seconds since 1970. */
  readonly firstBefore?: number;
  readonly firstSince?: number;
  readonly ids?: readonly number[];
  readonly batch?: string;
  /** Those over the deadline of their project and severity: first seen before it, in seconds since 1970. */
  readonly overdue?: readonly { project: string; severity: string; before: number }[];
};

export type Counted = GroupRow & { n: number };
export type CountedByRule = { group: GroupRow; codes: { value: string | null; n: number }[] };
type Place = { readonly key: number | string; readonly id: number };
type Sql = { readonly sql: string; readonly values: readonly (string | number)[] };

const list = (values: readonly unknown[]) => JSON.stringify(values);
const both = (parts: readonly Sql[]): Sql => ({
  sql: parts.map(({ sql }) => sql).join(' AND ') || '1',
  values: parts.flatMap(({ values }) => values),
});

/** The groups that may hold what is looked for. `without`: that dimension counts as not asked about. */
function groupsWhere({ owner, among, of }: FindingSearch, without: readonly GroupDimension[], rank?: number): Sql {
  const parts: Sql[] = [];
  if (rank !== undefined) parts.push({ sql: 'rank = ?', values: [rank] });
  if (owner !== null) parts.push({ sql: 'project IN (SELECT name FROM projects WHERE owner = ?)', values: [owner] });
  if (among !== null) parts.push({ sql: 'project IN (SELECT value FROM json_each(?))', values: [list(among)] });
  for (const dimension of groupDimensions) {
    const wanted = of[dimension];
    if (wanted === undefined || without.includes(dimension)) continue;
    const named = `${dimension} IN (SELECT value FROM json_each(?))`;
    const sql = wanted.includes(null) ? `(${named} OR ${dimension} IS NULL)` : named;
    parts.push({ sql, values: [list(wanted.filter((one) => one !== null))] });
  }
  return both(parts);
}

/** What is asked of single findings. */
function rowsWhere(search: FindingSearch): Sql {
  const { rules, paths, files, words, seenAfter, newAfter, firstBefore, firstSince, ids, batch, overdue } = search;
  const parts: Sql[] = [];
  if (rules) parts.push({ sql: 'code IN (SELECT value FROM json_each(?))', values: [list(rules)] });
  if (paths)
    parts.push({
      sql: `(${paths.map(() => '(file >= ? AND file < ?)').join(' OR ')})`,
      // What comes after everything that begins with it.
      values: paths.flatMap((path) => [path, `${path}\u{10ffff}`]),
    });
  if (files) parts.push({ sql: 'file IN (SELECT value FROM json_each(?))', values: [list(files)] });
  for (const word of words ?? []) parts.push({ sql: 'instr(words, ?) > 0', values: [word.toLowerCase()] });
  if (newAfter !== undefined) parts.push({ sql: 'id > ?', values: [newAfter] });
  if (firstBefore !== undefined) parts.push({ sql: 'first_at < ?', values: [firstBefore] });
  if (firstSince !== undefined) parts.push({ sql: 'first_at >= ?', values: [firstSince] });
  if (seenAfter !== undefined) parts.push({ sql: 'last_seen_seq > ?', values: [seenAfter] });
  if (ids) parts.push({ sql: 'id IN (SELECT value FROM json_each(?))', values: [list(ids)] });
  if (batch !== undefined) parts.push({ sql: 'id IN (SELECT id FROM findings WHERE batch = ?)', values: [batch] });
  if (overdue) parts.push(overdueWhere(overdue));
  return both(parts);
}

function overdueWhere(deadlines: NonNullable<FindingSearch['overdue']>): Sql {
  const byTime = Map.groupBy(deadlines, ({ before }) => before);
  if (byTime.size === 0) return { sql: '0', values: [] };
  const late = `(first_at < ? AND group_id IN (SELECT g.id FROM finding_groups g JOIN json_each(?) d
    ON g.project = d.value ->> 'project' AND g.severity = d.value ->> 'severity'))`;
  return {
    sql: `(${[...byTime].map(() => late).join(' OR ')})`,
    values: [...byTime].flatMap(([before, them]) => [before, list(them)]),
  };
}

type Matching = {
  /** Dimensions that count as not asked about. */
  readonly without?: readonly GroupDimension[];
  readonly rank?: number;
};

const groupIds = (groups: Sql): Sql => ({
  sql: `group_id IN (SELECT id FROM finding_groups WHERE ${groups.sql})`,
  values: groups.values,
});

/** The rows that match, for a FROM and WHERE. The index holds all that is asked about: no document is read. */
function matching(search: FindingSearch, { without = [], rank }: Matching = {}): Sql {
  const { sql, values } = both([groupIds(groupsWhere(search, without, rank)), rowsWhere(search)]);
  return { sql: `FROM findings INDEXED BY findings_by_group WHERE ${sql}`, values };
}

/** How many match, as rows (group_id, code, n): from the counts that are kept where nothing is asked of single findings. */
function countsOf(search: FindingSearch, without: readonly GroupDimension[] = []): Sql {
  const { rules: _, ...anyRule } = search;
  if (rowsWhere(anyRule).sql === '1') {
    const { sql, values } = both([groupIds(groupsWhere(search, without)), rowsWhere(search)]);
    return { sql: `SELECT group_id, code, n FROM finding_counts WHERE ${sql}`, values };
  }
  const { sql, values } = matching(search, { without });
  return { sql: `SELECT group_id, coalesce(code, x'') AS code, count(*) AS n ${sql} GROUP BY group_id, code`, values };
}

type Paging = { readonly sort: FindingSort; readonly after: Place | null; readonly limit: number };
type FoundRow = Place & { readonly doc: string };

/** How each order is asked for; the place of a row is its key and its id. `walk`: what has its rows in this order already. */
const sorts = {
  newest: { key: 'id', order: 'id DESC', beyond: '(? IS NOT NULL AND id < ?)', walk: 'NOT INDEXED' },
  oldest: { key: 'id', order: 'id', beyond: '(? IS NOT NULL AND id > ?)', walk: 'NOT INDEXED' },
  last_seen: {
    key: 'last_seen_seq',
    order: 'last_seen_seq DESC, id DESC',
    beyond: '(last_seen_seq, id) < (?, ?)',
    walk: 'INDEXED BY findings_seen',
  },
  file: {
    key: "coalesce(file, '')",
    order: "coalesce(file, ''), id",
    beyond: "(coalesce(file, ''), id) > (?, ?)",
    walk: null,
  },
} as const;

/** Groups that are kept in memory once they were read. */
const mostKnown = 50_000;
/** Rows that are looked at in their order before all that match are gathered and sorted. */
const mostWalked = 500;

/**
 * Searches findings by anything, counts them, and pages through them.
 * Long: a list of questions, each a statement that is prepared once.
 */
export function findingSearch(db: Database) {
  const docOf = db.prepare<[number], string>('SELECT doc FROM findings WHERE id = ?').pluck();
  const ask = <T>({ sql, values }: Sql) => db.prepare<(string | number)[], T>(sql).all(...values);
  const findGroup = db.prepare<[number], GroupRow>('SELECT * FROM finding_groups WHERE id = ?');
  /** Groups that were read: what is named by its content never changes. */
  const known = new Map<number, GroupRow>();
  const groupOf = (id: number): GroupRow | undefined => {
    const group = known.get(id) ?? findGroup.get(id);
    if (known.size >= mostKnown) known.clear();
    if (group) known.set(id, group);
    return group;
  };
  return {
    /** How many there are, by what they share. */
    grouped: (search: FindingSearch): Counted[] => {
      const { sql, values } = countsOf(search);
      const sums = `SELECT group_id AS id, sum(n) AS n FROM (${sql}) GROUP BY group_id`;
      return ask<{ id: number; n: number }>({ sql: sums, values }).flatMap(({ id, n }) => {
        const group = groupOf(id);
        return group ? [{ ...group, n }] : [];
      });
    },
    /** How many there are by what they share, dimensions of `without` and rules not asked about, and of these by their rule. */
    byRule: ({ rules: _, ...search }: FindingSearch, without: readonly GroupDimension[]): CountedByRule[] => {
      const { sql, values } = countsOf(search, without);
      const found: CountedByRule[] = [];
      let last = -1;
      let codes: CountedByRule['codes'] = [];
      // Whatever counts them has them by group already.
      for (const [id, code, n] of db
        .prepare<unknown[], [number, string | Buffer, number]>(sql)
        .raw()
        .all(...values)) {
        if (id !== last) {
          const group = groupOf(id);
          codes = [];
          if (group) found.push({ group, codes });
          last = id;
        }
        codes.push({ value: typeof code === 'string' ? code : null, n });
      }
      return found;
    },
    /** How many there are by a column of theirs, the most first. */
    countedBy: (column: 'code' | 'file', search: FindingSearch, limit: number) => {
      const { sql, values } = column === 'code' ? countsOf(search) : matching(search);
      const [value, from] =
        column === 'code'
          ? ["nullif(code, x'')", `SELECT code, sum(n) AS n FROM (${sql}) GROUP BY code`]
          : ['file', `SELECT file, count(*) AS n ${sql} GROUP BY file`];
      return ask<{ value: string | null; n: number }>({
        sql: `SELECT ${value} AS value, n FROM (${from}) ORDER BY n DESC, value LIMIT ?`,
        values: [...values, limit],
      });
    },
    /** The ids of those that match, oldest first. */
    ids: (search: FindingSearch, limit: number) => {
      const { sql, values } = matching(search);
      return ask<{ id: number }>({ sql: `SELECT id ${sql} ORDER BY id LIMIT ?`, values: [...values, limit] }).map(
        ({ id }) => id,
      );
    },
    /** A page of documents as JSON; `after` is the place of the last row of the page before. */
    page: (search: FindingSearch, { sort, after, limit }: Paging): FoundRow[] => {
      const places = sort === 'severity' ? bySeverity(search, after, limit) : bySort(search, { sort, after, limit });
      return places.map((place) => ({ ...place, doc: docOf.get(place.id) ?? '' }));
    },
  };

  /** What many share is full after some rows in their order; what few share is gathered by what they share, and sorted. */
  function bySort(search: FindingSearch, { sort, after, limit }: Paging): Place[] {
    const { key, order, beyond, walk } = sorts[sort === 'severity' ? 'newest' : sort];
    const begin: Sql = after ? { sql: beyond, values: [after.key, after.id] } : { sql: '1', values: [] };
    if (walk !== null) {
      const { sql, values } = both([groupIds(groupsWhere(search, [])), rowsWhere(search)]);
      const some = `SELECT id, group_id, code, file, first_at, last_seen_seq, words FROM findings ${walk} WHERE ${begin.sql} ORDER BY ${order} LIMIT ${mostWalked}`;
      const found = ask<Place>({
        sql: `SELECT id, ${key} AS key FROM (${some}) WHERE ${sql} ORDER BY ${order} LIMIT ?`,
        values: [...begin.values, ...values, limit],
      });
      if (found.length === limit) return found;
    }
    const { sql, values } = matching(search);
    return ask<Place>({
      sql: `SELECT id, ${key} AS key ${sql} AND ${begin.sql} ORDER BY ${order} LIMIT ?`,
      values: [...values, ...begin.values, limit],
    });
  }

  /** The worst first: one question for each severity, until the page is full. */
  function bySeverity(search: FindingSearch, after: Place | null, limit: number): Place[] {
    const found: Place[] = [];
    const first = Number(after?.key ?? 0);
    const ranks = ask<{ rank: number }>({
      sql: 'SELECT DISTINCT rank FROM finding_groups WHERE rank >= ? ORDER BY rank',
      values: [first],
    });
    for (const { rank } of ranks) {
      if (found.length >= limit) break;
      const before = after && rank === first ? after.id : Number.MAX_SAFE_INTEGER;
      const { sql, values } = matching(search, { rank });
      const page = `SELECT id, ${rank} AS key ${sql} AND id < ? ORDER BY id DESC LIMIT ?`;
      found.push(...ask<Place>({ sql: page, values: [...values, before, limit - found.length] }));
    }
    return found;
  }
}
