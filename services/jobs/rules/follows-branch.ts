import type { JobEnqueuedData } from '../../../events/job.ts';

/** Whether a job runs where its branch stands: a runner looks where, or somebody had just looked when it was asked for. */
export function followsBranch({ sha, tip }: Pick<JobEnqueuedData, 'sha' | 'tip'>): boolean {
  return sha === null || sha === tip;
}
