import { type Balances, type Budget, budgetsFor, reservedOf, type Spender, type Sum, spentOf } from './balances.ts';
import { mostCost, type Price } from './price-table.ts';

/** A call that wants to be sent, in tokens at most. */
export type Wanted = {
  readonly spender: Spender;
  readonly input: number;
  /** All answers together. */
  readonly output: number;
  /** How many answers share `output` evenly; 1 unless told. */
  readonly answers?: number;
  /** Whether the request itself bounds its output, or its model does. */
  readonly isBounded: boolean;
  /** Null where nobody knows what the model costs. */
  readonly price: Price | null;
};

export type CallDecision =
  /** It may be sent and takes `sum` at most, with `maxOutput` as the new limit of each answer unless that is null. */
  | {
      readonly say: 'go';
      readonly sum: Sum;
      readonly output: number;
      readonly maxOutput: number | null;
      /** Whether a budget counts it at all. */
      readonly isGoverned: boolean;
    }
  /** Other calls hold what it needs. */
  | { readonly say: 'wait'; readonly budgets: readonly Budget[] }
  | {
      readonly say: 'exhausted';
      readonly budget: Budget;
      readonly used: number /** At least. */;
      readonly needs: number;
    }
  /** Money alone bounds it, and its model has no price. */
  | { readonly say: 'unpriced'; readonly budget: Budget };

/** Less output than this makes no answer, unless less is asked for. */
const leastOutput = 256;

/** Whether a call may be sent, at a time in ISO 8601: never may all open calls together pass a budget. */
export function decideCall(balances: Balances, wanted: Wanted, time: string): CallDecision {
  const { spender, price, input, output, answers = 1 } = wanted;
  const all = budgetsFor(balances, spender);
  const budgets = all.filter(({ unit }) => unit === 'tokens' || price !== null);
  const money = all.find(({ unit }) => unit === 'usd');
  if (money && price === null && !budgets.some(({ unit }) => unit === 'tokens'))
    return { say: 'unpriced', budget: money };
  const amount = (budget: Budget, out: number): number =>
    budget.unit === 'tokens' ? input + out : price === null ? 0 : mostCost({ input, output: out }, price);
  const rooms = budgets.map((budget) => {
    const used = spentOf(balances, budget, spender, time);
    const reserved = reservedOf(balances, budget, spender);
    return { budget, used, reserved, free: budget.limit - used - reserved };
  });
  const short = rooms.filter(({ budget, free }) => free < amount(budget, output));
  const isGoverned = budgets.length > 0;
  if (short.length === 0)
    return go(wanted, {
      output,
      maxOutput: wanted.isBounded || !isGoverned ? null : Math.floor(output / answers),
      isGoverned,
    });
  const least = Math.min(output, leastOutput * answers);
  const over = short.find(({ budget, used }) => budget.limit - used < amount(budget, least));
  if (over) return { say: 'exhausted', budget: over.budget, used: over.used, needs: amount(over.budget, least) };
  const held = short.filter(({ reserved }) => reserved > 0);
  if (held.length > 0) return { say: 'wait', budgets: held.map(({ budget }) => budget) };
  const most = Math.min(
    ...short.map(({ budget, free }) =>
      budget.unit === 'tokens'
        ? free - input
        : Math.floor((free - amount(budget, 0)) / Math.max(1, (price?.output ?? 0) * 1000)),
    ),
  );
  const each = Math.floor(most / answers);
  return go(wanted, { output: each * answers, maxOutput: each, isGoverned });
}

type Going = { readonly output: number; readonly maxOutput: number | null; readonly isGoverned: boolean };

function go({ input, price }: Wanted, going: Going): CallDecision {
  const nanoUsd = price === null ? 0 : mostCost({ input, output: going.output }, price);
  return { say: 'go', sum: { tokens: input + going.output, nanoUsd }, ...going };
}
