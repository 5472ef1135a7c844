import { Type } from '@sinclair/typebox';
import { oneOf, type RecipeName } from '../../../../events/fields.ts';
import { priorities } from '../../../../events/jobs/job.ts';
import type { JobDoc } from '../../../../projections/jobs/jobs.ts';
import { ProjectName, Rows, Text } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, starts, type Tool } from '../../define.ts';

type Enqueued = { job_id: string; status: string; jobs: JobDoc[] };

const mostJobs = 50;

export const runAudit = runTool('audit', 'Looks for known vulnerabilities in the dependencies');
export const runBuild = runTool('build', 'Builds');
export const runLint = runTool('lint', 'Lints');
export const runTest = runTool('test', 'Tests');

function runTool(recipe: RecipeName, does: string): Tool {
  return defineTool({
    name: `crafting_table_run_${recipe}`,
    toolset: 'jobs',
    title: `Run ${recipe}`,
    description: `${does}: a job in one subproject, or in every one that has the recipe. Then crafting_table_wait_for_job.`,
    input: Type.Object(
      {
        project: ProjectName,
        subproject: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
        branch: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        sha: Type.Optional(Type.String({ pattern: '^[0-9a-f]{40,64}$' })),
        priority: Type.Optional(oneOf(priorities)),
      },
      { additionalProperties: false },
    ),
    output: Type.Object({ job_id: Text, status: Text, jobs: Rows }),
    annotations: starts,
    async run({ project, ...wanted }, client) {
      const { job_id, status, jobs } = await client.post<Enqueued>(
        `/projects/${project}/jobs`,
        { recipe, ...wanted },
        `There is no project ${project}, or it is not yours: crafting_table_list_projects lists yours.`,
      );
      const rows = jobs.slice(0, mostJobs).map((job) => ({
        job_id: job.job_id,
        subproject: shown(job.subproject, 120),
        status: job.status,
      }));
      const more = jobs.length > mostJobs ? ` The first ${mostJobs}; crafting_table_list_jobs has them all.` : '';
      const lines = rows.map((row) => `${row.job_id}  ${recipe} of ${row.subproject}  ${row.status}`);
      return {
        prose: `Jobs of ${project} asked for: ${jobs.length}. Wait for each with crafting_table_wait_for_job.${more}\n${fenced(lines)}`,
        data: { job_id, status, jobs: rows },
      };
    },
  });
}
