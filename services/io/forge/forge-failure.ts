import { AppError, type ErrorCode } from '../../floor/app-error.ts';
import { systemClock } from '../../floor/clock.ts';
import { redactorOf } from '../../floor/text/redactor.ts';

/** An answer that is no success, as either client hands it over. `header` gives null for what was not sent. */
type FailedAnswer = {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: unknown;
};

const longestWords = 500;
const longestWait = 86_400;

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  410: 'not_found',
  408: 'timeout',
  423: 'forbidden',
  429: 'rate_limited',
  451: 'forbidden',
};

/** What an answer means. The forge's own words are in the message, its tokens are not. `now` is in ms since 1970. */
export function forgeFailure(answer: FailedAnswer, secrets: readonly string[], now = systemClock.now()): AppError {
  const retryAfterSecs = waitOf(answer, now);
  const limited = answer.status === 403 && retryAfterSecs !== undefined;
  const code = limited ? 'rate_limited' : (codes[answer.status] ?? (answer.status >= 500 ? 'unavailable' : 'invalid'));
  const words = redactorOf([...secrets])
    .text(wordsOf(answer.body))
    .slice(0, longestWords);
  const message = `The forge answered ${answer.status}${words === '' ? '.' : `: ${words}`}`;
  if (code === 'unauthorized') return new AppError(code, message, { name: 'forge_credential' });
  if (code !== 'rate_limited') return new AppError(code, message);
  return new AppError(code, message, { retryAfterSecs: retryAfterSecs ?? 60 });
}

/** Seconds until one may ask again, at most a day; undefined when the answer does not say. */
function waitOf({ header }: FailedAnswer, now: number): number | undefined {
  const after = header('retry-after');
  if (after !== null) return seconds(/^\d{1,9}$/.test(after) ? Number(after) : (Date.parse(after) - now) / 1000);
  const reset = header('x-ratelimit-reset');
  if (header('x-ratelimit-remaining') !== '0' || reset === null || !/^\d{1,12}$/.test(reset)) return undefined;
  return seconds(Number(reset) - now / 1000 + 1);
}

function seconds(wait: number): number | undefined {
  return Number.isNaN(wait) ? undefined : Math.min(longestWait, Math.max(1, Math.ceil(wait)));
}

/** The sentence of an error body: `message`, and on GitHub also the messages in `errors`. */
function wordsOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { message, error, errors } = body as { message?: unknown; error?: unknown; errors?: unknown };
  const more = Array.isArray(errors) ? errors.slice(0, 5).map(sentenceOf) : [];
  return [...sentencesOf(message ?? error), ...more]
    .filter((part) => typeof part === 'string' && part !== '')
    .map((part) => String(part).slice(0, 2000))
    .join('; ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
}

/** GitLab says one sentence, a list of them, or lists of them by field. */
function sentencesOf(said: unknown): unknown[] {
  if (Array.isArray(said)) return said.slice(0, 5);
  if (typeof said !== 'object' || said === null) return [said];
  return Object.entries(said)
    .slice(0, 5)
    .flatMap(([field, words]) => [words].flat().map((one) => `${field} ${String(one)}`));
}

function sentenceOf(fault: unknown): unknown {
  if (typeof fault !== 'object' || fault === null) return fault;
  const { message, field, code } = fault as { message?: unknown; field?: unknown; code?: unknown };
  return message ?? [field, code].filter((part) => typeof part === 'string').join(' ');
}
