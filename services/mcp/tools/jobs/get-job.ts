import { Type } from '@sinclair/typebox';
import { JobId, Lines, Row } from '../../answers/tool-fields.ts';
import { defineTool, looks } from '../../define.ts';
import { type JobAnswer, jobAnswer, noSuchJob } from './job-words.ts';

export const getJob = defineTool({
  name: 'crafting_table_get_job',
  toolset: 'jobs',
  title: 'Get a job',
  description: 'State of a job, with the end of its log.',
  input: Type.Object({ job_id: JobId }, { additionalProperties: false }),
  output: Type.Object({ job: Row, log_tail: Lines, cut: Lines }),
  annotations: looks,
  run: async ({ job_id }, client) => jobAnswer(await client.get<JobAnswer>(`/jobs/${job_id}`, noSuchJob)),
});
