import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { appendOnce } from '../../io/event-log.ts';
import type { Doing } from '../work-deps.ts';

/** Gives the bottle that is at work another budget at once; later turns get theirs when they are asked for. */
export async function setBudget(work: WorkDoc, tokens: number, { effect, deps }: Doing): Promise<void> {
  const owner = deps.models.query().projects.find(work.project)?.owner ?? null;
  if (work.bottle_id === null || work.run?.ended !== null) return;
  const scope = { level: 'attempt', of: work.bottle_id, unit: 'tokens', per: 'attempt' } as const;
  const id = `${scope.level}:${scope.of}:${scope.unit}:${scope.per}`;
  const last = await deps.log.last('BudgetSet', id);
  if (last?.data.limit === tokens) return;
  const data = { ...scope, owner, project: work.project, limit: tokens, policy: null, by: 'crafting-table' };
  const cause = effect(`budget ${id} after ${last?.seq ?? 0}`);
  await appendOnce(deps.log, { type: 'BudgetSet', id, data }, { expect: last?.seq ?? 0, cause });
}
