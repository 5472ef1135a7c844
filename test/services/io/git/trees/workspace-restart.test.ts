import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  atEnd,
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';
import { until } from '../../../../support/until.ts';

const child = path.resolve(import.meta.dirname, '../../../../support/git-checkout-child.ts');

/** Starts a process that asks for a checkout, and waits for the line that says so or, with `until`, for something else. */
async function startChild(context: TestContext, dir: string, url: string, env: Record<string, string> = {}) {
  const started = spawn(process.execPath, [child, dir, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  atEnd(context, () => started.kill('SIGKILL'));
  const kill = async (): Promise<void> => {
    const ended = once(started, 'exit');
    started.kill('SIGKILL');
    await ended;
  };
  return { kill, line: async (): Promise<string> => String((await once(started.stdout, 'data'))[0]).trim() };
}

const day = 24 * 3_600_000;

test('a tree that was in use when its process was killed is never used again as it is', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  const before = testWorkspaces(context, dir);
  const clean = await before.checkout({ remote: { url }, branch: 'main' });
  await clean.release();
  await before.close();

  const killed = await startChild(context, dir, url);
  const tree = await killed.line();
  assert.equal(tree, clean.dir);
  writeFileSync(path.join(tree, 'left.txt'), 'left');
  writeFileSync(path.join(tree, 'README.md'), 'wrong');

  const beside = testWorkspaces(context, dir);
  const first = await beside.checkout({ remote: { url }, branch: 'main' });
  assert.notEqual(first.dir, tree, 'the other process still lives');
  assert.ok(existsSync(path.join(tree, 'left.txt')));
  await first.release();
  await beside.close();

  await killed.kill();
  const after = testWorkspaces(context, dir);
  await after.sweep();
  assert.ok(!existsSync(path.join(tree, 'left.txt')));
  const jobs = await Promise.all([1, 2].map(() => after.checkout({ remote: { url }, branch: 'main' })));
  for (const job of jobs) assert.equal(git(job.dir, 'status', '--porcelain', '--ignored'), '');
  for (const job of jobs) await job.release();
  await after.close();
  assert.deepEqual(readdirSync(path.join(dir, 'aside')), []);
});

test('a clone that was killed half way is cleared away, and the next one works', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  // Stands before the real git and holds the fetch of the clone until it is killed.
  const tools = path.join(folder, 'tools');
  const pipe = path.join(folder, 'pipe');
  mkdirSync(tools);
  const real = git(folder, '--exec-path');
  const held = `#!/bin/sh\nif [ "$1" = fetch ]; then echo $$ > ${pipe}; exec sleep 600; fi\nexec ${real}/git "$@"\n`;
  writeFileSync(path.join(tools, 'git'), held);
  chmodSync(path.join(tools, 'git'), 0o755);
  const killed = await startChild(context, dir, url, { PATH: `${tools}:${process.env.PATH}` });
  while (!existsSync(pipe) || readFileSync(pipe, 'utf8') === '') await new Promise(setImmediate);
  const fetching = Number(readFileSync(pipe, 'utf8'));
  assert.equal(readdirSync(path.join(dir, 'mirrors')).filter((name) => name.includes('.tmp-')).length, 1);
  await killed.kill();
  // What it had started ends with it.
  await until(() => !/^[RSD]/.test(stateOf(fetching)), 'the end of the fetch');

  const workspaces = testWorkspaces(context, dir);
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(readFileSync(path.join(job.dir, 'README.md'), 'utf8'), 'first\n');
  assert.match(readdirSync(path.join(dir, 'mirrors')).join(), /^[0-9a-f]{24}\.git$/);
  await job.release();
});

test('a folder without its mark of completion is made anew', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  const before = testWorkspaces(context, dir);
  await (await before.checkout({ remote: { url }, branch: 'main' })).release();
  await before.close();
  const mirror = path.join(dir, 'mirrors', readdirSync(path.join(dir, 'mirrors'))[0] ?? '');
  git(mirror, 'update-ref', '-d', 'refs/remotes/origin/main');
  for (const name of ['.complete', 'HEAD']) rmSync(path.join(mirror, name));
  commitFiles(url, { 'more.txt': 'more\n' });
  const after = testWorkspaces(context, dir);
  const job = await after.checkout({ remote: { url }, branch: 'main' });
  assert.ok(existsSync(path.join(job.dir, 'more.txt')));
  await job.release();
});

test('the locks of a fetch whose process died do not stop the next fetch', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  const before = testWorkspaces(context, dir);
  await (await before.checkout({ remote: { url }, branch: 'main' })).release();
  await before.close();
  const mirror = path.join(dir, 'mirrors', readdirSync(path.join(dir, 'mirrors'))[0] ?? '');
  for (const name of ['packed-refs.lock', 'refs/remotes/origin/main.lock', 'fetching-999999999_1']) {
    mkdirSync(path.dirname(path.join(mirror, name)), { recursive: true });
    writeFileSync(path.join(mirror, name), '');
  }
  const sha = commitFiles(url, { 'more.txt': 'more\n' });
  const after = testWorkspaces(context, dir);
  const job = await after.checkout({ remote: { url }, branch: 'main' });
  assert.equal(job.sha, sha);
  await job.release();
});

test('a clean tree is used again after a restart', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  const before = testWorkspaces(context, dir);
  const first = await before.checkout({ remote: { url }, branch: 'main' });
  await first.release();
  await before.close();
  const after = testWorkspaces(context, dir);
  const second = await after.checkout({ remote: { url }, branch: 'main' });
  assert.equal(second.dir, first.dir);
  await second.release();
});

test('no more trees are kept than were asked for', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const urls = ['one', 'two', 'three'].map((name) => makeRepository(path.join(folder, name)));
  const workspaces = testWorkspaces(context, dir, { idlePerMirror: 2, idleInAll: 4 });
  for (const url of urls) {
    const jobs = await Promise.all([1, 2, 3].map(() => workspaces.checkout({ remote: { url }, branch: 'main' })));
    for (const job of jobs) await job.release();
  }
  await workspaces.close();
  const kept = readdirSync(path.join(dir, 'slots')).map((key) => readdirSync(path.join(dir, 'slots', key)).length);
  assert.deepEqual(kept.sort(), [0, 2, 2]);
});

test('trees unused for a day go, and mirrors unused for a week are collected, once', async (context) => {
  const folder = temporaryFolder(context);
  const dir = path.join(folder, 'work');
  const url = makeRepository(path.join(folder, 'origin'));
  let ahead = 0;
  const workspaces = testWorkspaces(context, dir, { now: () => Date.now() + ahead });
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  const mirror = path.join(dir, 'mirrors', readdirSync(path.join(dir, 'mirrors'))[0] ?? '');
  const slots = path.join(dir, 'slots', path.basename(mirror, '.git'));
  const collected = path.join(mirror, '.collected');

  ahead = 8 * day;
  await workspaces.gc();
  assert.deepEqual([readdirSync(slots).length, existsSync(collected)], [1, false], 'it is in use');

  await job.release();
  ahead = 8 * day + 1000;
  // Cleaning goes on behind the release, and counts as use.
  while (!existsSync(collected)) await workspaces.gc();
  ahead = 10 * day;
  await workspaces.gc();
  assert.equal(readdirSync(slots).length, 0);

  utimesSync(collected, new Date(), new Date('2100-01-01'));
  ahead = 30 * day;
  await workspaces.gc();
  assert.equal(new Date('2100-01-01').getTime(), statSync(collected).mtimeMs);
  const again = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(readFileSync(path.join(again.dir, 'README.md'), 'utf8'), 'first\n');
  await again.release();
});

/** Of a process, as ps says it; empty for one that is gone. */
const stateOf = (pid: number) => String(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)]).stdout).trim();
