import type { Database } from 'better-sqlite3';
import {
  type ChangedCoverage,
  type CoverageMeasuredData,
  headlineOf,
  percentOf,
  type Share,
  type Shares,
} from '../../events/jobs/measured.ts';
import type { Projection } from '../define.ts';
import { recipeMover } from './recipe-moves.ts';

/** What ran of the code in one job. `percent` is that of the lines, or of the statements where nobody counts lines. */
export type CoverageDoc = {
  job_id: string;
  subproject: string;
  recipe: string;
  branch: string;
  sha: string | null;
  measured_at: string;
  percent: number | null;
  lines: Share | null;
  statements: Share | null;
  branches: Share | null;
  functions: Share | null;
  /** Of the lines that differ from `base`; null where there is nothing to compare with. */
  changed: (Share & { base: string; percent: number }) | null;
  formats: string[];
  file_count: number;
  outside: number;
};

/** The lists of one measurement. */
export type CoverageLists = Pick<CoverageMeasuredData, 'files'> & { changed_files: ChangedCoverage['files'] };

/** What the coverage reports of jobs said. */
export const coverage: Projection = {
  name: 'coverage',
  version: 1,
  tables: { coverage: 'job_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS coverage (
      job_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      on_default INTEGER NOT NULL, sha TEXT, day TEXT NOT NULL, doc TEXT NOT NULL, lists TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS coverage_of ON coverage (project, on_default, subproject, recipe, seq);`,
  open: (db) => {
    const keep = db.prepare('INSERT OR REPLACE INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const move = db.prepare(
      "UPDATE coverage SET subproject = ?, doc = json_set(doc, '$.subproject', ?) WHERE project = ? AND subproject = ?",
    );
    const moveRecipes = recipeMover(db, 'coverage', { hasDoc: true });
    const cascade = db.prepare('DELETE FROM coverage WHERE project = ?');
    return {
      flush: () => {},
      on: {
        CoverageMeasured: ({ data, seq, time }) => {
          const { job_id, project, subproject, recipe, sha, on_default_branch } = data;
          const lists: CoverageLists = { files: data.files, changed_files: data.changed?.files ?? [] };
          const row = [project, subproject, recipe, Number(on_default_branch), sha, time.slice(0, 10)];
          keep.run(job_id, seq, ...row, JSON.stringify(coverageDoc(data, time)), JSON.stringify(lists));
        },
        ProjectUpdated: ({ data: { name, moved = [], moved_recipes = [] } }) => {
          for (const { from, to } of moved) move.run(to, to, name, from);
          moveRecipes(name, moved_recipes);
        },
        ProjectRemoved: ({ data }) => void cascade.run(data.name),
      },
    };
  },
};

/** A measurement as the API sends it. */
export function coverageDoc(data: CoverageMeasuredData, time: string): CoverageDoc {
  const { job_id, subproject, recipe, branch, sha, formats, file_count, outside, changed } = data;
  const { lines = null, statements = null, branches = null, functions = null } = data;
  return {
    job_id,
    subproject,
    recipe,
    branch,
    sha,
    measured_at: time,
    ...headlinePercent(data),
    lines,
    statements,
    branches,
    functions,
    changed:
      changed === undefined
        ? null
        : { base: changed.base, covered: changed.covered, total: changed.total, percent: percentOf(changed) },
    formats,
    file_count,
    outside,
  };
}

function headlinePercent(shares: Shares) {
  const share = headlineOf(shares);
  return { percent: share === null ? null : percentOf(share) };
}

/** Of one day (UTC): the last measurement of a recipe. */
export type CoverageDay = {
  readonly day: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly doc: CoverageDoc;
};

type Recipe = { readonly project: string; readonly subproject: string; readonly recipe: string };

const mostDays = 20_000;

/** Finds measurements. */
export function coverageQueries(db: Database) {
  const one = db.prepare<[string], { doc: string; lists: string }>('SELECT doc, lists FROM coverage WHERE job_id = ?');
  const ofRecipe = 'project = ? AND on_default = 1 AND subproject = ? AND recipe = ?';
  const before = db
    .prepare<[string, string, string, string], string>(
      `SELECT sha FROM coverage WHERE ${ofRecipe} AND sha IS NOT NULL AND sha <> ? ORDER BY seq DESC LIMIT 1`,
    )
    .pluck();
  const latest = db
    .prepare<[string, string, string, number], string>(
      `SELECT doc FROM coverage WHERE ${ofRecipe} ORDER BY seq DESC LIMIT ?`,
    )
    .pluck();
  const recipes = db.prepare<[string], { subproject: string; recipe: string }>(
    'SELECT DISTINCT subproject, recipe FROM coverage WHERE project = ? AND on_default = 1 ORDER BY subproject, recipe',
  );
  const days = db.prepare<[string, string, string], { day: string; subproject: string; recipe: string; doc: string }>(
    `SELECT day, subproject, recipe, doc FROM coverage WHERE project = ? AND on_default = 1 AND day >= ? AND seq IN (
       SELECT max(seq) FROM coverage WHERE project = ? AND on_default = 1 GROUP BY day, subproject, recipe)
     ORDER BY seq DESC LIMIT ${mostDays}`,
  );
  return {
    find: (jobId: string): (CoverageDoc & CoverageLists) | null => {
      const row = one.get(jobId);
      return row === undefined ? null : { ...JSON.parse(row.doc), ...JSON.parse(row.lists) };
    },
    /** The commit on the default branch that was measured last before another one; null when there is none. */
    measuredBefore: ({ project, subproject, recipe }: Recipe, sha: string) =>
      before.get(project, subproject, recipe, sha) ?? null,
    /** The last measurements of a recipe on the default branch, newest first. */
    latest: ({ project, subproject, recipe }: Recipe, limit: number) =>
      latest.all(project, subproject, recipe, limit).map((doc) => JSON.parse(doc) as CoverageDoc),
    /** The recipes that were measured on the default branch. */
    recipes: (project: string) => recipes.all(project),
    /** The last measurement of each recipe and day since a day, oldest first. */
    days: (project: string, since: string): CoverageDay[] =>
      days
        .all(project, since, project)
        .reverse()
        .map(({ doc, ...row }) => ({ ...row, doc: JSON.parse(doc) })),
  };
}
