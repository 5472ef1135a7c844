import { Type } from '@sinclair/typebox';
import type { JobDoc } from '../../../../projections/jobs/jobs.ts';
import { JobId, Text } from '../../answers/tool-fields.ts';
import { changes, defineTool, starts } from '../../define.ts';
import { noSuchJob } from './job-words.ts';

const input = Type.Object({ job_id: JobId }, { additionalProperties: false });
const output = Type.Object({ job_id: Text, status: Text });

export const cancelTool = defineTool({
  name: 'crafting_table_cancel',
  toolset: 'jobs',
  title: 'Cancel a job',
  description: 'Ends a job that waits or runs.',
  input,
  output,
  annotations: changes,
  async run({ job_id }, client) {
    const { job } = await client.post<{ job: JobDoc }>(`/jobs/${job_id}/cancel`, undefined, noSuchJob);
    return {
      prose: `Job ${job_id} is being cancelled; it is ${job.status}. crafting_table_wait_for_job tells when it is over.`,
      data: { job_id, status: job.status },
    };
  },
});

export const rerunTool = defineTool({
  name: 'crafting_table_rerun',
  toolset: 'jobs',
  title: 'Run a job again',
  description: 'The same recipe at the same commit, as a new job.',
  input,
  output,
  annotations: starts,
  async run({ job_id }, client) {
    const { job } = await client.post<{ job: JobDoc }>(`/jobs/${job_id}/rerun`, undefined, noSuchJob);
    return {
      prose: `Job ${job.job_id} runs ${job.recipe} of ${job.project} again. Next: crafting_table_wait_for_job.`,
      data: { job_id: job.job_id, status: job.status },
    };
  },
});
