import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';
import { snapshotTree } from '../../../../support/tree-snapshot.ts';

const lines = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join('');
const start: Record<string, string> = {
  'changed.txt': lines,
  'sub/deep/changed.txt': lines,
  'removed.txt': 'removed\n',
  'only/removed.txt': 'alone in its folder\n',
  'moved.txt': lines.replaceAll('line', 'row'),
  'script.sh': '#!/bin/sh\n',
  'becomes-link.txt': 'a file\n',
  'dos.bat': 'echo a\necho b\n',
  'latin.txt': 'plain\n',
  '.gitattributes': '*.bat text eol=crlf\n',
  '.gitignore': 'ignored/\n*.log\n',
};

/** A repository, a clone of it in which every kind of change was made, and the diff of those. */
function scene(context: TestContext) {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), start);
  const sha = git(url, 'rev-parse', 'HEAD');
  const edited = path.join(folder, 'edited');
  git(folder, 'clone', '--quiet', url, edited);
  const at = (name: string): string => path.join(edited, name);
  fs.writeFileSync(at('changed.txt'), lines.replace('line 3', 'line three  '));
  fs.writeFileSync(at('sub/deep/changed.txt'), lines.replace('line 29\n', 'no end'));
  fs.rmSync(at('removed.txt'));
  fs.rmSync(at('only'), { recursive: true });
  fs.mkdirSync(at('elsewhere'));
  fs.renameSync(at('moved.txt'), at('elsewhere/moved.txt'));
  fs.chmodSync(at('script.sh'), 0o755);
  fs.rmSync(at('becomes-link.txt'));
  fs.symlinkSync('changed.txt', at('becomes-link.txt'));
  fs.writeFileSync(at('dos.bat'), 'echo a\r\necho c\r\n');
  fs.mkdirSync(at('added/below'), { recursive: true });
  fs.writeFileSync(at('added/below/new.txt'), 'new\n');
  git(edited, 'add', '--all');
  const diff = `${git(edited, 'diff', '--cached', '--full-index', '-M')}\n`;
  return { folder, url, sha, edited, diff, workspaces: testWorkspaces(context, path.join(folder, 'work')) };
}

test('a checkout with a diff shows what a checkout of the patched commit would', async (context) => {
  const { url, sha, edited, diff, workspaces } = scene(context);
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha, diff });
  assert.equal(job.sha, sha);
  assert.deepEqual(snapshotTree(job.dir), snapshotTree(edited));
  assert.equal(git(job.dir, 'rev-parse', 'HEAD'), sha);
  assert.match(git(job.dir, 'status', '--short'), /^ M changed\.txt$/m);
  await job.release();
});

test('the next job on the same tree sees no trace of a diff', async (context) => {
  const { url, sha, diff, workspaces } = scene(context);
  const plain = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  const before = snapshotTree(plain.dir);
  await plain.release();
  for (let round = 0; round < 2; round += 1) {
    const patched = await workspaces.checkout({ remote: { url }, branch: 'main', sha, diff });
    assert.equal(patched.dir, plain.dir);
    assert.notDeepEqual(snapshotTree(patched.dir), before);
    await patched.release();
    const next = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
    assert.equal(next.dir, plain.dir);
    assert.deepEqual(snapshotTree(next.dir), before);
    assert.equal(git(next.dir, 'status', '--porcelain', '--ignored'), '');
    await next.release();
  }
});

test('the next job may be of another commit', async (context) => {
  const { url, sha, diff, workspaces } = scene(context);
  const newer = commitFiles(url, { 'changed.txt': 'newer\n', 'added/below/new.txt': 'from upstream\n' });
  await (await workspaces.checkout({ remote: { url }, branch: 'main', sha, diff })).release();
  const next = await workspaces.checkout({ remote: { url }, branch: 'main', sha: newer });
  assert.equal(fs.readFileSync(path.join(next.dir, 'added/below/new.txt'), 'utf8'), 'from upstream\n');
  assert.equal(git(next.dir, 'status', '--porcelain', '--ignored'), '');
  await next.release();
});

test('a diff that does not fit exactly is refused in words of git, and the tree is given back clean', async (context) => {
  const { folder, url, sha, diff, workspaces } = scene(context);
  const newer = commitFiles(url, { 'changed.txt': lines.replace('line 3', 'line III') });
  const bad = [diff, diff.replace('@@ -1', '@@ -2'), '--- a/changed.txt\n+++ b/changed.txt\n@@ @@\n-line 3\n+x\n'];
  for (const each of bad.entries()) {
    const attempt = workspaces.checkout({ remote: { url }, branch: 'main', sha: newer, diff: each[1] });
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(isAppError(error, 'invalid') && error.reason === 'patch_apply', String(error));
      assert.ok(!error.message.includes(folder));
      return true;
    });
  }
  const next = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  assert.equal(git(next.dir, 'status', '--porcelain', '--ignored'), '');
  assert.equal(fs.readdirSync(path.dirname(path.dirname(next.dir))).length, 1);
  await next.release();
});

test('the changes of a job are those that a person would commit', async (context) => {
  const { url, sha, edited, workspaces } = scene(context);
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  assert.equal(await job.changes(), '');
  for (const gone of ['removed.txt', 'only', 'moved.txt', 'becomes-link.txt'])
    fs.rmSync(path.join(job.dir, gone), { recursive: true });
  fs.cpSync(edited, job.dir, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (from) => path.basename(from) !== '.git',
  });
  fs.mkdirSync(path.join(job.dir, 'ignored'));
  fs.writeFileSync(path.join(job.dir, 'ignored/cache'), 'cache\n');
  fs.writeFileSync(path.join(job.dir, 'build.log'), 'log\n');
  const diff = await job.changes();
  await job.release();
  const again = await workspaces.checkout({ remote: { url }, branch: 'main', sha, diff });
  assert.deepEqual(snapshotTree(again.dir), snapshotTree(edited));
  assert.equal(await again.changes(), diff);
  await again.release();
});

const hostile: Record<string, (dir: string, outside: string) => void> = {
  'its own .git rewritten': (dir) => {
    fs.rmSync(path.join(dir, '.git'), { recursive: true });
    git(dir, 'init', '--quiet');
    fs.appendFileSync(path.join(dir, '.git/config'), '[core]\n\tworktree = /\n\tfsmonitor = touch /tmp/never\n');
  },
  'a repository inside of it': (dir) => void git(dir, 'init', '--quiet', 'inner'),
  'a repository with a commit inside of it': (dir) => void makeRepository(path.join(dir, 'inner')),
  'a pipe in place of a file': (dir) => {
    fs.rmSync(path.join(dir, 'removed.txt'));
    execFileSync('mkfifo', [path.join(dir, 'removed.txt'), path.join(dir, 'pipe')]);
  },
  'a folder replaced by a link to outside': (dir, outside) => {
    fs.rmSync(path.join(dir, 'sub'), { recursive: true });
    fs.mkdirSync(path.join(outside, 'deep'), { recursive: true });
    fs.writeFileSync(path.join(outside, 'deep/changed.txt'), 'of the host\n');
    fs.symlinkSync(outside, path.join(dir, 'sub'));
  },
  'a filter of its own': (dir) => {
    fs.writeFileSync(path.join(dir, '.gitattributes'), '* filter=evil diff=evil\n');
    fs.appendFileSync(path.join(dir, '.git/config'), '[filter "evil"]\n\tclean = echo evil\n');
  },
};

for (const [what, prepare] of Object.entries(hostile)) {
  test(`the changes of a job are read with ${what}`, async (context) => {
    const { folder, url, sha, workspaces } = scene(context);
    const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
    prepare(job.dir, path.join(folder, 'outside'));
    fs.writeFileSync(path.join(job.dir, 'latin.txt'), 'mended\n');
    const diff = await job.changes();
    assert.match(diff, /^\+mended$/m);
    assert.ok(!diff.includes('of the host') && !diff.includes('evil\n+') && !diff.includes('Subproject'), diff);
    await job.release();
  });
}

test('changes of binary files, and of lines that are not UTF-8, come back byte for byte', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  const noise = Buffer.from(Array.from({ length: 2_000 }, (_, at) => (at * 167 + (at >> 3)) % 256));
  fs.writeFileSync(path.join(job.dir, 'picture.png'), noise);
  fs.writeFileSync(path.join(job.dir, 'changed.txt'), 'text beside it\n');
  const seen = await job.changes();
  assert.match(seen, /^GIT binary patch$/m);
  assert.match(seen, /^\+text beside it$/m);
  fs.writeFileSync(path.join(job.dir, 'latin.txt'), Buffer.from('gr\xfcn\n', 'latin1'));
  const diff = await job.changes();
  await job.release();
  const again = await workspaces.checkout({ remote: { url }, branch: 'main', sha, diff });
  assert.deepEqual(fs.readFileSync(path.join(again.dir, 'picture.png')), noise);
  assert.deepEqual(fs.readFileSync(path.join(again.dir, 'latin.txt')), Buffer.from('gr\xfcn\n', 'latin1'));
  assert.equal(fs.readFileSync(path.join(again.dir, 'changed.txt'), 'utf8'), 'text beside it\n');
  await again.release();
});

test('changes that are too large are refused', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  fs.writeFileSync(path.join(job.dir, 'latin.txt'), 'x\n'.repeat(2_200_000));
  await assert.rejects(job.changes(), (error) => isAppError(error, 'too_large'));
  fs.truncateSync(path.join(job.dir, 'latin.txt'), 2 ** 40);
  await assert.rejects(job.changes(), (error) => isAppError(error, 'too_large'));
  await job.release();
});

test('files of a patched tree are read without a tree', async (context) => {
  const { url, sha, diff, workspaces } = scene(context);
  const names = ['changed.txt', 'removed.txt', 'elsewhere/moved.txt', 'moved.txt', 'added/below/new.txt', 'latin.txt'];
  const blobs = await workspaces.readBlobs({ url }, sha, names, diff);
  assert.deepEqual([...blobs.keys()], ['changed.txt', 'elsewhere/moved.txt', 'added/below/new.txt', 'latin.txt']);
  assert.match(String(blobs.get('changed.txt')), /line three {2}\n/);
  await assert.rejects(workspaces.readBlobs({ url }, sha, names, `${diff}${diff}`), (error) =>
    isAppError(error, 'invalid'),
  );
});
