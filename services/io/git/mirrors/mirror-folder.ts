import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ownerLives, ownerTag } from '../trees/process-owner.ts';
import { withSettings } from './git-environment.ts';
import { localFailure, remoteFailure } from './git-failure.ts';
import type { GitProcesses, ProcessResult } from './git-processes.ts';
import { credentialSettings } from './git-secrets.ts';
import type { Remote } from './remote-url.ts';

/** What the commands on a mirror's folder need. */
export type MirrorDeps = { processes: GitProcesses; env: Record<string, string>; fetchTimeoutMs: number };

const wanted = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
const fetchMark = 'fetching-';

/** Whether a folder holds a mirror that was made to its end. */
export async function isComplete(dir: string): Promise<boolean> {
  return (await stat(path.join(dir, '.complete')).catch(() => undefined)) !== undefined;
}

/** Makes a mirror in a temporary folder beside `dir` and moves it in place when it is whole. */
export async function createMirror(deps: MirrorDeps, dir: string, remote: Remote): Promise<void> {
  const temporary = `${dir}.tmp-${ownerTag()}-${randomBytes(4).toString('hex')}`;
  await mkdir(path.dirname(dir), { recursive: true });
  try {
    const made = await git(deps, temporary, ['init', '--bare', '--quiet', '--template=', temporary], 60_000);
    if (made.code !== 0) throw localFailure('making a mirror', made);
    await appendFile(path.join(temporary, 'config'), remoteSection(remote.url));
    await fetchRefs(deps, temporary, remote);
    await writeFile(path.join(temporary, '.complete'), '');
    await moveInPlace(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Brings all branches and tags up to date, and drops those that are gone. */
export async function fetchRefs(deps: MirrorDeps, dir: string, remote: Remote): Promise<void> {
  const args = ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const result = await markedFetch(deps, dir, remote, [...args, 'origin', ...wanted]);
  if (result.code !== 0) throw remoteFailure(result, remote, deps.fetchTimeoutMs);
  // Slots get their refs as a copy of this one file.
  const packed = await git(deps, dir, ['pack-refs', '--all'], 60_000);
  if (packed.code !== 0) throw localFailure('packing refs', packed);
}

/** Fetches one commit that perhaps no branch holds. False when the server does not give it out. */
export async function fetchSha(deps: MirrorDeps, dir: string, remote: Remote, sha: string): Promise<boolean> {
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', 'origin', sha];
  const result = await markedFetch(deps, dir, remote, args);
  if (result.stopped !== undefined) throw remoteFailure(result, remote, deps.fetchTimeoutMs);
  return result.code === 0;
}

/** Whether the mirror has a commit. */
export async function hasCommit(deps: MirrorDeps, dir: string, sha: string): Promise<boolean> {
  return (await git(deps, dir, ['cat-file', '-e', `${sha}^{commit}`], 60_000)).code === 0;
}

/** `git gc` without a grace period: nothing else may use the mirror meanwhile. */
export async function collectMirror(deps: MirrorDeps, dir: string): Promise<void> {
  const result = await git(deps, dir, ['gc', '--prune=now', '--quiet'], deps.fetchTimeoutMs);
  if (result.code !== 0) throw localFailure('git gc', result);
}

/** Removes the locks and half-written packs of a fetch whose process died; no work when none did. */
export async function unlockMirror(dir: string): Promise<void> {
  const marks = (await readdir(dir).catch(() => [])).filter((name) => name.startsWith(fetchMark));
  const owners = marks.map((name) => name.slice(fetchMark.length));
  if (marks.length === 0 || owners.some((owner) => ownerLives(owner))) return;
  await removeLocks(dir);
  await Promise.all(marks.map((name) => unlink(path.join(dir, name)).catch(() => {})));
}

async function markedFetch(deps: MirrorDeps, dir: string, remote: Remote, args: string[]): Promise<ProcessResult> {
  const mark = path.join(dir, `${fetchMark}${ownerTag()}`);
  await writeFile(mark, '');
  const env = withSettings(deps.env, credentialSettings(remote));
  const result = await git({ ...deps, env }, dir, args, deps.fetchTimeoutMs);
  // Killed, git may have left its locks behind.
  if (result.stopped !== undefined) await removeLocks(dir);
  await unlink(mark).catch(() => {});
  return result;
}

async function removeLocks(dir: string): Promise<void> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const stale = names.filter((name) => name.endsWith('.lock') || /(?:^|\/)tmp_(?:pack|idx|obj|rev)_/.test(name));
  await Promise.all(stale.map((name) => rm(path.join(dir, name), { force: true })));
}

async function moveInPlace(from: string, to: string): Promise<void> {
  if (!(await isComplete(to))) await rm(to, { recursive: true, force: true });
  try {
    await rename(from, to);
  } catch (error) {
    // Another process on the same workspace was faster; its mirror is as good.
    if (!(await isComplete(to))) throw error;
  }
}

function git(deps: MirrorDeps, dir: string, args: string[], timeoutMs: number): Promise<ProcessResult> {
  const env = { ...deps.env, GIT_DIR: dir };
  return deps.processes.run({ command: 'git', args, cwd: path.dirname(dir), env, timeoutMs });
}

/** The part of a git configuration that names where a repository came from. */
export function remoteSection(url: string): string {
  const quoted = url.replace(/[\\"]/g, '\\$&');
  return `[remote "origin"]\n\turl = "${quoted}"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
}
