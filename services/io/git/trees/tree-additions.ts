import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { localFailure } from '../mirrors/git-failure.ts';
import type { SlotPaths } from './slot-files.ts';
import type { TreeDeps } from './slot-tree.ts';

/** What a tree has beside its commit. Paths are relative to its root; those of folders stand for all that is in them. */
export type TreeAdditions = {
  /** What git does not know, ignored or not. */
  readonly others: readonly string[];
  /** Tracked files whose content is another, or that are gone. */
  readonly changed: readonly string[];
  /** Tracked files of another mode, which they have now. */
  readonly modes: readonly (readonly [string, number])[];
};

type Listing = Pick<TreeDeps, 'processes' | 'env' | 'timeoutMs'>;
type Place = { readonly slot: SlotPaths; readonly gitDir: string };

/** The names of all files of a tree: those of the commit, and those that lie there besides. */
export async function treeFiles(deps: Listing, place: Place): Promise<string[]> {
  return list(deps, place, ['ls-files', '--cached', '--others', '-z']);
}

/** What was added to a tree, or changed in it, since it showed its commit. */
export async function treeAdditions(deps: Listing, place: Place): Promise<TreeAdditions> {
  const others = (await list(deps, place, ['ls-files', '--others', '--directory', '-z'])).map((name) =>
    name.replace(/\/$/, ''),
  );
  const counted = await list(deps, place, ['diff-files', '--numstat', '--no-renames', '-z']);
  const changed: string[] = [];
  const modes: (readonly [string, number])[] = [];
  for (const line of counted) {
    const [added, removed, name = ''] = line.split('\t');
    const info = await lstat(path.join(place.slot.tree, name)).catch(() => null);
    if (added === '0' && removed === '0' && info?.isFile()) modes.push([name, info.mode & 0o777]);
    else changed.push(name);
  }
  return { others, changed, modes };
}

async function list(deps: Listing, { slot, gitDir }: Place, args: string[]): Promise<string[]> {
  const env = { ...deps.env, GIT_DIR: gitDir, GIT_WORK_TREE: slot.tree, GIT_INDEX_FILE: slot.index };
  const found = await deps.processes.run({ command: 'git', args, cwd: slot.tree, env, timeoutMs: deps.timeoutMs });
  if (found.code !== 0) throw localFailure('listing a work tree', found);
  return found.stdout.split('\0').filter(Boolean);
}
