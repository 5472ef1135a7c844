import { Type } from '@sinclair/typebox';
import { closed, nullable, oneOf, text } from '../../../events/fields.ts';
import { budgetLevels, budgetSpans, budgetUnits, cutoffPolicies } from '../../../events/work/budget.ts';
import type { BudgetDoc, BudgetMarkDoc } from '../../../projections/work/spending.ts';
import type { Queries } from '../../projector/read-models.ts';

/** A budget as the API shows it. */
export const Budget = Type.Object(
  {
    key: Type.String({ description: '<level>:<of>:<unit>:<per>' }),
    level: oneOf(budgetLevels),
    of: Type.String({ description: 'a name of that level; `farm` for the farm' }),
    unit: oneOf(budgetUnits),
    per: oneOf(budgetSpans),
    limit: Type.Number({ description: 'tokens, or US dollars' }),
    used: nullable(
      Type.Number({
        description: 'in the attempt, or in the day or month (UTC) of now; null: each attempt for itself',
      }),
    ),
    share: nullable(Type.Number({ description: 'used / limit' })),
    policy: nullable(oneOf(cutoffPolicies)),
    owner: nullable(Type.String()),
    project: nullable(Type.String()),
    by: Type.String(),
    set_at: Type.String(),
    warned_at: nullable(Type.String({ description: 'when four fifths of it were used, in the span of now' })),
    exhausted_at: nullable(Type.String()),
  },
  { title: 'Budget' },
);

/** Which budget is meant, and what it is to be. */
export const BudgetInput = closed({
  level: oneOf(budgetLevels),
  of: Type.Optional(text(256, 1)),
  project: Type.Optional({
    ...text(64, 1),
    description: 'for an agent: of this project alone; for an attempt: whose it is',
  }),
  per: Type.Optional(oneOf(budgetSpans)),
  tokens: Type.Optional(nullable(Type.Integer({ minimum: 0, description: 'the limit; null takes the budget away' }))),
  usd: Type.Optional(
    nullable(Type.Number({ minimum: 0, maximum: 1_000_000, description: 'the limit; null takes the budget away' })),
  ),
  policy: Type.Optional(nullable(oneOf(cutoffPolicies))),
});

/** What is shown of a budget, with what was used of it in the span of now. */
function shownBudget(doc: BudgetDoc, used: number | null, mark: BudgetMarkDoc | undefined, span: string) {
  const { key, level, of, unit, per, limit, policy, owner, project = null, by, set_at } = doc;
  const inUnit = (amount: number) => (unit === 'tokens' ? amount : amount / 1e9);
  const isNow = mark !== undefined && mark.limit === limit && mark.span === span;
  return {
    ...{ key, level, of, unit, per, policy, owner, project, by, set_at },
    limit: inUnit(limit),
    used: used === null ? null : inUnit(used),
    share: used === null || limit === 0 ? null : used / limit,
    warned_at: isNow ? mark.warned_at : null,
    exhausted_at: isNow ? mark.exhausted_at : null,
  };
}

/** Budgets as they are shown at a time, those that `isSeen` lets through. */
export function shownBudgets(query: Queries, now: number, isSeen: (one: BudgetDoc) => boolean = () => true) {
  const marks = new Map(query.spending.marks().map((mark) => [mark.key, mark]));
  const day = new Date(now).toISOString().slice(0, 10);
  return query.spending
    .budgets()
    .filter(isSeen)
    .map((one) => {
      const span = one.per === 'attempt' ? one.of : one.per === 'day' ? day : day.slice(0, 7);
      return shownBudget(one, usedOf(one, query, day), marks.get(one.key), span);
    });
}

function usedOf({ level, of, unit, per }: BudgetDoc, query: Queries, day: string): number | null {
  if (per === 'attempt' && level !== 'attempt') return null;
  const [project, agent] = of.includes('/') ? of.split('/', 2) : [null, of];
  const named = {
    farm: {},
    owner: { owner: of },
    project: { project: of },
    attempt: { attempt: of },
    agent: { agent, project },
  };
  const from = per === 'attempt' ? null : per === 'day' ? day : `${day.slice(0, 7)}-01`;
  const [sum] = query.spending.usage({ ...named[level], from }, null);
  return (unit === 'tokens' ? sum?.tokens : sum?.nano_usd) ?? 0;
}
