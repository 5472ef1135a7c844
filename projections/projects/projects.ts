import type { Database } from 'better-sqlite3';
import type { ProjectDocument } from '../../events/projects/project.ts';
import type { EventData } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';

/** A project as it is kept here; the API takes the references out and puts the mail addresses in. */
export type ProjectDoc = ProjectDocument & {
  created_at: string;
  updated_at: string;
  seq: number;
  /** What it is called, where that is not its `name`, which the log knows it by. */
  called?: string;
  /** What it was called before, `name` among it, oldest first: all of that still leads to it. */
  earlier_names?: string[];
  /** What the file of its repository said last, where that cannot be taken. */
  recipes_refused?: RefusedRecipes;
  /** Why the branch of its recipes cannot be read. */
  recipes_unread?: { readonly code: string; readonly detail: string; readonly since: string };
};
type RefusedRecipes = Pick<EventData<'RecipeSetNotTaken'>, 'sha' | 'faults'> & {
  readonly at: string;
  /** Whose version it is; absent for the file of its own repository. */
  readonly source?: string;
};

const isElsewhere = (recipes: ProjectDocument['recipes']) => recipes === 'repository' || recipes === 'sources';
/** Of which recipes from elsewhere a document is. */
const versionOf = ({ recipes, recipes_commit, recipe_pins }: ProjectDocument) =>
  JSON.stringify(recipes === 'sources' ? (recipe_pins ?? null) : (recipes_commit ?? null));

/** Projects that exist. */
export const projects: Projection = {
  name: 'projects',
  version: 5,
  tables: { projects: 'name', project_names: 'name' },
  schema: `
    CREATE TABLE IF NOT EXISTS projects (name TEXT PRIMARY KEY, owner TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS projects_by_owner ON projects (owner, name);
    CREATE TABLE IF NOT EXISTS project_names (name TEXT PRIMARY KEY, project TEXT NOT NULL) WITHOUT ROWID;`,
  open: (db) => {
    const addName = db.prepare('INSERT INTO project_names (name, project) VALUES (?, ?) ON CONFLICT (name) DO NOTHING');
    const freeNames = db.prepare('DELETE FROM project_names WHERE project = ?');
    const docs = docTable<ProjectDoc>(db, {
      table: 'projects',
      key: 'name',
      columns: ['owner'],
      values: (doc) => [doc.owner],
      changing: ['owner'],
    });
    return {
      flush: docs.flush,
      on: {
        ProjectRegistered: ({ data, time, seq }) =>
          docs.set(data.name, { ...data, created_at: time, updated_at: time, seq }),
        ProjectUpdated: ({ data: { moved: _moved, moved_recipes: _recipes, left: _left, ...data }, time, seq }) => {
          const before = docs.get(data.name);
          if (!before) return;
          const isRead = !isElsewhere(data.recipes) || versionOf(data) !== versionOf(before);
          const refused = isRead || !before.recipes_refused ? {} : { recipes_refused: before.recipes_refused };
          const isOther = data.recipes !== 'repository' || data.git_url !== before.git_url;
          const unread = isOther || !before.recipes_unread ? {} : { recipes_unread: before.recipes_unread };
          const names = { ...pick(before, 'called'), ...pick(before, 'earlier_names') };
          docs.set(data.name, {
            ...data,
            ...refused,
            ...unread,
            ...names,
            created_at: before.created_at,
            updated_at: time,
            seq,
          });
        },
        ProjectRenamed: ({ data: { name, from, to }, time, seq }) => {
          const doc = docs.get(name);
          if (!doc) return;
          const { called: _before, earlier_names = [], ...rest } = doc;
          const earlier = [...new Set([...earlier_names, from])].filter((one) => one !== to).slice(-mostNames);
          const called = to === name ? {} : { called: to };
          docs.set(name, { ...rest, ...called, earlier_names: earlier, updated_at: time, seq });
          if (to !== name) addName.run(to, name);
        },
        RepositoryRecipesRefused: ({ data: { name, sha, faults }, time }) => {
          const doc = docs.get(name);
          if (doc) docs.set(name, { ...doc, recipes_refused: { sha, faults, at: time } });
        },
        RepositoryRecipesUnread: ({ data: { name, trouble }, time }) => {
          const doc = docs.get(name);
          if (!doc) return;
          const { recipes_unread: _before, ...rest } = doc;
          docs.set(name, trouble === null ? rest : { ...rest, recipes_unread: { ...trouble, since: time } });
        },
        RecipeSetNotTaken: ({ data: { name, source, sha, faults }, time }) => {
          const doc = docs.get(name);
          if (doc) docs.set(name, { ...doc, recipes_refused: { sha, faults, at: time, source } });
        },
        ProjectHandedOver: ({ data: { name, to }, time, seq }) => {
          const doc = docs.get(name);
          if (doc) docs.set(name, { ...doc, owner: to, updated_at: time, seq });
        },
        ProjectRemoved: ({ data }) => {
          docs.delete(data.name);
          freeNames.run(data.name);
        },
      },
    };
  },
};

/** So many earlier names are listed of a project; it may be called by those before them, too. */
const mostNames = 32;

const pick = <K extends keyof ProjectDoc>(doc: ProjectDoc, key: K): Pick<ProjectDoc, K> | object =>
  doc[key] === undefined ? {} : { [key]: doc[key] };

/** What a project is called: the name that people gave it last. */
export const nameOf = ({ name, called = name }: Pick<ProjectDoc, 'name' | 'called'>): string => called;

type ProjectPage = {
  readonly owner: string | null;
  /** Only these; null or missing: all of them. */
  readonly among?: readonly string[] | null;
  readonly after: string;
  readonly limit: number;
};

/** Finds projects; `owner` null means any. */
export function projectQueries(db: Database) {
  const one = db.prepare<[string], string>('SELECT doc FROM projects WHERE name = ?').pluck();
  const ofAll = db
    .prepare<[string, number], string>('SELECT doc FROM projects WHERE name > ? ORDER BY name LIMIT ?')
    .pluck();
  const ofOwner = db
    .prepare<[string, string, number], string>(
      'SELECT doc FROM projects WHERE owner = ? AND name > ? ORDER BY name LIMIT ?',
    )
    .pluck();
  const named = db
    .prepare<{ names: string; owner: string | null; after: string; limit: number }, string>(
      `SELECT doc FROM projects WHERE name IN (SELECT value FROM json_each(@names)) AND name > @after
         AND (@owner IS NULL OR owner = @owner) ORDER BY name LIMIT @limit`,
    )
    .pluck();
  const approving = db
    .prepare<[], string>(
      "SELECT doc FROM projects WHERE json_extract(doc, '$.patch.approval') IS NOT NULL ORDER BY name",
    )
    .pluck();
  const count = db.prepare<[], number>('SELECT count(*) FROM projects').pluck();
  const byName = db.prepare<[string], string>('SELECT project FROM project_names WHERE name = ?').pluck();
  const withNames = db.prepare<[], { project: string; called: string }>(
    "SELECT DISTINCT p.name AS project, p.doc ->> '$.called' AS called FROM project_names n JOIN projects p ON p.name = n.project WHERE called IS NOT NULL",
  );
  const withAgents = db
    .prepare<[], string>(
      "SELECT name FROM projects WHERE doc ->> '$.orchestrate' IS NOT NULL AND doc ->> '$.enabled' = 1 ORDER BY name",
    )
    .pluck();
  return {
    find: (name: string): ProjectDoc | undefined => {
      const doc = one.get(name);
      return doc === undefined ? undefined : JSON.parse(doc);
    },
    page: ({ owner, among = null, after, limit }: ProjectPage): ProjectDoc[] => {
      if (among !== null)
        return named.all({ names: JSON.stringify(among), owner, after, limit }).map((doc) => JSON.parse(doc));
      return (owner === null ? ofAll.all(after, limit) : ofOwner.all(owner, after, limit)).map((doc) =>
        JSON.parse(doc),
      );
    },
    /** The name by which the log knows the project that is, or was, called so; the same name where none was. */
    keyOf: (name: string): string => byName.get(name) ?? name,
    /** What a project is called, by the name that the log knows it by; the same where it has no other. */
    nameOf: (key: string): string => {
      const doc = one.get(key);
      return doc === undefined ? key : nameOf(JSON.parse(doc));
    },
    /** The projects that are called something else than the log knows them by. */
    renamed: () => withNames.all(),
    /** Those that want a person to look at each patch. */
    withApproval: (): ProjectDoc[] => approving.all().map((doc) => JSON.parse(doc)),
    /** The names of those whose issues may start agents, in order. */
    withAgents: () => withAgents.all(),
    count: () => count.get() ?? 0,
  };
}
