import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import { keyMask, openedReply } from './masked-reply.ts';
import type { CallMeter } from './metering/call-meter.ts';
import type { Grant, Ledger } from './metering/ledger.ts';
import { type ReplyKind, type ReplyMeter, replyMeter } from './metering/reply-meter.ts';
import { askProvider, NoAnswer } from './providers/ask-provider.ts';
import type { Provider } from './providers/provider-file.ts';
import { type MayAsk, type ReadRequest, readRequest } from './read-request.ts';
import type { Spender } from './rules/balances.ts';
import { passedAnswer, passedQuery, passedRequest } from './rules/passed-headers.ts';
import { type PriceTable, priceOf } from './rules/price-table.ts';
import { sseFrames } from './rules/sse-frames.ts';
import type { PlaneProblem, Reading, WireFormat } from './wire/define.ts';

/** What all calls of a bottle stand on. */
export type Calls = {
  readonly ledger: Ledger;
  readonly spender: Spender;
  readonly prices: PriceTable;
  readonly may: MayAsk;
  readonly meter: CallMeter;
  /** Ids of calls that are under way. */
  readonly live: Set<string>;
  readonly callMs: number;
  /** Ends every open call when the bottle may spend no more. */
  readonly ended: AbortSignal;
  /** Ids of answers that this bottle was given. */
  readonly answered: Set<string>;
  /** A budget refused a call, or ended one. */
  readonly onRefused: (error: AppError) => void;
  readonly onReading: (reading: Reading) => void;
};

type Call = Calls & {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly provider: Provider;
  readonly format: WireFormat;
  readonly url: URL;
  readonly request: ReadRequest;
};

const mostAnswerBytes = 256 * 2 ** 20;

/** Takes one request to a provider and back. What it took is in the ledger before its answer ends. */
export async function forwardCall(
  calls: Calls,
  place: Pick<Call, 'incoming' | 'answer' | 'provider' | 'format'> & { readonly url: URL },
): Promise<void> {
  const { incoming, answer, format, url } = place;
  const request = await readRequest(incoming, format, url.pathname, calls.may);
  checkEarlier(calls, request);
  const call: Call = { ...calls, ...place, request };
  if (!format.metered) return passOn(call, null, calls.ended);
  const waiting = new AbortController();
  const leave = () => waiting.abort();
  answer.once('close', leave);
  const grant = await calls.ledger.reserve(wantedOf(call), AbortSignal.any([waiting.signal, calls.ended]));
  answer.off('close', leave);
  calls.live.add(grant.callId);
  try {
    await passOn(call, grant, calls.ended);
  } finally {
    calls.live.delete(grant.callId);
  }
}

/** An answer that the provider keeps belongs to its key, which others use, too. */
function checkEarlier({ answered }: Calls, { body }: ReadRequest): void {
  const { previous_response_id: id } = body;
  if (id === undefined || id === null || (typeof id === 'string' && answered.has(id))) return;
  throw new AppError('forbidden', 'previous_response_id: an answer that this run was given was expected.');
}

function wantedOf({ spender, provider, prices, request, meter, callMs }: Call) {
  const { model, maxOutput, answers } = request.asked;
  const price = priceOf(prices, model);
  const most = maxOutput ?? price?.max_output ?? null;
  return {
    spender,
    provider: provider.name,
    model,
    price,
    // What a provider finds by itself is input, too, and nobody knows how much.
    input: meter.mostInput(model, request.raw.length) + (request.asked.hosted.length > 0 ? foundInput : 0),
    output: (most ?? usualOutput) * answers,
    answers,
    isBounded: most !== null,
    withinMs: callMs,
  };
}

/** Tokens that a provider may find for one request. */
const foundInput = 65_536;
/** What an answer of an unknown model may have, where the request does not say. */
const usualOutput = 32_768;

async function passOn(call: Call, grant: Grant | null, ended: AbortSignal): Promise<void> {
  const { meter, request, answer, format } = call;
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ended, AbortSignal.timeout(call.callMs)]);
  const settle = grant && meter.settlement(call, grant);
  // Who asked for a stream and went away wants no more of it; any other answer is read to its end, where its usage stands.
  answer.once('close', () => request.asked.streams && !answer.writableFinished && leaving.abort());
  let reply: IncomingMessage | undefined;
  try {
    reply = await askProvider({ ...call, ...sent(call, grant), signal });
    await grant?.onDisk;
  } catch (error) {
    reply?.destroy();
    await settle?.unanswered(reply !== undefined || (error instanceof NoAnswer && error.wasSent));
    throw ended.aborted ? new AppError('conflict', 'This run may spend no more.', { name: 'budget_exhausted' }) : error;
  }
  const status = reply.statusCode ?? 502;
  if (status >= 300 && status < 400) {
    reply.destroy();
    await settle?.refused(status);
    throw new AppError(
      'unavailable',
      `The provider ${call.provider.name} answers with a redirection, which is not followed.`,
    );
  }
  const kind = {
    type: reply.headers['content-type'] ?? '',
    encoding: reply.headers['content-encoding'] ?? '',
  };
  const reading = replyMeter(format, kind);
  const bytes = await readable(reply, kind, { reading, settle });
  answer.writeHead(status, shownHeaders(call, reply));
  answer.flushHeaders();
  const isOver = () => settle?.isOver(reading.reading) ?? false;
  const whole = await pump(call, { reply, bytes, isOver }).catch(() => false as const);
  const read = maskedReading(call, await reading.finish());
  if (read.id !== null && call.answered.size < 10_000) call.answered.add(read.id);
  await settle?.done(read, { status, whole: whole === true });
  call.onReading(read);
  if (whole === 'cut') call.onRefused(new AppError('conflict', overrun.message, { name: 'budget_exhausted' }));
  if (whole === true) answer.end();
  else endBroken(call, kind, whole === 'cut' || ended.aborted);
}

/** A stream that the plane ends says why, in the provider's words; what broke off breaks off here, too. */
function endBroken({ answer, format }: Call, { type }: ReplyKind, byPlane: boolean): void {
  const canTell = byPlane && /^text\/event-stream\b/i.test(type) && !answer.destroyed;
  if (canTell) answer.end(format.problemEvent(overrun));
  else answer.destroy();
}

const overrun: PlaneProblem = {
  kind: 'budget',
  message: 'The budget of this run is used up: the farm ended this answer.',
};

/** The request as the provider gets it: as it was read, but for a limit of its output and the wish that its stream tells its usage. */
function sent({ incoming, request, format, url }: Call, grant: Grant | null) {
  // A limit is lowered, never raised.
  const limit = Math.min(
    grant?.maxOutput ?? Number.POSITIVE_INFINITY,
    request.asked.maxOutput ?? Number.POSITIVE_INFINITY,
  );
  const isLimited = grant?.maxOutput != null;
  const body = format.rewrite(request.body, { maxOutput: isLimited ? limit : null });
  return {
    method: incoming.method ?? 'POST',
    target: `${url.pathname}${passedQuery(url.search)}`,
    // What was read is what is sent: of a name that stands twice, the provider might take the other value.
    body: incoming.method === 'GET' ? null : Buffer.from(JSON.stringify(body)),
    // In what is compressed neither the key nor an event that nobody asked for could be left out.
    headers: { ...passedRequest(incoming.headers), 'accept-encoding': 'identity' },
  };
}

type Settlement = ReturnType<CallMeter['settlement']>;

/** What cannot be read was paid for all the same. */
async function readable(
  reply: IncomingMessage,
  { encoding }: ReplyKind,
  { reading, settle }: { readonly reading: ReplyMeter; readonly settle: Settlement | null },
): Promise<AsyncIterable<Buffer>> {
  try {
    return openedReply(reply, encoding, reading.take);
  } catch (error) {
    reply.destroy();
    await settle?.unanswered(true);
    throw error;
  }
}

function shownHeaders({ provider }: Call, { headers }: IncomingMessage): Record<string, string> {
  const { text } = keyMask(provider);
  return Object.fromEntries(Object.entries(passedAnswer(headers)).map(([name, value]) => [name, text(value)]));
}

/** What is written down of an answer. */
function maskedReading({ provider }: Call, read: Reading): Reading {
  const { text } = keyMask(provider);
  return { ...read, model: read.model && text(read.model), toolCalls: read.toolCalls.map(text) };
}

type Pumped = {
  readonly reply: IncomingMessage;
  readonly bytes: AsyncIterable<Buffer>;
  readonly isOver: () => boolean;
};

/** Hands the bytes on as they come, without the key. True: all of them; `cut`: they were too many; throws where they broke off. */
async function pump(
  { answer, format, request, provider }: Call,
  { reply, bytes, isOver }: Pumped,
): Promise<true | 'cut'> {
  const isStream = /^text\/event-stream\b/i.test(reply.headers['content-type'] ?? '');
  const { isOurs } = format;
  // An event that the plane itself asked for is left out.
  const frames = isStream && isOurs ? sseFrames((event) => isOurs(event, request.body)) : null;
  const mask = keyMask(provider).stream();
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    const passed = mask.write(frames ? frames.take(chunk) : chunk);
    if (passed.length > 0 && !answer.destroyed && !answer.write(passed)) await drained(answer);
    if (size > mostAnswerBytes || isOver()) {
      reply.destroy();
      return 'cut';
    }
  }
  const rest = Buffer.concat([mask.write(frames?.end() ?? Buffer.alloc(0)), mask.end()]);
  if (rest.length > 0 && !answer.destroyed) answer.write(rest);
  if (!reply.complete) throw new AppError('unavailable', 'The answer broke off.');
  return true;
}

async function drained(answer: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  const options = { signal: leaving.signal };
  await Promise.race([once(answer, 'drain', options), once(answer, 'close', options)]).catch(() => {});
  leaving.abort();
}

/** An error as the plane tells it. */
export function problemOf(error: unknown): PlaneProblem {
  const message = isAppError(error)
    ? error.message
    : `The gateway failed (${messageOf(error).length} characters of reason are in its log).`;
  if (!isAppError(error)) return { kind: 'unavailable', message: message.slice(0, 100) };
  if (error.reason === 'budget_exhausted') return { kind: 'budget', message };
  const kinds = { invalid: 'invalid', forbidden: 'forbidden', not_found: 'not_found', too_large: 'too_large' } as const;
  const others = { rate_limited: 'too_many', timeout: 'timeout', conflict: 'budget' } as const;
  return { kind: { ...kinds, ...others }[error.code as keyof typeof kinds] ?? 'unavailable', message };
}
