import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';

test('the first job ever gets the newest commit of its branch', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), { 'a.txt': 'a\n', 'deep/b.txt': 'b\n' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(job.sha, git(url, 'rev-parse', 'main'));
  assert.equal(readFileSync(path.join(job.dir, 'deep/b.txt'), 'utf8'), 'b\n');
  await job.release();
});

test('eight first jobs at once share one clone and get trees of their own', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const jobs = await Promise.all(
    Array.from({ length: 8 }, () => workspaces.checkout({ remote: { url }, branch: 'main' })),
  );
  assert.equal(new Set(jobs.map((job) => job.dir)).size, 8);
  for (const job of jobs) assert.equal(readFileSync(path.join(job.dir, 'README.md'), 'utf8'), 'first\n');
  await Promise.all(jobs.map((job) => job.release()));
});

test('a job that asks after a push gets the pushed commit in a used tree', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), { 'kept.txt': 'kept\n', 'old/gone.txt': 'gone\n' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const first = await workspaces.checkout({ remote: { url }, branch: 'main' });
  await first.release();
  git(url, 'rm', '--quiet', 'old/gone.txt');
  const pushed = commitFiles(url, { 'new.txt': 'new\n' });
  const second = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.deepEqual([second.sha, second.dir], [pushed, first.dir]);
  assert.ok(existsSync(path.join(second.dir, 'new.txt')));
  assert.ok(!existsSync(path.join(second.dir, 'old')));
  assert.equal(git(second.dir, 'status', '--porcelain', '--ignored'), '');
  await second.release();
});

test('a force-pushed branch gives the commit that replaced the old one', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  commitFiles(url, { 'wrong.txt': 'wrong\n' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  await (await workspaces.checkout({ remote: { url }, branch: 'main' })).release();
  git(url, 'reset', '--quiet', '--hard', 'HEAD~1');
  const replaced = commitFiles(url, { 'right.txt': 'right\n' });
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(job.sha, replaced);
  assert.ok(!existsSync(path.join(job.dir, 'wrong.txt')));
  assert.equal(git(job.dir, 'rev-parse', 'origin/main'), replaced);
  await job.release();
});

test('a deleted branch is not found, and a branch below its name takes its place', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  git(url, 'branch', 'topic');
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  await (await workspaces.checkout({ remote: { url }, branch: 'topic' })).release();
  git(url, 'branch', '--delete', '--force', 'topic');
  await assert.rejects(
    workspaces.checkout({ remote: { url }, branch: 'topic' }),
    (error) => isAppError(error, 'not_found') && error.message.includes('"topic"'),
  );
  git(url, 'checkout', '--quiet', '-b', 'topic/part');
  const sha = commitFiles(url, { 'part.txt': 'part\n' });
  const job = await workspaces.checkout({ remote: { url }, branch: 'topic/part' });
  assert.equal(job.sha, sha);
  assert.equal(git(job.dir, 'branch', '--remotes', '--list', 'origin/topic'), '');
  await job.release();
});

test('branch names may hold slashes, at signs and any script', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  for (const branch of ['a/b/c', 'user@host', 'prüfung/試驗', "quote'$(id)"]) {
    git(url, 'checkout', '--quiet', '-b', branch);
    const sha = commitFiles(url, { 'name.txt': branch });
    if (branch === 'a/b/c') git(url, 'pack-refs', '--all');
    const job = await workspaces.checkout({ remote: { url }, branch });
    assert.equal(job.sha, sha);
    await job.release();
  }
});

test('a changed address gets a mirror of its own', async (context) => {
  const folder = temporaryFolder(context);
  const one = makeRepository(path.join(folder, 'one'), { 'which.txt': 'one' });
  const two = makeRepository(path.join(folder, 'two'), { 'which.txt': 'two' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  for (const url of [one, two]) {
    const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
    assert.equal(readFileSync(path.join(job.dir, 'which.txt'), 'utf8'), path.basename(url));
    assert.equal(git(job.dir, 'remote', 'get-url', 'origin'), url);
    await job.release();
  }
});

test('a commit that no branch holds is fetched by its id', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  const sha = commitFiles(url, { 'lost.txt': 'lost\n' });
  git(url, 'reset', '--quiet', '--hard', 'HEAD~1');
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  assert.equal(readFileSync(path.join(job.dir, 'lost.txt'), 'utf8'), 'lost\n');
  await job.release();
  const unknown = 'f'.repeat(40);
  await assert.rejects(
    workspaces.checkout({ remote: { url }, branch: 'main', sha: unknown }),
    (error) => isAppError(error, 'not_found') && error.message.includes(unknown),
  );
});

test('a missing repository and an empty one are not found', async (context) => {
  const folder = temporaryFolder(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const missing = { url: path.join(folder, 'nothing') };
  await assert.rejects(workspaces.checkout({ remote: missing, branch: 'main' }), (e) => isAppError(e, 'not_found'));
  const empty = path.join(folder, 'empty');
  git(folder, 'init', '--quiet', empty);
  await assert.rejects(
    workspaces.checkout({ remote: { url: empty }, branch: 'main' }),
    (error) => isAppError(error, 'not_found') && error.message.includes('without commits'),
  );
});

test('a hostile branch, commit or address never reaches git', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  for (const branch of ['--upload-pack=touch x', '../../etc/passwd', 'a..b', 'a b', '', 'x.lock']) {
    await assert.rejects(workspaces.checkout({ remote: { url }, branch }), (error) => isAppError(error, 'invalid'));
  }
  for (const remote of ['ext::sh -c "touch x"', '--upload-pack=x', 'https://user:secret@example.org/x']) {
    const attempt = workspaces.checkout({ remote: { url: remote }, branch: 'main' });
    await assert.rejects(attempt, (error) => isAppError(error, 'invalid') && !error.message.includes('secret'));
  }
  const attempt = workspaces.checkout({ remote: { url }, branch: 'main', sha: 'HEAD' });
  await assert.rejects(attempt, (error) => isAppError(error, 'invalid'));
});

test('the recipe has a repository that works, and that reaches nothing of ours', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  git(url, 'tag', '--annotate', '--message', 'one', 'v1');
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.ok(statSync(path.join(job.dir, '.git')).isDirectory());
  assert.equal(git(job.dir, 'describe'), 'v1');
  assert.equal(git(job.dir, 'status', '--porcelain'), '');
  const own = commitFiles(job.dir, { 'made.txt': 'by the recipe\n' });
  git(job.dir, 'update-ref', 'refs/remotes/origin/main', own);
  git(job.dir, 'config', 'core.hooksPath', '/tmp');
  git(job.dir, 'gc', '--quiet', '--prune=now');
  await job.release();
  const next = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(next.sha, git(url, 'rev-parse', 'main'));
  assert.equal(git(next.dir, 'rev-parse', 'origin/main'), next.sha);
  assert.equal(git(next.dir, 'log', '--format=%s', '--all'), 'change');
  assert.throws(() => git(next.dir, 'cat-file', '-e', own));
  await next.release();
});

test('a changed .gitattributes rewrites files whose content stayed the same', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), { 'text.txt': 'one\ntwo\n' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const before = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(readFileSync(path.join(before.dir, 'text.txt'), 'utf8'), 'one\ntwo\n');
  await before.release();
  commitFiles(url, { '.gitattributes': '*.txt text eol=crlf\n' });
  const after = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(readFileSync(path.join(after.dir, 'text.txt'), 'utf8'), 'one\r\ntwo\r\n');
  await after.release();
});

test('an aborted request gives up and leaves no tree in use', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'));
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const abort = new AbortController();
  const attempt = workspaces.checkout({ remote: { url }, branch: 'main', signal: abort.signal });
  abort.abort(new Error('not wanted any more'));
  await assert.rejects(attempt, /not wanted any more/);
  await workspaces.close();
  const names = readdirSync(path.join(folder, 'work'), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    names.filter((name) => name.endsWith('/claim')),
    [],
  );
});

test('files of a commit are read without a tree; missing, huge and foreign ones are absent', async (context) => {
  const folder = temporaryFolder(context);
  const big = 'x'.repeat(4 * 1024 * 1024 + 1);
  const url = makeRepository(path.join(folder, 'origin'), { 'a b.txt': 'a\n\n', empty: '', big, 'dir/c': 'c' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const sha = git(url, 'rev-parse', 'HEAD');
  const asked = ['missing file', 'a b.txt', 'big', 'dir', 'empty', 'dir/c', 'x\ny', '../outside', './a b.txt'];
  const blobs = await workspaces.readBlobs({ url }, sha, asked);
  assert.deepEqual(
    [...blobs].map(([name, content]) => [name, content.toString()]),
    [
      ['a b.txt', 'a\n\n'],
      ['empty', ''],
      ['dir/c', 'c'],
    ],
  );
});
