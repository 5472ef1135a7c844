import type { UsageCounts } from '../../../events/work/budget.ts';
import type { Provider } from '../providers/provider-file.ts';
import type { ReadRequest } from '../read-request.ts';
import type { Spender } from '../rules/balances.ts';
import { costOf, type PriceTable, priceOf } from '../rules/price-table.ts';
import { addUsage, noUsage, tokensOf } from '../rules/usage-counts.ts';
import type { Reading } from '../wire/define.ts';
import type { Grant, Ledger } from './ledger.ts';

/** What the settlement of one call needs to know of it. */
type OfCall = {
  readonly ledger: Pick<Ledger, 'settle'>;
  readonly spender: Spender;
  readonly prices: PriceTable;
  readonly provider: Provider;
  readonly request: ReadRequest;
};

/** The end of a call, in one of four ways; each is written down once. */
type Settlement = {
  /** Whether its answer has plainly more tokens than its share. */
  isOver(reading: Reading): boolean;
  done(reading: Reading, end: { readonly status: number; readonly whole: boolean }): Promise<void>;
  refused(status: number): Promise<void>;
  unanswered(wasSent: boolean): Promise<void>;
};

/** Adds up what one bottle took, and learns how many tokens its bytes are. */
export type CallMeter = {
  /** The most tokens that a request of so many bytes has, by what earlier ones of that model had. */
  mostInput(model: string, bytes: number): number;
  settlement(call: OfCall, grant: Grant): Settlement;
  readonly totals: { usage: UsageCounts; nanoUsd: number; unpriced: boolean; estimated: boolean; requests: number };
};

/** A token is a byte at least; what a provider adds to the first request is not known. */
const unknown = { tokensPerByte: 1, more: 1_024 };
/** How much more than the most so far the next request may have. */
const margin = 1.25;
/** Bytes of a token in an estimate: rather too many tokens than too few. */
const bytesOfToken = 3;
/** No text has so many bytes to a token: an answer that is longer has more tokens than its share. */
const mostBytesOfToken = 8;
/** How long the end of an answer waits for the ledger, in ms. */
const settlePatienceMs = 3_000;

export function openCallMeter(): CallMeter {
  const learned = new Map<string, number>();
  const totals: CallMeter['totals'] = { usage: noUsage, nanoUsd: 0, unpriced: false, estimated: false, requests: 0 };
  const learn = (model: string, bytes: number, tokens: number) => {
    if (bytes > 0) learned.set(model, Math.max(learned.get(model) ?? 0, tokens / bytes));
  };
  return {
    totals,
    mostInput: (model, bytes) => {
      const ratio = learned.get(model);
      if (ratio === undefined) return Math.ceil(bytes * unknown.tokensPerByte) + unknown.more;
      return Math.ceil(bytes * ratio * margin) + 64;
    },
    settlement: (call, grant) => {
      const write = async (usage: UsageCounts, facts: { model: string; estimated: boolean; status: number | null }) => {
        const price = priceOf(call.prices, facts.model) ?? priceOf(call.prices, call.request.asked.model);
        const nanoUsd = price === null ? 0 : costOf(usage, price);
        totals.usage = addUsage(totals.usage, usage);
        totals.nanoUsd += nanoUsd;
        totals.unpriced ||= price === null && tokensOf(usage) > 0;
        totals.estimated ||= facts.estimated;
        totals.requests += 1;
        const written = call.ledger.settle(grant.callId, {
          spender: call.spender,
          provider: call.provider.name,
          usage,
          money: price === null ? null : { nano_usd: nanoUsd, prices: call.prices.dated },
          source: facts.estimated ? 'estimate' : 'response',
          ...facts,
        });
        await Promise.race([written, later(settlePatienceMs)]);
      };
      const { model, maxOutput, answers } = call.request.asked;
      const asked = Math.ceil(call.request.raw.length / bytesOfToken);
      return {
        isOver: ({ isFinal, outputBytes }) =>
          grant.isGoverned && !isFinal && Math.floor(outputBytes / mostBytesOfToken) > grant.output + 64,
        refused: (status) => write(noUsage, { model, estimated: false, status }),
        unanswered: (wasSent) =>
          write(wasSent ? { ...noUsage, input_tokens: asked } : noUsage, { model, estimated: wasSent, status: null }),
        done: async (reading, { status, whole }) => {
          const named = reading.model ?? model;
          const seen = reading.usage;
          const isClear = !reading.isUnclear && (seen === null || tokensOf(seen) > 0 || reading.outputBytes === 0);
          if (seen !== null && reading.isFinal && isClear) {
            const { input_tokens, cache_read_tokens, cache_write_tokens } = seen;
            learn(model, call.request.raw.length, input_tokens + cache_read_tokens + cache_write_tokens);
            return write(seen, { model: named, estimated: false, status });
          }
          // An error of the provider takes nothing; it says so by its status.
          if (status >= 400 && (seen === null || !isClear))
            return write(noUsage, { model: named, estimated: false, status });
          const output = Math.ceil(reading.outputBytes / bytesOfToken);
          // A whole answer that says nothing of itself may have been all that was asked for.
          const share = isClear ? (maxOutput ?? 0) : Math.min(grant.output, (maxOutput ?? grant.output) * answers);
          const most = whole && reading.outputBytes === 0 ? share : 0;
          const known = isClear ? (seen ?? { ...noUsage, input_tokens: asked }) : atLeast(seen ?? noUsage, asked);
          const usage = { ...known, output_tokens: Math.max(known.output_tokens, output, most) };
          return write(usage, { model: named, estimated: true, status });
        },
      };
    },
  };
}

/** Of what is told unclearly, no less input than the request has. */
function atLeast(usage: UsageCounts, asked: number): UsageCounts {
  const cached = usage.cache_read_tokens + usage.cache_write_tokens;
  return { ...usage, input_tokens: Math.max(usage.input_tokens, asked - cached) };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
