import type { EventName, Recorded } from '../../events/registry.ts';
import { type Consumer, defineConsumer, done, type EffectOf, type HandlerResult } from '../define.ts';
import { isAppError } from '../floor/app-error.ts';
import { lookAtIssue } from './issues/look-at-issue.ts';
import { collectReviews } from './turns/collect-reviews.ts';
import type { WorkDeps } from './work-deps.ts';
import type { Worklist } from './worklist.ts';

const lag = 10_000;

type About<Key extends string> = {
  [N in EventName]: Recorded<N> extends { data: { [K in Key]: string } } ? N : never;
}[EventName];

/**
 * Work that comes from issues: every event that may lead on has its work take the next steps. What waits for a forge is in the
 * worklist, which asks again; so no event is ever given up because a forge is down for an hour.
 */
export function orchestrator(deps: WorkDeps, worklist: Worklist): Consumer {
  const { models } = deps;
  const onward = async (id: string | undefined, seq: number, effect: EffectOf): Promise<HandlerResult> => {
    if (!(await models.applied(seq, lag))) throw new Error('the read model lags behind');
    if (id !== undefined) await worklist.advance(id, effect);
    return done;
  };
  const ofWork = ({ seq, data: { work_id } }: Recorded<About<'work_id'>>, effect: EffectOf) =>
    onward(work_id, seq, effect);
  const ofBottle = async ({ seq, data: { bottle_id } }: Recorded<About<'bottle_id'>>, effect: EffectOf) => {
    if (!(await models.applied(seq, lag))) throw new Error('the read model lags behind');
    return onward(models.query().works.ofBottle(bottle_id), seq, effect);
  };
  const ofPatch = async ({ seq, data: { patch_id } }: Recorded<About<'patch_id'>>, effect: EffectOf) => {
    if (!(await models.applied(seq, lag))) throw new Error('the read model lags behind');
    return onward(models.query().works.ofPatch(patch_id), seq, effect);
  };
  const told = async (event: Recorded<'ForgeEventReceived'>, effect: EffectOf): Promise<HandlerResult> => {
    if (!(await models.applied(event.seq, lag))) throw new Error('the read model lags behind');
    const { repository, number } = event.data;
    if (repository === null || number === null) return done;
    try {
      for (const { id } of models.query().works.ofPull(repository, number)) {
        await collectReviews(id, { effect, deps });
        await worklist.advance(id, effect);
      }
      for (const project of worklist.projectsOf(repository)) {
        const work = await lookAtIssue(project, number, { effect, deps });
        if (work) await worklist.advance(work.id, effect);
      }
    } catch (error) {
      // What a forge that is down was to be asked is found by the next look at all that changed there.
      if (!isAppError(error)) throw error;
      worklist.lookSoon(repository, error);
    }
    return done;
  };
  const commented = async (event: Recorded<'PrCommented'>, effect: EffectOf): Promise<HandlerResult> => {
    if (!(await models.applied(event.seq, lag))) throw new Error('the read model lags behind');
    const id = models.query().works.ofPatch(event.data.patch_id);
    if (id === undefined) return done;
    await collectReviews(id, { effect, deps }).catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      worklist.lookSoon(event.data.repository, error);
    });
    return onward(id, event.seq, effect);
  };
  return defineConsumer({
    name: 'orchestrator',
    maxInFlight: 8,
    on: {
      ForgeEventReceived: told,
      IssueTargeted: ofWork,
      IssueClaimed: ofWork,
      WorkTurnAsked: ofWork,
      WorkProposed: ofWork,
      WorkCommanded: ofWork,
      WorkResumed: ofWork,
      ReviewCommented: ofWork,
      ReviewAnswered: ofWork,
      WorkEnded: ofWork,
      AgentRunStarted: ofBottle,
      AgentRunEnded: ofBottle,
      // What waited for a place has one.
      PatchDrafted: ofPatch,
      PatchVerified: ofPatch,
      PatchApprovalRequested: ofPatch,
      PatchDeclined: ofPatch,
      PatchRefused: ofPatch,
      PatchApplyFailed: ofPatch,
      PatchAbandoned: ofPatch,
      PatchVerifyFailed: ofPatch,
      PatchStopped: ofPatch,
      PatchApprovalDeclined: ofPatch,
      PatchApprovalExpired: ofPatch,
      PrOpened: ofPatch,
      PrUpdated: ofPatch,
      PrCommented: commented,
      PrConflicted: ofPatch,
      PrMerged: ofPatch,
      PrClosed: ofPatch,
      BranchTakenOver: ofPatch,
    },
  });
}
