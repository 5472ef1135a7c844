import type { EventData } from '../../../events/registry.ts';
import type { BudgetLevel, BudgetSetData, BudgetSpan, BudgetUnit, CutoffPolicy } from '../../../events/work/budget.ts';
import { tokensOf } from './usage-counts.ts';

/** Whose a call is. */
export type Spender = Pick<
  EventData<'TokensMetered'>,
  'bottle_id' | 'attempt_id' | 'agent' | 'project' | 'owner' | 'finding_id'
>;

/** A budget that is set. */
export type Budget = {
  readonly level: BudgetLevel;
  readonly of: string;
  readonly unit: BudgetUnit;
  readonly per: BudgetSpan;
  /** Tokens, or billionths of a US dollar. */
  readonly limit: number;
  readonly policy: CutoffPolicy | null;
  readonly owner: string | null;
  readonly project?: string;
};

/** Tokens, and billionths of a US dollar. */
export type Sum = { readonly tokens: number; readonly nanoUsd: number };
export type OpenCall = Spender &
  Sum & {
    readonly gateway: string;
    readonly provider: string;
    readonly model: string;
    /** Of `tokens`, those of the answer. */
    readonly output: number;
    readonly until: string;
  };

/** What is known of all budgets: their limits, what is spent in which span, and which calls are under way. */
export type Balances = {
  readonly budgets: Map<string, Budget>;
  /** By `<level>:<of>|<span>`. */
  readonly spent: Map<string, Sum>;
  /** By id of the call. */
  readonly open: Map<string, OpenCall>;
  /** What the open calls may take, by `<level>:<of>`. */
  readonly reserved: Map<string, Sum & { readonly calls: number }>;
};

export function newBalances(): Balances {
  return { budgets: new Map(), spent: new Map(), open: new Map(), reserved: new Map() };
}

export function budgetKey({ level, of, unit, per }: Pick<BudgetSetData, 'level' | 'of' | 'unit' | 'per'>): string {
  return `${level}:${of}:${unit}:${per}`;
}

/** The names under which a spender's calls are added up, the most specific first. */
function scopesOf({
  attempt_id,
  agent,
  project,
  owner,
}: Pick<Spender, 'attempt_id' | 'agent' | 'project' | 'owner'>): readonly { level: BudgetLevel; of: string }[] {
  return [
    { level: 'attempt', of: attempt_id },
    { level: 'agent', of: `${project}/${agent}` },
    { level: 'agent', of: agent },
    { level: 'project', of: project },
    { level: 'owner', of: owner },
    { level: 'farm', of: 'farm' },
  ];
}

/** The day or month in UTC of a time in ISO 8601. */
export function spanOf(per: 'day' | 'month', time: string): string {
  return time.slice(0, per === 'day' ? 10 : 7);
}

/**
 * The budgets that a call counts against, the most specific first: every one of a day or a month on every level, and of
 * those per attempt the most specific of each unit.
 */
export function budgetsFor<B extends Pick<Budget, 'unit' | 'per'>>(
  { budgets }: { readonly budgets: ReadonlyMap<string, B> },
  spender: Pick<Spender, 'attempt_id' | 'agent' | 'project' | 'owner'>,
): B[] {
  const scopes = scopesOf(spender);
  const found = (unit: BudgetUnit, per: BudgetSpan) =>
    scopes.flatMap(({ level, of }) => budgets.get(budgetKey({ level, of, unit, per })) ?? []);
  return (['tokens', 'usd'] as const).flatMap((unit) => [
    ...found(unit, 'attempt').slice(0, 1),
    ...found(unit, 'day'),
    ...found(unit, 'month'),
  ]);
}

const nothing = { tokens: 0, nanoUsd: 0 };

/** What was spent of a budget in the span of a time, by the spender where it is one of an attempt. */
export function spentOf({ spent }: Balances, budget: Budget, spender: Spender, time: string): number {
  const key =
    budget.per === 'attempt'
      ? `attempt:${spender.attempt_id}|`
      : `${budget.level}:${budget.of}|${spanOf(budget.per, time)}`;
  return amountOf(spent.get(key) ?? nothing, budget.unit);
}

/** What open calls may still take of a budget. */
export function reservedOf({ reserved }: Balances, budget: Budget, spender: Spender): number {
  const key = budget.per === 'attempt' ? `attempt:${spender.attempt_id}` : `${budget.level}:${budget.of}`;
  return amountOf(reserved.get(key) ?? nothing, budget.unit);
}

function amountOf(sum: Sum, unit: BudgetUnit): number {
  return unit === 'tokens' ? sum.tokens : sum.nanoUsd;
}

export function setBudget({ budgets }: Balances, { limit, policy, ...data }: Omit<BudgetSetData, 'by'>): void {
  if (limit === null) budgets.delete(budgetKey(data));
  else budgets.set(budgetKey(data), { ...data, limit, policy });
}

/** A call is about to be sent. */
export function openCall(balances: Balances, id: string, call: OpenCall): void {
  if (balances.open.has(id)) return;
  balances.open.set(id, call);
  reserve(balances, call, 1);
}

/** A call is over. */
export function closeCall(balances: Balances, id: string): void {
  const call = balances.open.get(id);
  if (call === undefined) return;
  balances.open.delete(id);
  reserve(balances, call, -1);
}

function reserve({ reserved }: Balances, call: OpenCall, sign: 1 | -1): void {
  for (const { level, of } of scopesOf(call)) {
    const key = `${level}:${of}`;
    const { tokens, nanoUsd, calls } = reserved.get(key) ?? { ...nothing, calls: 0 };
    const next = {
      tokens: tokens + sign * call.tokens,
      nanoUsd: nanoUsd + sign * call.nanoUsd,
      calls: calls + sign,
    };
    if (next.calls === 0) reserved.delete(key);
    else reserved.set(key, next);
  }
}

/** Adds what a call took, at a time in ISO 8601. */
export function spend(balances: Balances, data: EventData<'TokensMetered'>, time: string): void {
  addSpent(balances, data, { tokens: tokensOf(data.usage), nanoUsd: data.money?.nano_usd ?? 0 }, time);
}

export function addSpent({ spent }: Balances, spender: Spender, sum: Sum, time: string): void {
  const add = (key: string) => {
    const known = spent.get(key) ?? nothing;
    spent.set(key, { tokens: known.tokens + sum.tokens, nanoUsd: known.nanoUsd + sum.nanoUsd });
  };
  add(`attempt:${spender.attempt_id}|`);
  for (const { level, of } of scopesOf(spender))
    for (const per of ['day', 'month'] as const) add(`${level}:${of}|${spanOf(per, time)}`);
}
