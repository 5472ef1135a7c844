import type { BottleDoc } from '../../../projections/work/bottles.ts';
import type { AttemptSum } from '../../../projections/work/spending-queries.ts';
import { budgetsFor } from '../../egress/rules/balances.ts';
import type { Caller } from '../authenticate.ts';
import type { RouteDeps } from '../define.ts';
import { shownTo } from '../spending/seen-budgets.ts';
import type { ShownBottle } from './bottle-schema.ts';

type Row = { readonly owner: string; readonly doc: BottleDoc };
type Held = ReturnType<typeof shownTo>[number];

const nothing = { calls: 0, tokens: 0, nano_usd: 0, unpriced_tokens: 0, last_at: null };

/** Bottles with what they took, and the budget that is nearest to its end. */
export function withSpending(
  rows: readonly Row[],
  caller: Caller,
  deps: Pick<RouteDeps, 'models' | 'clock'>,
): ShownBottle[] {
  const sums = deps.models.query().spending.ofAttempts(rows.map(({ doc }) => doc.id));
  const spent = new Map(sums.map((sum) => [sum.attempt_id, sum]));
  const budgets = new Map(rows.length === 0 ? [] : shownTo(caller, deps).map((one) => [one.key, one]));
  return rows.map(({ owner, doc }) => {
    const { nano_usd, calls, tokens, unpriced_tokens, last_at } = spent.get(doc.id) ?? nothing;
    return {
      ...doc,
      spent: { calls, tokens, unpriced_tokens, last_at, usd: nano_usd / 1e9 },
      budget: nearestTo(
        spent.get(doc.id),
        budgetsFor({ budgets }, { attempt_id: doc.id, agent: doc.agent, project: doc.project, owner }),
      ),
    };
  });
}

/** A budget per attempt that stands above the run is used by this run alone. */
function nearestTo(spent: AttemptSum | undefined, held: readonly Held[]): ShownBottle['budget'] {
  const shares = held.map(({ key, level, of, unit, per, limit, used }) => {
    const own = unit === 'tokens' ? (spent?.tokens ?? 0) : (spent?.nano_usd ?? 0) / 1e9;
    const taken = per === 'attempt' ? own : (used ?? 0);
    return { key, level, of, unit, per, limit, used: taken, share: limit === 0 ? 1 : taken / limit };
  });
  return shares.sort((a, b) => b.share - a.share)[0] ?? null;
}
