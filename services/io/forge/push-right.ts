import { AppError } from '../../floor/app-error.ts';
import type { ForgeChoice, ForgeConfig } from '../../floor/choose-forge.ts';
import { githubApi } from './github-forge.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';

type Credential = { readonly username: string; readonly password: string };

/** `detail`: what the forge said instead of yes. */
export type PushRight =
  | { readonly known: true; readonly canPush: true }
  | { readonly known: true; readonly canPush: false; readonly detail: string };

/**
 * Asks a forge, with a credential of git, whether it may push to a repository. The farm's own token is not sent. Throws AppError
 * when the forge does not answer, or answers nothing that can be read.
 */
export async function pushRight(
  { kind, repository }: Exclude<ForgeChoice, { kind: 'none' }>,
  { username, password }: Credential,
  { giteaUrl, githubUrl }: ForgeConfig,
  options: { readonly fetch?: Fetch } = {},
): Promise<PushRight> {
  const base =
    kind === 'gitea'
      ? `${(giteaUrl ?? '').replace(/\/+$/, '')}/api/v1`
      : githubApi(githubUrl ?? 'https://github.com').href.replace(/\/+$/, '');
  const path = repository.split('/').map(encodeURIComponent).join('/');
  // Both take a token as the password of any user, which is what stands in an address of git.
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const ask = guardedFetch({ origin: new URL(base).origin, authorization: `Basic ${basic}`, ...options });
  const response = await ask(`${base}/repos/${path}`, { headers: { accept: 'application/json' } });
  if ([401, 403, 404].includes(response.status))
    return { known: true, canPush: false, detail: `it answers ${response.status}, which is no right to push` };
  if (response.status !== 200) throw new AppError('unavailable', `The forge answers ${response.status}.`);
  const body = (await response.json().catch(() => null)) as { permissions?: { push?: unknown } } | null;
  const push = body?.permissions?.push;
  if (typeof push !== 'boolean') return { known: true, canPush: false, detail: 'it names no right of this credential' };
  return push ? { known: true, canPush: true } : { known: true, canPush: false, detail: 'it may read, and not push' };
}
