import type { Database } from 'better-sqlite3';

/** A test that failed at some commit: how often, and how often it did not in complete runs of the same recipe there. */
export type TestAtCommit = {
  readonly test: string;
  readonly tool: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly sha: string;
  readonly file: string | null;
  readonly failures: number;
  readonly runs: number;
  readonly last_job: string;
  readonly last_at: string;
};

/** Jobs that are looked back at. */
const lookBack = 2_000;

/** The history of a project's failing tests, out of its jobs and what they saw. */
export function testQueries(db: Database) {
  const atCommits = db.prepare<[string, string, number], TestAtCommit>(`
    WITH runs AS (
      SELECT job_id, seq, doc ->> 'subproject' AS subproject, doc ->> 'recipe' AS recipe, doc ->> 'sha' AS sha,
             doc ->> 'finished_at' AS at, json_extract(doc, '$.tools') AS tools
      FROM jobs WHERE project = ? AND status IN ('succeeded', 'failed') AND doc ->> 'purpose' NOT IN ('verify', 'draft', 'agent') ORDER BY seq DESC LIMIT ${lookBack}),
    complete AS (
      SELECT subproject, recipe, sha, tool.value ->> 'tool' AS tool, count(*) AS runs
      FROM runs, json_each(runs.tools) AS tool WHERE sha IS NOT NULL AND tool.value ->> 'complete' GROUP BY 1, 2, 3, 4),
    failed AS (
      SELECT o.doc ->> 'code' AS test, o.doc ->> 'tool' AS tool, r.subproject, r.recipe, r.sha, max(o.doc ->> 'file') AS file,
             count(DISTINCT r.job_id) AS failures, max(r.seq) AS last_seq
      FROM occurrences o JOIN runs r ON r.job_id = o.job_id
      WHERE o.project = ? AND o.doc ->> 'kind' = 'test_fail' AND r.sha IS NOT NULL GROUP BY 1, 2, 3, 4, 5)
    SELECT f.test, f.tool, f.subproject, f.recipe, f.sha, f.file, f.failures, coalesce(c.runs, f.failures) AS runs,
           r.job_id AS last_job, r.at AS last_at
    FROM failed f
    JOIN runs r ON r.seq = f.last_seq
    LEFT JOIN complete c ON c.subproject = f.subproject AND c.recipe = f.recipe AND c.sha = f.sha AND c.tool = f.tool
    ORDER BY f.last_seq DESC, f.test LIMIT ?`);
  return { atCommits: (project: string, limit: number) => atCommits.all(project, project, limit) };
}
