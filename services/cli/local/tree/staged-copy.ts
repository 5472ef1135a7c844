import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { CheckoutHere, Git } from './checkout-here.ts';
import { linkIgnored, type TreeCopy } from './tree-copy.ts';

type IndexCopy = TreeCopy & {
  /** What the index holds, by path from the root. */
  readonly files: readonly string[];
};

/**
 * The tree that the next commit will hold, in a temporary folder of the same name: the content of the index, whatever lies
 * in the work tree. It is a repository of its own over the objects of this one, so what a recipe does to git stays there.
 */
export async function copyIndex(checkout: CheckoutHere, git: Git): Promise<IndexCopy> {
  const { root } = checkout;
  const outer = await realpath(await mkdtemp(join(tmpdir(), 'crafting-table-staged-')));
  const remove = () => rm(outer, { recursive: true, force: true });
  const target = join(outer, basename(root) || 'checkout');
  try {
    await mkdir(target);
    await git('checkout-index', '--all', '--quiet', `--prefix=${target}/`);
    const files = (await git('ls-files', '--cached', '-z')).split('\0').filter(Boolean);
    await ownRepository(checkout, target, git);
    return { root: target, files, linked: await linkIgnored(root, target, git), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Tools that ask git for the files find those of the index; the hook's own index may be another file than the usual one. */
async function ownRepository({ root, branch, sha }: CheckoutHere, target: string, git: Git): Promise<void> {
  const path = async (...args: string[]) => resolve(root, (await git('rev-parse', ...args)).replace(/\n$/, ''));
  const format = (await git('rev-parse', '--show-object-format')).trim();
  const [objects, index] = await Promise.all([path('--git-path', 'objects'), path('--git-path', 'index')]);
  const own = join(target, '.git');
  await mkdir(join(own, 'objects/info'), { recursive: true });
  await mkdir(join(own, 'refs/heads'), { recursive: true });
  const isOld = format === 'sha1';
  const extension = isOld ? '' : `[extensions]\n\tobjectformat = ${format}\n`;
  await writeFile(join(own, 'config'), `[core]\n\trepositoryformatversion = ${isOld ? 0 : 1}\n${extension}`);
  await writeFile(join(own, 'objects/info/alternates'), `${objects}\n`);
  await writeFile(join(own, 'HEAD'), sha ? `${sha}\n` : `ref: refs/heads/${branch ?? 'main'}\n`);
  await copyFile(index, join(own, 'index')).catch(() => {});
}
