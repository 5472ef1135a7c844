import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import type { Agent } from './agent.ts';
import {
  CreatedSession,
  readAnswer,
  replyOf,
  Session,
  SessionList,
  sessionIdPattern,
  TurnAnswer,
} from './clawdforge-answers.ts';
import { failureWords } from './failure-words.ts';
import { callGateway, type GatewayAnswer, type GatewayCall } from './gateway-call.ts';

type ClawdforgeOptions = {
  readonly url: string;
  readonly token: string;
  /** An alias of the gateway's; null for its usual one. */
  readonly model: string | null;
  readonly turnTimeoutSecs: number;
  /** How long the connection outlives the turn, and how long everything else may take. */
  readonly graceSecs?: number;
  readonly now?: () => number;
};

type Ask = <S extends TSchema>(
  question: Pick<GatewayCall, 'method' | 'body' | 'signal'> & { path: string; what: string; timeoutMs?: number },
  schema: S,
) => Promise<Static<S>>;

const metaKey = 'crafting_table_patch';
const maxAnswerBytes = 4 * 1024 * 1024;
const maxLookups = 64;

/** Conversations at a clawdforge gateway. The token goes into the header of each request and nowhere else. */
export function openClawdforge(options: ClawdforgeOptions): Agent {
  const { model, turnTimeoutSecs, graceSecs = 30, now = Date.now } = options;
  const { text: redact } = redactorOf([options.token]);
  const ask = askerOf(options, graceSecs * 1000, redact);
  const read = (sessionId: string): Promise<Session | null> =>
    unlessGone(ask({ method: 'GET', path: pathOf(sessionId), what: 'a look at a session' }, Session));
  return {
    adapter: 'clawdforge',
    model,
    async open(patchId) {
      const body = { agent: 'claude', meta: { [metaKey]: patchId }, ...(model === null ? {} : { model }) };
      const question = { method: 'POST', path: '/sessions', what: 'a new session', body } as const;
      return (await noSuchPlace(ask(question, CreatedSession))).session_id;
    },
    async find(patchId) {
      const question = { method: 'GET', path: '/sessions?include_closed=false', what: 'a list of sessions' } as const;
      const answer = await noSuchPlace(ask(question, SessionList));
      const open = (Array.isArray(answer) ? answer : answer.sessions).filter(({ closed_at }) => closed_at === null);
      const unread = open.filter(({ meta }) => meta === undefined).slice(0, maxLookups);
      const looked = await oneByOne(unread, ({ session_id }) => read(session_id));
      const named = [...open, ...looked].filter((one) => one?.closed_at === null && nameOf(one) === patchId);
      return named.sort((a, b) => (b?.turn_count ?? 0) - (a?.turn_count ?? 0))[0]?.session_id ?? null;
    },
    async turn(sessionId, prompt, signal) {
      const startedAt = now();
      const body = { prompt, timeout_secs: Math.ceil(turnTimeoutSecs) };
      const timeoutMs = (turnTimeoutSecs + graceSecs) * 1000;
      const question = { method: 'POST', path: `${pathOf(sessionId)}/turn`, what: 'a turn', body, timeoutMs } as const;
      const answer = await ask({ ...question, signal }, TurnAnswer);
      if (answer.ok === false) {
        const words = redact(failureWords(redact(JSON.stringify(answer))));
        throw new AppError('unavailable', `The agent gateway says that the turn failed: ${words || 'no reason given'}`);
      }
      return replyOf(answer, now() - startedAt);
    },
    async state(sessionId) {
      const session = await read(sessionId);
      return session === null ? null : { turns: session.turn_count, closed: session.closed_at !== null };
    },
    async close(sessionId) {
      await unlessGone(ask({ method: 'DELETE', path: pathOf(sessionId), what: 'the end of a session' }, ignored));
    },
  };
}

/** Of an answer that is not read at all. */
const ignored = Type.Unknown();

function askerOf({ url, token }: ClawdforgeOptions, timeoutMs: number, redact: (text: string) => string): Ask {
  const base = baseOf(url);
  if (!/^[\u0021-\u007e]+$/.test(token))
    throw new AppError('invalid', 'The token of the agent gateway holds characters that no header can carry.');
  const headers = { authorization: `Bearer ${token}` };
  return async ({ path, what, ...question }, schema) => {
    const target = new URL(`${base}${path}`);
    const answer = await callGateway({ timeoutMs, ...question, url: target, headers, maxBytes: maxAnswerBytes });
    if (answer.status < 200 || answer.status > 299) throw refusal(answer, what, redact);
    return schema === ignored ? undefined : readAnswer(schema, answer.text, what);
  };
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new AppError(
      'invalid',
      'The address of the agent gateway is not a URL that starts with http:// or https://.',
    );
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`;
}

function pathOf(sessionId: string): string {
  if (new RegExp(sessionIdPattern).test(sessionId)) return `/sessions/${sessionId}`;
  throw new AppError('invalid', 'The id of a session holds other characters than letters, digits, - and _.');
}

function nameOf({ meta }: Session): unknown {
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>)[metaKey] : undefined;
}

function refusal(
  { status, retryAfter, text }: GatewayAnswer,
  what: string,
  redact: (text: string) => string,
): AppError {
  const words = redact(failureWords(redact(text)));
  const message = `The agent gateway answers ${what} with ${status}${words === '' ? '' : `: ${words}`}`;
  const secs = Number(retryAfter);
  const details = Number.isSafeInteger(secs) && secs > 0 ? { retryAfterSecs: secs } : {};
  if (status === 401 || status === 403) return new AppError('unauthorized', message);
  if (status === 404 || status === 410) return new AppError('not_found', message);
  if (status === 408 || status === 504) return new AppError('timeout', message);
  if (status === 429 || status >= 500) return new AppError('unavailable', message, details);
  return new AppError('invalid', message);
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}

// A gateway that knows no sessions at all is another service: opening another one would not help.
async function noSuchPlace<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
    throw new AppError('invalid', `${error.message}. Is this the address of a clawdforge that knows sessions?`);
  }
}

async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
