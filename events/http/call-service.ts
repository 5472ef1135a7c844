import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { type ServiceAnswer, serviceAnswer } from './service-answer.ts';
import { ServiceSilent } from './service-failures.ts';

/** A service, and as whom it is asked. The address may have a path: a proxy may keep the service below one. */
type Service = { readonly url: string; readonly bearer?: string | null };

export type ServiceRequest = {
  readonly method?: string;
  /** Begins with a slash. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly accept?: string;
  readonly lastEventId?: string;
  /** The ETag of the version that is to be changed. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
  /** How often it is asked at most while the service is away or busy; 3 unless told. */
  readonly tries?: number;
  /** How long the head of the answer may take, in ms; two minutes unless told. */
  readonly answerMs?: number;
};

const usualAnswerMs = 120_000;
/** What goes on says something at least every 15 s: silence for so long, in ms, means that the connection is dead. */
const longestSilenceMs = 50_000;
const goesOn = /event-stream|ndjson/;
const usualTries = 3;
const pauses = { firstMs: 200, longestMs: 2_000 };
/** A longer Retry-After is the caller's to wait for, in ms. */
const longestPauseMs = 3_000;

/** Nothing has reached the service. */
const neverSent = new Set(['ECONNREFUSED']);
/** It may have done what it was asked for: only a request that is done once may follow. */
const cutOff = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** The first request with the same key is still at work, or a proxy has nobody behind it. */
const passing = new Set([409, 429, 502, 503, 504]);

/**
 * Asks the service, and is the only place that does: here live the bearer, the time-outs and the tries. The bearer goes to
 * this address alone, so a redirect is not followed. A POST carries a key of its own by which a repetition is done once.
 * Answers whatever status came. Throws ServiceSilent when nothing answers, and the signal's reason when that ended it.
 */
export async function callService(service: Service, request: ServiceRequest): Promise<ServiceAnswer> {
  const { method = 'GET', tries = usualTries, signal } = request;
  const key = method === 'POST' ? randomUUID() : undefined;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askOnce(service, request, key).catch((error: unknown) => error as Error);
    const waitMs = attempt < tries ? pauseAfter(answer, method, attempt) : null;
    if (waitMs === null) {
      if (answer instanceof Error) throw answer;
      return answer;
    }
    if (!(answer instanceof Error)) await answer.drop();
    await pause(waitMs, undefined, signal ? { signal } : {});
  }
}

async function askOnce({ url, bearer }: Service, request: ServiceRequest, key?: string): Promise<ServiceAnswer> {
  const { method = 'GET', path, body, accept = 'application/json', lastEventId, ifMatch, signal } = request;
  const { answerMs = usualAnswerMs } = request;
  const quiet = new AbortController();
  const signals = signal ? [quiet.signal, signal] : [quiet.signal];
  const late = setTimeout(() => quiet.abort(), answerMs);
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any(signals),
      headers: {
        accept,
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
        ...(ifMatch ? { 'if-match': ifMatch } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return serviceAnswer(response, quiet, goesOn.test(accept) ? longestSilenceMs : answerMs);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (quiet.signal.aborted) throw new ServiceSilent(`no answer within ${answerMs / 1000} s`, null, error);
    throw ServiceSilent.from(error);
  } finally {
    clearTimeout(late);
  }
}

/** How long to wait before the next try, in ms; null when there is to be none. */
function pauseAfter(answer: ServiceAnswer | Error, method: string, attempt: number): number | null {
  const usual = backoffMs(attempt, pauses);
  if (answer instanceof Error) {
    const code = answer instanceof ServiceSilent ? (answer.code ?? '') : '';
    return neverSent.has(code) || (cutOff.has(code) && method !== 'DELETE') ? usual : null;
  }
  const { status, retryAfterSecs } = answer;
  if (!passing.has(status)) return null;
  // Without the header a conflict is one of the matter, and a gateway may have handed on a DELETE.
  if (retryAfterSecs === null) return status === 409 || status === 429 || method === 'DELETE' ? null : usual;
  return retryAfterSecs * 1000 <= longestPauseMs ? Math.max(usual, retryAfterSecs * 1000) : null;
}
