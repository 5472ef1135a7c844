import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Change } from '../../../../../services/floor/changed-file.ts';
import { openWorkspaces, type Workspaces } from '../../../../../services/io/git/trees/workspaces.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';
import { startScene, stopScene } from '../../../../support/patch-scene.ts';

function scene(context: TestContext) {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), {
    'a.txt': 'a\nb\nc\n',
    'run.sh': '#!/bin/sh\n',
    'sub/b.txt': 'b\n',
  });
  symlinkSync('/etc', path.join(url, 'link'));
  symlinkSync('sub', path.join(url, 'inside'));
  chmodSync(path.join(url, 'run.sh'), 0o755);
  writeFileSync(path.join(url, 'picture.bin'), Buffer.from([0, 1, 2, 255, 0]));
  writeFileSync(
    path.join(url, 'latin.txt'),
    Buffer.from('eins\ngr\xfcn\ndrei\nvier\nf\xfcnf\nsechs\nsieben\nacht\n', 'latin1'),
  );
  const sha = commitFiles(url, {});
  const work = path.join(folder, 'work');
  return { folder, url, sha, work, workspaces: testWorkspaces(context, work) };
}

function filesOf(entries: Record<string, string | null>): Change {
  return { form: 'files', files: new Map(Object.entries(entries)) };
}

function adding(header: string): Change {
  return { form: 'diff', diff: `${header}@@ -0,0 +1 @@\n+x\n` };
}

async function reasonOf(workspaces: Workspaces, url: string, sha: string, change: Change): Promise<string> {
  const result = await workspaces.changeTree({ url }, sha, change);
  assert.ok(!result.ok, 'it was taken');
  return result.reason;
}

test('whole files become a patch that says everything of them', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const change = filesOf({ 'a.txt': 'a\nB\nc\n', 'run.sh': '#!/bin/bash\n', 'sub/b.txt': null, 'new/ü.txt': 'new\n' });
  const result = await workspaces.changeTree({ url }, sha, change);
  assert.ok(result.ok);
  const rows = result.patch.files.map((file) => [
    file.path,
    file.status,
    file.oldMode,
    file.newMode,
    file.added,
    file.removed,
  ]);
  assert.deepEqual(rows, [
    ['a.txt', 'modified', '100644', '100644', 1, 1],
    ['new/ü.txt', 'added', null, '100644', 1, 0],
    ['run.sh', 'modified', '100755', '100755', 1, 1],
    ['sub/b.txt', 'deleted', '100644', null, 0, 1],
  ]);
  const [first, added, , removed] = result.patch.files;
  assert.deepEqual([first?.oldPath, first?.before, first?.after], ['a.txt', 'a\nb\nc\n', 'a\nB\nc\n']);
  assert.deepEqual([added?.oldPath, added?.before, added?.after], [null, null, 'new\n']);
  assert.deepEqual([removed?.oldPath, removed?.before, removed?.after], ['sub/b.txt', 'b\n', null]);
});

test('a moved file is one file with two paths', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const result = await workspaces.changeTree({ url }, sha, filesOf({ 'a.txt': null, 'moved.txt': 'a\nb\nc\n' }));
  assert.ok(result.ok);
  assert.equal(result.patch.files.length, 1);
  const [file] = result.patch.files;
  assert.deepEqual(
    [file?.status, file?.oldPath, file?.path, file?.before],
    ['renamed', 'a.txt', 'moved.txt', 'a\nb\nc\n'],
  );
  const again = await workspaces.changeTree({ url }, sha, { form: 'diff', diff: result.patch.diff });
  assert.deepEqual(again, result);
});

test('a file may take the place of a folder', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const result = await workspaces.changeTree({ url }, sha, filesOf({ sub: 'file\n', 'sub/b.txt': null }));
  assert.ok(result.ok, result.ok ? '' : result.reason);
});

test('a change leaves nothing behind, neither in the mirror nor in a temporary folder', async (context) => {
  const { url, sha, work, workspaces } = scene(context);
  await (await workspaces.checkout({ remote: { url }, branch: 'main', sha })).release();
  const mirror = path.join(work, 'mirrors', readdirSync(path.join(work, 'mirrors'))[0] ?? '');
  const before = git(mirror, 'count-objects', '--verbose');
  const entries = readdirSync(mirror, { recursive: true }).sort();
  await workspaces.changeTree({ url }, sha, filesOf({ 'a.txt': 'other\n', 'x/y/z.txt': 'deep\n' }));
  await workspaces.changeTree({ url }, sha, { form: 'diff', diff: 'nothing' });
  assert.equal(git(mirror, 'count-objects', '--verbose'), before);
  assert.deepEqual(readdirSync(mirror, { recursive: true }).sort(), entries);
  assert.deepEqual(readdirSync(path.join(work, 'drafts')), []);
});

test('what a process that died left in a temporary folder goes at the next start', async (context) => {
  const { folder, url, sha, work, workspaces } = scene(context);
  const left = path.join(work, 'drafts/999999999_1-abc');
  makeRepository(left);
  await workspaces.changeTree({ url }, sha, filesOf({ 'a.txt': 'other\n' }));
  assert.ok(!existsSync(left));
  assert.ok(existsSync(folder));
});

const hostile: Record<string, [change: Change, reason: RegExp]> = {
  'above the tree': [adding('--- /dev/null\n+++ b/../x\n'), /invalid path '\.\.\/x'/],
  'above the tree, in the middle': [adding('--- /dev/null\n+++ b/sub/../../x\n'), /invalid path/],
  'into .git': [adding('--- /dev/null\n+++ b/.git/config\n'), /invalid path '\.git\/config'/],
  'into .git by other letters': [adding('--- /dev/null\n+++ b/sub/.GIT/hooks/x\n'), /invalid path/],
  'through a link that leads outside': [adding('--- /dev/null\n+++ b/link/x\n'), /beyond a symbolic link/],
  'through a link that leads inside': [adding('--- /dev/null\n+++ b/inside/x\n'), /beyond a symbolic link/],
  'at an absolute path': [adding('--- /dev/null\n+++ /etc/x\n'), /invalid path '\/etc\/x'/],
  'at an absolute path behind a letter': [adding('--- /dev/null\n+++ b//etc/x\n'), /invalid path '\/etc\/x'/],
  'as a device': [
    adding('diff --git a/x b/x\nnew file mode 020666\n--- /dev/null\n+++ b/x\n'),
    /invalid mode "020666"/,
  ],
  'as a folder': [adding('diff --git a/x b/x\nnew file mode 040000\n--- /dev/null\n+++ b/x\n'), /invalid mode/],
  'above the tree, without numbers': [
    { form: 'diff', diff: '--- /dev/null\n+++ b/../x\n@@ @@\n+x\n' },
    /[Ii]nvalid path '?\.\.\/x/,
  ],
  'through a link, without numbers': [{ form: 'diff', diff: '--- /dev/null\n+++ b/link/x\n@@ @@\n+x\n' }, /link/],
  'through a new link': [
    {
      form: 'diff',
      diff: 'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\ndiff --git a/l/x b/l/x\nnew file mode 100644\n--- /dev/null\n+++ b/l/x\n@@ -0,0 +1 @@\n+x\n',
    },
    /beyond a symbolic link|l\/x/,
  ],
  'as whole files above the tree': [filesOf({ '../x': 'x' }), /Invalid path '\.\.\/x'/],
  'as whole files into .git': [filesOf({ '.git/config': 'x' }), /Invalid path/],
  'as whole files at an absolute path': [filesOf({ '/etc/x': 'x' }), /Invalid path/],
  'as whole files through a link': [filesOf({ 'link/x': 'x' }), /link/],
  'as whole files in place of a link': [filesOf({ link: 'x' }), /not a regular file/],
  'as whole files without a name': [filesOf({ '': 'x' }), /Invalid path/],
  'as whole files with a NUL in the name': [filesOf({ 'a\0b': 'x' }), /invalid path/],
  'as whole files that take away what is not there': [filesOf({ 'none.txt': null }), /does not exist/],
  'beyond 4 MiB': [
    { form: 'diff', diff: `--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+${'x'.repeat(4 * 1024 * 1024)}\n` },
    /larger/,
  ],
  'beyond 4 MiB of whole files': [filesOf({ x: 'x'.repeat(5_000_000) }), /larger/],
  'to 501 files': [
    filesOf(Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`n/${at}`, `${at}`]))),
    /501 files/,
  ],
  'that are none': [filesOf({ 'a.txt': 'a\nb\nc\n' }), /leaves the tree as it is/],
  'of no files': [filesOf({}), /leaves the tree as it is/],
};

for (const [what, [change, reason]] of Object.entries(hostile)) {
  test(`changes ${what} are refused`, async (context) => {
    const { folder, url, sha, workspaces } = scene(context);
    const words = await reasonOf(workspaces, url, sha, change);
    assert.match(words, reason);
    assert.ok(words.length <= 4096 && !words.includes(folder), words);
    assert.ok(!existsSync('/etc/x'));
  });
}

test('binary files are marked as such', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const result = await workspaces.changeTree({ url }, sha, filesOf({ 'picture.bin': 'a\0b', 'a.txt': null }));
  assert.ok(result.ok);
  const file = result.patch.files.find((each) => each.path === 'picture.bin');
  assert.deepEqual([file?.binary, file?.before, file?.after], [true, null, null]);
});

test('lines that are not UTF-8 are neither changed nor shown wrongly', async (context) => {
  const { url, sha, workspaces } = scene(context);
  const near = '--- a/latin.txt\n+++ b/latin.txt\n@@ -8 +8 @@\n-acht\n+neun\n';
  assert.match(await reasonOf(workspaces, url, sha, filesOf({ 'latin.txt': 'eins\n' })), /UTF-8/);
  const far = await workspaces.changeTree({ url }, sha, { form: 'diff', diff: near });
  assert.ok(!far.ok || far.patch.files[0]?.binary);
});

test('a file of 100,000 equal lines does not keep us long', async (context) => {
  const { url, workspaces } = scene(context);
  const sha = commitFiles(url, { 'big.txt': 'same\n'.repeat(100_000) });
  const hunk = `@@ @@\n${' same\n'.repeat(20_000)}-same\n+x\n`;
  const words = await reasonOf(workspaces, url, sha, {
    form: 'diff',
    diff: `--- a/big.txt\n+++ b/big.txt\n${hunk.repeat(5)}`,
  });
  assert.match(words, /too long|fits in/);
});

test('any edit of any text comes back from its own diff, exactly', async () => {
  const line = fc.constantFrom(
    'a',
    'b',
    'c',
    '  d',
    '\te',
    '',
    '--- x',
    '+++ y',
    '@@ -1 +1 @@',
    'é',
    '\\ No newline',
    'z\r',
  );
  const text = fc
    .tuple(fc.array(line, { maxLength: 25 }), fc.boolean())
    .map(([lines, end]) => lines.join('\n') + (end ? '\n' : ''));
  const shared = await startScene({ 'x.txt': 'a\n', 'keep.txt': 'keep\n' });
  const workspaces = openWorkspaces({ dir: path.join(shared.folder, 'work'), allowLocal: true });
  const remote = { url: shared.url };
  try {
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        const based = commitFiles(shared.url, { 'x.txt': before, [`n/${Math.random()}`]: '' });
        const made = await workspaces.changeTree(remote, based, filesOf({ 'x.txt': after }));
        if (before === after) return assert.ok(!made.ok);
        assert.ok(made.ok, made.ok ? '' : made.reason);
        assert.equal(made.patch.files[0]?.after, after);
        const again = await workspaces.readBlobs(remote, based, ['x.txt'], made.patch.diff);
        assert.equal(String(again.get('x.txt')), after);
        assert.deepEqual(await workspaces.changeTree(remote, based, { form: 'diff', diff: made.patch.diff }), made);
      }),
      { numRuns: 25 },
    );
  } finally {
    await workspaces.close();
    stopScene(shared);
  }
});
