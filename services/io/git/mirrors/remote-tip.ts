import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { withSettings } from './git-environment.ts';
import { remoteFailure } from './git-failure.ts';
import { learnRedirect, type Moved, remoteSettings, type TipDeps, tellsOfRedirect } from './redirects.ts';
import { isSha } from './ref-name.ts';
import type { Remote } from './remote-url.ts';

type AskDeps = TipDeps & { moved: Moved };

/**
 * The commit that a branch of a remote points to now, or undefined when there is no such branch. For want of a branch a
 * tag of that name counts, and `refs/tags/…` names one; a tag's own object is looked through. A local repository is read directly,
 * without a process; any other is asked with `git ls-remote`.
 */
export async function remoteTip(deps: AskDeps, remote: Remote, branch: string): Promise<string | undefined> {
  const whole = /^refs\/(?:heads|tags)\/./.test(branch);
  const names = whole ? [branch] : [`refs/heads/${branch}`, `refs/tags/${branch}`];
  if (remote.url.startsWith('/')) {
    const sha = names[0]?.startsWith('refs/heads/') ? await localTip(remote.url, names[0]) : undefined;
    if (sha !== undefined) return sha;
  }
  const found = await listRemote(
    deps,
    remote,
    names.flatMap((name) => [name, `${name}^{}`]),
  );
  for (const name of names) {
    const sha = found.get(`${name}^{}`) ?? found.get(name);
    if (sha !== undefined) return sha;
  }
  return undefined;
}

/** The name of the branch that a remote calls its default, or null when it does not say. */
export async function remoteDefault(deps: AskDeps, remote: Remote): Promise<string | null> {
  const { code, stdout } = await runLsRemote(deps, remote, ['--symref'], ['HEAD']);
  return code === 0 ? (/^ref: refs\/heads\/(.{1,250})\tHEAD$/m.exec(stdout)?.[1] ?? null) : null;
}

/** Fails as `remoteTip` would when the remote does not exist, does not answer or refuses the credential. */
export async function askRemote(deps: AskDeps, remote: Remote): Promise<void> {
  await listRemote(deps, remote, ['HEAD']);
}

async function listRemote(deps: AskDeps, remote: Remote, refs: readonly string[]): Promise<Map<string, string>> {
  let result = await runLsRemote(deps, remote, [], refs);
  if (result.code !== 0 && remote.credential !== undefined && tellsOfRedirect(result.stderr)) {
    await learnRedirect(deps, remote);
    result = await runLsRemote(deps, remote, [], refs);
  }
  if (result.code !== 0) throw remoteFailure(result, remote, deps.timeoutMs);
  const lines = result.stdout.split('\n').map((line) => line.split('\t'));
  return new Map(lines.flatMap(([sha, name]) => (sha && name && isSha(sha) ? [[name, sha] as const] : [])));
}

function runLsRemote(deps: AskDeps, remote: Remote, options: readonly string[], refs: readonly string[]) {
  return deps.processes.run({
    command: 'git',
    args: ['ls-remote', '--quiet', ...options, '--', remote.url, ...refs],
    cwd: deps.home,
    env: withSettings(deps.env, remoteSettings(remote, deps.moved)),
    timeoutMs: deps.timeoutMs,
  });
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
