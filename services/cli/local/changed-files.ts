import { AppError } from '../../floor/app-error.ts';
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

export type Staged = {
  /** By path from the root; what is staged to be removed is not among them. */
  readonly files: Set<string>;
  /** Those whose text in the work tree is another than the staged one. */
  readonly torn: readonly string[];
};

/** The files that the next commit changes. Throws AppError('invalid') outside of git. */
export async function stagedFiles({ isGit }: CheckoutHere, git: Git): Promise<Staged> {
  if (!isGit) throw new AppError('invalid', '--staged needs a git repository: without one nothing is staged.');
  const list = async (...args: string[]) =>
    (await git('diff', '--name-only', '--no-renames', '--no-ext-diff', '--diff-filter=d', '-z', ...args))
      .split('\0')
      .filter(Boolean);
  const [staged, loose] = await Promise.all([list('--cached'), list()]);
  return { files: new Set(staged), torn: loose.filter((file) => staged.includes(file)) };
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
