import type { EventData } from '../../../events/registry.ts';
import type { Clock } from '../../floor/clock.ts';
import type { EventLog } from '../../io/event-log.ts';
import type { ReadModels } from '../../projector/read-models.ts';
import { addSpent, type Balances, budgetKey, newBalances, type OpenCall, openCall } from '../rules/balances.ts';

type Deps = {
  readonly log: Pick<EventLog, 'last'>;
  readonly models: Pick<ReadModels, 'query'> | null;
  readonly clock: Pick<Clock, 'now'>;
};

/** A call as the log has it, among the balances. */
export function openCallOf(call: EventData<'TokensReserved'>['calls'][number], gateway: string): OpenCall {
  const { call_id: _id, input_tokens, output_tokens, nano_usd, ...rest } = call;
  return { ...rest, gateway, output: output_tokens, tokens: input_tokens + output_tokens, nanoUsd: nano_usd ?? 0 };
}

/** What is spent and open as of a sequence, and the last TokensReserved among it. */
type OpenedBalances = { readonly balances: Balances; readonly seq: number; readonly reservedSeq: number };

/** The balances as the read models have them; empty ones at the log's beginning where there are none. */
export async function openBalances({ log, models, clock }: Deps): Promise<OpenedBalances> {
  const balances = newBalances();
  if (models === null) return { balances, seq: 0, reservedSeq: 0 };
  const last = await log.last('TokensReserved', 'farm');
  const month = new Date(clock.now()).toISOString().slice(0, 7);
  const { seq, budgets, open, spent } = models.query().spending.balances(month);
  for (const { key: _key, set_at: _at, by: _by, ...budget } of budgets) balances.budgets.set(budgetKey(budget), budget);
  for (const call of open) openCall(balances, call.call_id, openCallOf(call, call.gateway));
  for (const { day, tokens, nano_usd, attempt_id, agent, project, owner } of spent) {
    const spender = { bottle_id: null, attempt_id, agent, project, owner };
    addSpent(balances, spender, { tokens, nanoUsd: nano_usd }, `${day}T00:00:00.000Z`);
  }
  // One that came after the read models is heard from the log, and decides nothing before that.
  return { balances, seq, reservedSeq: last !== null && last.seq <= seq ? last.seq : 0 };
}
