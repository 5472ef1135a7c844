import { setTimeout as wait } from 'node:timers/promises';
import type { JobDoc } from '../../../projections/jobs.ts';
import { systemClock } from '../../floor/clock.ts';
import type { ApiClient } from '../farm/api-client.ts';

/** Between two looks at the jobs, in ms: what a person takes for live. */
const look = 150;
const ended = new Set(['succeeded', 'failed', 'cancelled']);

export type ProgressStyle = 'spinners' | 'lines';

/** Waits until all jobs have ended, showing one line a job. Answers them as they ended, in the order they were asked for. */
export async function watchJobs(
  api: ApiClient,
  jobs: readonly JobDoc[],
  style: ProgressStyle,
  print: (line: string) => void,
): Promise<JobDoc[]> {
  const latest = new Map(jobs.map((job) => [job.job_id, job]));
  const waiting = new Map(jobs.map(({ job_id }) => [job_id, Promise.withResolvers<JobDoc>()]));
  const started = new Set<string>();
  const poll = async () => {
    while (waiting.size > 0) {
      for (const id of [...waiting.keys()]) {
        const { job } = await api.get<{ job: JobDoc }>(`/jobs/${id}`);
        latest.set(id, job);
        if (style === 'lines' && job.status !== 'queued' && !started.has(id)) {
          started.add(id);
          print(`  started   ${titleOf(job)}`);
        }
        if (!ended.has(job.status)) continue;
        waiting.get(id)?.resolve(job);
        waiting.delete(id);
        if (style === 'lines') print(`  ${job.status.padEnd(9)} ${titleOf(job)}  ${outcomeOf(job)}`);
      }
      await wait(look);
    }
  };
  const ends = jobs.map(({ job_id }) => waiting.get(job_id)?.promise ?? Promise.reject(new Error('unknown job')));
  const polling = poll().catch((error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  if (style === 'spinners') await spin(jobs, ends, latest);
  const done = await Promise.all(ends);
  await polling;
  return done;
}

async function spin(
  jobs: readonly JobDoc[],
  ends: readonly Promise<JobDoc>[],
  latest: ReadonlyMap<string, JobDoc>,
): Promise<void> {
  const { Listr, PRESET_TIMER } = await import('listr2');
  // Its own listeners end the process at Ctrl-C, before anything is cleaned up.
  const tasks = jobs.map((job, index) => ({
    title: titleOf(job),
    task: async (_: unknown, task: { title: string }) => {
      const tick = setInterval(() => {
        const now = latest.get(job.job_id) ?? job;
        task.title = `${titleOf(job)}  ${now.status} ${now.started_at ? seconds(systemClock.now() - Date.parse(now.started_at)) : ''}`;
      }, 200);
      try {
        const done = await ends[index];
        if (done) task.title = `${titleOf(job)}  ${done.status}  ${outcomeOf(done)}`;
      } finally {
        clearInterval(tick);
      }
    },
  }));
  await new Listr(tasks, {
    concurrent: true,
    registerSignalListeners: false,
    rendererOptions: { timer: { ...PRESET_TIMER, condition: false } },
  }).run();
}

function titleOf({ subproject, recipe, language }: JobDoc): string {
  return `${recipe.padEnd(5)} ${subproject} (${language})`;
}

function outcomeOf({ duration_ms, findings_count, reason }: JobDoc): string {
  const why = reason && reason !== 'exited' ? `, ${reason}` : '';
  return `${findings_count} finding${findings_count === 1 ? '' : 's'}${why}, ${seconds(duration_ms ?? 0)}`;
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}
