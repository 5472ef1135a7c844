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

type Asking = Guard & {
  /** Where repositories are that were renamed for good, by the path that they had; of one client, and so few. */
  readonly moved: Map<string, string>;
};

/**
 * A fetch that shows the token to one origin and to no other: a redirect is followed inside of it, and refused when it
 * leads away. What is there for good by the forge's words (301, 308) is asked there at once from then on. An answer that takes
 * longer than 15 s, or has more than 4 MiB, is none: AppError `timeout`, `unavailable`.
 */
export function guardedFetch(guard: Guard): Fetch {
  const asking: Asking = { ...guard, moved: new Map() };
  return async (input, init) => {
    const signal = AbortSignal.timeout(guard.timeoutMs ?? 15_000);
    try {
      const url = new URL(String(input));
      const now = new URL(url);
      now.pathname = movedPath(url.pathname, asking.moved);
      const response = await ask(asking, now, { ...init, signal }, mostRedirects);
      if (response.status !== 404 || now.pathname === url.pathname) return response;
      // It has moved once more, or back.
      asking.moved.clear();
      return await ask(asking, url, { ...init, signal }, mostRedirects);
    } catch (error) {
      if (isAppError(error)) throw error;
      if (signal.aborted) throw new AppError('timeout', 'The forge did not answer in time.', { cause: error });
      throw new AppError('unavailable', `The forge cannot be reached: ${reasonOf(error)}.`, { cause: error });
    }
  };
}

async function ask(guard: Asking, url: URL, init: RequestInit, redirects: number): Promise<Response> {
  if (url.origin !== guard.origin) throw elsewhere(url);
  const headers = new Headers(init.headers);
  const { authorization } = guard;
  headers.set('authorization', typeof authorization === 'string' ? authorization : await authorization());
  const response = await (guard.fetch ?? fetch)(url.href, { ...init, headers, redirect: 'manual' });
  if (response.status === 401) guard.onRefused?.();
  const { status } = response;
  if (status < 300 || status > 399 || status === 304) return bounded(response);
  await response.body?.cancel();
  const location = response.headers.get('location');
  const next = location === null ? null : URL.parse(location, url.href);
  if (location === null || redirects === 0 || !mayFollow(status, url, next, init.method))
    throw new AppError('unavailable', `The forge answers with redirects only (${status}).`);
  if (next === null || next.origin !== guard.origin) throw elsewhere(next);
  if (status === 301 || status === 308) learnMove(url.pathname, next.pathname, guard.moved);
  return ask(guard, next, init, redirects - 1);
}

/**
 * A read goes wherever it is sent. A write is repeated as it is (RFC 9110, 15.4: that clients make a GET of it after 301 and 302 is
 * history, and would look like success), after those two only where the same thing is at the end of both paths: a page to log in is
 * no new address.
 */
function mayFollow(status: number, from: URL, to: URL | null, method = 'GET'): boolean {
  if (method === 'GET' || method === 'HEAD' || [307, 308].includes(status) || to === null) return true;
  return [301, 302].includes(status) && from.pathname !== to.pathname && lastOf(from) === lastOf(to);
}

const lastOf = ({ pathname }: URL) => pathname.slice(pathname.lastIndexOf('/'));
const mostMoved = 100;

/** What differs between two paths before what they have in common at their end is what moved. */
function learnMove(from: string, to: string, moved: Map<string, string>): void {
  const [old, now] = [from.split('/'), to.split('/')];
  while (old.length > 2 && now.length > 2 && old.at(-1) === now.at(-1)) {
    old.pop();
    now.pop();
  }
  if (moved.size < mostMoved && old.join('/') !== now.join('/')) moved.set(old.join('/'), now.join('/'));
}

function movedPath(path: string, moved: ReadonlyMap<string, string>): string {
  for (const [from, to] of moved) if (`${path}/`.startsWith(`${from}/`)) return `${to}${path.slice(from.length)}`;
  return path;
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
