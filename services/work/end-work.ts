import type { Cause } from '../../events/envelope.ts';
import type { Draft } from '../../events/registry.ts';
import type { WorkOutcome } from '../../events/work/work.ts';
import type { WorkDoc } from '../../projections/work/work-document.ts';
import type { EventLog } from '../io/event-log.ts';
import { appendOnce } from '../io/event-log.ts';
import type { ReadModels } from '../projector/read-models.ts';

type EndDeps = {
  readonly log: Pick<EventLog, 'append' | 'last' | 'flush'>;
  readonly models: Pick<ReadModels, 'query' | 'applied'>;
  /** The cause of each event that is appended, by its name. */
  readonly causeOf: (ordinal: string) => Cause | undefined;
};

type Ending = { readonly reason: string; readonly detail: string; readonly by: string | null };

/** Ends a round: its bottle, its attempt where nobody sees that yet, and then the work. An open pull request stays for people. */
export async function stopWork(work: WorkDoc, ending: Ending, deps: EndDeps): Promise<boolean> {
  return endWork(work, 'stopped', ending, deps);
}

/** Ends a round in some way; what it still has under way is stopped first. */
export async function endWork(
  work: WorkDoc,
  outcome: WorkOutcome,
  { reason, detail, by }: Ending,
  deps: EndDeps,
): Promise<boolean> {
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
    await once({ type: 'PatchStopped', id: attempt.id, data }, 0, deps);
  }
  const merged = outcome === 'merged' && attempt ? await log.last('PrMerged', attempt.id) : null;
  const data = {
    ...{
      work_id: work.id,
      project: work.project,
      round: work.round || 1,
      outcome,
      reason: reason.slice(0, 64),
      detail: detail.slice(0, 8192),
    },
    ...{ closed_by: by?.slice(0, 255) ?? null, commit: merged?.data.commit ?? null, bottles: work.bottles.slice(-500) },
  };
  return once({ type: 'WorkEnded', id: work.id, data }, work.seqs.ended, deps);
}

async function once(draft: Draft, expect: number, { log, models, causeOf }: EndDeps): Promise<boolean> {
  const cause = causeOf(`${draft.type} ${draft.id} after ${expect}`);
  const { outcome, seq } = await appendOnce(log, draft, { expect, ...(cause ? { cause } : {}) });
  await models.applied(seq, 10_000);
  return outcome === 'appended';
}
