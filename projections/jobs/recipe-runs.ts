import type { Database } from 'better-sqlite3';
import { type FindingsParsedData, isTrial } from '../../events/jobs/job.ts';
import type { Projection } from '../define.ts';
import { recipeMover } from './recipe-moves.ts';

/** One run of a recipe that spoke for the default branch. Times are ISO 8601, durations in ms. */
export type RecipeRun = {
  project: string;
  subproject: string;
  recipe: string;
  /** Of its JobEnqueued: runs are ordered by it. */
  seq: number;
  job_id: string;
  passed: number;
  duration_ms: number;
  sha: string | null;
  ended_at: string;
  findings: number;
  new_findings: number;
  reason: string;
};

/** Runs of a recipe that are kept: enough for a median, and to see when it failed first. */
const keptRuns = 30;

/** The last runs of each recipe on the default branch: how it stands, since when, and how long it takes. */
export const recipeRuns: Projection = {
  name: 'recipe-runs',
  version: 2,
  tables: {
    recipe_runs: 'project, subproject, recipe, seq',
    recipe_standings: 'project, subproject, recipe',
    open_runs: 'job_id',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS recipe_runs (
      project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, seq INTEGER NOT NULL, job_id TEXT NOT NULL,
      passed INTEGER NOT NULL, duration_ms INTEGER NOT NULL, sha TEXT, ended_at TEXT NOT NULL, findings INTEGER NOT NULL,
      new_findings INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (project, subproject, recipe, seq)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS recipe_runs_of_job ON recipe_runs (job_id);
    CREATE TABLE IF NOT EXISTS recipe_standings (
      project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL, doc TEXT NOT NULL,
      PRIMARY KEY (project, subproject, recipe)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS open_runs (
      job_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      cancelled INTEGER NOT NULL, duration_ms INTEGER NOT NULL, sha TEXT, exit_code INTEGER, reason TEXT NOT NULL,
      ended_at TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS open_runs_of ON open_runs (project);`,
  open: openRuns,
};

type Place = Pick<RecipeRun, 'project' | 'subproject' | 'recipe'>;
type OpenRun = Omit<RecipeRun, 'passed' | 'findings' | 'new_findings'> & {
  cancelled: number;
  exit_code: number | null;
};

/** Long: a reducer, one step an event. */
function openRuns(db: Database) {
  const begin = db.prepare("INSERT OR REPLACE INTO open_runs VALUES (?, ?, ?, ?, ?, 0, 0, NULL, NULL, '', '')");
  const cancel = db.prepare("UPDATE open_runs SET cancelled = 1 WHERE job_id = ? AND reason = ''");
  const exit = db.prepare(
    'UPDATE open_runs SET duration_ms = ?, sha = ?, exit_code = ?, reason = ?, ended_at = ? WHERE job_id = ?',
  );
  const find = db.prepare<[string], OpenRun>('SELECT * FROM open_runs WHERE job_id = ?');
  const end = db.prepare('DELETE FROM open_runs WHERE job_id = ?');
  const keep = db.prepare('INSERT OR REPLACE INTO recipe_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const again = db.prepare(
    'UPDATE recipe_runs SET passed = coalesce(?, passed), findings = ?, new_findings = ? WHERE job_id = ?',
  );
  const forget = db.prepare(
    `DELETE FROM recipe_runs WHERE project = @project AND subproject = @subproject AND recipe = @recipe AND seq <= (
       SELECT seq FROM recipe_runs WHERE project = @project AND subproject = @subproject AND recipe = @recipe
       ORDER BY seq DESC LIMIT 1 OFFSET ${keptRuns})`,
  );
  const move = db.prepare('UPDATE OR REPLACE recipe_runs SET subproject = ? WHERE project = ? AND subproject = ?');
  const moveRecipes = recipeMover(db, 'recipe_runs');
  const leave = db.prepare('DELETE FROM recipe_runs WHERE project = ? AND subproject = ? AND recipe = ?');
  const placeOfJob = db.prepare<[string], Place>(
    'SELECT project, subproject, recipe FROM recipe_runs WHERE job_id = ?',
  );
  const runsOf = db.prepare<Place, RecipeRun>(
    `SELECT * FROM recipe_runs WHERE project = @project AND subproject = @subproject AND recipe = @recipe ORDER BY seq`,
  );
  const places = db.prepare<[string], Place>(
    'SELECT DISTINCT project, subproject, recipe FROM recipe_runs WHERE project = ?',
  );
  const setStanding = db.prepare('INSERT OR REPLACE INTO recipe_standings VALUES (?, ?, ?, ?)');
  const dropStandings = db.prepare('DELETE FROM recipe_standings WHERE project = ?');
  /** Who looks at all projects reads one row a recipe, and not all of its runs. */
  const stand = (place: Place) => {
    const standing = standingOf(runsOf.all(place));
    if (standing) setStanding.run(place.project, place.subproject, place.recipe, JSON.stringify(standing));
  };
  const standAnew = (project: string) => {
    dropStandings.run(project);
    for (const place of places.all(project)) stand(place);
  };
  const parsed = (data: FindingsParsedData) => {
    const { job_id, total, new: fresh, passed, reading = 1 } = data;
    if (reading > 1) {
      again.run(passed === undefined ? null : Number(passed), total, fresh, job_id);
      for (const place of placeOfJob.all(job_id)) stand(place);
      return;
    }
    const run = find.get(job_id);
    end.run(job_id);
    const spoke = data.on_default_branch ?? data.proves !== undefined;
    if (!run || run.cancelled === 1 || run.reason === 'cancelled' || !spoke) return;
    const { project, subproject, recipe, seq, duration_ms, sha, ended_at, reason } = run;
    const ok = passed ?? (reason === 'exited' && run.exit_code === 0);
    keep.run(project, subproject, recipe, seq, job_id, Number(ok), duration_ms, sha, ended_at, total, fresh, reason);
    forget.run({ project, subproject, recipe });
    stand({ project, subproject, recipe });
  };
  return {
    flush: () => {},
    on: {
      JobEnqueued: ({ data: { job_id, project, subproject, recipe, purpose }, seq }) => {
        if (!isTrial(purpose)) begin.run(job_id, seq, project, subproject, recipe);
      },
      JobCancelRequested: ({ data }) => void cancel.run(data.job_id),
      RecipeExited: ({ data: { job_id, duration_ms, sha, exit_code, reason }, time }) =>
        void exit.run(duration_ms, sha, exit_code, reason, time, job_id),
      FindingsParsed: ({ data }) => parsed(data),
      ProjectUpdated: ({ data: { name, moved = [], moved_recipes = [], left = [] } }) => {
        for (const { from, to } of moved) move.run(to, name, from);
        moveRecipes(name, moved_recipes);
        for (const { subproject, recipe } of left) leave.run(name, subproject, recipe);
        if (moved.length + moved_recipes.length + left.length > 0) standAnew(name);
      },
      ProjectRemoved: ({ data: { name } }) => {
        for (const table of ['recipe_runs', 'recipe_standings', 'open_runs'])
          db.prepare(`DELETE FROM ${table} WHERE project = ?`).run(name);
      },
    },
  } satisfies ReturnType<Projection['open']>;
}

/** How a recipe stands: its newest run, how long runs take, and since when it fails. */
export type RecipeStanding = {
  latest: RecipeRun;
  /** Of the runs that are kept, in ms. */
  median_ms: number;
  /** The newest run that passed; null where none of those that are kept did. */
  last_green: RecipeRun | null;
  /** The first of the failures that it stands in now; null while it passes. */
  failing_since: RecipeRun | null;
};

/** Finds how recipes stand. */
export function recipeRunQueries(db: Database) {
  const of = db
    .prepare<[string], string>(
      `SELECT doc FROM recipe_standings WHERE project IN (SELECT value FROM json_each(?))
       ORDER BY project, subproject, recipe`,
    )
    .pluck();
  const greenBefore = db.prepare<[string, string, string, number], RecipeRun>(
    'SELECT * FROM recipe_runs WHERE project = ? AND subproject = ? AND recipe = ? AND seq < ? AND passed = 1 ORDER BY seq DESC LIMIT 1',
  );
  const ofRecipe = db.prepare<[string, string, string], RecipeRun>(
    'SELECT * FROM recipe_runs WHERE project = ? AND subproject = ? AND recipe = ? ORDER BY seq',
  );
  return {
    /** How every recipe of these projects stands, by project, subproject and recipe. */
    standings: (projects: readonly string[]): RecipeStanding[] =>
      of.all(JSON.stringify(projects)).map((doc) => JSON.parse(doc) as RecipeStanding),
    runs: (project: string, subproject: string, recipe: string) => ofRecipe.all(project, subproject, recipe),
    /** The newest run that passed and was asked for before a sequence; null for none. */
    greenBefore: ({ project, subproject, recipe }: Pick<RecipeRun, 'project' | 'subproject' | 'recipe'>, seq: number) =>
      greenBefore.get(project, subproject, recipe, seq) ?? null,
  };
}

function standingOf(runs: readonly RecipeRun[]): RecipeStanding | null {
  const latest = runs.at(-1);
  if (!latest) return null;
  const last_green = runs.findLast(({ passed }) => passed === 1) ?? null;
  const failing_since = latest.passed === 1 ? null : (runs[last_green ? runs.indexOf(last_green) + 1 : 0] ?? null);
  const durations = runs.map(({ duration_ms }) => duration_ms).sort((a, b) => a - b);
  return { latest, median_ms: durations[Math.floor(durations.length / 2)] ?? 0, last_green, failing_since };
}
