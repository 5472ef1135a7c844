import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { makeSampleRepository } from '../../recipes/sample-repository.ts';
import { AppError } from '../app-error.ts';

/** What the demo runs on. Nothing in it is ever written. */
export type DemoRepository = {
  readonly name: string;
  readonly gitUrl: string;
  readonly branch: string;
  /** What a person should know about it. */
  readonly notes: readonly string[];
};

const run = promisify(execFile);
const git = async (...args: string[]) =>
  (
    await run('git', args, { timeout: 60_000, env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' } })
  ).stdout.trim();

/** The user's repository, by local path or URL, or a small sample made in `dir`. */
export async function demoRepository(
  asked: string | null,
  branch: string | null,
  dir: string,
): Promise<DemoRepository> {
  if (asked === null) {
    const sample = await makeSampleRepository(join(dir, 'corner-shop'));
    return {
      name: 'corner-shop',
      gitUrl: sample.dir,
      branch: sample.branch,
      notes: ['a small polyglot sample with real, mixed defects'],
    };
  }
  return isUrl(asked) ? remoteRepository(asked, branch) : localRepository(asked, branch);
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w.-]+@[\w.-]+:/.test(text);
}

async function remoteRepository(url: string, branch: string | null): Promise<DemoRepository> {
  return { name: nameOf(url), gitUrl: url, branch: branch ?? (await remoteHead(url)), notes: [] };
}

async function remoteHead(url: string): Promise<string> {
  if (url.startsWith('-')) throw new AppError('invalid', `${url} is not a git URL.`);
  const answer = await git('ls-remote', '--symref', '--', url, 'HEAD').catch((cause) => {
    throw new AppError(
      'invalid',
      `The repository cannot be read: ${lastLine((cause as { stderr?: string }).stderr ?? String(cause))}`,
      { cause },
    );
  });
  const head = /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(answer)?.[1];
  if (!head)
    throw new AppError('invalid', 'The repository does not say which branch is its default; name one with --branch.');
  return head;
}

async function localRepository(path: string, branch: string | null): Promise<DemoRepository> {
  const dir = await realpath(path).catch(() => null);
  if (!dir || !(await stat(dir)).isDirectory()) throw new AppError('invalid', `There is no folder ${path}.`);
  const bare = (await git('-C', dir, 'rev-parse', '--is-bare-repository').catch(() => '')) === 'true';
  const top = bare ? dir : await git('-C', dir, 'rev-parse', '--show-toplevel').catch(() => null);
  if (top === null)
    throw new AppError(
      'invalid',
      `${path} is not a git repository; the farm builds commits (git init, git add, git commit).`,
    );
  const head = branch ?? (await git('-C', top, 'symbolic-ref', '--short', 'HEAD').catch(() => null));
  if (head === null) throw new AppError('invalid', `${path} has no branch checked out; name one with --branch.`);
  const known = await git('-C', top, 'rev-parse', '--verify', '--quiet', `refs/heads/${head}^{commit}`).catch(
    () => null,
  );
  if (known === null)
    throw new AppError('invalid', branch === null ? `${path} has no commit yet.` : `${path} has no branch ${head}.`);
  const dirty = bare ? '' : await git('-C', top, 'status', '--porcelain').catch(() => '');
  const notes = [
    ...(top === dir ? [] : [`the repository at ${top}`]),
    ...(dirty ? ['uncommitted changes are left out: the farm builds commits'] : []),
  ];
  return { name: nameOf(top), gitUrl: top, branch: head, notes };
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

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
