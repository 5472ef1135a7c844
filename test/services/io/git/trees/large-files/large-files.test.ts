import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../../services/floor/app-error.ts';
import { readPointer } from '../../../../../../services/io/git/trees/large-files/large-files.ts';
import { startGitHttpServer } from '../../../../../support/git-http-server.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../../support/git-repository.ts';
import { until } from '../../../../../support/until.ts';

const credential = { username: 'ann', password: 'hunter2' };
const oidOf = (content: string) => createHash('sha256').update(content).digest('hex');
const pointerTo = (content: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oidOf(content)}\nsize ${Buffer.byteLength(content)}\n`;

/** Keeps an object where an LFS server, and a local repository, have it. */
function store(repository: string, content: string): void {
  const oid = oidOf(content);
  const file = path.join(repository, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const model = 'weights '.repeat(10_000);
const files = {
  '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
  'model.bin': pointerTo(model),
  'deep/copy.bin': pointerTo(model),
  'plain.bin': 'no pointer\n',
  'said.txt': pointerTo(model),
};

async function stageOf(context: TestContext) {
  const root = temporaryFolder(context);
  const server = await startGitHttpServer(context, root, { credential, lfs: {} });
  const app = makeRepository(path.join(root, 'team/app.git'), files);
  store(app, model);
  const workspaces = testWorkspaces(context, path.join(root, 'work'), { retryPausesMs: [5, 5] });
  const remote = { url: `${server.url}/team/app.git`, credential };
  return { root, server, app, workspaces, remote };
}

const failsWith = (reason: string, words: RegExp) => (error: unknown) => {
  assert.ok(isAppError(error), String(error));
  assert.equal(error.reason, reason);
  assert.match(error.message, words);
  assert.doesNotMatch(error.message, /hunter2/);
  return true;
};

test('LFS files are brought by asking, are no change of the tree, and are pointers again for the next', async (context) => {
  const { workspaces, remote, server } = await stageOf(context);
  for (let round = 0; round < 2; round += 1) {
    const filled = await workspaces.checkout({ remote, branch: 'main', lfs: true });
    const at = (name: string) => readFileSync(path.join(filled.dir, name), 'utf8');
    assert.ok(at('model.bin') === model && at('deep/copy.bin') === model);
    assert.deepEqual([at('plain.bin'), at('said.txt')], ['no pointer\n', pointerTo(model)]);
    assert.equal(git(filled.dir, 'status', '--porcelain'), '');
    writeFileSync(path.join(filled.dir, 'plain.bin'), 'changed\n');
    assert.match(await filled.changes(), /^diff --git a\/plain\.bin b\/plain\.bin\n[\s\S]*\+changed\n$/);
    await filled.release();
    const plain = await workspaces.checkout({ remote, branch: 'main' });
    assert.equal(readFileSync(path.join(plain.dir, 'model.bin'), 'utf8'), pointerTo(model));
    await plain.release();
  }
  const asked = server.requests.filter(({ url }) => url.includes('/info/lfs/'));
  assert.equal(asked.length, 2, 'one question and one object, once for all trees');
  assert.ok(asked.every(({ authorization }) => authorization !== undefined));
});

test('a server of objects on another origin, and one that .lfsconfig names, see no credential', async (context) => {
  const { root, app, workspaces, remote, server } = await stageOf(context);
  const elsewhere = await startGitHttpServer(context, root, { lfs: {} });
  server.mode.lfs = { storage: elsewhere.url };
  await (await workspaces.checkout({ remote, branch: 'main', lfs: true })).release();
  const other = 'other content';
  store(app, other);
  const address = elsewhere.url.replace('//', '//ann:hunter2@');
  writeFileSync(path.join(app, '.lfsconfig'), `[lfs]\n\turl = ${address}/team/app.git/info/lfs\n`);
  writeFileSync(path.join(app, 'other.bin'), pointerTo(other));
  git(app, 'add', '.lfsconfig', 'other.bin');
  git(app, 'commit', '--quiet', '-m', 'elsewhere');
  const filled = await workspaces.checkout({ remote, branch: 'main', lfs: true });
  assert.equal(readFileSync(path.join(filled.dir, 'other.bin'), 'utf8'), other);
  await filled.release();
  assert.equal(elsewhere.requests.length, 3);
  assert.ok(elsewhere.requests.every(({ authorization }) => authorization === undefined));
});

test('what is not there, is another, or is refused is said with its name, and nothing of it is kept', async (context) => {
  const { app, workspaces, remote, server } = await stageOf(context);
  const bring = (given = remote) => workspaces.checkout({ remote: given, branch: 'main', lfs: true });
  server.mode.lfs = { wrong: true };
  await assert.rejects(
    bring(),
    failsWith('git_lfs', /sends something else for the LFS object [0-9a-f]{64} of 80000 bytes/),
  );
  server.mode.lfs = {};
  server.mode.failing = { times: 9, status: 503 };
  await assert.rejects(bring(), failsWith('git_unreachable', /asked 3 times/));
  server.mode.failing = { times: 0, status: 503 };
  await (await bring()).release();
  rmSync(path.join(app, 'lfs'), { recursive: true });
  writeFileSync(path.join(app, 'lost.bin'), pointerTo('lost'));
  git(app, 'add', 'lost.bin');
  git(app, 'commit', '--quiet', '-m', 'lost');
  await assert.rejects(
    bring(),
    failsWith('git_lfs', new RegExp(`has no LFS object ${oidOf('lost')}: Object does not exist`)),
  );
});

test('a link in the tree leads no LFS file out of it, and a local repository serves its own', async (context) => {
  const { root, app, workspaces } = await stageOf(context);
  const outside = path.join(root, 'outside.bin');
  writeFileSync(outside, pointerTo(model));
  symlinkSync(outside, path.join(app, 'link.bin'));
  symlinkSync(root, path.join(app, 'folder'));
  git(app, 'add', 'link.bin', 'folder');
  git(app, 'commit', '--quiet', '-m', 'links');
  const filled = await workspaces.checkout({ remote: { url: app }, branch: 'main', lfs: true });
  assert.equal(readFileSync(path.join(filled.dir, 'model.bin'), 'utf8'), model);
  assert.equal(readFileSync(outside, 'utf8'), pointerTo(model));
  await filled.release();
});

test('a pointer is read as its specification says', () => {
  const oid = 'a'.repeat(64);
  const line = 'version https://git-lfs.github.com/spec/v1\n';
  assert.deepEqual(readPointer(`${line}ext-0-foo sha256:${'b'.repeat(64)}\noid sha256:${oid}\nsize 12\n`), {
    oid,
    size: 12,
  });
  for (const text of [
    `oid sha256:${oid}\nsize 1\n`,
    `${line}oid md5:${oid}\nsize 1\n`,
    `${line}oid sha256:${oid}\nsize -1\n`,
    line,
  ])
    assert.equal(readPointer(text), undefined);
});

test('LFS objects that nobody used for a week are collected, and a full disk takes trees, objects and mirrors by least use', async (context) => {
  const { root, app, workspaces, remote } = await stageOf(context);
  const other = 'another '.repeat(10_000);
  const freeing = (name: string) => {
    const found = workspaces.freeables.find((one) => one.name === name);
    assert.ok(found);
    return (bytes: number, since = Date.now()) => found.freeLeastUsed(bytes, since);
  };
  const bring = async () => (await workspaces.checkout({ remote, branch: 'main', lfs: true })).release();
  await bring();
  store(app, other);
  commitFiles(app, { 'other.bin': pointerTo(other) });
  await bring();
  const mirrors = path.join(root, 'work', 'mirrors');
  const mirror = () => path.join(mirrors, readdirSync(mirrors)[0] ?? 'none');
  const kept = (content: string) => {
    const oid = oidOf(content);
    return path.join(mirror(), 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  };
  const daysAgo = (file: string, days: number) =>
    utimesSync(file, new Date(), new Date(Date.now() - days * 24 * 3_600_000));
  // Used minutes ago: a job may be copying them.
  assert.equal(await freeing('LFS objects')(1), 0);
  daysAgo(kept(model), 8);
  daysAgo(kept(other), 6);
  await workspaces.gc();
  assert.deepEqual([existsSync(kept(model)), existsSync(kept(other))], [false, true]);
  await bring();
  daysAgo(kept(model), 1);
  daysAgo(kept(other), 2);
  assert.ok((await freeing('LFS objects')(1)) >= other.length);
  assert.deepEqual([existsSync(kept(model)), existsSync(kept(other))], [true, false]);
  // A mirror stays while a tree borrows from it, and while it was used today.
  daysAgo(path.join(mirror(), '.complete'), 3);
  assert.equal(await freeing('mirrors')(1), 0);
  // It is cleaned behind the release.
  await until(async () => (await freeing('work trees')(1)) > 0);
  daysAgo(path.join(mirror(), '.complete'), 0);
  assert.equal(await freeing('mirrors')(1), 0);
  daysAgo(path.join(mirror(), '.complete'), 3);
  assert.ok((await freeing('mirrors')(1)) > 0);
  assert.deepEqual(readdirSync(mirrors), []);
  await bring();
  assert.ok(existsSync(kept(model)) && existsSync(kept(other)));
});
