import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';

/** What a server is shown. `password` is a password or an access token. */
export type Credential = { username?: string; password: string };

/** Where a repository lives: an address without any secret in it, and the secret beside it. */
export type Remote = { url: string; credential?: Credential };

/** A remote address that was read from text. */
type ParsedRemote = Remote & { kind: 'http' | 'ssh' | 'local' };

const longest = 2048;
const hostName = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])$/;
const loginName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const scpLike = /^([^@:/]+)@(\[[^\]]+\]|[^:/[]+):(.+)$/;

/**
 * Reads the address of a repository: http, https, `ssh://`, `git@host:path`, and absolute paths where they are allowed.
 * A user and password in an http(s) address are taken out of it; the user of an ssh address is no secret and stays.
 * Throws AppError('invalid'), with a sentence that never repeats the text, since the text may hold a secret.
 */
export function parseRemoteUrl(text: string, options: { allowLocal: boolean }): ParsedRemote {
  if (text.length === 0 || text.length > longest) throw invalid(`must have 1 to ${longest} characters`);
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u.test(text)) throw invalid('must not contain control characters');
  if (text.startsWith('-')) throw invalid('must not start with "-"');
  if (/^[a-z][a-z0-9+.-]*::/i.test(text)) throw invalid('must not name a remote helper ("helper::address")');
  if (text.startsWith('/')) return parsePath(text, options);
  if (/\s/u.test(text)) throw invalid('must not contain spaces');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return parseHttp(text);
  if (scheme === 'ssh') return parseSsh(text);
  if (scheme === 'file') return parseFile(text, options);
  if (scheme !== undefined) throw invalid(`must use http, https or ssh, not "${scheme}"`);
  return parseScp(text);
}

/**
 * Refuses an address that was not read by `parseRemoteUrl`: callers keep addresses in stores, and one that was written by an
 * older version, or by hand, is not trusted.
 */
export function checkRemote(remote: Remote, options: { allowLocal: boolean }): void {
  const parsed = parseRemoteUrl(remote.url, options);
  if (parsed.credential !== undefined || parsed.url !== remote.url) {
    throw new AppError('invalid', 'The address of the repository must be clean, without a credential in it.');
  }
}

function parseHttp(text: string): ParsedRemote {
  const url = toUrl(text);
  if (url.search !== '' || url.hash !== '') throw invalid('must not have a query or a fragment');
  const clean = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const username = decode(url.username);
  const password = decode(url.password);
  if (password !== '') {
    const credential: Credential = username === '' ? { password } : { username, password };
    return { kind: 'http', url: clean, credential };
  }
  // "https://<token>@host/..." is how tokens are commonly written, so a lone user name counts as the secret.
  return username === ''
    ? { kind: 'http', url: clean }
    : { kind: 'http', url: clean, credential: { password: username } };
}

function parseSsh(text: string): ParsedRemote {
  const url = toUrl(text);
  if (url.password !== '') throw invalid('must not have a password for ssh; use a key');
  if (url.search !== '' || url.hash !== '') throw invalid('must not have a query or a fragment');
  if (!hostName.test(url.hostname)) throw invalid('must name a host');
  if (url.username !== '' && !loginName.test(url.username)) throw invalid('has an unusable ssh user name');
  const login = url.username === '' ? '' : `${url.username}@`;
  const route = url.pathname.replace(/\/+$/, '');
  if (route === '') throw invalid('must name a repository');
  return { kind: 'ssh', url: `ssh://${login}${url.host}${route}` };
}

function parseScp(text: string): ParsedRemote {
  const match = scpLike.exec(text);
  const [, login, host, route] = match ?? [];
  if (login === undefined || host === undefined || route === undefined) {
    throw invalid('must be an http(s) or ssh address, like https://host/owner/name or git@host:owner/name');
  }
  if (!loginName.test(login) || !hostName.test(host)) throw invalid('has an unusable user or host name');
  if (route.startsWith('-')) throw invalid('must not have a path that starts with "-"');
  return { kind: 'ssh', url: `${login}@${host}:${route.replace(/\/+$/, '')}` };
}

function parseFile(text: string, options: { allowLocal: boolean }): ParsedRemote {
  const url = toUrl(text);
  if (url.host !== '') throw invalid('must not name a host in a file address');
  const route = decode(url.pathname);
  if (/[\u0000-\u001f\u007f]/u.test(route)) throw invalid('must not contain control characters');
  return parsePath(route, options);
}

function parsePath(text: string, options: { allowLocal: boolean }): ParsedRemote {
  if (!options.allowLocal) throw invalid('must not be a local path: local repositories are not allowed here');
  const normal = path.posix.normalize(text);
  return { kind: 'local', url: normal.length > 1 ? normal.replace(/\/+$/, '') : normal };
}

function toUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalid('cannot be read as an address');
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a broken percent-encoding');
  }
}

function invalid(what: string): AppError {
  return new AppError('invalid', `The address of the repository ${what}.`, { name: 'git_url' });
}
