import { setTimeout as pause } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { JobId, Lines, Row } from '../../answers/tool-fields.ts';
import { shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { type JobAnswer, jobAnswer, noSuchJob, over } from './job-words.ts';

/** Between two looks at a job, in ms: a short job is answered at once, a long one costs half a request a second. */
const firstPause = 100;
const longestPause = 2_000;

export const waitForJob = defineTool({
  name: 'crafting_table_wait_for_job',
  toolset: 'jobs',
  title: 'Wait for a job',
  description:
    'Waits until a job is over, telling its progress, then answers like get_job. After timeout_secs it answers the job as it is: call again.',
  input: Type.Object(
    { job_id: JobId, timeout_secs: Type.Optional(Type.Integer({ minimum: 1, maximum: 900, default: 50 })) },
    { additionalProperties: false },
  ),
  output: Type.Object({ job: Row, log_tail: Lines, cut: Lines }),
  annotations: looks,
  async run({ job_id, timeout_secs = 50 }, client, { signal, progress }) {
    const begun = performance.now();
    for (let wait = firstPause; ; wait = Math.min(wait * 1.5, longestPause)) {
      const found = await client.get<JobAnswer>(`/jobs/${job_id}`, noSuchJob);
      if (over.has(found.job.status)) return jobAnswer(found);
      const secs = (performance.now() - begun) / 1000;
      if (secs >= timeout_secs)
        return jobAnswer(
          found,
          `Still ${found.job.status} after ${timeout_secs} s: call this again to go on waiting.\n`,
        );
      await progress(Math.round(secs * 10) / 10, timeout_secs, progressWords(found, secs));
      await pause(Math.min(wait, timeout_secs * 1000), undefined, { signal });
    }
  },
});

/** `running, waited 12 s; its log says (data): …`, or what it waits for. */
function progressWords({ job, log_tail }: JobAnswer, secs: number): string {
  const why = job.waiting_for ? ` because of ${shown(job.waiting_for, 120)}` : '';
  const line = shown(log_tail.at(-1) ?? '', 120);
  return `${job.status}${why}, waited ${Math.round(secs)} s${line && `; its log says (data): ${line}`}`;
}
