import { Type } from '@sinclair/typebox';
import { oneOf } from '../../../../events/fields.ts';
import { type JobDoc, jobStatuses } from '../../../../projections/jobs/jobs.ts';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { NextCursor, ProjectName, page, queryOf, Rows } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';

type JobPage = { jobs: JobDoc[]; next_cursor: string | null };

export const listJobs = defineTool({
  name: 'crafting_table_list_jobs',
  toolset: 'jobs',
  title: 'List jobs',
  description: 'Jobs, newest first.',
  input: Type.Object(
    {
      project: Type.Optional(ProjectName),
      status: Type.Optional(oneOf(jobStatuses)),
      ...page,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ jobs: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ limit = 25, ...wanted }, client) {
    const found = await fittingPage(
      async (most) => {
        const { jobs, next_cursor } = await client.get<JobPage>(`/jobs${queryOf({ ...wanted, limit: most })}`);
        return { items: jobs, next_cursor };
      },
      limit,
      { rowOf, lineOf },
    );
    const prose =
      found.rows.length === 0
        ? 'No such jobs. crafting_table_run_test and its like start some.'
        : `Jobs, newest first: ${found.rows.length}.${restOf(found, limit)}\n${fenced(found.lines)}`;
    return { prose, data: { jobs: found.rows, next_cursor: found.next_cursor } };
  },
});

function rowOf(job: JobDoc): object {
  return {
    job_id: job.job_id,
    project: job.project,
    subproject: shown(job.subproject, 120),
    recipe: job.recipe,
    branch: shown(job.branch, 120),
    sha: job.sha,
    status: job.status,
    reason: job.reason,
    exit_code: job.exit_code,
    enqueued_at: job.enqueued_at,
    duration_ms: job.duration_ms,
    findings_count: job.findings_count,
    new_findings_count: job.new_findings_count,
  };
}

function lineOf(job: JobDoc): string {
  const findings = `${job.findings_count} findings, ${job.new_findings_count} new`;
  return `${job.job_id}  ${job.status}  ${job.recipe} of ${job.project} ${shown(job.subproject, 120)}  ${findings}  ${job.enqueued_at}`;
}
