import type { WorkDoc, WorkRun } from '../../../projections/work/work-document.ts';
import { isAppError } from '../../floor/app-error.ts';
import { escapedLine } from '../../floor/text/escape-text.ts';
import { endWork } from '../../work/end-work.ts';
import { endDeps, idOf, record, type Step } from '../work-deps.ts';
import { answerReview } from './answer-review.ts';

/** Looks at what a bottle left: a diff is proposed, words are an answer, and a run that failed ends the round or is told in the review. */
export async function takeRun(step: Step): Promise<void> {
  const { work } = step;
  const { run, verb, pull } = work;
  if (run === null) return;
  const hasWorked = isUsable(run);
  const said = run.summary?.trim() || run.why || 'Its agent said nothing.';
  if (verb === 'explain') {
    const outcome = hasWorked ? 'explained' : 'failed';
    await endWork(
      work,
      outcome,
      { reason: hasWorked ? 'explained' : reasonOf(run), detail: said, by: null },
      endDeps(step),
    );
    return;
  }
  if (hasWorked && run.has_diff) return propose(run, said, step);
  // Words alone are an answer to a review; without one there is nothing to show.
  if (pull !== null) return answerReview(step);
  const reason = hasWorked ? 'no_change' : reasonOf(run);
  await endWork(work, 'failed', { reason, detail: said, by: null }, endDeps(step));
}

const usable = new Set<WorkRun['ended']>(['done', 'done_unreported']);

/** Its agent may be cut off and still have said that it is done. */
function isUsable({ ended, status }: WorkRun): boolean {
  return status !== 'failed' && (usable.has(ended) || status === 'success');
}

const reasonOf = ({ ended, status }: WorkRun): string => (status === 'failed' ? 'given_up' : (ended ?? 'failed'));

/** Expected ends of a proposal: the round ends with them, or the review is told. */
const endings = ['conflict', 'forbidden', 'not_found'] as const;

async function propose(run: WorkRun, said: string, step: Step): Promise<void> {
  const { work, deps, effect } = step;
  const { log, config, clock, bottles, models } = deps;
  const before = work.patch_id === null ? undefined : models.query().patches.find(work.patch_id)?.doc;
  const follows = before?.pr_number && before.id !== undefined ? { follows: before.id } : {};
  try {
    // Loaded with the first diff: what may be proposed is known by the tools that see it.
    const { proposeDiff } = await import('../../bottles/propose-diff.ts');
    const { patch_id } = await proposeDiff(
      { bottle_id: run.bottle_id, title: titleOf(work), summary: said, by: 'crafting-table', ...follows },
      { log, config, clock, bottles, query: models.query, cause: effect(`proposal of ${run.bottle_id}`) },
    );
    const data = { ...idOf(work), round: work.round, turn: work.turn, bottle_id: run.bottle_id, patch_id };
    await record({ type: 'WorkProposed', id: work.id, data }, work.seqs.proposed, step);
  } catch (error) {
    const isEnd = endings.some((code) => isAppError(error, code));
    if (!isEnd || !isAppError(error)) throw error;
    if (work.pull !== null) return answerReview(step);
    await endWork(
      work,
      'failed',
      { reason: error.reason ?? error.code, detail: error.message, by: null },
      endDeps(step),
    );
  }
}

/** The title of a pull request; what the issue says in it calls nobody and closes nothing. */
function titleOf({ issue, title }: WorkDoc): string {
  return escapedLine(title, 200) || `Issue ${issue}`;
}
