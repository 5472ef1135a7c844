import type { AgentReply } from '../../io/agent/agent.ts';
import type { Spender } from '../rules/balances.ts';
import { costOf, type Price, type PriceTable, priceOf } from '../rules/price-table.ts';
import { noUsage } from '../rules/usage-counts.ts';
import type { Ledger } from './ledger.ts';

/** A turn of an adapter that the gateway does not see: its agent says itself what it took. */
type ReportedTurn = {
  readonly ledger: Ledger;
  readonly prices: PriceTable;
  readonly spender: Spender;
  /** The adapter, and the model that it asks for. */
  readonly adapter: string;
  readonly model: string | null;
  readonly promptBytes: number;
  readonly withinMs: number;
};

const bytesOfToken = 3;
/** What the answer of a turn is taken to have at most, before it is there. */
const mostOutput = 32_768;

/**
 * Asks once, as far as the budgets let it, and writes down what was reported; where nothing is, an estimate by the length of
 * the texts, which says that it is one. Throws AppError('conflict') `budget_exhausted` before anything is asked.
 */
export async function reportedTurn(turn: ReportedTurn, ask: () => Promise<AgentReply>): Promise<AgentReply> {
  const { ledger, prices, spender, adapter, promptBytes, withinMs } = turn;
  const model = turn.model ?? adapter;
  const price = priceOf(prices, model);
  const asked = Math.ceil(promptBytes / bytesOfToken);
  // What has no price may cost as much as the dearest: the agent tells afterwards what it did.
  const dearest = price ?? dearestOf(prices);
  const wanted = { spender, price: dearest, input: asked, output: mostOutput, isBounded: true };
  const { callId } = await ledger.reserve({ ...wanted, provider: adapter, model, withinMs });
  const common = { spender, provider: adapter, model, status: null };
  try {
    const reply = await ask();
    const isTold = reply.inputTokens !== null && reply.outputTokens !== null;
    const usage = {
      ...noUsage,
      input_tokens: reply.inputTokens ?? asked,
      output_tokens: reply.outputTokens ?? Math.ceil(Buffer.byteLength(reply.text) / bytesOfToken),
    };
    const told = reply.usd === null ? null : { nano_usd: Math.round(reply.usd * 1e9), prices: adapter };
    const counted = price === null ? null : { nano_usd: costOf(usage, price), prices: prices.dated };
    const source = isTold ? 'reported' : 'estimate';
    await ledger.settle(callId, { ...common, usage, money: told ?? counted, estimated: !isTold, source });
    return reply;
  } catch (error) {
    const usage = { ...noUsage, input_tokens: asked };
    const money = price === null ? null : { nano_usd: costOf(usage, price), prices: prices.dated };
    await ledger.settle(callId, { ...common, usage, money, estimated: true, source: 'estimate' });
    throw error;
  }
}

function dearestOf({ models }: PriceTable): Price | null {
  return Object.values(models).reduce<Price | null>(
    (most, one) => (one.output > (most?.output ?? 0) ? one : most),
    null,
  );
}
