import type { ForgeKind } from '../../../events/patches/patch.ts';
import { type ForgeConfig, type ForgeInstance, instancesOf } from './forge-instances.ts';
import { coversRepository } from './repository-pattern.ts';

export type { ForgeConfig };

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

/** A forge that is set up, and a repository on it. */
export type FoundForge = { readonly instance: ForgeInstance; readonly repository: string };

/**
 * Finds the forge of a clean git address (http, https, `ssh://`, `git@host:owner/name`) by its host. The path must be
 * `owner/name` (on GitLab with groups between), for http(s) below the path at which the forge is installed.
 */
export function chooseForge(gitUrl: string, config: ForgeConfig): ForgeChoice {
  const found = findForge(gitUrl, config);
  return found === null ? none : { kind: found.instance.kind, repository: found.repository };
}

/** The same, with the forge itself; null where there is none. */
export function findForge(gitUrl: string, config: ForgeConfig): FoundForge | null {
  const place = placeOf(gitUrl);
  if (place === null) return null;
  for (const instance of instancesOf(config)) {
    const isThere = instance.kind === 'github' ? isAtGithub(place, instance.url) : isAt(place, instance.url);
    if (!isThere) continue;
    const repository = repositoryOf(
      instance.kind === 'github' ? place.path : below(place, instance.url),
      instance.kind,
    );
    const isMeant = instance.repositories?.some((one) => coversRepository(one, repository ?? '')) ?? true;
    if (repository !== null && isMeant) return { instance, repository };
  }
  return null;
}

/** Whether two clean git addresses are those of one repository, however each is spelled. */
export function isSameRepository(one: string, other: string, config: ForgeConfig): boolean {
  const [a, b] = [findForge(one, config), findForge(other, config)];
  if (a !== null && b !== null)
    return a.instance.url === b.instance.url && a.repository.toLowerCase() === b.repository.toLowerCase();
  const spelled = (url: string) => {
    const place = placeOf(url);
    const path = place?.path ?? url;
    return `${place?.host ?? ''} ${path.replace(/^\/+|(?:\.git)?\/*$/gi, '')}`.toLowerCase();
  };
  return spelled(one) === spelled(other);
}

/** The most groups of GitLab that stand in one another, and the project. */
const mostSegments = 21;

function repositoryOf(path: string | null, kind: ForgeInstance['kind']): string | null {
  const parts = (path ?? '')
    .replace(/^\/|\/$/g, '')
    .replace(/\.git$/i, '')
    .split('/');
  const isOne = parts.every((part) => segment.test(part) && !/^\.+$/.test(part));
  const fits = kind === 'gitlab' ? parts.length >= 2 && parts.length <= mostSegments : parts.length === 2;
  return isOne && fits ? parts.join('/') : null;
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

function isAt(place: Place, forgeUrl: string): boolean {
  const url = URL.parse(forgeUrl);
  if (url === null) return false;
  return place.host === (place.withPort ? url.host : url.hostname).toLowerCase();
}

/** An installation's token must not meet the repository of the same name on github.com, so it is one or the other. */
function isAtGithub(place: Place, url: string): boolean {
  const web = url.replace('://api.', '://');
  return isAt({ ...place, withPort: true, host: 'github.com' }, web)
    ? publicGithub.includes(place.host)
    : isAt(place, web);
}

/** The path below that of the forge; over ssh there is no such prefix. */
function below(place: Place, forgeUrl: string): string | null {
  const prefix = new URL(forgeUrl).pathname.replace(/\/+$/, '');
  if (!place.withPort) return place.path;
  return place.path.startsWith(`${prefix}/`) ? place.path.slice(prefix.length) : null;
}
