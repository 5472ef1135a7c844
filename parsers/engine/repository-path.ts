import type { LogContext, PathBase } from '../define.ts';
import { treeFiles } from './tree-files.ts';

/**
 * - `inside`: a path from the root of the repository.
 * - `assumed`: absolute, and nothing is known that would tell where it belongs.
 * - `foreign`: of the system, of a dependency, or of a folder for temporary files.
 * - `lost`: it should name a file of the repository, and does not.
 */
export type Placed = {
  readonly file: string | null;
  readonly state: 'inside' | 'assumed' | 'foreign' | 'lost';
  /** Whether the files of the tree could tell more, were they known. */
  readonly unsettled?: boolean;
};

/** Where the tool that printed a path stood: a folder as make or a workspace runner named it. */
export type Folder = {
  /** Absolute, or relative to the folder of the command. */
  readonly path: string;
  /** It is only the name of a package, which may lie anywhere. */
  readonly isName?: boolean;
};

export type Places = {
  /** Where a printed path leads; never throws. */
  at(printed: string, base?: PathBase, folder?: Folder | null): Placed;
  /** Whether a printed path is that of a file of the tree; null where the tree is not known. */
  isFile(printed: string): boolean | null;
  /** The same from a folder, for what counts as a place only where it is one: the tree is asked for. */
  asFile(printed: string, folder: Folder | null): boolean | null;
  /** A place was asked for that the files of the tree would have told. */
  readonly unsettled: boolean;
};

const maxKnown = 20_000;
const maxRoots = 64;

/**
 * Printed paths as paths from the root of the repository.
 *
 * - Absolute: one of the roots is cut off, also with or without macOS's `/private`. One of another machine or a
 *   container is the file of the tree that shares the longest end with it; what the tree does not hold, but lies beside
 *   such a file, is placed like it.
 * - Relative: counts from the folder that the tool said it is in, then from the subproject, then from the root, whichever
 *   has the file. Without a tree, one that starts with a subproject of several segments is taken to count from the root
 *   already (cargo and some monorepo tools do that); `app/settings.py` printed in `app` is `app/app/settings.py`, as
 *   Django lays it out. With base `workspace` one segment is enough.
 * - `..` is resolved. What leads nowhere keeps the words that were printed.
 */
export function places(context: LogContext): Places {
  const subproject = normal(context.subproject.replaceAll('\\', '/')) ?? '';
  const tree = context.tree === undefined ? null : treeFiles(context.tree);
  /** Roots of other machines, as their files showed them, and the folder of the tree that each stands for. */
  const learned = new Map<string, string>();
  const known = new Map<string, Placed>();

  const learn = (path: string, file: string, shared: number) => {
    const from = path.split('/').slice(0, -shared).join('/');
    const to = file.split('/').slice(0, -shared).join('/');
    if (from !== '' && learned.size < maxRoots) learned.set(from, to);
  };
  const byLearned = (path: string): string | null => {
    let best: string | null = null;
    let length = 0;
    for (const [from, to] of learned) {
      if (from.length <= length || !path.startsWith(`${from}/`)) continue;
      best = normal(`${to}/${path.slice(from.length + 1)}`);
      length = from.length;
    }
    return best;
  };
  const elsewhere = (path: string): Placed => {
    const alien = foreignAt(path);
    const whole = normal(path.replace(/^[A-Za-z]:/, '')) ?? '';
    if (tree !== null) {
      const beside = byLearned(path);
      if (beside !== null && tree.has(beside)) return { file: beside, state: 'inside' };
      const like = tree.like(whole, subproject);
      const parts = whole.split('/').length;
      if (like !== null && (alien === -1 || parts - like.shared <= alien)) {
        learn(path, like.file, like.shared);
        return { file: like.file, state: 'inside' };
      }
      if (beside !== null && alien === -1) return { file: beside, state: 'inside' };
    }
    const file = short(path);
    if (alien !== -1) return { file, state: 'foreign' };
    const isKnown = tree !== null || context.roots.length > 0;
    // Their names are new in every run, and must not become a part of what a finding is.
    if (temporary.test(path) && isKnown) return { file: null, state: 'foreign', unsettled: tree === null };
    return isKnown ? { file, state: 'lost', unsettled: tree === null } : { file, state: 'assumed' };
  };
  const absolute = (path: string): Placed => {
    const inside = withoutRoot(path, context.roots);
    const file = inside === null ? null : normal(inside);
    return file === null ? elsewhere(path) : { file, state: 'inside' };
  };
  const relative = (path: string, base: PathBase, folder: Folder | null): Placed => {
    const own = normal(path);
    const here = joined(subproject, path);
    const isOwn = own?.startsWith(`${subproject}/`) && (base === 'workspace' || subproject.includes('/'));
    const plain = subproject === '' || isOwn ? own : here;
    const said = folder === null || folder.isName ? null : fromFolder(folder.path, path);
    if (tree !== null) {
      const tried = [said, ...(isOwn ? [own, here] : [here, own])];
      const found = tried.find((file) => file != null && tree.has(file));
      if (found != null) return { file: found, state: 'inside' };
      const parts = own?.split('/').length ?? 0;
      const near = folder === null ? null : tree.like(`${folder.path}/${path}`, subproject);
      if (near !== null && near.shared > parts) return { file: near.file, state: 'inside' };
      const like = own === null ? null : tree.like(own, subproject);
      if (like !== null && like.shared === parts) return { file: like.file, state: 'inside' };
    }
    const file = said ?? plain;
    const unsettled = tree === null && (subproject !== '' || folder !== null);
    if (file !== null) return { file, state: 'inside', unsettled };
    // It climbs out of the repository, and nobody who reads a path from there is to follow it.
    return { file: null, state: 'lost' };
  };
  /** Null where the folder is outside of everything that is known. */
  const fromFolder = (folder: string, path: string): string | null => {
    if (!isAbsolute(folder)) return joined(joined(subproject, folder) ?? '', path);
    const inside = absolute(`${folder}/${path}`);
    return inside.state === 'inside' || inside.state === 'assumed' ? inside.file : null;
  };
  const place = (printed: string, base: PathBase, folder: Folder | null): Placed => {
    let path = printed.trim().replaceAll('\\', '/');
    if (path.startsWith('file://')) path = decoded(path.slice(7)).replace(/^\/(?=[A-Za-z]:\/)/, '');
    if (path === '' || path.length > 4096 || path.startsWith('<')) return { file: null, state: 'foreign' };
    if (!isAbsolute(path)) return relative(path, base, folder);
    return absolute(path);
  };
  let unsettled = false;
  const at: Places['at'] = (printed, base = 'cwd', folder = null) => {
    // Nearly every path is asked for more than once.
    const key = folder === null && base === 'cwd' ? printed : `${base} ${folder?.path}\u0000${printed}`;
    const before = known.get(key);
    if (before !== undefined && before.state !== 'lost') return before;
    const placed = place(printed, base, folder);
    if (placed.unsettled) unsettled = true;
    if (known.size < maxKnown) known.set(key, placed);
    return placed;
  };
  return {
    at,
    isFile(printed) {
      const { file, state } = at(printed);
      return tree === null ? null : state === 'inside' && file !== null && tree.has(file);
    },
    asFile(printed, folder) {
      if (tree === null) unsettled = true;
      const { file, state } = at(printed, 'cwd', folder);
      return tree === null ? null : state === 'inside' && file !== null && tree.has(file);
    },
    get unsettled() {
      return unsettled;
    },
  };
}

/** What a tool found in there is not of this repository, wherever it is checked out. */
const dependency =
  /^(?:node_modules|site-packages|dist-packages|\.cargo|\.rustup|\.m2|\.gradle|\.nuget|\.npm|\.pnpm-store|\.pyenv|\.rbenv|\.rvm|\.sdkman|\.virtualenvs|\.cache|gems)$/;
const system =
  /^(?:\/private)?(?:\/usr\/(?:include|lib\w*|share|local\/(?:include|lib\w*|share|go|cargo|rustup|Cellar))|\/lib\w*|\/etc|\/proc|\/sys|\/dev|\/nix\/store|\/gnu\/store|\/rustc|\/System|\/Library|\/Applications|\/snap|\/opt\/(?:hostedtoolcache|homebrew|local)|\/go\/pkg\/mod|\/\.\.)\/|^[A-Za-z]:\/(?:Program Files|Windows)/;
const temporary = /^(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev\/shm)\/|\/AppData\/Local\/Temp\//;

/** The segment in which other people's code begins, 0 for a folder of the system, -1 for none. */
function foreignAt(path: string): number {
  if (system.test(path)) return 0;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const module = parts.findIndex((part, at) => part === 'mod' && parts[at - 1] === 'pkg');
  const at = parts.findIndex((part) => dependency.test(part));
  return at === -1 ? module : at;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path);
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

function joined(folder: string, path: string): string | null {
  return normal(folder === '' ? path : `${folder}/${path}`);
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
