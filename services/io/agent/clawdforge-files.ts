import { AppError, isAppError } from '../../floor/app-error.ts';

type FileUpload = {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly content: string;
  /** For how long the gateway keeps it, 60 to 86,400 s. */
  readonly ttlSecs: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
};

const mostAnswerBytes = 64 * 1024;

/**
 * Hands a file to a clawdforge gateway, for agents to look at; answers its token. AppError: `unauthorized`, `forbidden`,
 * `not_found`, `invalid`, `rate_limited`, `unavailable`, `timeout`. The bearer goes into the header of this request and nowhere else.
 */
export async function uploadFile(upload: FileUpload): Promise<string> {
  const { url, token, name, content, ttlSecs, timeoutMs = 30_000 } = upload;
  const form = new FormData();
  form.set('file', new Blob([content], { type: 'application/json' }), name);
  form.set('ttl_secs', String(ttlSecs));
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      body: form,
      redirect: 'manual',
      signal: upload.signal ? AbortSignal.any([limit, upload.signal]) : limit,
    });
    const text = await readBounded(response);
    if (!response.ok) throw refusal(response);
    return tokenIn(text);
  } catch (error) {
    if (isAppError(error)) throw error;
    // What the client's error says may repeat the header.
    if (limit.aborted) throw new AppError('timeout', 'The agent gateway did not take the file in time.');
    throw new AppError('unavailable', 'The agent gateway cannot be reached.');
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > mostAnswerBytes) throw new AppError('unavailable', 'The answer of the agent gateway is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refusal({ status, headers }: Response): AppError {
  const message = `The agent gateway answers a file with ${status}.`;
  const secs = Number(headers.get('retry-after') ?? Number.NaN);
  const details = Number.isSafeInteger(secs) && secs > 0 ? { retryAfterSecs: secs } : {};
  if (status === 401) return new AppError('unauthorized', message);
  if (status === 403) return new AppError('forbidden', message);
  if (status === 404 || status === 410) return new AppError('not_found', message);
  if (status === 429) return new AppError('rate_limited', message, details);
  return status >= 500 ? new AppError('unavailable', message, details) : new AppError('invalid', message);
}

function tokenIn(text: string): string {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = null;
  }
  const token = typeof answer === 'object' && answer !== null ? (answer as { file_token?: unknown }).file_token : null;
  if (typeof token === 'string' && /^ff_[A-Za-z0-9_-]{1,250}$/.test(token)) return token;
  throw new AppError('invalid', 'The agent gateway answered a file with no token for it.');
}
