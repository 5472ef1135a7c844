import type { BudgetDoc } from '../../../projections/work/spending.ts';
import { type Caller, sees } from '../authenticate.ts';
import type { RouteDeps } from '../define.ts';
import { shownBudgets } from './budget-schema.ts';

/** The budgets that a caller sees, with what is used of them now. */
export function shownTo(caller: Caller, { models, clock }: Pick<RouteDeps, 'models' | 'clock'>) {
  return shownBudgets(models.query(), clock.now(), (one) => isSeen(one, caller));
}

/** A team sees its own budgets; that of the farm is nobody's business but an admin's. */
function isSeen({ owner, project }: BudgetDoc, caller: Caller): boolean {
  if (caller.owner === null) return true;
  if (owner !== caller.owner) return false;
  return project === undefined ? caller.projects === null : sees(caller, project, owner ?? undefined);
}
