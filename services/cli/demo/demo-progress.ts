import { setTimeout as wait } from 'node:timers/promises';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { systemClock } from '../../floor/clock.ts';
import { counted } from '../../floor/text/counted.ts';
import type { ApiClient } from '../farm/api-client.ts';
import { resumedMessages } from '../farm/resume-stream.ts';

/** Between two looks at the jobs at least, in ms: what a person takes for live, and far below the limit of requests. */
const betweenLooks = 250;
/** Without news of a job, in ms: the read model may have come after the news. */
const longestWait = 2_000;
const ended = new Set(['succeeded', 'failed', 'cancelled']);

export type ProgressStyle = 'spinners' | 'lines';

/** Narrower than a title, spinners would break each line into letters. */
const leastColumns = 40;

/** How progress is shown on such an output; a terminal of unknown width gets lines. */
export function progressStyle({ isTTY, columns }: { isTTY?: boolean; columns?: number }): ProgressStyle {
  return isTTY === true && (columns ?? 0) >= leastColumns ? 'spinners' : 'lines';
}

type Watch = {
  readonly project: string;
  readonly style: ProgressStyle;
  readonly print: (line: string) => void;
  /** Ends the watching: jobs that have not ended are answered as they are. */
  readonly signal?: AbortSignal;
};

/**
 * Waits until all jobs have ended, showing one line a job. One stream of events says when to look, and one question
 * answers all jobs. Answers them in the order in which they were asked for.
 */
export async function watchJobs(
  api: ApiClient,
  jobs: readonly JobDoc[],
  { project, style, print, signal = new AbortController().signal }: Watch,
): Promise<JobDoc[]> {
  const latest = new Map(jobs.map((job) => [job.job_id, job]));
  const waiting = new Map(jobs.map(({ job_id }) => [job_id, Promise.withResolvers<JobDoc>()]));
  const started = new Set<string>();
  const over = new AbortController();
  const news = jobNews(api, project, AbortSignal.any([signal, over.signal]));
  const look = async () => {
    const found = await api.all<JobDoc>(`/jobs?project=${encodeURIComponent(project)}`, 'jobs');
    for (const job of found.reverse()) {
      const promise = waiting.get(job.job_id);
      if (!promise) continue;
      latest.set(job.job_id, job);
      if (style === 'lines' && job.status !== 'queued' && !started.has(job.job_id)) {
        started.add(job.job_id);
        print(`  started   ${titleOf(job)}`);
      }
      if (!ended.has(job.status)) continue;
      promise.resolve(job);
      waiting.delete(job.job_id);
      if (style === 'lines') print(`  ${job.status.padEnd(9)} ${titleOf(job)}  ${outcomeOf(job)}`);
    }
  };
  const lookOn = async () => {
    while (waiting.size > 0 && !signal.aborted) {
      await look();
      if (waiting.size > 0) await news.next();
    }
    // Interrupted: what has not ended is answered as it was last seen.
    for (const job of jobs) waiting.get(job.job_id)?.resolve(latest.get(job.job_id) ?? job);
  };
  const ends = jobs.map(({ job_id }) => waiting.get(job_id)?.promise ?? Promise.reject(new Error('unknown job')));
  const looking = lookOn().catch((error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  try {
    if (style === 'spinners') await spin(jobs, ends, latest);
    const done = await Promise.all(ends);
    await looking;
    return done;
  } finally {
    over.abort();
  }
}

/** Says when something may have happened to a job of a project: `next` ends with the news, or after a while without. */
function jobNews(api: ApiClient, project: string, signal: AbortSignal) {
  let heard = Promise.withResolvers<void>();
  const listen = async () => {
    const path = `/events?follow=1&from=now&entity=job&project=${encodeURIComponent(project)}`;
    for await (const _ of resumedMessages(api, path, { signal })) heard.resolve();
  };
  // Without the stream the jobs are looked at all the same, only less often.
  listen().catch(() => {});
  const pause = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});
  return {
    next: async () => {
      await pause(betweenLooks);
      const { promise } = heard;
      await Promise.race([promise, pause(longestWait)]);
      heard = Promise.withResolvers<void>();
    },
  };
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
    task: async (_: unknown, task: { title: string; skip(message: string): void }) => {
      const tick = setInterval(() => {
        const now = latest.get(job.job_id) ?? job;
        task.title = `${titleOf(job)}  ${now.status} ${now.started_at ? seconds(systemClock.now() - Date.parse(now.started_at)) : ''}`;
      }, 200);
      try {
        const done = await ends[index];
        // Interrupted before its end: no tick.
        if (done && !ended.has(done.status)) task.skip(`${titleOf(job)}  was ${done.status}`);
        else if (done) task.title = `${titleOf(job)}  ${done.status}  ${outcomeOf(done)}`;
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
  return `${counted(findings_count, 'finding')}${why}, ${seconds(duration_ms ?? 0)}`;
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}
