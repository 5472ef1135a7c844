import type { Database } from 'better-sqlite3';

/** A test that failed at some commit. `runs` are those that executed it there: its failures and its passes. */
type TestAtCommit = {
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
    WITH runs AS MATERIALIZED (
      SELECT job_id, seq, doc ->> 'subproject' AS subproject, doc ->> 'recipe' AS recipe, doc ->> 'sha' AS sha,
             doc ->> 'command' AS command, doc ->> 'finished_at' AS at, json_extract(doc, '$.tools') AS tools,
             (doc ->> '$.tests.passed') + (doc ->> '$.tests.failed') AS executed, doc ->> '$.tests.skipped' AS skipped
      FROM jobs WHERE project = ? AND status IN ('succeeded', 'failed') AND doc ->> 'purpose' NOT IN ('verify', 'draft', 'agent') ORDER BY seq DESC LIMIT ${lookBack}),
    complete AS MATERIALIZED (
      SELECT job_id, subproject, recipe, sha, command, executed, skipped, tool.value ->> 'tool' AS tool
      FROM runs, json_each(runs.tools) AS tool
      WHERE sha IS NOT NULL AND executed IS NOT NULL AND tool.value ->> 'complete'),
    sightings AS MATERIALIZED (
      SELECT o.doc ->> 'code' AS test, o.doc ->> 'tool' AS tool, r.subproject, r.recipe, r.sha, r.command, r.job_id,
             max(r.seq) AS seq, max(o.doc ->> 'file') AS file, r.executed, r.skipped
      FROM occurrences o JOIN runs r ON r.job_id = o.job_id
      WHERE o.project = ? AND o.doc ->> 'kind' = 'test_fail' AND r.sha IS NOT NULL GROUP BY 1, 2, r.job_id),
    -- Where as many tests ran as where it failed, of the same command, and no more were skipped, it was executed too.
    ran AS MATERIALIZED (
      SELECT test, tool, subproject, recipe, sha, command, max(executed) AS executed, min(skipped) AS skipped
      FROM sightings GROUP BY 1, 2, 3, 4, 5, 6),
    passed AS MATERIALIZED (
      SELECT n.test, n.tool, n.subproject, n.recipe, n.sha, count(DISTINCT c.job_id) AS passes
      FROM ran n
      JOIN complete c ON c.sha = n.sha AND c.command = n.command AND c.subproject = n.subproject AND c.recipe = n.recipe AND c.tool = n.tool
      LEFT JOIN sightings s ON s.job_id = c.job_id AND s.test = n.test AND s.tool = n.tool
      WHERE s.job_id IS NULL AND c.executed >= n.executed AND c.skipped <= n.skipped GROUP BY 1, 2, 3, 4, 5),
    failed AS (
      SELECT test, tool, subproject, recipe, sha, max(file) AS file, count(DISTINCT job_id) AS failures, max(seq) AS last_seq
      FROM sightings GROUP BY 1, 2, 3, 4, 5)
    SELECT f.test, f.tool, f.subproject, f.recipe, f.sha, f.file, f.failures, f.failures + coalesce(p.passes, 0) AS runs,
           r.job_id AS last_job, r.at AS last_at
    FROM failed f
    JOIN runs r ON r.seq = f.last_seq
    LEFT JOIN passed p ON p.test = f.test AND p.tool = f.tool AND p.sha = f.sha AND p.subproject = f.subproject AND p.recipe = f.recipe
    ORDER BY f.last_seq DESC, f.test LIMIT ?`);
  return { atCommits: (project: string, limit: number) => atCommits.all(project, project, limit) };
}
