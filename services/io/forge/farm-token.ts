import type { Clock } from '../../floor/clock.ts';
import type { FoundForge } from '../../floor/forges/choose-forge.ts';
import type { ForgeInstance } from '../../floor/forges/forge-instances.ts';
import { appToken, fixedToken, type TokenSource } from './forge-credential.ts';
import { githubApi } from './github-forge.ts';
import type { Fetch } from './guarded-fetch.ts';
import { trustingFetch } from './trusting-fetch.ts';

const sources = new WeakMap<ForgeInstance, Map<string, TokenSource>>();

/** The farm's own token for a repository; null where none is set up. Short-lived ones are kept while they hold. */
export function farmToken({ instance, repository }: FoundForge, clock: Pick<Clock, 'now'>): TokenSource | null {
  const { secret } = instance;
  if (secret === null) return null;
  const own = sources.get(instance) ?? new Map<string, TokenSource>();
  sources.set(instance, own);
  const key = secret.kind === 'token' ? '' : repository.toLowerCase();
  const source =
    own.get(key) ??
    (secret.kind === 'token'
      ? fixedToken(secret.token)
      : appToken({ ...secret, api: apiOf(instance), repository, clock, fetch: fetchOf(instance) }));
  own.set(key, source);
  return source;
}

/** Where the API of a forge is, without a slash at its end. */
export function apiOf({ kind, url, api }: ForgeInstance): string {
  const at = (api ?? url).replace(/\/+$/, '');
  if (kind === 'github') return githubApi(at).href.replace(/\/+$/, '');
  return `${at}${kind === 'gitea' ? '/api/v1' : '/api/v4'}`;
}

/** The fetch with which a forge is asked: one that trusts its own certificates; undefined for the usual one. */
export function fetchOf({ ca }: ForgeInstance): Fetch | undefined {
  return ca === null ? undefined : trustingFetch(ca);
}
