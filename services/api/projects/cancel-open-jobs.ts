import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';

/** Cancels the open jobs of a project; answers the sequence up to which every open job was seen. */
export async function cancelOpenJobs(project: string, caller: Caller, deps: ApiDeps): Promise<number> {
  const { models } = deps;
  const seq = models.seq();
  for (const status of ['queued', 'running'] as const) {
    const page = models
      .query()
      .jobs.page({ owner: null, project, status, before: Number.MAX_SAFE_INTEGER, limit: 10_000 });
    for (const { doc } of page) await cancelJob((JSON.parse(doc) as JobDoc).job_id, project, caller, deps);
  }
  return seq;
}

/** Jobs that were asked for while the project was on its way out are gone from the read models, and yet in the queue. */
export async function cancelBetween(
  project: string,
  { after, until }: { after: number; until: number },
  caller: Caller,
  deps: ApiDeps,
): Promise<void> {
  for (let seq = after + 1; seq < until; seq += 1) {
    const event = await deps.log.at(seq);
    if (event?.type === 'JobEnqueued' && event.data.project === project)
      await cancelJob(event.data.job_id, project, caller, deps);
  }
}

async function cancelJob(job_id: string, project: string, { name: by }: Caller, { log }: ApiDeps): Promise<void> {
  const data = { job_id, project, by };
  await log.append({ type: 'JobCancelRequested', id: job_id, data }, { durable: false });
}
