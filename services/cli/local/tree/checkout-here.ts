import { realpath } from 'node:fs/promises';
import { AppError } from '../../../floor/app-error.ts';
import { folderGit } from '../../../io/git/folder-git.ts';

/** The work tree that somebody stands in, as it is. Outside git it is the folder itself. */
export type CheckoutHere = {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly isGit: boolean;
  readonly branch: string | null;
  /** The commit below what was changed since; null before the first one. */
  readonly sha: string | null;
  readonly dirty: boolean;
  /** The files that git knows, and new ones that it does not ignore; null outside of git. */
  readonly files: readonly string[] | null;
};

export type Git = (...args: string[]) => Promise<string>;

/** The user's own git in a folder: it reads, writes nothing, and starts no program that the repository names. */
export function gitIn(dir: string, env: NodeJS.ProcessEnv): Git {
  return (...args) => folderGit(args, { cwd: dir, env });
}

/** Finds the root of the checkout that `cwd` lies in. Throws AppError when git refuses to say. */
export async function checkoutHere(cwd: string, env: NodeJS.ProcessEnv): Promise<CheckoutHere> {
  const here = await realpath(cwd);
  const top = await gitIn(here, env)('rev-parse', '--show-toplevel').catch((error) => notThere(error, here));
  if (top === null) return { root: here, isGit: false, branch: null, sha: null, dirty: false, files: null };
  const root = await realpath(top.replace(/\n$/, ''));
  const git = gitIn(root, env);
  const line = (...args: string[]) =>
    git(...args).then(
      (text) => text.trim() || null,
      () => null,
    );
  const [sha, branch, changes, files] = await Promise.all([
    line('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    line('symbolic-ref', '--short', '--quiet', 'HEAD'),
    line('status', '--porcelain', '--ignore-submodules=dirty'),
    git('ls-files', '--cached', '--others', '--exclude-standard', '-z').catch(() => null),
  ]);
  return { root, isGit: true, branch, sha, dirty: changes !== null, files: files?.split('\0').filter(Boolean) ?? null };
}

/** No git, no repository: that is a folder like any other. A repository that git will not touch is somebody's to mend. */
function notThere(error: unknown, here: string): null {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT' || /not a git repository|must be run in a work tree/.test(stderr)) return null;
  const words = stderr.trim().split('\n')[0] ?? '';
  throw new AppError('invalid', `git does not open the repository at ${here}: ${words || String(error)}`, {
    cause: error,
  });
}
