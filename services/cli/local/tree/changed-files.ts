import { AppError } from '../../../floor/app-error.ts';
import type { CheckoutHere, Git } from './checkout-here.ts';

/**
 * The files that differ from a commit, by path from the root: changed, added, and new ones that git does not know and
 * does not ignore. `base` is where the present branch left it, so what others did there since then does not count.
 */
export async function changedFiles({ isGit, sha }: CheckoutHere, base: string, git: Git): Promise<Set<string>> {
  if (!isGit) throw new AppError('invalid', '--changed needs a git repository: without one nothing can have changed.');
  const list = async (...args: string[]) => (await git(...args)).split('\0').filter(Boolean);
  const fresh = list('ls-files', '--others', '--exclude-standard', '-z');
  if (sha === null && base === 'HEAD') return new Set([...(await list('ls-files', '-z')), ...(await fresh)]);
  const [from, unknown] = await Promise.all([startOf(base, git), fresh]);
  return new Set([
    ...(await list(
      'diff',
      '--name-only',
      '--no-renames',
      '--no-ext-diff',
      '--ignore-submodules=dirty',
      '-z',
      from,
      '--',
    )),
    ...unknown,
  ]);
}

/**
 * The files that the next commit changes, by path from the root, without those that it removes. Throws AppError('invalid')
 * outside of git.
 */
export async function stagedFiles({ isGit }: CheckoutHere, git: Git): Promise<Set<string>> {
  if (!isGit) throw new AppError('invalid', '--staged needs a git repository: without one nothing is staged.');
  const args = ['--cached', '--name-only', '--no-renames', '--no-ext-diff', '--diff-filter=d', '-z'];
  return new Set((await git('diff', ...args)).split('\0').filter(Boolean));
}

async function startOf(base: string, git: Git): Promise<string> {
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`).catch(
    (cause) => {
      throw new AppError(
        'invalid',
        `--changed must name a commit or a branch of this repository; found ${JSON.stringify(base)}.`,
        { cause },
      );
    },
  );
  const common = await git('merge-base', commit.trim(), 'HEAD').catch(() => commit);
  return common.trim();
}
