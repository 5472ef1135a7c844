import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../floor/app-error.ts';
import { certificatesKey, withSettings } from '../../mirrors/git-environment.ts';
import { localFailure, remoteFailure } from '../../mirrors/git-failure.ts';
import type { GitProcesses } from '../../mirrors/git-processes.ts';
import { redactCredential } from '../../mirrors/git-secrets.ts';
import { type Moved, remoteSettings } from '../../mirrors/redirects.ts';
import { checkBranchName, checkSha } from '../../mirrors/ref-name.ts';
import type { Remote } from '../../mirrors/remote-url.ts';
import { pushOverHttp, removeOverHttp } from './http-push.ts';

/**
 * `expect` is the commit at which the branch is known to be, null when it must not exist; `never` are branches that are not
 * to be touched, whatever the caller meant.
 */
export type PushRequest = {
  remote: Remote;
  commit: string;
  branch: string;
  expect: string | null;
  never: readonly string[];
};

/** `found` is where the branch is instead, null when it does not exist. */
export type PushResult = { pushed: true } | { pushed: false; found: string | null };

export type PushDeps = {
  processes: GitProcesses;
  env: Record<string, string>;
  timeoutMs: number;
  stopping: AbortSignal;
  /** The commit of the branch on the remote, fresh. */
  tip: (remote: Remote, branch: string) => Promise<string | undefined>;
  /** Mirrors with as many bytes of packs as this, or more, are left to git. */
  largestPacks: number;
  moved: Moved;
};

const longestWords = 1000;

/** Refuses a push that could never be meant. */
export function checkPush({ branch, commit, expect, never }: PushRequest): void {
  checkBranchName(branch);
  checkSha(commit);
  if (expect !== null) checkSha(expect);
  if (never.includes(branch)) {
    throw new AppError('forbidden', `Nothing is pushed to the branch ${JSON.stringify(branch)}.`, {
      name: 'git_branch',
    });
  }
}

/**
 * Moves a branch of a remote to a commit of the mirror, if it is where it is expected to be. Nothing is done when it is there
 * already. There are two ways. isomorphic-git speaks http(s) without a process, and so without a credential in any
 * environment; but it reads packs whole into memory and knows neither proxies nor certificates of the system. What it cannot
 * do (local folders, ssh, large mirrors, networks with a proxy, a base that the server lost) is done by `git push`.
 *
 * AppError: as `remoteFailure`; 'forbidden' (git_push_refused), with the server's words, when it will not have the commit.
 */
export async function pushBranch(deps: PushDeps, gitDir: string, request: PushRequest): Promise<PushResult> {
  const byHttp =
    /^https?:/.test(request.remote.url) && !needsGit(deps.env, request.remote) && (await fitsMemory(deps, gitDir));
  const refusal = (byHttp ? await tryHttp(deps, gitDir, request) : undefined) ?? (await tryGit(deps, gitDir, request));
  if (typeof refusal !== 'string') return refusal;
  // Whatever words a server has for a lost race: where the branch is now tells.
  const now = (await deps.tip(request.remote, request.branch)) ?? null;
  if (now === request.commit) return { pushed: true };
  if (now !== request.expect) return { pushed: false, found: now };
  const { remote, branch } = request;
  const words = redactCredential(refusal, remote.credential).slice(0, longestWords);
  const text = `${remote.url} refuses the push to ${JSON.stringify(branch)}: ${words}`;
  throw new AppError('forbidden', text, { name: 'git_push_refused' });
}

/** A branch that is to go from where it is known to be; `never` as in a push. */
export type RemovalRequest = Omit<PushRequest, 'commit' | 'expect'> & { expect: string };

/**
 * Removes a branch that is still where it is expected to be. Answers where it is instead, null when it is gone. AppError as
 * `pushBranch`.
 */
export async function removeBranch(
  deps: PushDeps,
  gitDir: string,
  request: RemovalRequest,
): Promise<{ removed: true } | { removed: false; found: string | null }> {
  const { remote, expect, branch } = request;
  const ref = `refs/heads/${branch}`;
  let words: string | null;
  if (/^https?:/.test(remote.url) && !needsGit(deps.env, remote)) {
    const url = deps.moved.get(remote.url) ?? remote.url;
    const { found, report } = await removeOverHttp(deps, { remote: { ...remote, url }, ref, expect });
    if (report === undefined) return { removed: false, found };
    const verdict = report.refs.get(ref) ?? 'the server said nothing of it';
    words = verdict === 'ok' ? null : joined(verdict, report.words);
  } else {
    const lease = `--force-with-lease=${ref}:${expect}`;
    const args = ['push', '--porcelain', '--no-verify', lease, '--', remote.url, `:${ref}`];
    const result = await deps.processes.run({
      ...{ command: 'git', args, cwd: path.dirname(gitDir), timeoutMs: deps.timeoutMs },
      env: withSettings({ ...deps.env, GIT_DIR: gitDir }, remoteSettings(remote, deps.moved)),
    });
    words = result.code === 0 ? null : result.stderr;
  }
  if (words === null) return { removed: true };
  const now = (await deps.tip(remote, branch)) ?? null;
  if (now !== expect) return { removed: false, found: now };
  const said = redactCredential(words, remote.credential).slice(0, longestWords);
  throw new AppError('forbidden', `${remote.url} keeps the branch ${JSON.stringify(branch)}: ${said}`, {
    name: 'git_push_refused',
  });
}

type Outcome = PushResult | string;

/** Undefined when the server lacks what the pack builds on; a text is its refusal. */
async function tryHttp(deps: PushDeps, gitDir: string, request: PushRequest): Promise<Outcome | undefined> {
  const { remote, commit, expect } = request;
  const ref = `refs/heads/${request.branch}`;
  const url = deps.moved.get(remote.url) ?? remote.url;
  const objects = (): Promise<string[]> => objectsAboveParent(deps, gitDir, commit);
  const { found, report } = await pushOverHttp(deps, {
    remote: { ...remote, url },
    gitDir,
    commit,
    ref,
    expect,
    objects,
  });
  if (report === undefined) return found === commit ? { pushed: true } : { pushed: false, found };
  if (report.unpack !== 'ok') return undefined;
  const verdict = report.refs.get(ref) ?? 'the server said nothing of it';
  if (/missing necessary objects/.test(verdict)) return undefined;
  return verdict === 'ok' ? { pushed: true } : joined(verdict, report.words);
}

async function tryGit(deps: PushDeps, gitDir: string, request: PushRequest): Promise<Outcome> {
  const { remote, commit, expect } = request;
  const ref = `refs/heads/${request.branch}`;
  const lease = `--force-with-lease=${ref}:${expect ?? ''}`;
  const result = await deps.processes.run({
    command: 'git',
    args: ['push', '--porcelain', '--no-verify', '--no-follow-tags', lease, '--', remote.url, `${commit}:${ref}`],
    cwd: path.dirname(gitDir),
    env: withSettings({ ...deps.env, GIT_DIR: gitDir }, remoteSettings(remote, deps.moved)),
    timeoutMs: deps.timeoutMs,
  });
  if (result.code === 0) return { pushed: true };
  const line = result.stdout.split('\n').find((each) => each.startsWith('!\t') && each.includes(`:${ref}\t`));
  if (line === undefined || result.stopped !== undefined) throw remoteFailure(result, remote, deps.timeoutMs);
  return joined(
    line.split('\t').slice(2).join(' '),
    result.stderr.replace(/^remote: ?|^error: failed to push.*$/gm, ''),
  );
}

// The parent is there: a branch is only ever built on a commit of the remote. When it was lost since, the server says so.
async function objectsAboveParent(deps: PushDeps, gitDir: string, commit: string): Promise<string[]> {
  const result = await deps.processes.run({
    command: 'git',
    args: ['rev-list', '--objects', '--no-object-names', commit, '--not', `${commit}^@`],
    cwd: path.dirname(gitDir),
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
  });
  if (result.code !== 0) throw localFailure('listing what to push', result);
  return result.stdout.split('\n').filter((line) => line !== '');
}

async function fitsMemory(deps: PushDeps, gitDir: string): Promise<boolean> {
  const dir = path.join(gitDir, 'objects/pack');
  let bytes = 0;
  for (const name of await readdir(dir).catch(() => [])) {
    if (name.endsWith('.pack')) bytes += (await stat(path.join(dir, name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes < deps.largestPacks;
}

function needsGit(env: Record<string, string>, { url }: Remote): boolean {
  const words = url.startsWith('https:')
    ? /^(?:https_proxy|all_proxy|ssl_cert_file|ssl_cert_dir)$/i
    : /^(?:http|all)_proxy$/i;
  const own = /^https:/.test(url) ? certificatesKey(url) : null;
  return Object.entries(env).some(([name, value]) => words.test(name) || value === own);
}

function joined(reason: string, words: string): string {
  const said = words.replace(/\s+/g, ' ').trim();
  return said === '' ? reason : `${reason} (${said})`;
}
