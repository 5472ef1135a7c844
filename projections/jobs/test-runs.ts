import type { Database } from 'better-sqlite3';
import type { TestsMeasuredData } from '../../events/jobs/measured.ts';
import type { Projection } from '../define.ts';
import { recipeMover } from './recipe-moves.ts';

/** What the result files of a job said of its tests. Durations are in milliseconds, null where nobody said. */
export type TestRunDoc = Pick<
  TestsMeasuredData,
  | 'job_id'
  | 'subproject'
  | 'recipe'
  | 'branch'
  | 'sha'
  | 'executed'
  | 'passed'
  | 'failed'
  | 'skipped'
  | 'flaky'
  | 'duration_ms'
  | 'suite_count'
  | 'formats'
> & { measured_at: string };

type TestRunLists = Pick<TestsMeasuredData, 'suites' | 'slowest' | 'flaky_tests'>;

/** A test that a result file says it failed and then passed in the same run, by commit. */
type RetriedTest = {
  readonly test: string;
  readonly suite: string;
  readonly file: string | null;
  readonly subproject: string;
  readonly recipe: string;
  readonly sha: string;
  /** Runs at this commit in which it was so. */
  readonly retried: number;
  readonly last_job: string;
  readonly last_at: string;
};

/** Tests of jobs, by their result files. */
export const testRuns: Projection = {
  name: 'test-runs',
  version: 1,
  tables: { test_runs: 'job_id' },
  schema: `
    CREATE TABLE IF NOT EXISTS test_runs (
      job_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, project TEXT NOT NULL, subproject TEXT NOT NULL, recipe TEXT NOT NULL,
      on_default INTEGER NOT NULL, sha TEXT, day TEXT NOT NULL, flaky INTEGER NOT NULL, doc TEXT NOT NULL, lists TEXT NOT NULL)
      WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS test_runs_of ON test_runs (project, on_default, subproject, recipe, seq);
    CREATE INDEX IF NOT EXISTS test_runs_flaky ON test_runs (project, seq) WHERE flaky > 0;`,
  open: (db) => {
    const keep = db.prepare('INSERT OR REPLACE INTO test_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const move = db.prepare(
      "UPDATE test_runs SET subproject = ?, doc = json_set(doc, '$.subproject', ?) WHERE project = ? AND subproject = ?",
    );
    const moveRecipes = recipeMover(db, 'test_runs', { hasDoc: true });
    const cascade = db.prepare('DELETE FROM test_runs WHERE project = ?');
    return {
      flush: () => {},
      on: {
        TestsMeasured: ({ data, seq, time }) => {
          const { reading: _reading, run_seq: _run, suites, slowest, flaky_tests, ...rest } = data;
          const { project, on_default_branch, ...figures } = rest;
          const doc: TestRunDoc = { ...figures, measured_at: time };
          const row = [project, data.subproject, data.recipe, Number(on_default_branch), data.sha, time.slice(0, 10)];
          const lists: TestRunLists = { suites, slowest, flaky_tests };
          keep.run(data.job_id, seq, ...row, data.flaky, JSON.stringify(doc), JSON.stringify(lists));
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

type Recipe = { readonly project: string; readonly subproject: string; readonly recipe: string };

/** Runs with flaky tests that are looked back at. */
const lookBack = 500;
const mostDays = 20_000;

/** Finds runs of tests. */
export function testRunQueries(db: Database) {
  const one = db.prepare<[string], { doc: string; lists: string }>('SELECT doc, lists FROM test_runs WHERE job_id = ?');
  const latest = db
    .prepare<[string, string, string, number], string>(
      `SELECT doc FROM test_runs WHERE project = ? AND on_default = 1 AND subproject = ? AND recipe = ?
       ORDER BY seq DESC LIMIT ?`,
    )
    .pluck();
  const days = db.prepare<[string, string, string], { day: string; doc: string }>(
    `SELECT day, doc FROM test_runs WHERE project = ? AND on_default = 1 AND day >= ? AND seq IN (
       SELECT max(seq) FROM test_runs WHERE project = ? AND on_default = 1 GROUP BY day, subproject, recipe)
     ORDER BY seq LIMIT ${mostDays}`,
  );
  const retried = db.prepare<[string, number], RetriedTest>(`
    WITH runs AS (
      SELECT job_id, seq, subproject, recipe, sha, doc ->> 'measured_at' AS at, lists FROM test_runs
      WHERE project = ? AND flaky > 0 AND sha IS NOT NULL ORDER BY seq DESC LIMIT ${lookBack})
    SELECT test.value ->> 'name' AS test, test.value ->> 'suite' AS suite, max(test.value ->> 'file') AS file,
           subproject, recipe, sha, count(DISTINCT job_id) AS retried, job_id AS last_job, max(at) AS last_at
    FROM runs, json_each(lists, '$.flaky_tests') AS test
    GROUP BY 1, 2, subproject, recipe, sha ORDER BY last_at DESC, 1 LIMIT ?`);
  return {
    find: (jobId: string): (TestRunDoc & TestRunLists) | null => {
      const row = one.get(jobId);
      return row === undefined ? null : { ...JSON.parse(row.doc), ...JSON.parse(row.lists) };
    },
    /** The last runs of a recipe on the default branch, newest first. */
    latest: ({ project, subproject, recipe }: Recipe, limit: number) =>
      latest.all(project, subproject, recipe, limit).map((doc) => JSON.parse(doc) as TestRunDoc),
    /** The last run of each recipe and day since a day, oldest first. */
    days: (project: string, since: string) =>
      days.all(project, since, project).map(({ day, doc }) => ({ day, doc: JSON.parse(doc) as TestRunDoc })),
    /** Tests that passed only when they were tried again, the newest first. */
    retried: (project: string, limit: number) => retried.all(project, limit),
  };
}
