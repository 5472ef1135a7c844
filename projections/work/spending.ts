import type { EventData } from '../../events/registry.ts';
import { docTable, type Projection } from '../define.ts';

/** A budget that is set. `limit` in tokens, or in billionths of a US dollar. */
export type BudgetDoc = EventData<'BudgetSet'> & { key: string; limit: number; set_at: string };

/** A call of a provider of which it is not known yet what it took. */
export type OpenCallDoc = EventData<'TokensReserved'>['calls'][number] & { gateway: string };

/** How a bottle was cut off. */
export type BottleCutDoc = { bottle_id: string; policy: 'cutoff' | 'freeze' | 'kill' } & Pick<
  EventData<'AgentCutOff'>,
  'project' | 'agent' | 'why' | 'detail' | 'by'
> & { at: string };

/** That a budget was nearly or wholly used up, in its newest span. */
export type BudgetMarkDoc = {
  key: string;
  span: string;
  limit: number;
  warned_at: string | null;
  exhausted_at: string | null;
};

const rowKey = 'day, attempt_id, agent, project, owner, provider, model';
/** What is summed of calls. */
export const sums = [
  'calls',
  'estimated_calls',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'tool_calls',
  'nano_usd',
  'unpriced_tokens',
] as const;

/** What agents spent and may spend: the ledger, the budgets, and who was cut off. */
export const spending: Projection = {
  name: 'spending',
  version: 1,
  tables: {
    spend_rows: rowKey,
    spend_open: 'call_id',
    budgets: 'budget_key',
    budget_marks: 'budget_key',
    bottle_cuts: 'bottle_id',
  },
  schema: `
    CREATE TABLE IF NOT EXISTS spend_rows (
      day TEXT NOT NULL, attempt_id TEXT NOT NULL, agent TEXT NOT NULL, project TEXT NOT NULL, owner TEXT NOT NULL,
      provider TEXT NOT NULL, model TEXT NOT NULL, bottle_id TEXT, finding_id INTEGER, last_at TEXT NOT NULL,
      ${sums.map((name) => `${name} INTEGER NOT NULL`).join(', ')}, PRIMARY KEY (${rowKey})) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS spend_rows_by_owner ON spend_rows (owner, day);
    CREATE INDEX IF NOT EXISTS spend_rows_by_attempt ON spend_rows (attempt_id);
    CREATE TABLE IF NOT EXISTS spend_open (call_id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS budgets (budget_key TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS budget_marks (budget_key TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bottle_cuts (bottle_id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;`,
  open: (db) => {
    const budgets = docTable<BudgetDoc>(db, plain('budgets', 'budget_key'));
    const marks = docTable<BudgetMarkDoc>(db, plain('budget_marks', 'budget_key'));
    const cuts = docTable<BottleCutDoc>(db, plain('bottle_cuts', 'bottle_id'));
    const reserve = db.prepare('INSERT OR REPLACE INTO spend_open VALUES (?, ?)');
    const release = db.prepare('DELETE FROM spend_open WHERE call_id = ?');
    const add = db.prepare(
      `INSERT INTO spend_rows (${rowKey}, bottle_id, finding_id, last_at, ${sums.join(', ')})
       VALUES (${Array(10 + sums.length)
         .fill('?')
         .join(', ')})
       ON CONFLICT DO UPDATE SET last_at = excluded.last_at, ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    );
    const ofProject = db
      .prepare<[string], string>(`SELECT budget_key FROM budgets WHERE doc ->> 'project' = ?`)
      .pluck();
    const mark = (data: EventData<'BudgetExhausted'>, said: Partial<BudgetMarkDoc>) => {
      const key = `${data.level}:${data.of}:${data.unit}:${data.per}`;
      const known = marks.get(key);
      const same = known?.span === data.span && known.limit === data.limit ? known : null;
      marks.set(key, {
        key,
        span: data.span,
        limit: data.limit,
        warned_at: same?.warned_at ?? null,
        exhausted_at: same?.exhausted_at ?? null,
        ...said,
      });
    };
    const cut = (policy: BottleCutDoc['policy'], data: EventData<'AgentCutOff'>, at: string) => {
      const known = cuts.get(data.bottle_id);
      // What ends a bottle stands above what only refuses its requests.
      if (known === undefined || known.policy === 'cutoff') cuts.set(data.bottle_id, { ...data, policy, at });
    };
    return {
      flush: () => {
        for (const table of [budgets, marks, cuts]) table.flush();
      },
      on: {
        TokensReserved: ({ data: { gateway, calls } }) => {
          for (const call of calls) reserve.run(call.call_id, JSON.stringify({ ...call, gateway }));
        },
        TokensMetered: ({ entityId, data, time }) => {
          release.run(entityId);
          const { usage, money } = data;
          const tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens;
          const who = [
            time.slice(0, 10),
            data.attempt_id,
            data.agent,
            data.project,
            data.owner,
            data.provider,
            data.model,
          ];
          const counts = sums.slice(2, 8).map((name) => usage[name as keyof typeof usage]);
          const paid = [money?.nano_usd ?? 0, money === null ? tokens : 0];
          add.run(...who, data.bottle_id, data.finding_id ?? null, time, 1, data.estimated ? 1 : 0, ...counts, ...paid);
        },
        BudgetSet: ({ entityId, data, time }) => {
          if (data.limit === null) budgets.delete(entityId);
          else budgets.set(entityId, { ...data, limit: data.limit, key: entityId, set_at: time });
        },
        BudgetNearlyExhausted: ({ data, time }) => mark(data, { warned_at: time }),
        BudgetExhausted: ({ data, time }) => mark(data, { exhausted_at: time }),
        AgentCutOff: ({ data, time }) => cut('cutoff', data, time),
        AgentFrozen: ({ data, time }) => cut('freeze', data, time),
        AgentKilled: ({ data, time }) => cut('kill', data, time),
        AgentThawed: ({ data }) => cuts.delete(data.bottle_id),
        ProjectRemoved: ({ data: { name } }) => {
          budgets.flush();
          for (const key of ofProject.all(name)) budgets.delete(key);
        },
      },
    };
  },
};

function plain<Doc>(table: string, key: string) {
  return { table, key, columns: [], values: (_: Doc) => [], changing: [] };
}
