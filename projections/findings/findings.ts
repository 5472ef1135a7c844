import type { Database } from 'better-sqlite3';
import type { Observation, WhyIdentity } from '../../events/finding.ts';
import type { Recorded } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';
import { countSchema, groupIdOf, groupSchema, groupsIn, wordsOf } from './finding-groups.ts';

export const findingStates = ['open', 'resolved', 'suppressed', 'not_observed', 'unwatched'] as const;
export type FindingState = (typeof findingStates)[number];

/**
 * A finding of a project, as the API sends it. `not_observed`: seen on other branches only; `unwatched`: no recipe
 * looks for it any more. Runs are named by the
 * sequence of their JobEnqueued, 0 for none.
 */
export type FindingDoc = Observation & {
  id: number;
  identity: string;
  why_identity: WhyIdentity | null;
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
  last_seen_seq: number;
  last_seen_run: number;
  resolved_at: string | null;
  resolved_seq: number | null;
  resolved_run: number;
  suppression: { by: string; reason: string; until: string | null } | null;
  /** Who is to look after it; absent where nobody ever was. */
  assignment?: { to: string; by: string; at: string } | null;
  /** The request over many findings that spoke of it last. */
  batch?: { id: string; action: 'suppress' | 'unsuppress' | 'assign' } | null;
  created_at: string;
};

/** What is known of each finding of each project, over all jobs. */
export const findings: Projection = {
  name: 'findings',
  version: 8,
  tables: {
    findings: 'id',
    finding_groups: 'id',
    finding_counts: 'group_id, code',
    subproject_origins: 'project, subproject',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS findings (
      id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      kind TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL, file TEXT, origin_file TEXT,
      last_seen_seq INTEGER NOT NULL, resolved_seq INTEGER, group_id INTEGER NOT NULL, code TEXT, first_at INTEGER NOT NULL,
      batch TEXT, words TEXT NOT NULL, doc TEXT NOT NULL);
    ${groupSchema}
    CREATE TABLE IF NOT EXISTS subproject_origins (
      project TEXT NOT NULL, subproject TEXT NOT NULL, origin TEXT NOT NULL,
      PRIMARY KEY (project, subproject)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS findings_by_project ON findings (project, state, id);
    CREATE INDEX IF NOT EXISTS findings_by_recipe ON findings (project, subproject, recipe, state);
    CREATE INDEX IF NOT EXISTS findings_by_group ON findings (group_id, code, id, file, first_at, last_seen_seq, words);
    CREATE INDEX IF NOT EXISTS findings_seen ON findings (last_seen_seq);
    CREATE INDEX IF NOT EXISTS findings_of_batch ON findings (batch) WHERE batch IS NOT NULL;
    CREATE INDEX IF NOT EXISTS findings_moved ON findings (project, file) WHERE file <> origin_file;
    ${countSchema}`,
  open: openFindings,
};

function originOf({ why_identity, file }: FindingDoc): string | null {
  return why_identity?.parts['path'] ?? file;
}

/** The path under which the findings of a subproject were named first: they keep their names when it moves. */
function originsIn(db: Database) {
  const find = originQuery(db);
  const keep = db.prepare('INSERT OR REPLACE INTO subproject_origins VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM subproject_origins WHERE project = ? AND subproject = ?');
  const forgetAll = db.prepare('DELETE FROM subproject_origins WHERE project = ?');
  return {
    of: find,
    keep: (project: string, subproject: string, origin: string) => void keep.run(project, subproject, origin),
    forget: (project: string, subproject: string) => void forget.run(project, subproject),
    forgetAll: (project: string) => void forgetAll.run(project),
  };
}

/** Finds that path. A new subproject at a path that a moved one had is another one. */
export function originQuery(db: Database) {
  const own = db
    .prepare<[string, string], string>('SELECT origin FROM subproject_origins WHERE project = ? AND subproject = ?')
    .pluck();
  const taken = db
    .prepare<[string, string], number>('SELECT 1 FROM subproject_origins WHERE project = ? AND origin = ? LIMIT 1')
    .pluck();
  return (project: string, subproject: string): string => {
    const origin = own.get(project, subproject);
    if (origin !== undefined) return origin;
    return taken.get(project, subproject) === undefined ? subproject : `${subproject} (later)`;
  };
}

/** Remembers the last request over many that spoke of a finding; one that speaks of it alone is none. */
function batched(
  { batch: _before, ...doc }: FindingDoc,
  id: string | undefined,
  action: NonNullable<FindingDoc['batch']>['action'],
): FindingDoc {
  return id === undefined ? doc : { ...doc, batch: { id, action } };
}

/** Long: a reducer, one step an event. */
function openFindings(db: Database) {
  const groups = groupsIn(db);
  const table = docTable<FindingDoc>(db, {
    table: 'findings',
    key: 'identity',
    columns: [
      'id',
      'project',
      'subproject',
      'recipe',
      'kind',
      'severity',
      'state',
      'file',
      'origin_file',
      'last_seen_seq',
      'resolved_seq',
      'group_id',
      'code',
      'first_at',
      'batch',
      'words',
    ],
    values: (doc) => [
      doc.id,
      doc.project,
      doc.subproject,
      doc.recipe,
      doc.kind,
      doc.severity,
      doc.state,
      doc.file,
      originOf(doc),
      doc.last_seen_seq,
      doc.resolved_seq,
      groupIdOf(doc),
      doc.code,
      Math.floor(Date.parse(doc.first_seen_at) / 1000),
      doc.batch?.id ?? null,
      wordsOf(doc),
    ],
    changing: [
      'id',
      'subproject',
      'recipe',
      'severity',
      'state',
      'file',
      'last_seen_seq',
      'resolved_seq',
      'group_id',
      'code',
      'batch',
      'words',
    ],
  });
  // With each event, not with each write: what a batch leaves out must not decide which groups there are.
  const docs: typeof table = {
    ...table,
    set: (identity, doc) => {
      groups.keep(doc);
      table.set(identity, doc);
    },
  };
  const origins = originsIn(db);
  const inPlace = db
    .prepare<[string, string], string>('SELECT identity FROM findings WHERE project = ? AND subproject = ?')
    .pluck();
  const ofRecipe = db
    .prepare<[string, string, string], string>(
      'SELECT identity FROM findings WHERE project = ? AND subproject = ? AND recipe = ?',
    )
    .pluck();
  const change = (identity: string, next: (doc: FindingDoc) => FindingDoc) => {
    const doc = docs.get(identity);
    if (doc) docs.set(identity, next(doc));
  };
  const closes =
    (state: 'resolved' | 'unwatched') =>
    ({ data: { identity, run_seq }, time, seq }: Recorded<'FindingResolved' | 'FindingUnwatched'>) =>
      change(identity, (doc) => ({
        ...doc,
        ...{ state, is_new: false, resolved_at: time, resolved_seq: seq, resolved_run: run_seq },
      }));
  return {
    flush: docs.flush,
    on: {
      FindingDetected: ({ data, seq, time }) => {
        const {
          identity,
          project,
          job_id,
          branch,
          subproject,
          recipe,
          run_seq,
          on_default_branch,
          why_identity = null,
          baseline = false,
        } = data;
        docs.set(identity, {
          ...data.finding,
          id: seq,
          identity,
          why_identity,
          job_id,
          project,
          subproject,
          recipe,
          branch,
          state: on_default_branch ? 'open' : 'not_observed',
          is_new: !baseline,
          first_seen_job: job_id,
          last_seen_job: job_id,
          first_seen_at: time,
          last_seen_at: time,
          last_seen_seq: seq,
          last_seen_run: on_default_branch ? run_seq : 0,
          resolved_at: null,
          resolved_seq: null,
          resolved_run: 0,
          suppression: null,
          created_at: time,
        });
      },
      FindingsObserved: ({ data: { occurrences, job_id, run_seq, on_default_branch, newest }, seq, time }) => {
        for (const { identity, finding_id: _id, is_new, ...observation } of occurrences) {
          change(identity, (doc) => {
            // What an older run saw does not replace what a newer one saw.
            const isNewest = newest ?? (on_default_branch && run_seq >= doc.last_seen_run);
            if (!isNewest && doc.last_seen_run > 0) return { ...doc, last_seen_seq: seq };
            const seen = { job_id, is_new, last_seen_job: job_id, last_seen_at: time, last_seen_seq: seq };
            // Who says the same is told by each sighting anew.
            const { also: _also, ...known } = doc;
            return {
              ...known,
              ...observation,
              ...seen,
              last_seen_run: on_default_branch ? run_seq : doc.last_seen_run,
            };
          });
        }
      },
      FindingResolved: closes('resolved'),
      FindingUnwatched: closes('unwatched'),
      FindingReopened: ({ data: { identity, run_seq } }) =>
        change(identity, (doc) => ({
          ...doc,
          state: doc.suppression ? 'suppressed' : 'open',
          resolved_at: null,
          last_seen_run: Math.max(doc.last_seen_run, run_seq),
        })),
      FindingSuppressed: ({ data: { identity, by, reason, until, batch } }) =>
        change(identity, (doc) => ({
          ...batched(doc, batch, 'suppress'),
          state: doc.state === 'resolved' || doc.state === 'unwatched' ? doc.state : 'suppressed',
          suppression: { by, reason, until },
        })),
      FindingUnsuppressed: ({ data: { identity, batch } }) =>
        change(identity, (doc) => ({
          ...batched(doc, batch, 'unsuppress'),
          state: doc.state === 'suppressed' ? 'open' : doc.state,
          suppression: null,
        })),
      FindingAssigned: ({ data: { identity, assignee, by, batch }, time }) =>
        change(identity, (doc) => ({
          ...batched(doc, batch, 'assign'),
          assignment: assignee === null ? null : { to: assignee, by, at: time },
        })),
      ProjectUpdated: ({ data: { name, moved = [], moved_recipes = [] } }) => {
        if (moved.length === 0 && moved_recipes.length === 0) return;
        docs.flush();
        const found = moved.map(({ from, to }) => ({
          to,
          origin: origins.of(name, from),
          ids: inPlace.all(name, from),
        }));
        for (const { from } of moved) origins.forget(name, from);
        for (const { to, origin, ids } of found) {
          origins.keep(name, to, origin);
          for (const identity of ids) change(identity, (doc) => ({ ...doc, subproject: to }));
        }
        docs.flush();
        const commands = moved_recipes.map((one) => ({ ...one, ids: ofRecipe.all(name, one.subproject, one.from) }));
        for (const { to, ids } of commands)
          for (const identity of ids) change(identity, (doc) => ({ ...doc, recipe: to }));
      },
      ProjectRemoved: ({ data }) => {
        docs.deleteWhere('project', data.name);
        groups.forgetAll(data.name);
        origins.forgetAll(data.name);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}
