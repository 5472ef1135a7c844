import type { UsageCounts } from '../../../events/work/budget.ts';
import type { Fields } from '../rules/json-fields.ts';
import type { ServerEvent } from '../rules/sse-reader.ts';

/** What a request asks for, as far as the plane has to know it. */
export type Asked = {
  readonly model: string;
  readonly streams: boolean;
  /** The most tokens that the answer may have; null where the request does not say. */
  readonly maxOutput: number | null;
  /** How many answers are asked for at once. */
  readonly answers: number;
  /** What the provider is to do by itself, as `hosted-tools.ts` names it. */
  readonly hosted: readonly string[];
  /** Why it cannot be metered or is not to be let through, as a sentence. */
  readonly refusal: string | null;
};

/** What an answer has said of itself so far. */
export type Reading = {
  usage: UsageCounts | null;
  /** Whether `usage` is the last word. */
  isFinal: boolean;
  /** Whether a number of tokens was told that cannot be one. */
  isUnclear: boolean;
  model: string | null;
  /** Bytes of text, reasoning and arguments that were seen, for an estimate of what is not told. */
  outputBytes: number;
  /** Calls of tools that the agent is to make, each as its name and arguments. */
  toolCalls: string[];
  /** Arguments that are still coming, by their place. */
  pending: Map<string, string>;
  /** Id of the answer at the provider, where one is given. */
  id: string | null;
};

export function newReading(): Reading {
  return {
    usage: null,
    isFinal: false,
    isUnclear: false,
    model: null,
    outputBytes: 0,
    toolCalls: [],
    pending: new Map(),
    id: null,
  };
}

/** Why the plane itself does not let something through, told in the shape of the provider. */
export type PlaneProblem = {
  readonly kind:
    | 'budget'
    | 'forbidden'
    | 'invalid'
    | 'not_found'
    | 'too_large'
    | 'too_many'
    | 'unavailable'
    | 'timeout';
  readonly message: string;
};

export type ShapedProblem = { readonly status: number; readonly body: object };

/** One wire format of a provider: how it is asked, where its answers tell what they took, how its errors look. */
export type WireFormat = {
  readonly name: string;
  /** The requests of this format, by the path behind the base URL. */
  readonly matches: (method: string, path: string) => boolean;
  /** Whether its answers take tokens at all. */
  readonly metered: boolean;
  readonly ask: (body: Fields, path: string) => Asked;
  /** The request with another most number of tokens, and so that its stream tells what it took. */
  readonly rewrite: (body: Fields, change: { readonly maxOutput: number | null }) => Fields;
  /** Whether an event is there only because `rewrite` asked for it. */
  readonly isOurs?: (event: ServerEvent, asked: Fields) => boolean;
  readonly readBody: (reading: Reading, body: Fields) => void;
  readonly readEvent: (reading: Reading, event: ServerEvent) => void;
  readonly problem: (problem: PlaneProblem) => ShapedProblem;
  /** The bytes that end a stream with a problem. */
  readonly problemEvent: (problem: PlaneProblem) => string;
};

const mostPending = 256;
const mostArguments = 65_536;

/** Takes a piece of the arguments of a tool call. */
export function addArguments(reading: Reading, place: string, piece: string): void {
  const known = reading.pending.get(place);
  if (known === undefined && reading.pending.size >= mostPending) return;
  if ((known?.length ?? 0) + piece.length <= mostArguments) reading.pending.set(place, (known ?? '') + piece);
}

/** The arguments of a place are complete. */
export function endArguments(reading: Reading, place: string): void {
  const known = reading.pending.get(place);
  if (known === undefined) return;
  reading.pending.delete(place);
  if (reading.toolCalls.length < mostPending) reading.toolCalls.push(known);
}

export function bytesOf(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
