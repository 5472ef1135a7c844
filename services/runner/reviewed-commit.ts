import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import { AppError } from '../floor/app-error.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import { isMachineMade } from '../jobs/rules/plan-confinement.ts';

type Job = Pick<JobEnqueuedData, 'purpose' | 'patch' | 'branch' | 'sha' | 'short_sha' | 'tip' | 'snapshot'>;

/**
 * Whether a job runs a commit of the default branch as it is. Only what such a job leaves in a cache may be read by
 * others: a machine-made change, another branch or a fork's commit is nobody's word yet. In doubt it is not.
 */
export async function isReviewed(
  job: Job,
  { remote, sha }: { remote: Remote; sha: string },
  workspaces: Pick<Workspaces, 'branchTip' | 'isAncestor'>,
): Promise<boolean> {
  const { branch, snapshot, patch } = job;
  if (isMachineMade(job) || patch !== undefined || branch !== snapshot.default_branch) return false;
  const isNewest = job.sha === null && job.short_sha === undefined;
  if (isNewest || job.tip === sha) return true;
  try {
    const tip = await workspaces.branchTip(remote, branch);
    return tip !== null && (tip === sha || (await workspaces.isAncestor(remote, sha, tip)));
  } catch {
    return false;
  }
}

/**
 * Recipes of a repository run only on what somebody could push there: a commit that is asked for by its id has to be of
 * the job's branch. That of a stranger's pull request is not. Throws AppError('forbidden') otherwise.
 */
export async function refuseStranger(
  job: Job,
  { remote, sha }: { remote: Remote; sha: string },
  workspaces: Pick<Workspaces, 'branchTip' | 'isAncestor'>,
): Promise<void> {
  const { branch, snapshot } = job;
  const isNamed = job.sha !== null || job.short_sha !== undefined;
  // A draft of ours stands on a commit that was chosen when nobody could choose another.
  if (snapshot.recipes_commit === undefined || !isNamed || isMachineMade(job)) return;
  const tip = job.tip === sha ? sha : await workspaces.branchTip(remote, branch);
  if (tip !== null && (tip === sha || (await workspaces.isAncestor(remote, sha, tip)))) return;
  throw new AppError(
    'forbidden',
    `The commit ${sha.slice(0, 12)} is not of the branch ${branch}: recipes of the repository run on what was pushed there alone.`,
  );
}
