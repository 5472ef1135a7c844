import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import { localFailure } from '../mirrors/git-failure.ts';
import { largestDiff, printWholeDiff } from '../patches/patch-reader.ts';
import type { Quarantine } from '../patches/quarantine.ts';
import { patchedTree } from '../patches/tree-change.ts';
import { copyIndex } from './index-copy.ts';
import type { SlotPaths } from './slot-files.ts';

/**
 * Makes a clean tree show its commit with a diff on top, exactly as a checkout of that would be. Git itself moves the tree
 * from one to the other: modes, links and line ends come out right, and no path leads through a link. The slot's own
 * index stays at the commit, so that cleaning sees every change. Throws as `patchedTree`, with the tree untouched.
 */
export async function showPatch(quarantine: Quarantine, slot: SlotPaths, sha: string, diff: string): Promise<void> {
  const tree = await patchedTree(quarantine, sha, diff);
  await copyIndex(slot.index, quarantine.index);
  await quarantine.git('showing a patched tree', ['read-tree', '-m', '-u', sha, tree], inTree(slot));
}

/**
 * What a job changed in its tree, as a diff against its commit: tracked files, and new ones that no `.gitignore` names. Neither
 * the tree's own `.git` nor any repository inside of it is asked. AppError('too_large') over 4 MiB.
 */
export async function readTreeChanges(quarantine: Quarantine, slot: SlotPaths, sha: string): Promise<string> {
  await copyIndex(slot.index, quarantine.index);
  const ask = async (args: string[]): Promise<string[]> =>
    (await quarantine.git('reading the changes of a tree', args, inTree(slot)))
      .split('\0')
      .filter((name) => name !== '');
  const changed = await ask(['diff-files', '--name-only', '-z', '--ignore-submodules=all']);
  // A folder at the end of a name is a repository inside the tree.
  const fresh = (await ask(['ls-files', '--others', '--exclude-standard', '-z'])).filter((name) => !name.endsWith('/'));
  const there: string[] = [];
  const gone: string[] = [];
  let bytes = 0;
  for (const name of [...changed, ...fresh]) {
    const found = await lstat(path.join(slot.tree, name)).catch(() => undefined);
    if (isContent(found) && !(await leadsThroughLink(slot.tree, name))) {
      bytes += found.size;
      there.push(name);
    } else gone.push(name);
    if (bytes > mostBytes) throw tooLarge();
  }
  const took = { ...inTree(slot), input: there.map((name) => `${name}\0`).join('') };
  const taken = await quarantine.try(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], took);
  if (taken.code !== 0) throw localFailure('reading the changes of a tree', taken);
  const lost = { input: gone.map((name) => `0 ${'0'.repeat(40)}\t${name}\0`).join('') };
  await quarantine.git('reading the changes of a tree', ['update-index', '-z', '--index-info'], lost);
  const tree = (await quarantine.git('writing a tree', ['write-tree'])).trim();
  return printWholeDiff(quarantine, sha, tree);
}

/** More than this of changed files is not even read: their diff may be small, but looking at them takes long. */
const mostBytes = 16 * largestDiff;

function inTree(slot: SlotPaths): { cwd: string; env: Record<string, string> } {
  return { cwd: slot.tree, env: { GIT_WORK_TREE: slot.tree } };
}

function isContent(found: Stats | undefined): found is Stats {
  return found !== undefined && (found.isFile() || found.isSymbolicLink());
}

// git calls a tracked file gone when a folder above it became a link; what the link leads to is none of ours.
async function leadsThroughLink(tree: string, name: string): Promise<boolean> {
  const parts = name.split('/');
  for (let length = 1; length < parts.length; length += 1) {
    const found = await lstat(path.join(tree, ...parts.slice(0, length))).catch(() => undefined);
    if (found?.isSymbolicLink()) return true;
  }
  return false;
}

function tooLarge(): AppError {
  return new AppError('too_large', 'The change is larger than 4 MiB.', { name: 'patch_too_large' });
}
