import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openWorkspaces, type Workspaces } from '../services/io/git/trees/workspaces.ts';
import { type Figure, median, printed } from './figure.ts';

const fileCount = 5_000;
const fileBytes = 9_200;
const commits = 12;
const changedInEach = 10;
const limit = 0.25;

/**
 * A tree for the next commit: ours, cleaning after the job included, against `git worktree add`; both in turn in one run,
 * on a repository of 5,000 files and 46 MB. Also what an unchanged commit costs. Medians, in milliseconds.
 */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ct-bench-'));
  const url = path.join(folder, 'origin');
  const workspaces = openWorkspaces({ dir: path.join(folder, 'work'), allowLocal: true });
  try {
    const shas = makeHistory(url);
    const bare = path.join(folder, 'bare.git');
    git(folder, 'clone', '--quiet', '--bare', url, bare);
    // As packed as our mirror, which a fetch packs.
    git(bare, 'repack', '-a', '-d', '-q');
    await useTree(workspaces, url, shas[0] ?? '');
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const [turn, sha] of shas.slice(1).entries()) {
      ours.push(await useTree(workspaces, url, sha));
      theirs.push(timeWorktree(bare, path.join(folder, `worktree-${turn}`), sha));
    }
    const same: number[] = [];
    for (const _ of shas) same.push(await timeUnchanged(workspaces, url));
    return [
      {
        what: 'clean workspace of the next commit, 5,000 files',
        unit: 'ms',
        ours: median(ours),
        limit: median(theirs),
        target: { atMost: limit },
      },
      { what: 'workspace of an unchanged branch', unit: 'ms', ours: median(same), limit: null, target: null },
    ];
  } finally {
    await workspaces.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function useTree(workspaces: Workspaces, url: string, sha: string): Promise<number> {
  const asked = performance.now();
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  const waited = performance.now() - asked;
  mkdirSync(path.join(job.dir, 'build'));
  for (let n = 0; n < 50; n += 1) writeFileSync(path.join(job.dir, 'build', `${n}.o`), 'object');
  writeFileSync(path.join(job.dir, 'd0/f0.txt'), 'edited');
  const done = performance.now();
  await job.release();
  // Cleaning goes on behind the release; this waits for it, and finds nothing else to do.
  await workspaces.gc();
  return waited + performance.now() - done;
}

async function timeUnchanged(workspaces: Workspaces, url: string): Promise<number> {
  const asked = performance.now();
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  const waited = performance.now() - asked;
  await job.release();
  await workspaces.gc();
  return waited;
}

function timeWorktree(bare: string, dir: string, sha: string): number {
  const asked = performance.now();
  git(bare, 'worktree', 'add', '--quiet', '--detach', dir, sha);
  const taken = performance.now() - asked;
  git(bare, 'worktree', 'remove', '--force', dir);
  return taken;
}

function makeHistory(dir: string): string[] {
  mkdirSync(dir);
  git(dir, 'init', '--quiet', '--initial-branch=main');
  for (let folder = 0; folder < fileCount / 20; folder += 1) mkdirSync(path.join(dir, `d${folder}`));
  for (let n = 0; n < fileCount; n += 1) writeText(dir, n, 0);
  return Array.from({ length: commits }, (_, commit) => {
    for (let n = 0; n < changedInEach; n += 1) writeText(dir, (commit * 37 + n * 401) % fileCount, commit + 1);
    git(dir, 'add', '--all');
    git(dir, 'commit', '--quiet', '--message', `commit ${commit}`);
    return git(dir, 'rev-parse', 'HEAD').trim();
  });
}

function writeText(dir: string, n: number, version: number): void {
  const line = `file ${n} in version ${version} says ${(n * 2_654_435_761) % 4_294_967_296}\n`;
  const file = path.join(dir, `d${Math.floor(n / 20)}`, `f${n % 20}.txt`);
  writeFileSync(file, line.repeat(Math.ceil(fileBytes / line.length)).slice(0, fileBytes));
}

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...identity, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

if (import.meta.main) await printed(run);
