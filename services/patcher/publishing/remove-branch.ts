import { isAppError } from '../../floor/app-error.ts';
import { idOf, lastSeq, record, remoteOf, type Step } from '../attempt-steps.ts';

/** Removes the branch of an attempt that is over: only where the farm pushed it last, and no other attempt stands on it. */
export async function removeBranchOf(step: Step): Promise<void> {
  const { patch, deps } = step;
  const { commit, branch, base } = patch;
  if (patch.open || commit === null || patch.branch_removed || patch.taken_over !== null || branch === base.branch)
    return;
  const others = deps.models.query().patches.ofBranch(patch.project, branch);
  if (others.some(({ id, open }) => id !== patch.id && open)) return;
  const remote = await remoteOf(patch, deps);
  const never = [base.branch];
  const result = await deps.workspaces.removeBranch({ remote, branch, expect: commit, never });
  const data = { ...idOf(patch), branch };
  // A forge may have removed it by itself.
  if (result.removed || result.found === null)
    await record(
      { type: 'BranchRemoved', id: patch.id, data: { ...data, commit } },
      await lastSeq('BranchRemoved', step),
      step,
    );
}

/** The same where nothing depends on it: a forge that keeps the branch, or has lost it, is told to the log alone. */
export async function tidyBranch(step: Step): Promise<void> {
  try {
    await removeBranchOf(step);
  } catch (error) {
    if (!isAppError(error)) throw error;
    step.deps.logger.warn({ patch: step.patch.id, error: error.message }, 'a branch could not be removed');
  }
}
