import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { usualBounds, walk } from '../../../recipes/detection/walk.ts';
import { writtenFiles } from '../written-files.ts';

test('hidden folders and what was installed or built are left out', async (t) => {
  const left = ['.git', '.venv', 'node_modules', 'vendor', 'target', 'dist', 'build', 'a/node_modules'];
  const files = Object.fromEntries(left.map((folder) => [`${folder}/package.json`, '{}']));
  const dir = await writtenFiles(t, { ...files, 'a/b.txt': '', '.dotfile': '' });
  const { tree, complete } = await walk(dir);
  assert.deepEqual(tree.files, ['.dotfile', 'a/b.txt']);
  assert.equal(complete, true);
});

test('of hidden folders only those are seen in which a project says how it is checked', async (t) => {
  const files = [
    '.github/workflows/ci.yml',
    '.woodpecker/a.yml',
    '.config/nextest.toml',
    '.github/x/y.yml',
    '.idea/a.xml',
  ];
  const { tree } = await walk(await writtenFiles(t, Object.fromEntries(files.map((file) => [file, '']))));
  assert.deepEqual(tree.files, ['.config/nextest.toml', '.github/workflows/ci.yml', '.woodpecker/a.yml']);
});

test('symbolic links are not followed, to files or to folders, inside or out', async (t) => {
  const outside = await writtenFiles(t, { 'package.json': '{"secret":1}' });
  const dir = await writtenFiles(t, { 'a/go.mod': 'module a' });
  await symlink(join(outside, 'package.json'), join(dir, 'package.json'));
  await symlink(outside, join(dir, 'outside'));
  await symlink('..', join(dir, 'a/loop'));
  const { tree } = await walk(dir);
  assert.deepEqual(tree.files, ['a/go.mod']);
  assert.equal(tree.text('package.json'), '');
});

test('a bound on depth or entries leaves out the deepest and says so', async (t) => {
  const dir = await writtenFiles(t, { 'top.txt': '', 'a/one.txt': '', 'a/b/two.txt': '' });
  const shallow = await walk(dir, { ...usualBounds, depth: 1 });
  assert.deepEqual(shallow.tree.files, ['a/one.txt', 'top.txt']);
  assert.equal(shallow.complete, false);
  const few = await walk(dir, { ...usualBounds, entries: 2 });
  assert.deepEqual(few.tree.files, ['top.txt']);
  assert.equal(few.complete, false);
  const exact = await walk(dir, { ...usualBounds, depth: 2, entries: 5 });
  assert.equal(exact.complete, true);
});

test('a listed file is read when it is asked for, and none that is too large, nor more than a bound together', async (t) => {
  const dir = await writtenFiles(t, { 'go.mod': '\uFEFFmodule a', 'a/go.mod': 'x'.repeat(100), 'other.txt': 'text' });
  const { tree } = await walk(dir, { ...usualBounds, textBytes: 99 });
  assert.equal(tree.text('go.mod'), 'module a');
  assert.equal(tree.text('a/go.mod'), '');
  assert.equal(tree.text('other.txt'), 'text');
  assert.equal(tree.text('../walk.test.ts'), '');
  const { tree: small } = await walk(dir, { ...usualBounds, allBytes: 5 });
  assert.deepEqual([small.text('go.mod'), small.text('other.txt')], ['module a', '']);
});

test('a name with control characters is not listed, and a missing root is an error', async (t) => {
  const dir = await writtenFiles(t, { 'a\nb.sh': '', 'c.sh': '' });
  await mkdir(join(dir, 'x\u001b[31m'));
  const { tree } = await walk(dir);
  assert.deepEqual(tree.files, ['c.sh']);
  await assert.rejects(walk(join(dir, 'nowhere')), { code: 'ENOENT' });
});
