import type { EffectOf } from '../define.ts';
import { type ErrorCode, isAppError, messageOf } from '../floor/app-error.ts';
import { endWork } from '../work/end-work.ts';
import { tellStatus } from './issues/tell-status.ts';
import { nextStep } from './rules/next-step.ts';
import { answerReview } from './turns/answer-review.ts';
import { askTurn, claimWork, requestTurn } from './turns/run-turn.ts';
import { takeRun } from './turns/take-run.ts';
import { endDeps, type Step, type WorkDeps, workNow } from './work-deps.ts';

/** A work has fewer steps between two waits than this; more is an error, not work. */
const mostSteps = 20;

/** What a forge or a repository may answer at times, and what passes. */
const passing: readonly ErrorCode[] = [
  'unavailable',
  'timeout',
  'rate_limited',
  'unauthorized',
  'forbidden',
  'not_found',
  'invalid',
];

/** How long until a work wants to be looked at again, in ms; null: when something happens. */
type Patience = number | null;

/**
 * Takes the next steps of a work, wherever it stands, and says on its issue how it stands then. A forge that does not answer costs
 * nothing but time: the steps are the same when somebody asks again.
 */
export async function advanceWork(
  id: string,
  { effect, deps }: { effect: EffectOf; deps: WorkDeps },
): Promise<Patience> {
  return deps.withLock(id, async () => {
    let patience: Patience = null;
    try {
      patience = await takeSteps(id, { effect, deps });
    } catch (error) {
      patience = waitAfter(error, id, deps);
    }
    const work = workNow(id, deps);
    if (!work) return null;
    try {
      await tellStatus({ work, effect, deps });
    } catch (error) {
      patience = Math.min(patience ?? Number.POSITIVE_INFINITY, waitAfter(error, id, deps));
    }
    return patience;
  });
}

async function takeSteps(id: string, { effect, deps }: { effect: EffectOf; deps: WorkDeps }): Promise<Patience> {
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const work = workNow(id, deps);
    if (!work) return null;
    const step = { work, effect, deps };
    const next = nextStep(work, await factsOf(step));
    if (next.do === 'wait') return next.ms;
    await take(next, step);
    const then = workNow(id, deps);
    // Nothing came of it: somebody else is at the same step, or has to be waited for.
    if (JSON.stringify(then?.seqs) === JSON.stringify(work.seqs)) return null;
  }
  throw new Error(`The work ${id} does not come to rest.`);
}

async function factsOf({ work, deps }: Step) {
  const attempt = work.patch_id === null ? undefined : deps.models.query().patches.find(work.patch_id)?.doc;
  const isWorking = work.state === 'working' && work.bottle_id !== null;
  return {
    nowMs: deps.clock.now(),
    quietMs: deps.config.orchestrator.quietSecs * 1000,
    takenOver: (attempt?.taken_over ?? null) !== null,
    requested: isWorking && (await deps.log.last('AgentRunRequested', work.bottle_id ?? '')) !== null,
  };
}

type Doable = Exclude<ReturnType<typeof nextStep>, { do: 'wait' }>;

async function take(next: Doable, step: Step): Promise<void> {
  if (next.do === 'claim') return claimWork(step);
  if (next.do === 'ask') return askTurn(next.why, step);
  if (next.do === 'request') return requestTurn(step);
  if (next.do === 'take') return takeRun(step);
  if (next.do === 'end') return endAs(next.outcome, step);
  await answerReview(step);
}

async function endAs(outcome: 'merged' | 'closed' | 'failed', step: Step): Promise<void> {
  const { work } = step;
  const number = work.pull?.number ?? 0;
  const words = {
    merged: { reason: 'merged', detail: `Pull request ${number} was merged.` },
    closed: { reason: 'closed', detail: `Pull request ${number} was closed without being merged.` },
    failed: {
      reason: work.failure?.reason ?? 'failed',
      detail: work.failure?.detail ?? 'What it left came to nothing.',
    },
  };
  await endWork(work, outcome, { ...words[outcome], by: null }, endDeps(step));
}

const usualWaitMs = 15_000;

/** How long a forge is left alone after an error; what is no forge's doing is thrown. */
function waitAfter(error: unknown, id: string, { logger }: WorkDeps): number {
  if (!passing.some((code) => isAppError(error, code)) || !isAppError(error)) throw error;
  logger.warn({ work: id, error: messageOf(error), code: 'work_waits' }, 'a work waits for its forge or repository');
  return error.code === 'rate_limited' ? (error.retryAfterSecs ?? 60) * 1000 : usualWaitMs;
}
