import { AppError } from '../../floor/app-error.ts';
import type { FoundForge } from '../../floor/forges/choose-forge.ts';
import { apiOf, fetchOf } from './farm-token.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';
import { fieldOf } from './read-pull.ts';

type Credential = { readonly username: string; readonly password: string };

/** `detail`: what the forge said instead of yes. */
type PushRight =
  | { readonly known: true; readonly canPush: true }
  | { readonly known: true; readonly canPush: false; readonly detail: string };

/**
 * Asks a forge, with a credential of git, whether it may push to a repository. The farm's own token is not sent. Throws AppError
 * when the forge does not answer, or answers nothing that can be read.
 */
export async function pushRight(
  { instance, repository }: FoundForge,
  { username, password }: Credential,
  options: { readonly fetch?: Fetch } = {},
): Promise<PushRight> {
  const base = apiOf(instance);
  const isGitlab = instance.kind === 'gitlab';
  const name = isGitlab ? encodeURIComponent(repository) : repository.split('/').map(encodeURIComponent).join('/');
  const path = isGitlab ? `projects/${name}` : `repos/${name}`;
  // Both take a token as the password of any user, which is what stands in an address of git.
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  // GitLab takes a token as a bearer alone.
  const authorization = isGitlab ? `Bearer ${password}` : `Basic ${basic}`;
  const ask = guardedFetch({ origin: new URL(base).origin, authorization, fetch: fetchOf(instance), ...options });
  const response = await ask(`${base}/${path}`, { headers: { accept: 'application/json' } });
  if ([401, 403, 404].includes(response.status))
    return { known: true, canPush: false, detail: `it answers ${response.status}, which is no right to push` };
  if (response.status !== 200) throw new AppError('unavailable', `The forge answers ${response.status}.`);
  const permissions = fieldOf(await response.json().catch(() => null), 'permissions');
  const push = isGitlab ? isDeveloper(permissions) : fieldOf(permissions, 'push');
  if (typeof push !== 'boolean') return { known: true, canPush: false, detail: 'it names no right of this credential' };
  return push ? { known: true, canPush: true } : { known: true, canPush: false, detail: 'it may read, and not push' };
}

/** Access levels of GitLab, of the project or of its group: a developer (30) may push. */
function isDeveloper(permissions: unknown): boolean | undefined {
  if (typeof permissions !== 'object' || permissions === null) return undefined;
  const levels = ['project_access', 'group_access'].map((name) => fieldOf(fieldOf(permissions, name), 'access_level'));
  return levels.some((level) => typeof level === 'number' && level >= 30);
}
