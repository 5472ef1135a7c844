import type { PatchFailure } from '../../events/patches/patch.ts';
import type { EventName, Recorded } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import { isWaiting } from '../attempts/awaited-place.ts';
import { type Consumer, defineConsumer, done, type EffectOf } from '../define.ts';
import {
  admit,
  allGoOn,
  drafting,
  ended,
  fillSlots,
  guarded,
  onward,
  patient,
  pushing,
  stands,
  stepOf,
} from './attempt-loop.ts';
import { attemptAt, end, type PatcherDeps } from './attempt-steps.ts';
import { admitted, refreshAfter, runAgain } from './begin-attempts.ts';
import { draftFromJob } from './drafting/draft-by-job.ts';
import { draftFromBottle } from './drafting/draft-from-bottle.ts';
import { unlessRefused } from './hold-project.ts';
import { jobOf } from './proving/proof-runs.ts';
import { alsoProving, cancelJobs, judgeVerified, verifyPatch } from './proving/verify-patch.ts';
import { openPullRequest, pushPatch } from './publishing/publish-patch.ts';
import { tidyBranch } from './publishing/remove-branch.ts';
import { closeSuperseded, supersedeAfter } from './publishing/supersede-pulls.ts';
import { concernedBy, lookAt } from './publishing/watch-pulls.ts';
import { nextTurn } from './rules/drafting/next-turn.ts';

const lag = 10_000;

/**
 * The patch loop: each event is one step, and each step ends in one event. A step that is cut off comes again, looks at
 * what has happened, and goes on from there. Long: a table, one line an event.
 */
export function patcher(deps: PatcherDeps): Consumer {
  const push = pushing(deps);
  return defineConsumer({
    name: 'patcher',
    maxInFlight: 4,
    on: {
      AgentRunEnded: async (event, effect) => {
        const asked = await deps.log.last('AgentRunRequested', event.data.bottle_id);
        const id = asked?.data.work.patch_id;
        return id === undefined
          ? done
          : deps.withLock(id, () =>
              patient(async () => {
                const patch = await attemptAt(event.seq, id, deps);
                if (patch && !stands(patch.project, deps)) await draftFromBottle(event, { patch, effect, deps });
              }),
            );
      },
      FindingsParsed: (event, effect) => patient(() => jobRead(event, { effect, deps })),
      PatchRequested: drafting(deps),
      PatchRefreshRequested: drafting(deps),
      PatchSentBack: drafting(deps),
      PatchDrafted: onward(deps, verifyPatch),
      // A gateway that does not answer holds no proven patch back.
      PatchVerified: async (event, effect) => {
        const pushed = await push(event, effect);
        // What was only to be proven is over, and its place is free.
        const kept = deps.models.query().patches.find(event.data.patch_id)?.doc.status === 'proven';
        return kept && pushed.next === 'done' ? patient(() => fillSlots(event.data.project, { effect, deps })) : pushed;
      },
      PatchApproved: onward(deps, pushPatch),
      PatchApprovalDeclined: ended(deps),
      PatchApprovalExpired: ended(deps, undefined, admit),
      BranchPushed: onward(deps, openPullRequest),
      PatchDeclined: ended(deps),
      PatchRefused: ended(deps),
      PatchApplyFailed: ended(deps),
      PatchVerifyFailed: ended(deps),
      // What lies outside of one attempt would end the next one too: it waits for the next run.
      PatchAbandoned: ended(deps, undefined, admit),
      PrClosed: ended(deps),
      PrMerged: ended(deps, async (one) => {
        await runAgain('merged', one);
        await tidyBranch(one);
      }),
      PrSuperseded: ended(deps, async (one) => {
        await closeSuperseded(one);
        await tidyBranch(one);
      }),
      PrConflicted: stepOf(deps, (one) => runAgain('conflicted', one)),
      PatchReconsidered: ended(deps),
      PatchStopped: ended(deps, cancelJobs),
      PatchingResumed: ({ seq }, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(seq, lag))) throw new Error('the read model lags behind');
          const open = deps.models.query().patches.allOpen();
          await allGoOn(open, seq, { effect, deps });
          for (const project of new Set(open.map((one) => one.project))) await fillSlots(project, { effect, deps });
        }),
      ForgeCredentialAccepted: ({ seq, data: { project } }, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(seq, lag))) throw new Error('the read model lags behind');
          await allGoOn(deps.models.query().patches.openOf(project), seq, { effect, deps });
          await fillSlots(project, { effect, deps });
        }),
      ForgeEventReceived: (event, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(event.seq, lag))) throw new Error('the read model lags behind');
          for (const { id, project } of concernedBy(event, deps))
            await deps.withLock(id, () =>
              guarded(project, { effect, deps }, async () => void (await lookAt(id, { effect, deps }))),
            );
        }),
      DeliveryAbandoned: (event, effect) => patient(() => stepAbandoned(event, { effect, deps })),
    },
  });
}

type Occasion = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** A job was read. One of ours goes on with its attempt; any other may bring something to mend. */
async function jobRead(event: Recorded<'FindingsParsed'>, { effect, deps }: Occasion): Promise<void> {
  const { job_id, project } = event.data;
  const job = await deps.log.last('JobEnqueued', job_id);
  const about = job?.data.patch;
  if (job && about) {
    await deps.withLock(about.patch_id, async () => {
      const patch = await attemptAt(event.seq, about.patch_id, deps);
      if (!patch) return;
      const one = { patch, effect, deps };
      await unlessRefused({ ...one, project }, () =>
        about.stage === 'draft' ? draftFromJob(event, one) : judgeVerified(event, job, one),
      );
    });
    // A run of a base commit may be what others wait for.
    for (const id of about.stage === 'base' ? alsoProving(project, about.patch_id, { effect, deps }) : [])
      await deps.withLock(id, async () => {
        const patch = await attemptAt(event.seq, id, deps);
        if (patch) await judgeVerified(event, job, { patch, effect, deps });
      });
    return;
  }
  if (!(await deps.models.applied(event.seq, lag))) throw new Error('the read model lags behind');
  if (stands(project, deps)) return;
  const shown = jobOf(job_id, deps);
  if (!shown || !event.data.proves) return;
  await unlessRefused({ project, effect, deps }, () => supersedeAfter(shown, { effect, deps }));
  await refreshAfter(shown, { effect, deps });
  // A branch without a pull request gives its place back when its finding is gone.
  await fillSlots(project, { effect, deps });
}

const failedStep: Partial<Record<EventName, PatchFailure['step']>> = {
  PatchDrafted: 'verify',
  FindingsParsed: 'verify',
  PatchVerified: 'push',
  PatchApproved: 'push',
  BranchPushed: 'forge',
};

/** A step of ours failed too often: its attempt ends, in the open. */
async function stepAbandoned({ seq, data }: Recorded<'DeliveryAbandoned'>, { effect, deps }: Occasion): Promise<void> {
  if (data.consumer !== 'patcher') return;
  const failed = await deps.log.at(data.event_seq);
  if (!failed) return;
  const patchId = 'patch_id' in failed.data ? failed.data.patch_id : await patchOfJob(failed, deps);
  const patch = patchId === null ? null : await attemptAt(seq, patchId, deps);
  const giveUp = (one: PatchDoc) =>
    end({ step: stepFor(one, failed.type), reason: 'unavailable', detail: data.reason }, { patch: one, effect, deps });
  if (patch?.open) {
    // A pull request that could not be renewed stays as it is, and so does a branch whose conversation goes on.
    const isPushed = failed.type === 'PatchVerified' && patch.seqs.pushed > patch.seqs.verified;
    // Whoever waits for a pull request to show what was pushed is told that it does not.
    const isUntold = failed.type === 'BranchPushed' && patch.seqs.pushed > patch.seqs.pr;
    if ((patch.status !== 'pr_opened' && !isPushed) || isUntold) await giveUp(patch);
    return;
  }
  // What was to begin in the place of another one could not: nothing else would come back to it.
  const project = patch?.project ?? ('project' in failed.data ? failed.data.project : null);
  for (const { id } of project === null ? [] : admitted(project, deps))
    await deps.withLock(id, async () => {
      const now = deps.models.query().patches.find(id)?.doc;
      if (now && isWaiting(now)) await giveUp(now);
    });
}

/** What an attempt was about when its step was given up. */
function stepFor({ status, methods, sent_back }: PatchDoc, failed: EventName): PatchFailure['step'] {
  if (status !== 'requested') return failedStep[failed] ?? 'context';
  return nextTurn(methods, sent_back)?.method === 'agent' ? 'agent' : 'draft';
}

async function patchOfJob({ type, data }: Recorded, { log }: PatcherDeps): Promise<string | null> {
  if (type !== 'FindingsParsed' || !('job_id' in data)) return null;
  return (await log.last('JobEnqueued', data.job_id))?.data.patch?.patch_id ?? null;
}
