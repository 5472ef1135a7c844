import type { Database } from 'better-sqlite3';
import { type BottleCutDoc, type BudgetDoc, type BudgetMarkDoc, type OpenCallDoc, sums } from './spending.ts';

/** By what usage can be added up. */
export const usageGroups = [
  'agent',
  'bottle',
  'attempt',
  'finding',
  'project',
  'owner',
  'provider',
  'model',
  'day',
] as const;
type UsageGroup = (typeof usageGroups)[number];

const columns: Readonly<Record<UsageGroup, string>> = {
  agent: 'agent',
  bottle: 'bottle_id',
  attempt: 'attempt_id',
  finding: 'finding_id',
  project: 'project',
  owner: 'owner',
  provider: 'provider',
  model: 'model',
  day: 'day',
};

/** What usage is wanted: days as `2026-07-01`, both included; a field that is null or missing leaves nothing out. */
type UsageFilter = {
  readonly from?: string | null;
  readonly to?: string | null;
  readonly projects?: readonly string[] | null;
} & { readonly [G in Exclude<UsageGroup, 'day'>]?: string | null };

/** A sum of usage. `group` is null in a total, and for calls that have no such thing. */
export type UsageRow = {
  group: string | null;
  calls: number;
  estimated_calls: number;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  tool_calls: number;
  tokens: number;
  nano_usd: number;
  unpriced_tokens: number;
  last_at: string | null;
};

/** A sum over one attempt, agent, project, owner and day: what balances are made of. */
type SpentRow = {
  day: string;
  attempt_id: string;
  agent: string;
  project: string;
  owner: string;
  tokens: number;
  nano_usd: number;
};

/** What one attempt took. */
export type AttemptSum = Pick<UsageRow, 'calls' | 'tokens' | 'nano_usd' | 'unpriced_tokens' | 'last_at'> & {
  attempt_id: string;
};

type ModelRow = Omit<UsageRow, 'group' | 'tokens' | 'last_at'> & { provider: string; model: string };

const total = 'input_tokens + cache_read_tokens + cache_write_tokens + output_tokens';

/** Asks what was spent and what may be. */
export function spendingQueries(db: Database) {
  const budgets = db.prepare<[], string>('SELECT doc FROM budgets ORDER BY budget_key').pluck();
  const budget = db.prepare<[string], string>('SELECT doc FROM budgets WHERE budget_key = ?').pluck();
  const marks = db.prepare<[], string>('SELECT doc FROM budget_marks ORDER BY budget_key').pluck();
  const open = db.prepare<[], string>('SELECT doc FROM spend_open ORDER BY call_id').pluck();
  const cut = db.prepare<[string], string>('SELECT doc FROM bottle_cuts WHERE bottle_id = ?').pluck();
  const checkpoint = db.prepare<[], number>('SELECT seq FROM checkpoint').pluck();
  const spentSince = db.prepare<[string, string], SpentRow>(
    `SELECT day, attempt_id, agent, project, owner, sum(${total}) AS tokens, sum(nano_usd) AS nano_usd FROM spend_rows
     WHERE attempt_id IN (SELECT attempt_id FROM spend_rows WHERE day >= ?) OR day >= ?
     GROUP BY day, attempt_id, agent, project, owner`,
  );
  const byModel = db.prepare<[], ModelRow>(
    `SELECT provider, model, ${sums.map((name) => `sum(${name}) AS ${name}`).join(', ')} FROM spend_rows
     GROUP BY provider, model ORDER BY sum(${total}) DESC LIMIT 100`,
  );
  const ofAttempts = db.prepare<[string], AttemptSum>(
    `SELECT attempt_id, sum(calls) AS calls, sum(${total}) AS tokens, sum(nano_usd) AS nano_usd,
       sum(unpriced_tokens) AS unpriced_tokens, max(last_at) AS last_at
     FROM spend_rows WHERE attempt_id IN (SELECT value FROM json_each(?)) GROUP BY attempt_id`,
  );
  const docs = <Doc>(rows: readonly string[]) => rows.map((doc) => JSON.parse(doc) as Doc);
  return {
    budgets: () => docs<BudgetDoc>(budgets.all()),
    budget: (key: string) => docs<BudgetDoc>([budget.get(key) ?? []].flat())[0],
    marks: () => docs<BudgetMarkDoc>(marks.all()),
    open: () => docs<OpenCallDoc>(open.all()),
    cut: (bottle: string) => docs<BottleCutDoc>([cut.get(bottle) ?? []].flat())[0],
    /** Everything that balances follow from, as of one sequence: what was spent since the first day of a month. */
    balances: db.transaction((month: string) => ({
      seq: checkpoint.get() ?? 0,
      budgets: docs<BudgetDoc>(budgets.all()),
      open: docs<OpenCallDoc>(open.all()),
      spent: spentSince.all(`${month}-01`, `${month}-01`),
    })),
    /** What these attempts took so far, those that took anything. A bottle is an attempt of its own. */
    ofAttempts: (ids: readonly string[]) => ofAttempts.all(JSON.stringify(ids)),
    /** What every model took since the log began, the largest hundred. */
    byModel: () => byModel.all(),
    /** Sums of usage by a group, the largest first, days in their order. */
    usage: (filter: UsageFilter, by: UsageGroup | null, limit = 1_000): UsageRow[] => {
      const { where, values } = conditionsOf(filter);
      const group = by === null ? null : columns[by];
      const order = by === 'day' ? 'ORDER BY 1 DESC' : 'ORDER BY tokens DESC, 1';
      return db
        .prepare<unknown[], UsageRow>(
          `SELECT ${group === null ? 'NULL' : `CAST(${group} AS TEXT)`} AS "group",
             ${sums.map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(', ')},
             coalesce(sum(${total}), 0) AS tokens, max(last_at) AS last_at
           FROM spend_rows ${where} ${group === null ? '' : `GROUP BY ${group} ${order}`} LIMIT ?`,
        )
        .all(...values, limit);
    },
  };
}

function conditionsOf({ from, to, projects, ...named }: UsageFilter): { where: string; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (condition: string, ...given: unknown[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (from) add('day >= ?', from);
  if (to) add('day <= ?', to);
  if (projects) add(`project IN (${projects.map(() => '?').join(', ') || 'NULL'})`, ...projects);
  for (const group of usageGroups) {
    const value = group === 'day' ? null : named[group];
    if (value !== null && value !== undefined)
      add(`${columns[group]} = ?`, group === 'finding' ? Number(value) : value);
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}
