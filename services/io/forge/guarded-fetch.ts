import { AppError, isAppError, messageOf } from '../../floor/app-error.ts';

export type Fetch = typeof globalThis.fetch;

type Guard = {
  /** The one origin that is spoken to, such as `https://git.example.org`. */
  readonly origin: string;
  /** The whole header, such as `token abc`, or how to come by it. */
  readonly authorization: string | (() => Promise<string>);
  /** Told when the forge does not take it. */
  readonly onRefused?: (() => void) | undefined;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
};

const longestAnswer = 4 * 1024 * 1024;
const mostRedirects = 3;

/**
 * A fetch that shows the token to one origin and to no other: a redirect is followed inside of it, and refused when it
 * leads away. An answer that takes longer than 15 s, or has more than 4 MiB, is none: AppError `timeout`, `unavailable`.
 */
export function guardedFetch(guard: Guard): Fetch {
  return async (input, init) => {
    const signal = AbortSignal.timeout(guard.timeoutMs ?? 15_000);
    try {
      return await ask(guard, new URL(String(input)), { ...init, signal }, mostRedirects);
    } catch (error) {
      if (isAppError(error)) throw error;
      if (signal.aborted) throw new AppError('timeout', 'The forge did not answer in time.', { cause: error });
      throw new AppError('unavailable', `The forge cannot be reached: ${reasonOf(error)}.`, { cause: error });
    }
  };
}

async function ask(guard: Guard, url: URL, init: RequestInit, redirects: number): Promise<Response> {
  if (url.origin !== guard.origin) throw elsewhere(url);
  const headers = new Headers(init.headers);
  const { authorization } = guard;
  headers.set('authorization', typeof authorization === 'string' ? authorization : await authorization());
  const response = await (guard.fetch ?? fetch)(url.href, { ...init, headers, redirect: 'manual' });
  if (response.status === 401) guard.onRefused?.();
  const location = response.headers.get('location');
  if (response.status < 300 || response.status > 399 || location === null) return bounded(response);
  await response.body?.cancel();
  const next = URL.parse(location, url.href);
  if (next === null) throw elsewhere(next);
  // 301 and 302 turn a POST into a GET in many clients, which would look like success.
  const keepsMethod = (init.method ?? 'GET') === 'GET' || [307, 308].includes(response.status);
  if (!keepsMethod || redirects === 0) throw new AppError('unavailable', 'The forge answers with redirects only.');
  return ask(guard, next, init, redirects - 1);
}

async function bounded(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) throw new AppError('unavailable', 'The answer of the forge is too long.');
    chunks.push(chunk);
  }
  const { status, statusText } = response;
  const body = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
  const headers = new Headers(response.headers);
  // The body is decoded by now.
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return new Response(body, { status, statusText, headers });
}

function elsewhere(url: URL | null): AppError {
  const where = url === null ? 'an address that cannot be read' : url.origin;
  return new AppError('unavailable', `The forge redirects to ${where}, where its token must not go.`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause).slice(0, 200);
}
