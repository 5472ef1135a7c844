import type { Recorded } from '../../../events/registry.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { isAppError } from '../../floor/app-error.ts';
import type { PullRequest } from '../../io/forge/forge.ts';
import { idOf, lastSeq, type PatcherDeps, record, remoteOf, type Step } from '../attempt-steps.ts';
import { untilForgeTakes } from '../forge-wait.ts';
import { pullData } from './publish-patch.ts';

/**
 * Looks at the pull request of an attempt and records what people did to it. Answers it as it was found; null where there is
 * nothing to look at.
 */
export async function lookAt(
  patchId: string,
  { effect, deps }: Pick<Step, 'effect' | 'deps'>,
): Promise<PullRequest | null> {
  const known = () => deps.models.query().patches.find(patchId)?.doc;
  const asked = known();
  // What is merged stays merged.
  if (!asked || asked.pr_number === null || asked.status === 'merged') return null;
  const pull = await untilForgeTakes(async () => deps.openForge(asked)?.readPull(asked.pr_number ?? 0));
  // As it is by now: what is known must not be older than what the forge says.
  const patch = known();
  if (pull && patch) await recordPull(pull, { patch, effect, deps });
  return pull ?? null;
}

/** Records in which way a pull request differs from what is known of it. */
async function recordPull(pull: PullRequest, step: Step): Promise<void> {
  const { patch } = step;
  const say = async (
    type: 'PrMerged' | 'PrClosed' | 'PrOpened' | 'PrCommented' | 'PrConflicted',
    more: Record<string, unknown> = {},
  ) => {
    const { title, ...data } = pullData(patch, pull);
    const whole = type === 'PrOpened' ? { ...data, title } : { ...data, ...more };
    const last = await lastSeq(type, step);
    // Somebody else has seen it in this moment.
    if (type !== 'PrCommented' && last > patch.seqs.pr) return;
    await record({ type, id: patch.id, data: whole } as Parameters<typeof record>[0], last, step);
  };
  if (pull.comments !== patch.comments) await say('PrCommented', { comments: pull.comments });
  if (pull.state === 'merged') {
    if (patch.status !== 'merged') await say('PrMerged', { commit: pull.mergeCommit });
    return;
  }
  if (pull.state === 'closed') {
    if (patch.open) await say('PrClosed');
    return;
  }
  if (patch.status === 'closed') await say('PrOpened');
  // While it is renewed, its branch is looked at by the push.
  else if (patch.status !== 'pr_opened' || patch.taken_over !== null) return;
  else if (await isTakenOver(pull, step)) {
    const data = { ...idOf(patch), branch: patch.branch, commit: pull.headSha ?? '' };
    await record({ type: 'BranchTakenOver', id: patch.id, data }, 0, step);
  } else if (pull.mergeable === false && !patch.conflicted && (await isConflicting(step))) await say('PrConflicted');
}

/** A forge says that it cannot be merged also while it is still looking: git knows. */
async function isConflicting({ patch, deps }: Step): Promise<boolean> {
  if (patch.commit === null) return false;
  const merge = { remote: await remoteOf(patch, deps), branch: patch.base.branch, commit: patch.commit };
  const merges = await deps.workspaces.mergesInto(merge).catch((error) => {
    // Without one of the two commits the forge is believed.
    if (isAppError(error, 'not_found')) return null;
    throw error;
  });
  return merges !== true;
}

/** Whether the branch shows a commit that this attempt did not push. The forge may lag behind a push of our own. */
async function isTakenOver({ headSha }: PullRequest, { patch, deps }: Step): Promise<boolean> {
  if (headSha === null || headSha === patch.commit) return false;
  const pushed = await deps.log.last('BranchPushed', patch.id);
  return pushed?.data.commit !== headSha && pushed?.data.replaces !== headSha;
}

/** A forge told of something: which attempts does it concern? */
export function concernedBy({ data }: Recorded<'ForgeEventReceived'>, { models }: PatcherDeps): PatchDoc[] {
  const { patches } = models.query();
  const { repository, number, branch } = data;
  if (repository === null) return [];
  if (number !== null) return patches.ofPull(repository, number);
  if (branch === null) return [];
  // Forges do not tell names apart by their case. A push to the base may make a conflict, of which no forge tells.
  const isHere = (one: PatchDoc) => one.repository?.toLowerCase() === repository.toLowerCase();
  return patches.openPulls().filter((one) => isHere(one) && [one.branch, one.base.branch].includes(branch));
}
