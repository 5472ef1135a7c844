import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { openWorkspaces, type WorkspaceOptions, type Workspaces } from '../../services/io/git/trees/workspaces.ts';

const endings = new WeakMap<TestContext, (() => unknown)[]>();

/** Does something after a test, last in first out: a folder goes when nothing writes to it any more. */
export function atEnd(context: TestContext, ending: () => unknown): void {
  const known = endings.get(context);
  if (known !== undefined) return void known.push(ending);
  const list = [ending];
  endings.set(context, list);
  context.after(async () => {
    const results = [];
    for (const each of list.reverse()) results.push(...(await Promise.allSettled([Promise.resolve().then(each)])));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
}

/** A folder of a test's own, removed after it. */
export function temporaryFolder(context: TestContext): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'ct-git-'));
  atEnd(context, () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

/** Workspaces over local repositories, closed after the test; what goes wrong in the background fails it. */
export function testWorkspaces(context: TestContext, dir: string, options: Partial<WorkspaceOptions> = {}): Workspaces {
  const trouble: unknown[] = [];
  const onTrouble = (what: string, error: unknown): void => void trouble.push([what, error]);
  const workspaces = openWorkspaces({ dir, allowLocal: true, onTrouble, ...options });
  atEnd(context, async () => {
    await workspaces.close();
    if (trouble.length > 0) throw new Error('trouble in the background', { cause: trouble });
  });
  return workspaces;
}

/** Runs git as a person would, with a fixed identity, and gives its output without the last line end. */
export function git(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.org',
  };
  const quiet = [
    '-c',
    'init.defaultBranch=main',
    '-c',
    'advice.detachedHead=false',
    '-c',
    'protocol.file.allow=always',
    // A commit, a fetch and a push would each start a process that finds nothing to tidy up.
    '-c',
    'maintenance.auto=false',
    '-c',
    'receive.autoGC=false',
  ];
  return execFileSync('git', [...quiet, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .replace(/\n$/, '');
}

/** Makes a repository with one commit of these files on `main`. */
export function makeRepository(dir: string, files: Record<string, string> = { 'README.md': 'first\n' }): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '--quiet');
  commitFiles(dir, files);
  return dir;
}

/** The commit that a ref of this git folder names, without a process; null when it is not there. */
export function readRef(folder: string, ref: string): string | null {
  const read = (name: string): string => {
    try {
      return readFileSync(path.join(folder, name), 'utf8');
    } catch {
      return '';
    }
  };
  const packed = () =>
    read('packed-refs')
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`));
  return /^[0-9a-f]{40}(?=\s)/.exec(read(ref) || packed() || '')?.[0] ?? null;
}

/** Commits these files on the current branch and gives the commit's id. */
export function commitFiles(dir: string, files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  git(dir, 'add', '--all');
  git(dir, 'commit', '--quiet', '--message', 'change');
  const folder = path.join(dir, '.git');
  const head = /^ref: (.+)\n$/.exec(readFileSync(path.join(folder, 'HEAD'), 'utf8'))?.[1];
  return (head && readRef(folder, head)) ?? git(dir, 'rev-parse', 'HEAD');
}
