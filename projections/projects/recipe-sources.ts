import type { Database } from 'better-sqlite3';
import type { EventData, Recorded } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';
import type { ProjectDoc } from './projects.ts';

/** Documents of a commit that lie in the cache. */
export type RecipeVersion = Pick<EventData<'RecipeSetFetched'>, 'sha' | 'digest' | 'documents'> & { at: string };

/** A decision on a version. */
type RolloutDoc = Omit<EventData<'RecipeRolloutDecided'>, 'source' | 'owner'> & { at: string; seq: number };

/** `sha`: a version; null for a freeze of the whole source. */
export type RecipeHold = { sha: string | null; by: string; reason: string; at: string };

/** A repository whose recipes projects may name, what is known of it, and what its projects have of it. */
export type RecipeSourceDoc = Omit<EventData<'RecipeSourceSet'>, 'source'> & {
  id: string;
  set_at: string;
  /** Of the event that said it so. */
  set_seq: number;
  /** What the ref is, as it was seen last; null before the first look. */
  seen: { sha: string | null; trouble: { code: string; detail: string } | null; since: string } | null;
  /** The newest first. */
  versions: RecipeVersion[];
  /** The newest commit whose documents cannot be taken; null once a later one can. */
  refused: { sha: string; faults: { path: string; message: string }[]; at: string } | null;
  /** The versions that projects of each tier are to have; null before the first. */
  canary: string | null;
  production: string | null;
  /** What goes out no more by itself, the newest first, each until it is released. */
  holds: RecipeHold[];
  /** The newest first. */
  decisions: RolloutDoc[];
};

/** Since which event a project has the recipes of a version. */
type RecipePinDoc = { project: string; source: string; sha: string; digest: string; since_seq: number };

const keptVersions = 50;
const keptDecisions = 50;
/** Of versions; a freeze is kept beside them. */
const keptHolds = 64;

/** Recipe sets of other repositories: their versions, who gets which, and who has which. */
export const recipeSources: Projection = {
  name: 'recipe-sources',
  version: 2,
  tables: { recipe_sources: 'id', recipe_pins: 'project, source' },
  schema: `
    CREATE TABLE IF NOT EXISTS recipe_sources (id TEXT PRIMARY KEY, owner TEXT, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS recipe_pins (
      project TEXT NOT NULL, source TEXT NOT NULL, sha TEXT NOT NULL, digest TEXT NOT NULL, since_seq INTEGER NOT NULL,
      PRIMARY KEY (project, source)) WITHOUT ROWID;`,
  open: openSources,
};

function openSources(db: Database) {
  const docs = docTable<RecipeSourceDoc>(db, {
    table: 'recipe_sources',
    key: 'id',
    columns: ['owner'],
    values: ({ owner }) => [owner],
    changing: [],
  });
  const change = (id: string, made: (doc: RecipeSourceDoc) => RecipeSourceDoc) => {
    const doc = docs.get(id);
    if (doc) docs.set(id, made(doc));
  };
  const pins = pinsIn(db);
  return {
    flush: docs.flush,
    on: {
      RecipeSourceSet: ({ data: { source: id, ...data }, time, seq }) => {
        const before = docs.get(id) ?? fresh;
        const isElsewhere = before.git_url !== data.git_url || before.ref !== data.ref;
        const seen = isElsewhere ? { seen: null, refused: null } : {};
        docs.set(id, { ...before, ...data, ...seen, id, set_at: time, set_seq: seq });
      },
      RecipeSourceRemoved: ({ data }) => docs.delete(data.source),
      RecipeSourceSeen: ({ data: { source, sha, trouble }, time }) =>
        change(source, (doc) => ({ ...doc, seen: { sha, trouble, since: time } })),
      RecipeSetFetched: ({ data: { source, sha, digest, documents }, time: at }) =>
        change(source, (doc) => {
          const earlier = doc.versions.filter((one) => one.sha !== sha);
          const used = (one: RecipeVersion, index: number) =>
            index < keptVersions - 1 || one.sha === doc.canary || one.sha === doc.production;
          return { ...doc, refused: null, versions: [{ sha, digest, documents, at }, ...earlier.filter(used)] };
        }),
      RecipeSetRefused: ({ data: { source, sha, faults }, time: at }) =>
        change(source, (doc) => ({ ...doc, refused: { sha, faults, at } })),
      RecipeRolloutDecided: (event) => change(event.data.source, (doc) => decided(doc, event)),
      ProjectRegistered: ({ data: { name, recipe_pins = [] }, seq }) => pins.set(name, recipe_pins, seq),
      ProjectUpdated: ({ data: { name, recipe_pins = [] }, seq }) => pins.set(name, recipe_pins, seq),
      ProjectRemoved: ({ data: { name } }) => pins.set(name, [], 0),
    },
  } satisfies ReturnType<Projection['open']>;
}

const fresh: Pick<
  RecipeSourceDoc,
  'seen' | 'versions' | 'refused' | 'canary' | 'production' | 'holds' | 'decisions'
> & {
  git_url?: string;
  ref?: string;
} = {
  seen: null,
  versions: [],
  refused: null,
  canary: null,
  production: null,
  holds: [],
  decisions: [],
};

function decided(doc: RecipeSourceDoc, { data, time, seq }: Recorded<'RecipeRolloutDecided'>): RecipeSourceDoc {
  const { source: _source, owner: _owner, ...decision } = data;
  const { step, sha, from, by, reason } = data;
  const decisions = [{ ...decision, at: time, seq }, ...doc.decisions].slice(0, keptDecisions);
  const hold = (of: string | null): RecipeHold => ({ sha: of, by, reason, at: time });
  const without = (...of: (string | null)[]) => doc.holds.filter((one) => !of.includes(one.sha));
  const both = { canary: sha, production: sha };
  switch (step) {
    // The farm takes nothing further that is held: in an older log, what held it was lifted by then.
    case 'first':
      return { ...doc, decisions, ...both, holds: without(null, sha) };
    case 'canary':
      return { ...doc, decisions, canary: sha, holds: without(null, sha) };
    case 'production': {
      const left = [from, doc.canary].filter((one) => isOlderVersion(doc, sha, one));
      return { ...doc, decisions, ...both, holds: withLeft(without(sha), left.map(hold)) };
    }
    case 'held':
      return { ...doc, decisions, holds: bounded([hold(sha), ...without(sha)]) };
    case 'released':
      return { ...doc, decisions, holds: without(sha) };
    case 'rolled_back': {
      const left = [from, isOlderVersion(doc, sha, doc.canary) ? doc.canary : null];
      const added = left.filter((one) => one !== null && one !== sha).map(hold);
      return { ...doc, decisions, ...both, holds: withLeft(without(sha), added) };
    }
    default:
      return step satisfies never;
  }
}

/** Whether a version came before another one; false where one of them is not known any more. */
export function isOlderVersion(
  { versions }: Pick<RecipeSourceDoc, 'versions'>,
  sha: string | null,
  than: string | null,
): boolean {
  const [index, other] = [sha, than].map((of) => versions.findIndex((one) => one.sha === of));
  return index !== undefined && other !== undefined && other >= 0 && index > other;
}

/** A hold that is there already keeps its own words. */
function withLeft(holds: RecipeHold[], left: readonly RecipeHold[]): RecipeHold[] {
  const known = new Set(holds.map(({ sha }) => sha));
  const added = new Map(left.filter(({ sha }) => !known.has(sha)).map((one) => [one.sha, one]));
  return bounded([...added.values(), ...holds]);
}

function bounded(holds: RecipeHold[]): RecipeHold[] {
  const kept = new Set(holds.filter(({ sha }) => sha !== null).slice(0, keptHolds));
  return holds.filter((one) => one.sha === null || kept.has(one));
}

function pinsIn(db: Database) {
  const keep = db.prepare(
    `INSERT INTO recipe_pins VALUES (@project, @source, @sha, @digest, @seq) ON CONFLICT (project, source) DO UPDATE
     SET since_seq = CASE WHEN digest = excluded.digest THEN since_seq ELSE excluded.since_seq END,
       sha = excluded.sha, digest = excluded.digest`,
  );
  const drop = db.prepare(
    'DELETE FROM recipe_pins WHERE project = ? AND source NOT IN (SELECT value FROM json_each(?))',
  );
  return {
    set: (project: string, pins: readonly { source: string; sha: string; digest: string }[], seq: number): void => {
      drop.run(project, JSON.stringify(pins.map(({ source }) => source)));
      for (const pin of pins) keep.run({ project, ...pin, seq });
    },
  };
}

/** Finds sources, and the projects that name them. */
export function recipeSourceQueries(db: Database) {
  const all = db.prepare<[], string>('SELECT doc FROM recipe_sources ORDER BY id').pluck();
  const one = db.prepare<[string], string>('SELECT doc FROM recipe_sources WHERE id = ?').pluck();
  const pin = db.prepare<[string, string], RecipePinDoc>('SELECT * FROM recipe_pins WHERE project = ? AND source = ?');
  const using = db
    .prepare<[string], string>(
      `SELECT doc FROM projects WHERE doc ->> '$.recipes' = 'sources' AND EXISTS (
         SELECT 1 FROM json_each(doc, '$.recipe_sources') WHERE value ->> '$.source' = ?) ORDER BY name`,
    )
    .pluck();
  return {
    list: () => all.all().map((doc) => JSON.parse(doc) as RecipeSourceDoc),
    find: (id: string): RecipeSourceDoc | undefined => {
      const doc = one.get(id);
      return doc === undefined ? undefined : JSON.parse(doc);
    },
    /** The version of a source that a project has; undefined for none yet. */
    pin: (project: string, source: string) => pin.get(project, source),
    /** The projects that take recipes from a source, by name. */
    using: (source: string): ProjectDoc[] => using.all(source).map((doc) => JSON.parse(doc)),
  };
}
