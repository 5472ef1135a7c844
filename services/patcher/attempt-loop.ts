import type { EventName, Recorded } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import { done, type EffectOf, type HandlerResult, retry, wait } from '../define.ts';
import { isAppError } from '../floor/app-error.ts';
import { attemptAt, type PatcherDeps, type Step } from './attempt-steps.ts';
import { admitted, cutOff, fillFreeSlots, mayBegin } from './begin-attempts.ts';
import { closeForgotten, closeSessions } from './drafting/agent-session.ts';
import { eraseGiven } from './drafting/draft-by-given.ts';
import { draftPatch } from './drafting/draft-patch.ts';
import { isForgeWait } from './forge-wait.ts';
import { isHeld, unlessRefused } from './hold-project.ts';
import { prove, verifyPatch } from './proving/verify-patch.ts';
import { openPullRequest, pushPatch, stateUnpushed } from './publishing/publish-patch.ts';

type AboutPatch = {
  [N in EventName]: Recorded<N> extends { data: { patch_id: string } } ? N : never;
}[EventName];

type Work = (step: Step, seq: number) => Promise<void>;
type AttemptHandler = (event: Recorded<AboutPatch>, effect: EffectOf) => Promise<HandlerResult>;
type Cause = { readonly effect: EffectOf; readonly deps: PatcherDeps };

/** A forge that asks for a pause gets it; one that is down, or answers nothing of use, is asked until it does. */
export async function patient(work: () => Promise<void>): Promise<HandlerResult> {
  try {
    await work();
    return done;
  } catch (error) {
    if (isAppError(error) && isForgeWait(error)) return wait((error.retryAfterSecs ?? 0) * 1000, error.message);
    if (isAppError(error, 'rate_limited')) return retry((error.retryAfterSecs ?? 30) * 1000, error.message);
    throw error;
  }
}

/** Work for a project, which is held where its forge refuses the credential. */
export const guarded = (project: string, { effect, deps }: Cause, work: () => Promise<void>): Promise<void> =>
  unlessRefused({ project, effect, deps }, work);

/** Whether attempts of a project stand still: the loop is paused, or the project held. */
export const stands = (project: string, deps: PatcherDeps): boolean =>
  deps.models.query().patches.paused() !== null || isHeld(project, deps);

/** One step of an attempt at a time; steps of different attempts at once. */
export const stepOf =
  (deps: PatcherDeps, work: Work): AttemptHandler =>
  ({ seq, data: { patch_id } }, effect) =>
    deps.withLock(patch_id, () =>
      patient(async () => {
        const patch = await attemptAt(seq, patch_id, deps);
        if (patch) await guarded(patch.project, { effect, deps }, () => work({ patch, effect, deps }, seq));
        else await closeForgotten(patch_id, deps);
      }),
    );

/** A step that leads on; while the loop is paused it is left, and comes when the loop goes on. */
export const onward = (deps: PatcherDeps, work: Work): AttemptHandler =>
  stepOf(deps, async (one, seq) => {
    if (!stands(one.patch.project, deps)) await work(one, seq);
  });

/** An attempt begins where it has a place. */
export const drafting = (deps: PatcherDeps): AttemptHandler =>
  onward(deps, async (one) => {
    if (mayBegin(one.patch, deps)) await draftPatch(one);
  });

/** A proven attempt is pushed, or told of where it was only to be proven. */
export const pushing = (deps: PatcherDeps): AttemptHandler =>
  stepOf(deps, async (one, seq) => {
    if (one.patch.verify_only) await stateUnpushed(one);
    else if (!stands(one.patch.project, deps)) await pushPatch(one);
    await eraseGiven(one);
    await closeSessions(seq, one);
  });

/** An attempt is over: its conversations end, and its place is free. */
export const ended =
  (deps: PatcherDeps, work: (step: Step) => Promise<void> = async () => {}, then = fillSlots): AttemptHandler =>
  async (event, effect) => {
    const close = stepOf(deps, async (one, seq) => {
      await work(one);
      await eraseGiven(one);
      await closeSessions(seq, one);
    });
    const [closed] = await Promise.allSettled([close(event, effect)]);
    // A gateway that does not answer keeps no place from others.
    const placed = await patient(() => then(event.data.project, { effect, deps }));
    if (closed.status === 'rejected') throw closed.reason;
    return closed.value.next === 'done' ? placed : closed.value;
  };

/** What waits and has a place now begins. */
export async function admit(project: string, { effect, deps }: Cause): Promise<void> {
  const begin = (patch: PatchDoc) =>
    deps.withLock(patch.id, async () => {
      const now = deps.models.query().patches.find(patch.id)?.doc;
      if (now) await guarded(project, { effect, deps }, () => draftPatch({ patch: now, effect, deps }));
    });
  if (stands(project, deps)) return;
  const interrupted = await cutOff(project, { effect, deps });
  await Promise.all([...interrupted, ...admitted(project, deps)].map(begin));
}

/** A place is free: for what waits, and then for what else was found. */
export async function fillSlots(project: string, cause: Cause): Promise<void> {
  const { deps } = cause;
  await admit(project, cause);
  if (!stands(project, deps)) await deps.withLock(`slots of ${project}`, () => fillFreeSlots(project, cause));
}

/** Each takes its next step, wherever it stands. */
export async function allGoOn(open: readonly PatchDoc[], seq: number, { effect, deps }: Cause): Promise<void> {
  for (const { id, project } of open)
    await deps.withLock(id, async () => {
      const patch = await attemptAt(seq, id, deps);
      if (patch && !stands(project, deps))
        await guarded(project, { effect, deps }, () => goOn({ patch, effect, deps }));
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
  else if (patch.seqs.pushed > patch.seqs.pr) await openPullRequest(one);
}
