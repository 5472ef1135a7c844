import { setInterval } from 'node:timers';
import type { Recorded } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patch-document.ts';
import { type AppError, isAppError, messageOf } from '../app-error.ts';
import type { EffectOf } from '../define.ts';
import type { PullRequest } from '../io/forge/forge.ts';
import { idOf, lastSeq, type PatcherDeps, record, type Step } from './attempt-steps.ts';
import { pullData } from './publish-patch.ts';

/** Looks at a pull request and records what people did to it. */
export async function lookAt(step: Step): Promise<void> {
  const { patch, deps } = step;
  if (patch.pr_number === null) return;
  const pull = await deps.openForge(patch)?.readPull(patch.pr_number);
  if (pull) await recordPull(pull, step);
}

/** Records in which way a pull request differs from what is known of it. */
export async function recordPull(pull: PullRequest, step: Step): Promise<void> {
  const { patch } = step;
  const say = async (
    type: 'PrMerged' | 'PrClosed' | 'PrOpened' | 'PrCommented' | 'PrConflicted',
    more: Record<string, unknown> = {},
  ) => {
    const { title, ...data } = pullData(patch, pull);
    const whole = type === 'PrOpened' ? { ...data, title } : { ...data, ...more };
    await record({ type, id: patch.id, data: whole } as Parameters<typeof record>[0], await lastSeq(type, step), step);
  };
  if (pull.comments !== patch.comments) await say('PrCommented', { comments: pull.comments });
  if (pull.state === 'merged') {
    if (patch.status !== 'merged') await say('PrMerged', { commit: pull.mergeCommit });
    return;
  }
  if (pull.state === 'closed') {
    if (patch.status === 'pr_opened') await say('PrClosed');
    return;
  }
  if (patch.status === 'closed') await say('PrOpened');
  if (await isTakenOver(pull, step)) {
    const data = { ...idOf(patch), branch: patch.branch, commit: pull.headSha ?? '' };
    await record({ type: 'BranchTakenOver', id: patch.id, data }, 0, step);
  } else if (pull.mergeable === false && !patch.conflicted && patch.taken_over === null) await say('PrConflicted');
}

/** Whether the branch shows a commit that this attempt did not push. The forge may lag behind a push of our own. */
async function isTakenOver({ headSha }: PullRequest, { patch, deps }: Step): Promise<boolean> {
  if (headSha === null || patch.taken_over !== null || headSha === patch.commit) return false;
  const pushed = await deps.log.last('BranchPushed', patch.id);
  return pushed?.data.commit !== headSha && pushed?.data.replaces !== headSha;
}

/** A forge told of something: which attempts does it concern? */
export function concernedBy({ data }: Recorded<'ForgeEventReceived'>, { models }: PatcherDeps): PatchDoc[] {
  const { patches } = models.query();
  const { repository, number, branch } = data;
  if (repository === null) return [];
  if (number !== null) return patches.ofPull(repository, number);
  return patches.openPulls().filter((one) => one.repository === repository && one.branch === branch);
}

/** Looks at every open pull request now and then, for forges that do not tell. Answers how to stop. */
export function pollPulls(deps: PatcherDeps, everySecs: number): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  let stopped = false;
  const poll = async () => {
    for (const patch of deps.models.query().patches.openPulls()) {
      if (stopped) return;
      const effect: EffectOf = (ordinal) => ({
        eventId: patch.id,
        correlationId: patch.id,
        consumer: 'patcher-poll',
        ordinal: `${ordinal}`,
      });
      const waitSecs = await lookAt({ patch, effect, deps }).then(
        () => 0,
        (error) => waitFor(error, deps),
      );
      // A forge that asks for patience is left alone until the next round.
      if (waitSecs > 0) return;
    }
  };
  const timer = everySecs > 0 ? setInterval(start, everySecs * 1000) : undefined;
  timer?.unref();
  function start() {
    if (busy) return;
    busy = true;
    running = poll()
      .catch((error) => deps.logger.warn({ error: messageOf(error) }, 'pull requests could not be looked at'))
      .finally(() => {
        busy = false;
      });
  }
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

function waitFor(error: unknown, { logger }: PatcherDeps): number {
  logger.warn({ error: messageOf(error) }, 'a pull request could not be looked at');
  return isAppError(error, 'rate_limited')
    ? ((error as AppError & { retryAfterSecs?: number }).retryAfterSecs ?? 60)
    : 0;
}
