import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
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

const author = { name: 'Bot Ünit', email: 'bot@example.org' };
const message = 'fix: the second line\n\nIt said b.\n\nSigned-off-by: Bot <bot@example.org>';
const time = '2026-01-02T03:04:05.678Z';

async function scene(context: TestContext) {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), {
    'a.txt': 'a\nb\nc\n',
    'sub/deep/x.txt': 'x\n',
    'sub/y.txt': 'y\n',
    'sub.txt': 'between\n',
    'gone/z.txt': 'z\n',
  });
  chmodSync(path.join(url, 'sub/y.txt'), 0o755);
  symlinkSync('a.txt', path.join(url, 'link'));
  // A name that is no text, beside what is changed.
  writeFileSync(Buffer.concat([Buffer.from(path.join(url, 'sub/')), Buffer.from([0xff, 0xfe])]), 'odd\n');
  const baseSha = commitFiles(url, {});
  const work = path.join(folder, 'work');
  const workspaces = testWorkspaces(context, work);
  const remote = { url };
  const files = new Map([
    ['a.txt', 'a\nB\nc\n'],
    ['sub/deep/x.txt', 'X\n'],
    ['sub/y.txt', 'Y\n'],
    ['new/place/n.txt', 'new\n'],
    ['gone/z.txt', null],
  ]);
  const made = await workspaces.changeTree(remote, baseSha, { form: 'files', files });
  assert.ok(made.ok, made.ok ? '' : made.reason);
  const draft = { remote, baseSha, diff: made.patch.diff, message, author, time };
  return { folder, url, baseSha, work, workspaces, remote, draft };
}

function mirrorOf(work: string): string {
  return path.join(work, 'mirrors', readdirSync(path.join(work, 'mirrors'))[0] ?? '');
}

test('a commit holds the diff, its base, its author and its message', async (context) => {
  const { url, baseSha, work, workspaces, draft } = await scene(context);
  const id = await workspaces.commitPatch(draft);
  const mirror = mirrorOf(work);
  const who = `${author.name}|${author.email}|${Date.parse(time.replace('.678', '')) / 1000}`;
  const format = '--format=%P|%an|%ae|%at|%cn|%ce|%ct';
  assert.equal(git(mirror, 'show', '--no-patch', format, id), `${baseSha}|${who}|${who}`);
  assert.equal(git(mirror, 'show', '--no-patch', '--format=%B', id).trimEnd(), message);
  assert.equal(`${git(mirror, 'diff', '--full-index', '-M', baseSha, id)}\n`, draft.diff);
  git(mirror, 'fsck', '--full', '--strict');
  // The tree that git itself makes of it.
  writeFileSync(path.join(url, '..', 'p.diff'), draft.diff);
  git(url, 'apply', '--index', path.join(url, '..', 'p.diff'));
  assert.equal(git(mirror, 'rev-parse', `${id}^{tree}`), git(url, 'write-tree'));
});

test('the same input gives the same commit, in this workspace and in any other', async (context) => {
  const { folder, workspaces, draft } = await scene(context);
  const other = testWorkspaces(context, path.join(folder, 'other'));
  const ids = await Promise.all([workspaces, workspaces, other].map((each) => each.commitPatch(draft)));
  assert.equal(new Set(ids).size, 1);
  const changes = [{ message: 'other' }, { time: '2026-01-02T03:04:06Z' }, { author: { ...author, name: 'Ann' } }];
  for (const change of changes) assert.notEqual(await workspaces.commitPatch({ ...draft, ...change }), ids[0]);
});

test('a process that is killed while it commits leaves nothing in the way of the next', async (context) => {
  const { url, work, workspaces, remote, draft } = await scene(context);
  await workspaces.close();
  const mirror = mirrorOf(work);
  const ids = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const argument = JSON.stringify({ dir: work, draft: { ...draft, message: `round ${round}` } });
    const child = spawn(process.execPath, [path.resolve('test/support/git-commit-child.ts'), argument]);
    const [chunk] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = testWorkspaces(context, work);
    const id = await again.commitPatch({ ...draft, message: `round ${round}` });
    assert.equal(id, String(chunk).split('\n')[0]);
    assert.deepEqual(readdirSync(path.join(work, 'drafts')), []);
    ids.add(id);
    const branch = `bot/${round}`;
    assert.deepEqual(await again.push({ remote, commit: id, branch, expect: null, never: [] }), { pushed: true });
    assert.equal(git(url, 'rev-parse', branch), id);
  }
  git(mirror, 'fsck', '--full', '--strict');
  assert.equal(ids.size, 3);
});

test('a commit that was collected before its push is made again', async (context) => {
  const { workspaces, work, remote, draft } = await scene(context);
  const id = await workspaces.commitPatch(draft);
  git(mirrorOf(work), 'gc', '--prune=now', '--quiet');
  await workspaces.close();
  const again = testWorkspaces(context, work);
  const push = () => again.push({ remote, commit: id, branch: 'bot/1', expect: null, never: [] });
  await assert.rejects(push(), (error) => isAppError(error, 'not_found'));
  assert.equal(await again.commitPatch(draft), id);
  assert.deepEqual(await push(), { pushed: true });
});

const bad: Record<string, object> = {
  'a name that ends the field': { author: { name: 'Eve <eve@example.org>', email: author.email } },
  'a name that ends the line': { author: { name: 'Eve\nparent 0', email: author.email } },
  'an address without a name': { author: { name: ' ', email: author.email } },
  'an address with a bracket': { author: { name: 'Eve', email: 'a>b' } },
  'a time that is none': { time: 'yesterday' },
  'a message with a NUL': { message: 'a\0b' },
  'a diff that does not fit': { diff: '--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-z\n+y\n' },
  'a diff with a hunk that git would pass over': {
    diff: '--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n-a\n+A\n b\n c\n@@ @@\n-c\n+C\n',
  },
  'a base that is no commit id': { baseSha: 'main' },
};

for (const [what, change] of Object.entries(bad)) {
  test(`no commit is made with ${what}`, async (context) => {
    const { workspaces, work, draft } = await scene(context);
    const before = git(mirrorOf(work), 'count-objects', '--verbose');
    await assert.rejects(workspaces.commitPatch({ ...draft, ...change }), (error) => isAppError(error, 'invalid'));
    assert.equal(git(mirrorOf(work), 'count-objects', '--verbose'), before);
  });
}
