import type { LogContext, PathBase } from '../define.ts';

/**
 * A printed path as one relative to the repository's root, or null when it names no file in there.
 *
 * - Absolute: one of the roots is cut off, also with or without macOS's `/private`; outside of them null, so that no
 *   path of the build machine gets out.
 * - Relative: counts from the subproject, where tools run. One that starts with a subproject of several segments is
 *   taken to count from the root already (cargo and some monorepo tools do that); `app/settings.py` printed in `app` is
 *   `app/app/settings.py`, as Django lays it out. With base `workspace` one segment is enough.
 * - `..` is resolved; what climbs out of the repository is null.
 */
export function repositoryPath(printed: string, context: LogContext, base: PathBase = 'cwd'): string | null {
  let path = printed.trim().replaceAll('\\', '/');
  if (path.startsWith('file://')) path = decoded(path.slice(7));
  if (path === '' || path.length > 4096 || path.startsWith('<')) return null;
  if (path.startsWith('/') || /^[A-Za-z]:\//.test(path)) {
    const inside = withoutRoot(path, context.roots);
    return inside === null ? null : normal(inside);
  }
  const subproject = normal(context.subproject.replaceAll('\\', '/')) ?? '';
  if (subproject === '') return normal(path);
  const own = normal(path);
  const counted = own?.startsWith(`${subproject}/`) && (base === 'workspace' || subproject.includes('/'));
  return counted ? own : normal(`${subproject}/${path}`);
}

function withoutRoot(path: string, roots: readonly string[]): string | null {
  const plain = withoutPrivate(path);
  let best: string | null = null;
  for (const root of roots) {
    const folder = `${withoutPrivate(root.replaceAll('\\', '/')).replace(/\/+$/, '')}/`;
    if (folder === '/' || !plain.startsWith(folder)) continue;
    const rest = plain.slice(folder.length);
    if (best === null || rest.length < best.length) best = rest;
  }
  return best;
}

function withoutPrivate(path: string): string {
  return path.startsWith('/private/') ? path.slice('/private'.length) : path;
}

/** Without `.`, `..` and doubled slashes; null when it climbs out, is empty of a name, or is too long to keep. */
function normal(path: string): string | null {
  // Nearly all are as they should be.
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return short(path);
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.pop() === undefined) return null;
  }
  return short(kept.join('/'));
}

function short(joined: string): string | null {
  return joined === '' || joined.length > 1024 || /[\u0000-\u001f]/.test(joined) ? null : joined.toWellFormed();
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
