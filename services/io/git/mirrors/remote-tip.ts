import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { withSettings } from './git-environment.ts';
import { remoteFailure } from './git-failure.ts';
import type { GitProcesses } from './git-processes.ts';
import { credentialSettings } from './git-secrets.ts';
import { isSha } from './ref-name.ts';
import type { Remote } from './remote-url.ts';

/** How to ask: `home` is an empty folder to run in, `env` the environment of our git commands. */
export type TipDeps = { processes: GitProcesses; env: Record<string, string>; home: string; timeoutMs: number };

/**
 * The commit that a branch of a remote points to now, or undefined when there is no such branch. A local repository is
 * read directly, without a process; any other is asked with `git ls-remote`.
 */
export async function remoteTip(deps: TipDeps, remote: Remote, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  if (remote.url.startsWith('/')) {
    const sha = await localTip(remote.url, ref);
    if (sha !== undefined) return sha;
  }
  return (await listRemote(deps, remote, [ref])).get(ref);
}

/** Fails as `remoteTip` would when the remote does not exist, does not answer or refuses the credential. */
export async function askRemote(deps: TipDeps, remote: Remote): Promise<void> {
  await listRemote(deps, remote, ['HEAD']);
}

async function listRemote(deps: TipDeps, remote: Remote, refs: readonly string[]): Promise<Map<string, string>> {
  const result = await deps.processes.run({
    command: 'git',
    args: ['ls-remote', '--quiet', '--', remote.url, ...refs],
    cwd: deps.home,
    env: withSettings(deps.env, credentialSettings(remote)),
    timeoutMs: deps.timeoutMs,
  });
  if (result.code !== 0) throw remoteFailure(result, remote, deps.timeoutMs);
  const lines = result.stdout.split('\n').map((line) => line.split('\t'));
  return new Map(lines.flatMap(([sha, name]) => (sha && name && isSha(sha) ? [[name, sha] as const] : [])));
}

// Undefined also when the repository is laid out in a way that is not read here: git is asked then.
async function localTip(repository: string, ref: string): Promise<string | undefined> {
  for (const gitDir of [path.join(repository, '.git'), repository]) {
    if (!(await isRepository(gitDir))) continue;
    const loose = await readText(path.join(gitDir, ref));
    if (loose !== undefined) return isSha(loose.trim()) ? loose.trim() : undefined;
    const packed = await readText(path.join(gitDir, 'packed-refs'));
    const line = packed?.split('\n').find((text) => text.endsWith(` ${ref}`));
    const sha = line?.slice(0, line.indexOf(' '));
    return sha !== undefined && isSha(sha) ? sha : undefined;
  }
  return undefined;
}

async function isRepository(gitDir: string): Promise<boolean> {
  const found = await stat(path.join(gitDir, 'objects')).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
