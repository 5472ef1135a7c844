import type { PatchFailure } from '../../events/patches/patch.ts';
import type { EventName, Recorded } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import { isWaiting } from '../attempts/request-attempts.ts';
import { type Consumer, defineConsumer, done, type EffectOf, type HandlerResult, retry } from '../define.ts';
import { isAppError } from '../floor/app-error.ts';
import { attemptAt, end, type PatcherDeps, type Step } from './attempt-steps.ts';
import { admitted, cutOff, fillFreeSlots, mayBegin, refreshAfter, runAgain } from './begin-attempts.ts';
import { closeForgotten, closeSessions } from './drafting/agent-session.ts';
import { eraseGiven } from './drafting/draft-by-given.ts';
import { draftFromJob } from './drafting/draft-by-job.ts';
import { draftFromBottle } from './drafting/draft-from-bottle.ts';
import { draftPatch } from './drafting/draft-patch.ts';
import { isHeld, unlessRefused } from './hold-project.ts';
import { jobOf } from './proving/proof-runs.ts';
import { alsoProving, cancelJobs, judgeVerified, prove, verifyPatch } from './proving/verify-patch.ts';
import { openPullRequest, pushPatch, stateUnpushed } from './publishing/publish-patch.ts';
import { tidyBranch } from './publishing/remove-branch.ts';
import { closeSuperseded, supersedeAfter } from './publishing/supersede-pulls.ts';
import { concernedBy, lookAt } from './publishing/watch-pulls.ts';
import { nextTurn } from './rules/drafting/next-turn.ts';

type AboutPatch = {
  [N in EventName]: Recorded<N> extends { data: { patch_id: string } } ? N : never;
}[EventName];

const lag = 10_000;

/**
 * The patch loop: each event is one step, and each step ends in one event. A step that is cut off comes again, looks at
 * what has happened, and goes on from there.
 */
export function patcher(deps: PatcherDeps): Consumer {
  const { withLock } = deps;
  const patient = async (work: () => Promise<void>): Promise<HandlerResult> => {
    try {
      await work();
      return done;
    } catch (error) {
      if (isAppError(error, 'rate_limited')) return retry((error.retryAfterSecs ?? 30) * 1000, error.message);
      throw error;
    }
  };
  const guarded = (project: string, effect: EffectOf, work: () => Promise<void>) =>
    unlessRefused({ project, effect, deps }, work);
  /** One step of an attempt at a time; steps of different attempts at once. */
  const step =
    (work: (step: Step, seq: number) => Promise<void>) =>
    ({ seq, data: { patch_id } }: Recorded<AboutPatch>, effect: EffectOf) =>
      withLock(patch_id, () =>
        patient(async () => {
          const patch = await attemptAt(seq, patch_id, deps);
          if (patch) await guarded(patch.project, effect, () => work({ patch, effect, deps }, seq));
          else await closeForgotten(patch_id, deps);
        }),
      );
  const isPaused = () => deps.models.query().patches.paused() !== null;
  const stands = (project: string) => isPaused() || isHeld(project, deps);
  /** A step that leads on; while the loop is paused it is left, and comes when the loop goes on. */
  const onward = (work: (step: Step, seq: number) => Promise<void>) =>
    step(async (one, seq) => {
      if (!stands(one.patch.project)) await work(one, seq);
    });
  const drafting = onward(async (one) => {
    if (mayBegin(one.patch, deps)) await draftPatch(one);
  });
  /** What waits and has a place now begins. */
  const admit = async (project: string, effect: EffectOf) => {
    const begin = (patch: PatchDoc) =>
      withLock(patch.id, async () => {
        const now = deps.models.query().patches.find(patch.id)?.doc;
        if (now) await guarded(project, effect, () => draftPatch({ patch: now, effect, deps }));
      });
    if (stands(project)) return;
    const interrupted = await cutOff(project, { effect, deps });
    await Promise.all([...interrupted, ...admitted(project, deps)].map(begin));
  };
  /** A place is free: for what waits, and then for what else was found. */
  const fillSlots = async (project: string, effect: EffectOf) => {
    await admit(project, effect);
    if (!stands(project)) await withLock(`slots of ${project}`, () => fillFreeSlots(project, { effect, deps }));
  };
  /** Each takes its next step, wherever it stands. */
  const allGoOn = async (open: readonly PatchDoc[], { seq, effect }: { seq: number; effect: EffectOf }) => {
    for (const { id, project } of open)
      await withLock(id, async () => {
        const patch = await attemptAt(seq, id, deps);
        if (patch && !stands(project)) await guarded(project, effect, () => goOn({ patch, effect, deps }));
      });
  };
  /** An attempt is over: its conversations end, and its place is free. */
  const ended =
    (work: (step: Step) => Promise<void> = async () => {}, then = fillSlots) =>
    async (event: Recorded<AboutPatch>, effect: EffectOf) => {
      const close = step(async (one, seq) => {
        await work(one);
        await eraseGiven(one);
        await closeSessions(seq, one);
      });
      const [closed] = await Promise.allSettled([close(event, effect)]);
      // A gateway that does not answer keeps no place from others.
      const placed = await patient(() => then(event.data.project, effect));
      if (closed.status === 'rejected') throw closed.reason;
      return closed.value.next === 'done' ? placed : closed.value;
    };
  const pushing = step(async (one, seq) => {
    if (one.patch.verify_only) await stateUnpushed(one);
    else if (!stands(one.patch.project)) await pushPatch(one);
    await eraseGiven(one);
    await closeSessions(seq, one);
  });
  return defineConsumer({
    name: 'patcher',
    maxInFlight: 4,
    on: {
      AgentRunEnded: async (event, effect) => {
        const asked = await deps.log.last('AgentRunRequested', event.data.bottle_id);
        const id = asked?.data.work.patch_id;
        return id === undefined
          ? done
          : withLock(id, () =>
              patient(async () => {
                const patch = await attemptAt(event.seq, id, deps);
                if (patch && !stands(patch.project)) await draftFromBottle(event, { patch, effect, deps });
              }),
            );
      },
      FindingsParsed: (event, effect) => patient(() => jobRead(event, { effect, deps, fillSlots })),
      PatchRequested: drafting,
      PatchRefreshRequested: drafting,
      PatchSentBack: drafting,
      PatchDrafted: onward(verifyPatch),
      // A gateway that does not answer holds no proven patch back.
      PatchVerified: async (event, effect) => {
        const pushed = await pushing(event, effect);
        // What was only to be proven is over, and its place is free.
        const kept = deps.models.query().patches.find(event.data.patch_id)?.doc.status === 'proven';
        return kept && pushed.next === 'done' ? patient(() => fillSlots(event.data.project, effect)) : pushed;
      },
      PatchApproved: onward(pushPatch),
      PatchApprovalDeclined: ended(),
      PatchApprovalExpired: ended(undefined, admit),
      BranchPushed: onward(openPullRequest),
      PatchDeclined: ended(),
      PatchRefused: ended(),
      PatchApplyFailed: ended(),
      PatchVerifyFailed: ended(),
      // What lies outside of one attempt would end the next one too: it waits for the next run.
      PatchAbandoned: ended(undefined, admit),
      PrClosed: ended(),
      PrMerged: ended(async (one) => {
        await runAgain('merged', one);
        await tidyBranch(one);
      }),
      PrSuperseded: ended(async (one) => {
        await closeSuperseded(one);
        await tidyBranch(one);
      }),
      PrConflicted: step((one) => runAgain('conflicted', one)),
      PatchReconsidered: ended(),
      PatchStopped: ended(cancelJobs),
      PatchingResumed: ({ seq }, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(seq, lag))) throw new Error('the read model lags behind');
          const open = deps.models.query().patches.allOpen();
          await allGoOn(open, { seq, effect });
          for (const project of new Set(open.map((one) => one.project))) await fillSlots(project, effect);
        }),
      ForgeCredentialAccepted: ({ seq, data: { project } }, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(seq, lag))) throw new Error('the read model lags behind');
          await allGoOn(deps.models.query().patches.openOf(project), { seq, effect });
          await fillSlots(project, effect);
        }),
      ForgeEventReceived: (event, effect) =>
        patient(async () => {
          if (!(await deps.models.applied(event.seq, lag))) throw new Error('the read model lags behind');
          for (const { id, project } of concernedBy(event, deps))
            await withLock(id, () => guarded(project, effect, async () => void (await lookAt(id, { effect, deps }))));
        }),
      DeliveryAbandoned: (event, effect) => patient(() => stepAbandoned(event, { effect, deps })),
    },
  });
}

/** Takes the next step of an attempt, wherever it stands. */
async function goOn(one: Step): Promise<void> {
  const { patch, deps } = one;
  if (patch.status === 'requested') {
    if (mayBegin(patch, deps)) await draftPatch(one);
  } else if (patch.status === 'drafted') await verifyPatch(one);
  else if (patch.status === 'verifying') await (patch.seqs.verified > patch.seqs.drafted ? pushPatch(one) : prove(one));
  else if (patch.status === 'awaiting_approval') await pushPatch(one);
  else if (patch.status === 'pushed') await openPullRequest(one);
}

type Occasion = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** A job was read. One of ours goes on with its attempt; any other may bring something to mend. */
async function jobRead(
  event: Recorded<'FindingsParsed'>,
  { effect, deps, fillSlots }: Occasion & { fillSlots: (project: string, effect: EffectOf) => Promise<void> },
): Promise<void> {
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
  if (deps.models.query().patches.paused() !== null || isHeld(project, deps)) return;
  const shown = jobOf(job_id, deps);
  if (!shown || !event.data.proves) return;
  await unlessRefused({ project, effect, deps }, () => supersedeAfter(shown, { effect, deps }));
  await refreshAfter(shown, { effect, deps });
  // A branch without a pull request gives its place back when its finding is gone.
  await fillSlots(project, effect);
}

const stepOf: Partial<Record<EventName, PatchFailure['step']>> = {
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
    if (patch.status !== 'pr_opened' && !isPushed) await giveUp(patch);
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
  if (status !== 'requested') return stepOf[failed] ?? 'context';
  return nextTurn(methods, sent_back)?.method === 'agent' ? 'agent' : 'draft';
}

async function patchOfJob({ type, data }: Recorded, { log }: PatcherDeps): Promise<string | null> {
  if (type !== 'FindingsParsed' || !('job_id' in data)) return null;
  return (await log.last('JobEnqueued', data.job_id))?.data.patch?.patch_id ?? null;
}
