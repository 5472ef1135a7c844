import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Clock } from '../../floor/clock.ts';
import { forgeFailure } from './forge-failure.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf } from './read-pull.ts';

/** Where the token of a repository comes from. It stands in no message, log or event. */
export type TokenSource = {
  readonly get: () => Promise<string>;
  /** The forge does not take the last one: the next `get` gives another one, where there can be one. */
  readonly forget: () => void;
  /** What has to be taken out of every text: the tokens that were given. */
  readonly given: () => readonly string[];
};

/** A token that stays what it is. */
export function fixedToken(token: string): TokenSource {
  return { get: async () => token, forget: () => {}, given: () => [token] };
}

/** The same for a token as it is. */
export function sourceOf(token: string | TokenSource): TokenSource {
  return typeof token === 'string' ? fixedToken(token) : token;
}

/** A GitHub App: whoever holds its private key may ask for short-lived tokens of where it is installed. */
type GithubApp = { readonly appId: string; readonly privateKey: string };

type AppTokenOptions = GithubApp & {
  /** The address of the API, such as `https://api.github.com`. */
  readonly api: string;
  /** `owner/name` */
  readonly repository: string;
  readonly fetch?: Fetch | undefined;
  readonly clock: Pick<Clock, 'now'>;
};

/** A token is not used in its last minutes: a push may take some. */
const spareMs = 5 * 60_000;

/**
 * The installation token of a GitHub App for one repository: it may do there what the installation may, and nothing elsewhere.
 * Kept until shortly before it ends. Throws AppError('forbidden') where the app is not installed, ('unauthorized')
 * `forge_credential` when GitHub does not know its key.
 */
export function appToken(options: AppTokenOptions): TokenSource {
  const { repository, clock } = options;
  const api = options.api.replace(/\/+$/, '');
  const key = keyOf(options.privateKey);
  let kept: { readonly token: string; readonly endsAt: number } | null = null;
  let asked: Promise<string> | null = null;
  // One that ended may still stand in an answer.
  let given: readonly string[] = [];
  const ask = guardedFetch({
    origin: new URL(api).origin,
    authorization: async () => `Bearer ${appJwt(options.appId, key, clock.now())}`,
    fetch: options.fetch,
  });
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { accept: 'application/vnd.github+json', 'content-type': 'application/json' };
    const response = await ask(`${api}${path}`, { ...init, headers });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body;
    throw forgeFailure(
      { status: response.status, header: (name) => response.headers.get(name), body },
      [],
      clock.now(),
    );
  };
  const fresh = async (): Promise<string> => {
    const [owner = '', name = ''] = repository.split('/');
    const id = fieldOf(await call(`/repos/${owner}/${name}/installation`).catch(installed(repository)), 'id');
    if (typeof id !== 'number') throw new AppError('unavailable', 'GitHub names no installation of the app.');
    const body = JSON.stringify({ repositories: [name] });
    const made = await call(`/app/installations/${id}/access_tokens`, { method: 'POST', body });
    const [token, ends] = [fieldOf(made, 'token'), Date.parse(String(fieldOf(made, 'expires_at')))];
    if (typeof token !== 'string' || Number.isNaN(ends))
      throw new AppError('unavailable', 'GitHub answered something that is no token.');
    kept = { token, endsAt: ends };
    given = [token, ...given].slice(0, 4);
    return token;
  };
  return {
    get: async () => {
      if (kept !== null && kept.endsAt - spareMs > clock.now()) return kept.token;
      asked ??= fresh().finally(() => {
        asked = null;
      });
      return asked;
    },
    forget: () => {
      kept = null;
    },
    given: () => given,
  };
}

function installed(repository: string): (error: unknown) => never {
  return (error) => {
    if (!isAppError(error, 'not_found')) throw error;
    const message = `The GitHub App is not installed for ${repository}: install it there, or let its installation have it.`;
    throw new AppError('forbidden', message, { cause: error });
  };
}

/** What GitHub asks of an app (RFC 7519, RS256): for ten minutes at most, and a minute old, since clocks differ. */
function appJwt(appId: string, key: KeyObject, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 60, exp: now + 540, iss: appId })}`;
  return `${claims}.${sign('RSA-SHA256', Buffer.from(claims), key).toString('base64url')}`;
}

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new AppError('misconfigured', 'The private key of a GitHub App is no PEM of an RSA key.', { cause });
  }
}
