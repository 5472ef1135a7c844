import type { ForgeKind } from '../../events/patch.ts';

/** The forges that are set up: where Gitea is installed, and the address of GitHub's API; null: not set up. */
export type ForgeConfig = {
  readonly giteaUrl: string | null;
  readonly giteaToken: string | null;
  readonly githubUrl: string | null;
  readonly githubToken: string | null;
};

/** Where the pull requests of a repository belong; `repository` is `owner/name`, null for `none`. */
export type ForgeChoice =
  | { readonly kind: Exclude<ForgeKind, 'none'>; readonly repository: string }
  | { readonly kind: 'none'; readonly repository: null };

const none: ForgeChoice = { kind: 'none', repository: null };
const publicGithub = ['github.com', 'www.github.com', 'ssh.github.com'];
const scpLike = /^[^@:/]{1,64}@([^:/[\]]{1,255}|\[[0-9a-f:.]{1,64}\]):(.{1,1024})$/i;
const segment = /^[A-Za-z0-9_.-]{1,100}$/;

/** A repository's place: `host` with its port for http(s), without for ssh, whose port says nothing about the web. */
type Place = { readonly host: string; readonly withPort: boolean; readonly path: string };

/**
 * Finds the forge of a clean git address (http, https, `ssh://`, `git@host:owner/name`) by its host. The path must be
 * `owner/name`, for http(s) below the path at which a Gitea is installed.
 */
export function chooseForge(gitUrl: string, config: ForgeConfig): ForgeChoice {
  const place = placeOf(gitUrl);
  if (place === null) return none;
  if (isAt(place, config.giteaUrl)) return chosen('gitea', below(place, config.giteaUrl));
  return isAtGithub(place, config.githubUrl) ? chosen('github', place.path) : none;
}

function chosen(kind: 'gitea' | 'github', path: string | null): ForgeChoice {
  const [owner = '', name = '', ...more] = (path ?? '').replace(/^\/|\/$/g, '').split('/');
  const bare = name.replace(/\.git$/i, '');
  const isOne = [owner, bare].every((part) => segment.test(part) && !/^\.+$/.test(part));
  return isOne && more.length === 0 ? { kind, repository: `${owner}/${bare}` } : none;
}

function placeOf(gitUrl: string): Place | null {
  const url = URL.parse(gitUrl);
  if (url !== null && ['http:', 'https:'].includes(url.protocol))
    return { host: url.host.toLowerCase(), withPort: true, path: url.pathname };
  if (url !== null && url.protocol === 'ssh:')
    return { host: url.hostname.toLowerCase(), withPort: false, path: url.pathname };
  const [, host, path] = scpLike.exec(gitUrl) ?? [];
  return host === undefined || path === undefined ? null : { host: host.toLowerCase(), withPort: false, path };
}

function isAt(place: Place, forgeUrl: string | null): boolean {
  const url = forgeUrl === null ? null : URL.parse(forgeUrl);
  if (url === null) return false;
  return place.host === (place.withPort ? url.host : url.hostname).toLowerCase();
}

/** An installation's token must not meet the repository of the same name on github.com, so it is one or the other. */
function isAtGithub(place: Place, apiUrl: string | null): boolean {
  const web = (apiUrl ?? 'https://github.com').replace('://api.', '://');
  return isAt({ ...place, withPort: true, host: 'github.com' }, web)
    ? publicGithub.includes(place.host)
    : isAt(place, web);
}

/** The path below that of the forge; over ssh there is no such prefix. */
function below(place: Place, forgeUrl: string | null): string | null {
  const prefix = new URL(forgeUrl ?? '').pathname.replace(/\/+$/, '');
  if (!place.withPort) return place.path;
  return place.path.startsWith(`${prefix}/`) ? place.path.slice(prefix.length) : null;
}
