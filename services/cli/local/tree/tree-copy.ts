import { constants } from 'node:fs';
import { copyFile, cp, lstat, mkdir, mkdtemp, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { CheckoutHere, Git } from './checkout-here.ts';

export type TreeCopy = {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** Folders that git ignores, such as node_modules: links to those of the checkout. */
  readonly linked: readonly string[];
  remove(): Promise<void>;
};

const atOnce = 32;

/**
 * A copy of a work tree in a temporary folder: the files that git knows or does not ignore. What it ignores is linked and
 * not copied, since dependencies are large; whoever works in the copy must not install there.
 */
export async function copyTree({ root, files }: CheckoutHere, git: Git): Promise<TreeCopy> {
  const target = await realpath(await mkdtemp(join(tmpdir(), 'crafting-table-fix-')));
  const remove = () => rm(target, { recursive: true, force: true });
  try {
    const left = [...(files ?? [])];
    const copyNext = async () => {
      for (let file = left.pop(); file !== undefined; file = left.pop()) await copyOne(root, target, file);
    };
    await Promise.all(Array.from({ length: atOnce }, copyNext));
    return { root: target, linked: await linkIgnored(root, target, git), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Links the folders that git ignores into a copy of the tree; answers their paths. */
export async function linkIgnored(root: string, target: string, git: Git): Promise<string[]> {
  const ignored = await git('ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z');
  const linked: string[] = [];
  for (const path of ignored
    .split('\0')
    .filter((one) => one.endsWith('/'))
    .sort()) {
    const folder = path.slice(0, -1);
    // A cache is the tool's to make anew; what lies in a linked folder is there already.
    if (/cache/i.test(basename(folder)) || linked.some((outer) => folder.startsWith(`${outer}/`))) continue;
    await mkdir(dirname(join(target, folder)), { recursive: true });
    await symlink(join(root, folder), join(target, folder));
    linked.push(folder);
  }
  return linked;
}

/** An install through a link would work on the checkout's own dependencies. */
export function uninstalled<T extends { subproject: string; install: string | null }>(
  run: T,
  { linked }: Pick<TreeCopy, 'linked'>,
): T {
  const inside = run.subproject === '.' ? '' : `${run.subproject}/`;
  return linked.some((folder) => folder.startsWith(inside)) ? { ...run, install: null } : run;
}

async function copyOne(from: string, to: string, file: string): Promise<void> {
  const info = await lstat(join(from, file)).catch(() => null);
  if (info === null) return;
  await mkdir(dirname(join(to, file)), { recursive: true });
  if (info.isSymbolicLink()) await symlink(withinCopy(await readlink(join(from, file)), from, to), join(to, file));
  // A submodule, or a repository within: its edits are its own affair, and go with the copy.
  else if (info.isDirectory()) await cp(join(from, file), join(to, file), { recursive: true, verbatimSymlinks: true });
  else if (info.isFile()) await copyFile(join(from, file), join(to, file), constants.COPYFILE_FICLONE);
}

/** An absolute link into the checkout leads to the same place of the copy: tools write through it. */
function withinCopy(target: string, from: string, to: string): string {
  return target.startsWith(from + sep) ? join(to, target.slice(from.length)) : target;
}
