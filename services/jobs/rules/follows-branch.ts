import type { JobEnqueuedData } from '../../../events/jobs/job.ts';

/** Whether a job runs where its branch stands: a runner looks where, or somebody had just looked when it was asked for. */
export function followsBranch({ sha, short_sha, tip }: Pick<JobEnqueuedData, 'sha' | 'short_sha' | 'tip'>): boolean {
  return short_sha === undefined && (sha === null || sha === tip);
}
