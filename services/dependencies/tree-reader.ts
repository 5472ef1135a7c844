import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const mostBytes = 32 * 1024 * 1024;
const none = Buffer.alloc(0);

/** Reads files of a tree, each once, through links that stay in it. */
type TreeReader = {
  /** Empty for what is lost. */
  readonly text: (path: string) => string;
  /** Names a path, its links and its content. */
  readonly digest: (path: string) => string;
  /** Whether a folder is there, and no link leads to it. */
  readonly isPlainFolder: (path: string) => boolean;
  /** Paths that could not be read, or that lead out of the tree. */
  readonly lost: ReadonlySet<string>;
};

export function treeReader(tree: string): TreeReader {
  const root = realpathSync(tree);
  const lost = new Set<string>();
  const known = new Map<string, Buffer>();
  const bytes = (path: string): Buffer => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const found = read(root, join(root, path));
    if (found === null) lost.add(path);
    known.set(path, found ?? none);
    return found ?? none;
  };
  const digest = (path: string) => {
    const hash = createHash('sha256').update(bytes(path)).digest('hex');
    const link = linkOf(root, join(root, path));
    return JSON.stringify(link === null ? [path, hash] : [path, hash, link]);
  };
  const isPlainFolder = (path: string) => {
    try {
      return realpathSync(join(root, path)) === join(root, path);
    } catch {
      return false;
    }
  };
  return { text: (path) => bytes(path).toString('utf8'), digest, isPlainFolder, lost };
}

function read(root: string, at: string): Buffer | null {
  try {
    const real = realpathSync(at);
    if (!real.startsWith(root + sep) || real.startsWith(join(root, '.git') + sep)) return null;
    const info = lstatSync(real);
    return info.isFile() && info.size <= mostBytes ? readFileSync(real) : null;
  } catch {
    return null;
  }
}

/** Where a link leads: its text, and the file in the end. */
function linkOf(root: string, at: string): string[] | null {
  try {
    return lstatSync(at).isSymbolicLink() ? [readlinkSync(at), relative(root, realpathSync(at))] : null;
  } catch {
    return null;
  }
}
