import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { WorkspaceOptions } from '../../services/io/git/trees/workspace-room.ts';
import { openWorkspaces, type Workspaces } from '../../services/io/git/trees/workspaces.ts';

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

/** Settings of a person who is asked nothing; a commit, a fetch and a push start no process that finds nothing to tidy up. */
const settings: Readonly<Record<string, string>> = {
  'init.defaultBranch': 'main',
  'advice.detachedHead': 'false',
  'protocol.file.allow': 'always',
  'maintenance.auto': 'false',
  'receive.autoGC': 'false',
};

function personsEnvironment(): Record<string, string> {
  const given = Object.entries(settings).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return {
    PATH: process.env.PATH ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ann',
    GIT_AUTHOR_EMAIL: 'ann@example.org',
    GIT_COMMITTER_NAME: 'Ann',
    GIT_COMMITTER_EMAIL: 'ann@example.org',
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    ...Object.fromEntries(given),
  };
}

/** Runs a program as a person would, and gives its output without the last line end. */
function asPerson(cwd: string, program: string, args: readonly string[]): string {
  return execFileSync(program, args, { cwd, env: personsEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .replace(/\n$/, '');
}

/** Runs git as a person would, with a fixed identity, and gives its output without the last line end. */
export const git = (cwd: string, ...args: string[]): string => asPerson(cwd, 'git', args);

/** Runs several commands of git until one fails, as a script: a process of ours is dear to start from, one of a shell is not. */
export const gits = (cwd: string, script: string, ...args: string[]): string =>
  asPerson(cwd, '/bin/sh', ['-ec', script, 'sh', ...args]);

let execPath: string | undefined;

/** One of git's own programs and its arguments; started by itself, without a git before it. */
export function gitProgram(name: string): [string, string[]] {
  execPath ??= execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const own = path.join(execPath, `git-${name}`);
  return existsSync(own) ? [own, []] : ['git', [name]];
}

type Copy = { readonly name: string; readonly bytes: Buffer | null };
const made = new Map<string, readonly Copy[]>();

/**
 * Makes a folder by `make` the first time that something is asked for by this key, and copies what came of it from memory
 * from then on: no process is started for a repository that many tests begin with.
 */
export function madeOnce(dir: string, key: string, make: () => void): void {
  mkdirSync(dir, { recursive: true });
  const known = made.get(key);
  if (known === undefined) {
    make();
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
    const copies = entries.map((one): Copy => {
      const file = path.join(one.parentPath, one.name);
      return { name: path.relative(dir, file), bytes: one.isDirectory() ? null : readFileSync(file) };
    });
    if (entries.every((one) => one.isDirectory() || one.isFile())) made.set(key, copies);
    return;
  }
  for (const { name, bytes } of known)
    if (bytes === null) mkdirSync(path.join(dir, name), { recursive: true });
    else writeFileSync(path.join(dir, name), bytes);
}

/** Makes a repository with one commit of these files on `main`. */
export function makeRepository(dir: string, files: Record<string, string> = { 'README.md': 'first\n' }): string {
  mkdirSync(dir, { recursive: true });
  const make = () => {
    writeFiles(dir, files);
    gits(dir, `git init --quiet --template=\nmkdir .git/hooks .git/info\n${commitAll}`);
  };
  if (readdirSync(dir).length > 0) make();
  else madeOnce(dir, JSON.stringify(files), make);
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

function writeFiles(dir: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
}

const commitAll = 'git add --all\ngit commit --quiet --message change';

/** Commits these files on the current branch and gives the commit's id. */
export function commitFiles(dir: string, files: Record<string, string>): string {
  writeFiles(dir, files);
  gits(dir, commitAll);
  const folder = path.join(dir, '.git');
  const head = /^ref: (.+)\n$/.exec(readFileSync(path.join(folder, 'HEAD'), 'utf8'))?.[1];
  return (head && readRef(folder, head)) ?? git(dir, 'rev-parse', 'HEAD');
}
