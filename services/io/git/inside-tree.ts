import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../app-error.ts';

/**
 * The real folder of a path inside a tree, whatever symbolic links the repository holds. AppError('invalid') when it
 * leaves the tree by `..`, by being absolute or through a link; AppError('not_found') when there is no such folder.
 */
export async function resolveInside(treeDir: string, inner: string): Promise<string> {
  const shown = JSON.stringify(inner);
  const root = await realpath(treeDir);
  const leaves = (target: string): boolean => target !== root && !target.startsWith(`${root}${path.sep}`);
  const outside = new AppError('invalid', `The path ${shown} leaves the repository.`, { name: 'path_outside' });
  if (inner.includes('\0') || path.isAbsolute(inner) || leaves(path.resolve(root, inner))) throw outside;
  const target = await realpath(path.resolve(root, inner)).catch(() => undefined);
  if (target === undefined) throw absent(shown);
  if (leaves(target)) throw outside;
  if (!(await stat(target)).isDirectory()) throw absent(shown);
  return target;
}

function absent(shown: string): AppError {
  return new AppError('not_found', `The repository has no folder ${shown}.`, { name: 'path_missing' });
}
