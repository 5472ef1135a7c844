import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { pagePath, pageUrl } from '../../floor/page-paths.ts';
import { oneLine } from '../../floor/text/escape-text.ts';
import { resultOf } from './notice-line.ts';

/** How a job shows on its commit. */
type CommitState = {
  readonly sha: string;
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly description: string;
  readonly url: string | null;
};

/** GitHub takes no more. */
const longest = 140;

/** The status of a job as it stands; null while its commit is not known. `error` is a run that says nothing about the code. */
export function commitStateOf(job: JobDoc, context: string, publicUrl: string | null): CommitState | null {
  if (job.sha === null) return null;
  const url = pageUrl(publicUrl, pagePath.job(job.job_id));
  return { sha: job.sha, context, ...wordsOf(job), url };
}

function wordsOf(job: JobDoc): Pick<CommitState, 'state' | 'description'> {
  if (['queued', 'running', 'parsing'].includes(job.status))
    return { state: 'pending', description: `${job.recipe} is running` };
  const state =
    job.status === 'succeeded'
      ? 'success'
      : job.status === 'failed' && job.reason === 'exited' && job.failure?.cause !== 'environment'
        ? 'failure'
        : 'error';
  return { state, description: oneLine(`${job.recipe} ${resultOf(job)}`, longest) };
}
