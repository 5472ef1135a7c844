import type { Database } from 'better-sqlite3';
import type { Projection } from '../define.ts';
import { recipeMover } from '../jobs/recipe-moves.ts';

/** Steps that draw the line: a complete run takes both, one of a tool that never says that it is complete takes one. */
const drawn = 2;

/**
 * For each recipe of each subproject and each tool: the newest run that proved all that it did not see to be gone, and how
 * far the line is drawn from which `new` counts.
 */
export const proofs: Projection = {
  name: 'proofs',
  version: 3,
  tables: { proofs: 'project, subproject, recipe, tool', baselines: 'project, subproject, recipe, tool' },
  schema: `
    CREATE TABLE IF NOT EXISTS proofs (
      project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, tool TEXT NOT NULL, run_seq INTEGER NOT NULL,
      PRIMARY KEY (project, subproject, recipe, tool)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS baselines (
      project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, tool TEXT NOT NULL, steps INTEGER NOT NULL,
      PRIMARY KEY (project, subproject, recipe, tool)) WITHOUT ROWID;`,
  open: (db) => {
    // Where the event says so it is the newest, whatever its sequence: the commits were compared.
    const set = db.prepare('INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?, ?)');
    const raise = db.prepare(
      `INSERT INTO proofs VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET run_seq = max(run_seq, excluded.run_seq)`,
    );
    const draw = db.prepare(
      'INSERT INTO baselines VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET steps = steps + excluded.steps',
    );
    const move = ['proofs', 'baselines'].map((table) =>
      db.prepare(`UPDATE OR REPLACE ${table} SET subproject = ? WHERE project = ? AND subproject = ?`),
    );
    const moveRecipes = ['proofs', 'baselines'].map((table) => recipeMover(db, table));
    const cascade = ['proofs', 'baselines'].map((table) => db.prepare(`DELETE FROM ${table} WHERE project = ?`));
    return {
      flush: () => {},
      on: {
        FindingsParsed: ({ data: { project, proves, tools, baseline, on_default_branch } }) => {
          const isComplete = (name: string) => tools.every(({ tool, complete }) => tool !== name || complete);
          if (baseline)
            for (const tool of baseline.tools)
              draw.run(project, baseline.subproject, baseline.recipe, tool, isComplete(tool) ? drawn : 1);
          // Of a time when no line was drawn: what was proven had been looked at.
          else if (on_default_branch === undefined && proves)
            for (const tool of proves.tools) draw.run(project, proves.subproject, proves.recipe, tool, drawn);
          if (!proves) return;
          const keep = proves.newest ? set : raise;
          for (const tool of proves.tools) keep.run(project, proves.subproject, proves.recipe, tool, proves.run_seq);
        },
        ProjectUpdated: ({ data: { name, moved = [], moved_recipes = [] } }) => {
          for (const { from, to } of moved) for (const one of move) one.run(to, name, from);
          for (const one of moveRecipes) one(name, moved_recipes);
        },
        ProjectRemoved: ({ data }) => {
          for (const one of cascade) one.run(data.name);
        },
      },
    };
  },
};

/** Finds the newest proof. */
export function proofQueries(db: Database) {
  const newest = db
    .prepare<[string, string, string, string], number>(
      'SELECT run_seq FROM proofs WHERE project = ? AND subproject = ? AND recipe = ? AND tool = ?',
    )
    .pluck();
  const all = db
    .prepare<[string, string, string], number>(
      'SELECT DISTINCT run_seq FROM proofs WHERE project = ? AND subproject = ? AND recipe = ?',
    )
    .pluck();
  const steps = db
    .prepare<[string, string, string, string], number>(
      'SELECT steps FROM baselines WHERE project = ? AND subproject = ? AND recipe = ? AND tool = ?',
    )
    .pluck();
  return {
    /** Whether what a tool finds counts as new from now on. */
    hasLine: (project: string, subproject: string, recipe: string, tool: string) =>
      (steps.get(project, subproject, recipe, tool) ?? 0) >= drawn,
    /** The runs of a recipe that are the newest proof for some tool. */
    all: (project: string, subproject: string, recipe: string) => all.all(project, subproject, recipe),
    newest: (project: string, subproject: string, recipe: string, tool: string) =>
      newest.get(project, subproject, recipe, tool) ?? 0,
  };
}
