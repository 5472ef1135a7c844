import type { WorkOutcome } from '../../events/work.ts';
import type { WorkDoc } from '../../projections/work-document.ts';
import { appendOnce } from '../io/event-log.ts';
import { type Doing, idOf, record } from './work-deps.ts';

type Ending = { readonly reason: string; readonly detail: string; readonly by: string | null };

/** Ends a round: its bottle, its attempt where nobody sees that yet, and then the work. An open pull request stays for people. */
export async function stopWork(work: WorkDoc, ending: Ending, doing: Doing): Promise<boolean> {
  return endWork(work, 'stopped', ending, doing);
}

/** Ends a round in some way; what it still has under way is stopped first. */
export async function endWork(
  work: WorkDoc,
  outcome: WorkOutcome,
  { reason, detail, by }: Ending,
  doing: Doing,
): Promise<boolean> {
  const { deps } = doing;
  const { log, models } = deps;
  const name = by !== null && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(by) ? by : 'crafting-table';
  if (work.bottle_id !== null && work.run?.ended === null) {
    const data = { bottle_id: work.bottle_id, project: work.project, by: name, reason: detail.slice(0, 1024) };
    await appendOnce(log, { type: 'AgentRunStopRequested', id: work.bottle_id, data }, { expect: 0 });
  }
  const attempt = work.patch_id === null ? undefined : models.query().patches.find(work.patch_id)?.doc;
  if (outcome === 'stopped' && attempt?.open && attempt.pr_number === null) {
    const failure = { step: 'context' as const, reason: 'stopped', detail: detail.slice(0, 8192), next: '' };
    const data = { patch_id: attempt.id, project: attempt.project, failure, by: name, reason: detail.slice(0, 1024) };
    await record({ type: 'PatchStopped', id: attempt.id, data }, 0, doing);
  }
  const merged = outcome === 'merged' && attempt ? await log.last('PrMerged', attempt.id) : null;
  const data = {
    ...{ ...idOf(work), round: work.round || 1, outcome, reason: reason.slice(0, 64), detail: detail.slice(0, 8192) },
    ...{ closed_by: by?.slice(0, 255) ?? null, commit: merged?.data.commit ?? null, bottles: work.bottles.slice(-500) },
  };
  return record({ type: 'WorkEnded', id: work.id, data }, work.seqs.ended, doing);
}
