import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';

/**
 * The real folder of a path inside a tree, whatever symbolic links the repository holds. AppError('invalid') when it
 * leaves the tree by `..`, by being absolute or through a link; AppError('not_found') when there is no such folder.
 */
export async function resolveInside(treeDir: string, inner: string): Promise<string> {
  const shown = JSON.stringify(inner);
  // Three looks at what the kernel has in memory: handing each to a thread takes ten times as long.
  const realpath = realpathSync.native;
  const root = realpath(treeDir);
  const leaves = (target: string): boolean => target !== root && !target.startsWith(`${root}${path.sep}`);
  const outside = new AppError('invalid', `The path ${shown} leaves the repository.`, { name: 'path_outside' });
  if (inner.includes('\0') || path.isAbsolute(inner) || leaves(path.resolve(root, inner))) throw outside;
  const target = existing(() => realpath(path.resolve(root, inner)));
  if (target === undefined) throw absent(shown);
  if (leaves(target)) throw outside;
  if (!statSync(target).isDirectory()) throw absent(shown);
  return target;
}

function existing(look: () => string): string | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function absent(shown: string): AppError {
  return new AppError('not_found', `The repository has no folder ${shown}.`, { name: 'path_missing' });
}
