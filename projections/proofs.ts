import type { Database } from 'better-sqlite3';
import type { Projection } from './define.ts';

/** For each recipe of each subproject and each tool: the newest run that proved all that it did not see to be gone. */
export const proofs: Projection = {
  name: 'proofs',
  version: 2,
  tables: { proofs: 'project, subproject, recipe, tool' },
  schema: `
    CREATE TABLE IF NOT EXISTS proofs (
      project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, tool TEXT NOT NULL, run_seq INTEGER NOT NULL,
      PRIMARY KEY (project, subproject, recipe, tool)) WITHOUT ROWID;`,
  open: (db) => {
    // Where the event says so it is the newest, whatever its sequence: the commits were compared.
    const set = db.prepare('INSERT OR REPLACE INTO proofs VALUES (?, ?, ?, ?, ?)');
    const raise = db.prepare(
      `INSERT INTO proofs VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET run_seq = max(run_seq, excluded.run_seq)`,
    );
    const cascade = db.prepare('DELETE FROM proofs WHERE project = ?');
    return {
      flush: () => {},
      on: {
        FindingsParsed: ({ data: { project, proves } }) => {
          if (!proves) return;
          const keep = proves.newest ? set : raise;
          for (const tool of proves.tools) keep.run(project, proves.subproject, proves.recipe, tool, proves.run_seq);
        },
        ProjectRemoved: ({ data }) => {
          cascade.run(data.name);
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
  return {
    /** The runs of a recipe that are the newest proof for some tool. */
    all: (project: string, subproject: string, recipe: string) => all.all(project, subproject, recipe),
    newest: (project: string, subproject: string, recipe: string, tool: string) =>
      newest.get(project, subproject, recipe, tool) ?? 0,
  };
}
