import type { Database } from 'better-sqlite3';
import type { Observation } from '../events/finding.ts';
import { docTable, type Projection } from './define.ts';

export const findingStates = ['open', 'resolved', 'suppressed', 'not_observed'] as const;
export type FindingState = (typeof findingStates)[number];

/** A finding of a project, as the API sends it. `not_observed`: seen on another branch only, or not proven either way. */
export type FindingDoc = Observation & {
  id: number;
  identity: string;
  job_id: string;
  project: string;
  subproject: string;
  recipe: string;
  branch: string;
  state: FindingState;
  is_new: boolean;
  first_seen_job: string;
  last_seen_job: string;
  first_seen_at: string;
  last_seen_at: string;
  resolved_at: string | null;
  suppression: { by: string; reason: string; until: string | null } | null;
  created_at: string;
};

/** What is known of each finding of each project, over all jobs. */
export const findings: Projection = {
  name: 'findings',
  version: 1,
  tables: { findings: 'id' },
  schema: `
    CREATE TABLE IF NOT EXISTS findings (
      id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      tool TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL, last_seen_seq INTEGER NOT NULL, resolved_seq INTEGER, doc TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS findings_by_project ON findings (project, state, id);
    CREATE INDEX IF NOT EXISTS findings_by_recipe ON findings (project, subproject, recipe, state);`,
  open: openFindings,
};

function openFindings(db: Database) {
  const seen = new Map<string, number>();
  const gone = new Map<string, number | null>();
  const seenAt = db.prepare<[string], number>('SELECT last_seen_seq FROM findings WHERE identity = ?').pluck();
  const goneAt = db.prepare<[string], number | null>('SELECT resolved_seq FROM findings WHERE identity = ?').pluck();
  const docs = docTable<FindingDoc>(db, {
    table: 'findings',
    key: 'identity',
    columns: [
      'id',
      'project',
      'subproject',
      'recipe',
      'tool',
      'kind',
      'severity',
      'state',
      'last_seen_seq',
      'resolved_seq',
    ],
    values: (doc) => [
      doc.id,
      doc.project,
      doc.subproject,
      doc.recipe,
      doc.tool,
      doc.kind,
      doc.severity,
      doc.state,
      seen.get(doc.identity) ?? seenAt.get(doc.identity) ?? 0,
      gone.get(doc.identity) ?? goneAt.get(doc.identity) ?? null,
    ],
    changing: ['severity', 'state', 'last_seen_seq', 'resolved_seq'],
  });
  const change = (identity: string, next: (doc: FindingDoc) => FindingDoc) => {
    const doc = docs.get(identity);
    if (doc) docs.set(identity, next(doc));
  };
  return {
    flush: () => {
      docs.flush();
      seen.clear();
      gone.clear();
    },
    on: {
      FindingDetected: ({ data, seq, time }) => {
        const { identity, project, job_id, branch, subproject, recipe } = data;
        seen.set(identity, seq);
        docs.set(identity, {
          ...data.finding,
          id: seq,
          identity,
          job_id,
          project,
          subproject,
          recipe,
          branch,
          state: data.on_default_branch ? 'open' : 'not_observed',
          is_new: true,
          first_seen_job: job_id,
          last_seen_job: job_id,
          first_seen_at: time,
          last_seen_at: time,
          resolved_at: null,
          suppression: null,
          created_at: time,
        });
      },
      FindingsObserved: ({ data, seq, time }) => {
        for (const { identity, finding_id: _id, is_new, ...observation } of data.occurrences) {
          seen.set(identity, seq);
          change(identity, (doc) => ({
            ...doc,
            ...observation,
            is_new,
            job_id: data.job_id,
            last_seen_job: data.job_id,
            last_seen_at: time,
          }));
        }
      },
      FindingResolved: ({ data, time, seq }) => {
        gone.set(data.identity, seq);
        change(data.identity, (doc) => ({ ...doc, state: 'resolved', is_new: false, resolved_at: time }));
      },
      FindingReopened: ({ data }) =>
        change(data.identity, (doc) => ({ ...doc, state: doc.suppression ? 'suppressed' : 'open', resolved_at: null })),
      FindingSuppressed: ({ data: { identity, by, reason, until } }) =>
        change(identity, (doc) => ({ ...doc, state: 'suppressed', suppression: { by, reason, until } })),
      FindingUnsuppressed: ({ data }) =>
        change(data.identity, (doc) => ({ ...doc, state: doc.resolved_at ? 'resolved' : 'open', suppression: null })),
      ProjectRemoved: ({ data }) => docs.deleteWhere('project', data.name),
    },
  } satisfies ReturnType<Projection['open']>;
}

export type FindingFilter = {
  readonly owner: string | null;
  readonly project: string | null;
  readonly state: FindingState | null;
  readonly kind: string | null;
  readonly severity: string | null;
  /** Only findings last seen after this sequence. */
  readonly since: number;
  readonly before: number;
  readonly limit: number;
};

/** Finds findings; documents as ready JSON text, newest first. */
export function findingQueries(db: Database) {
  const byId = db.prepare<[number], string>('SELECT doc FROM findings WHERE id = ?').pluck();
  const known = db.prepare<[string], { id: number; state: FindingState; doc: string }>(
    'SELECT id, state, doc FROM findings WHERE identity = ?',
  );
  const openOf = db.prepare<
    [string, string, string],
    { identity: string; tool: string; lastSeen: number; kind: string }
  >(
    `SELECT identity, tool, kind, last_seen_seq AS lastSeen FROM findings
     WHERE project = ? AND subproject = ? AND recipe = ? AND state IN ('open', 'suppressed') ORDER BY id`,
  );
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
  return {
    changedBetween: (project: string, from: number, to: number) => ({
      appeared: appeared.all(project, from, to),
      gone: gone.all(project, from, to),
    }),
    find: (id: number): FindingDoc | undefined => {
      const doc = byId.get(id);
      return doc === undefined ? undefined : JSON.parse(doc);
    },
    known: (identity: string) => known.get(identity),
    openOf: (project: string, subproject: string, recipe: string) => openOf.all(project, subproject, recipe),
    page: ({ owner, project, state, kind, severity, since, before, limit }: FindingFilter) => {
      const conditions: [string, string | number | null][] = [
        ['project IN (SELECT name FROM projects WHERE owner = ?)', owner],
        ['project = ?', project],
        ['state = ?', state],
        ['kind = ?', kind],
        ['severity = ?', severity],
        ['last_seen_seq > ?', since || null],
      ];
      const asked = conditions.filter((condition): condition is [string, string | number] => condition[1] !== null);
      return db
        .prepare<(string | number)[], { id: number; doc: string }>(
          `SELECT id, doc FROM findings WHERE ${[...asked.map(([sql]) => sql), 'id < ?'].join(' AND ')} ORDER BY id DESC LIMIT ?`,
        )
        .all(...asked.map(([, value]) => value), before, limit);
    },
  };
}
