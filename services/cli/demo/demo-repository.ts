import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeSampleRepository } from '../../../recipes/sample-repository.ts';
import { AppError } from '../../floor/app-error.ts';
import { folderGit, isBare } from '../../io/git/folder-git.ts';
import { gitVerdict } from '../../io/git/mirrors/git-failure.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';

/** What the demo runs on. Nothing is ever written in a repository that is not the demo's own. */
export type DemoRepository = {
  readonly name: string;
  /** What is built: the sample, a copy of the user's folder, or the user's repository itself. */
  readonly gitUrl: string;
  /** What a person calls it. */
  readonly shown: string;
  /** Why nothing may be pushed to `gitUrl`; null when it is the demo's own. */
  readonly leftOut: string | null;
  readonly branch: string;
  /** What a person should know about it. */
  readonly notes: readonly string[];
};

// From no folder of anybody's: what a repository there says is not heard.
const git = async (args: readonly string[], how: { protocols: string; signal?: AbortSignal }) =>
  (await folderGit(args, { cwd: '/', env: process.env, ...how })).trim();

/** The user's repository, by local path or URL, or a small sample made in `dir`. */
export async function demoRepository(
  { repository: asked, branch, keep }: { repository: string | null; branch: string | null; keep: boolean },
  dir: string,
  signal?: AbortSignal,
): Promise<DemoRepository> {
  if (asked === null) {
    const sample = await makeSampleRepository(join(dir, 'corner-shop'));
    return {
      name: 'corner-shop',
      gitUrl: sample.dir,
      shown: sample.dir,
      leftOut: null,
      branch: sample.branch,
      notes: ['a small polyglot sample with real, mixed defects'],
    };
  }
  if (isUrl(asked)) return remoteRepository(asked, branch, signal);
  const own = await localRepository(asked, branch);
  return keep ? own : copied(own, join(dir, 'copy.git'));
}

/** A bare copy that reads the objects of the user's repository where they are: a branch that is pushed there goes with the demo. */
async function copied(own: DemoRepository, dir: string): Promise<DemoRepository> {
  const options = ['--quiet', '--bare', '--shared', '--no-tags', '--single-branch', '--template='];
  try {
    await git(['clone', ...options, `--branch=${own.branch}`, '--', own.gitUrl, dir], { protocols: 'file' });
    const note = 'a copy of it is built and gets the branch of the last act; nothing is written in yours';
    return { ...own, gitUrl: dir, leftOut: null, notes: [...own.notes, note] };
  } catch (error) {
    const words = gitVerdict((error as { stderr?: string }).stderr ?? String(error));
    return { ...own, leftOut: `no copy of the repository could be made, and nothing is pushed to yours (${words}).` };
  }
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text);
}

async function remoteRepository(url: string, branch: string | null, signal?: AbortSignal): Promise<DemoRepository> {
  return {
    name: nameOf(url),
    gitUrl: url,
    shown: parseRemoteUrl(url, { allowLocal: true }).url,
    leftOut: 'nothing is pushed to a repository elsewhere. Of one in a folder, a copy is made for that.',
    branch: branch ?? (await remoteHead(url, signal)),
    notes: [],
  };
}

async function remoteHead(url: string, signal?: AbortSignal): Promise<string> {
  if (url.startsWith('-')) throw new AppError('invalid', `${url} is not a git URL.`);
  const how = { protocols: 'http:https:ssh:git:file', ...(signal ? { signal } : {}) };
  const answer = await git(['ls-remote', '--symref', '--', url, 'HEAD'], how).catch((cause) => {
    signal?.throwIfAborted();
    const { credential } = parseRemoteUrl(url, { allowLocal: true });
    const { stderr = '', timedOut = false } = cause as { stderr?: string; timedOut?: boolean };
    const words = timedOut ? 'it did not answer in time' : gitVerdict(stderr, credential) || 'git said nothing';
    throw new AppError('invalid', `The repository cannot be read: ${words}`, { cause });
  });
  const head = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(answer)?.[1];
  if (!head)
    throw new AppError('invalid', 'The repository does not say which branch is its default; name one with --branch.');
  return head;
}

async function localRepository(path: string, branch: string | null): Promise<DemoRepository> {
  const dir = await realpath(path).catch(() => null);
  if (!dir || !(await stat(dir)).isDirectory()) throw new AppError('invalid', `There is no folder ${path}.`);
  const bare = await isBare(dir, process.env);
  const own = async (...args: string[]) => (await folderGit(args, { cwd: dir, env: process.env, bare })).trim();
  const top = bare ? dir : await own('rev-parse', '--show-toplevel').catch(() => null);
  if (top === null)
    throw new AppError(
      'invalid',
      `${path} is not a git repository; the farm builds commits (git init, git add, git commit).`,
    );
  if (!bare && !(await lstat(join(top, '.git')).catch(() => null)))
    throw new AppError('invalid', `The settings of ${path} name a work tree elsewhere: ${top} has no .git of its own.`);
  const head = branch ?? (await own('symbolic-ref', 'HEAD').catch(() => null))?.replace(/^refs\/heads\//, '') ?? null;
  if (head === null) throw new AppError('invalid', `${path} has no branch checked out; name one with --branch.`);
  const known = await own('rev-parse', '--verify', '--quiet', `refs/heads/${head}^{commit}`).catch(() => null);
  if (known === null)
    throw new AppError('invalid', branch === null ? `${path} has no commit yet.` : `${path} has no branch ${head}.`);
  const dirty = bare ? '' : await own('status', '--porcelain', '--ignore-submodules=dirty').catch(() => '');
  const notes = [
    ...(top === dir ? [] : [`the repository at ${top}`]),
    ...(dirty ? ['uncommitted changes are left out: the farm builds commits'] : []),
  ];
  const leftOut = 'with --keep the farm goes on with your own repository, and nothing is pushed there.';
  return { name: nameOf(top), gitUrl: top, shown: top, leftOut, branch: head, notes };
}

function nameOf(location: string): string {
  const name =
    basename(location.replace(/[?#].*$/, '').replace(/\/+$/, ''), '.git')
      .split(':')
      .at(-1) ?? '';
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 64) || 'project'
  );
}
