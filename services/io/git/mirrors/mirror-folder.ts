import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AppError, isAppError } from '../../../floor/app-error.ts';
import { ownerLives, ownerTag } from '../trees/process-owner.ts';
import { withSettings } from './git-environment.ts';
import { localFailure, remoteFailure } from './git-failure.ts';
import type { GitProcesses, ProcessResult } from './git-processes.ts';
import { mirrorDamaged, tellsOfLock } from './mirror-damage.ts';
import { type Moved, remoteSettings } from './redirects.ts';
import { isSha } from './ref-name.ts';
import type { Remote } from './remote-url.ts';

/** What the commands on a mirror's folder need. */
export type MirrorDeps = { processes: GitProcesses; env: Record<string, string>; fetchTimeoutMs: number; moved: Moved };

const wanted = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
const fetchMark = 'fetching-';
/** How often a lock that another process holds is waited for, 200 ms each time. */
const lockWaits = 25;
/** Objects that one beginning of an id may stand for. */
const mostAlike = 20;

/** What the name of a mirror that was damaged ends in, with a few letters of chance. */
export const asideMark = '.damaged-';

/** Whether a folder holds a mirror that was made to its end. */
export async function isComplete(dir: string): Promise<boolean> {
  return (await stat(path.join(dir, '.complete')).catch(() => undefined)) !== undefined;
}

/** Makes a mirror in a temporary folder beside `dir` and moves it in place when it is whole. */
export async function createMirror(deps: MirrorDeps, dir: string, remote: Remote): Promise<void> {
  await makeMirror(deps, dir, remote, (temporary) => moveInPlace(temporary, dir));
}

/** Clones a damaged mirror again; the damaged one stays in use until the new one is whole, and is then moved aside. */
export async function renewMirror(deps: MirrorDeps, dir: string, remote: Remote): Promise<void> {
  const damaged = await inodeOf(dir);
  await makeMirror(deps, dir, remote, async (temporary) => {
    // Another process on the same workspace may have been faster.
    if (damaged !== undefined && (await inodeOf(dir)) === damaged) await setAside(dir);
    await moveInPlace(temporary, dir);
  });
}

/** Removes a mirror: out of sight at once, so that the next one who needs it clones it. */
export async function dropMirror(dir: string): Promise<void> {
  const aside = `${dir}${asideMark}${randomBytes(4).toString('hex')}`;
  await rename(dir, aside);
  await rm(aside, { recursive: true, force: true, maxRetries: 3 });
}

/** Moves a mirror away, so that the next one who needs it clones it; an earlier one that lies there goes. */
export async function setAside(dir: string): Promise<void> {
  const names = await readdir(path.dirname(dir)).catch(() => []);
  const aside = `${path.basename(dir)}${asideMark}`;
  const older = names.filter((name) => name.startsWith(aside)).map((name) => path.join(path.dirname(dir), name));
  await rename(dir, `${dir}${asideMark}${randomBytes(4).toString('hex')}`);
  for (const one of older) await rm(one, { recursive: true, force: true, maxRetries: 3 });
}

async function makeMirror(deps: MirrorDeps, dir: string, remote: Remote, place: (made: string) => Promise<void>) {
  const temporary = `${dir}.tmp-${ownerTag()}-${randomBytes(4).toString('hex')}`;
  await mkdir(path.dirname(dir), { recursive: true });
  try {
    const made = await git(deps, temporary, ['init', '--bare', '--quiet', '--template=', temporary], 60_000);
    if (made.code !== 0) throw localFailure('making a mirror', made);
    await appendFile(path.join(temporary, 'config'), remoteSection(remote.url));
    await fetchRefs(deps, temporary, remote);
    await writeFile(path.join(temporary, '.complete'), '');
    await place(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Brings all branches and tags up to date, and drops those that are gone. AppError as `remoteFailure`, or named git_mirror
 * when it is our copy that is at fault.
 */
export async function fetchRefs(deps: MirrorDeps, dir: string, remote: Remote): Promise<void> {
  const args = ['fetch', '--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  await unlocked(dir, async () => {
    const result = await markedFetch(deps, dir, remote, [...args, 'origin', ...wanted]);
    if (result.code !== 0) throw fetchFailure(result, { dir, remote, timeoutMs: deps.fetchTimeoutMs });
  });
  // Slots get their refs as a copy of this one file.
  await unlocked(dir, async () => {
    const packed = await marked(dir, () => git(deps, dir, ['pack-refs', '--all'], 60_000));
    if (packed.code !== 0) throw localFailure('packing refs', packed);
  });
}

/** Fetches one commit that perhaps no branch holds. False when the server does not give it out. */
export async function fetchSha(deps: MirrorDeps, dir: string, remote: Remote, sha: string): Promise<boolean> {
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', 'origin', sha];
  const result = await markedFetch(deps, dir, remote, args);
  if (result.code === 0) return true;
  const failure = remoteFailure(result, remote, deps.fetchTimeoutMs);
  if (result.stopped !== undefined || failure.reason === 'git_unreachable') throw failure;
  return false;
}

/** A fetch that failed for no reason that remotes give failed on our own folder. */
function fetchFailure(
  result: ProcessResult,
  { dir, remote, timeoutMs }: { dir: string; remote: Remote; timeoutMs: number },
): AppError {
  const failure = remoteFailure(result, remote, timeoutMs);
  const remotes =
    failure.reason !== 'git_failed' && !(failure.reason === 'git_repository' && result.stderr.includes(dir));
  return remotes ? failure : mirrorDamaged(failure.message.slice(failure.message.indexOf(': ') + 2));
}

/** Does something again when a lock was in its way that nobody holds any more. */
async function unlocked(dir: string, work: () => Promise<void>): Promise<void> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await work();
    } catch (error) {
      if (waits >= lockWaits || !isAppError(error) || !tellsOfLock(error.message)) throw error;
      if (await isHeld(dir)) await wait(200);
      else if (waits > 1) throw error;
      else await removeLocks(dir);
    }
  }
}

/** Whether the mirror has a commit. AppError named git_mirror when it has one that cannot be read. */
export async function hasCommit(deps: MirrorDeps, dir: string, sha: string): Promise<boolean> {
  const { code, stderr } = await git(deps, dir, ['cat-file', '-e', `${sha}^{commit}`], 60_000);
  if (code !== 0 && /corrupt|is empty|inflate|unable to|mismatch|truncated|too short/i.test(stderr))
    throw mirrorDamaged(`${sha} cannot be read`);
  return code === 0;
}

/** The commits of a mirror whose ids begin so. */
export async function commitsLike(deps: MirrorDeps, dir: string, prefix: string): Promise<string[]> {
  const named = await git(deps, dir, ['rev-parse', `--disambiguate=${prefix}`], 60_000);
  const ids = named.stdout.split('\n').filter(isSha).slice(0, mostAlike);
  const kinds = await Promise.all(ids.map((id) => git(deps, dir, ['cat-file', '-t', id], 60_000)));
  return ids.filter((_, at) => kinds[at]?.stdout.trim() === 'commit');
}

/** `git gc` without a grace period: nothing else may use the mirror meanwhile. */
export async function collectMirror(deps: MirrorDeps, dir: string): Promise<void> {
  const result = await marked(dir, () => git(deps, dir, ['gc', '--prune=now', '--quiet'], deps.fetchTimeoutMs));
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
  const env = withSettings(deps.env, remoteSettings(remote, deps.moved));
  const result = await marked(dir, () => git({ ...deps, env }, dir, args, deps.fetchTimeoutMs));
  // Killed, git may have left its locks behind.
  if (result.stopped !== undefined) await removeLocks(dir);
  return result;
}

/** Does something that takes git's locks: while its mark lies there and its process lives, they are not left-overs. */
async function marked<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const mark = path.join(dir, `${fetchMark}${ownerTag()}`);
  await writeFile(mark, '');
  try {
    return await work();
  } finally {
    await unlink(mark).catch(() => {});
  }
}

/** Whether a process that lives is at work on the mirror; our own never is here, as its commands come one by one. */
async function isHeld(dir: string): Promise<boolean> {
  const names = await readdir(dir).catch(() => []);
  return names.some((name) => name.startsWith(fetchMark) && ownerLives(name.slice(fetchMark.length)));
}

async function inodeOf(dir: string): Promise<number | undefined> {
  return (await stat(dir).catch(() => undefined))?.ino;
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
