import { AppError, isAppError } from '../../../floor/app-error.ts';
import type { TokenSource } from '../forge-credential.ts';
import { forgeFailure } from '../forge-failure.ts';
import { type Fetch, guardedFetch } from '../guarded-fetch.ts';

type RestOptions = {
  /** Where the API is, without a slash at its end. */
  readonly api: string;
  readonly token: TokenSource;
  /** The word before the token: `token`, or `Bearer`. */
  readonly scheme: string;
  readonly fetch?: Fetch | undefined;
  readonly timeoutMs?: number | undefined;
};

type Body = Readonly<Record<string, unknown>>;

/** The calls of a REST API. They throw the AppErrors of a forge. */
export type RestCalls = {
  /** Asked once more where the forge stumbles: nothing was written. */
  get(path: string): Promise<unknown>;
  /** Pages of a list until one is empty, of so many at most. */
  pages(path: string, options?: { readonly size?: number; readonly most?: number }): Promise<unknown[]>;
  /** Whether there is such a thing: 2xx, or 404. */
  exists(path: string): Promise<boolean>;
  send(method: 'POST' | 'PATCH' | 'PUT', path: string, body: Body): Promise<unknown>;
};

/** Opens them. Writes go one after the other, as forges ask of programs. */
export function restCalls({ api, token, scheme, fetch, timeoutMs }: RestOptions): RestCalls {
  const ask = guardedFetch({
    origin: new URL(api).origin,
    authorization: async () => `${scheme} ${await token.get()}`,
    onRefused: token.forget,
    fetch,
    timeoutMs,
  });
  const call = async (method: string, path: string, body?: Body): Promise<unknown> => {
    const headers = new Headers({ accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await ask(`${api}${path}`, sent);
    const data: unknown = await response.json().catch(() => null);
    if (response.ok) return data;
    const { status } = response;
    const failure = forgeFailure({ status, header: (name) => response.headers.get(name), body: data }, token.given());
    throw status === 409 ? new AppError('conflict', failure.message) : failure;
  };
  const get = async (path: string): Promise<unknown> => {
    try {
      return await call('GET', path);
    } catch (error) {
      if (isAppError(error, 'unavailable')) return call('GET', path);
      throw error;
    }
  };
  let writing: Promise<unknown> = Promise.resolve();
  return {
    get,
    pages: async (path, { size = 50, most = 20 } = {}) => {
      const all: unknown[] = [];
      const joint = path.includes('?') ? '&' : '?';
      for (let page = 1; page <= most; page += 1) {
        const found = await get(
          `${path}${joint}page=${page}&${api.endsWith('/api/v1') ? 'limit' : 'per_page'}=${size}`,
        );
        if (!Array.isArray(found) || found.length === 0) break;
        all.push(...found);
        // Gitea may give fewer a page than it was asked for.
        if (found.length < size && !api.endsWith('/api/v1')) break;
      }
      return all;
    },
    exists: async (path) => {
      try {
        await get(path);
        return true;
      } catch (error) {
        if (isAppError(error, 'not_found')) return false;
        throw error;
      }
    },
    send: (method, path, body) => {
      const sent = writing.then(() => call(method, path, body));
      writing = sent.catch(() => {});
      return sent;
    },
  };
}

/** Null where there is no such thing. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}
