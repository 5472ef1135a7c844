import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { scanIndex } from '../../../../../services/io/git/trees/index-scan.ts';
import { commitFiles, git, makeRepository, temporaryFolder } from '../../../../support/git-repository.ts';

test('submodules are found, and attributes told apart, among names of every length', (context) => {
  const folder = temporaryFolder(context);
  const names = Array.from({ length: 40 }, (_, n) => [`${'n'.repeat(n + 1)}/ü${n}`, String(n)]);
  const dir = makeRepository(path.join(folder, 'origin'), Object.fromEntries(names));
  git(dir, 'config', 'index.version', '2');
  const scan = () => scanIndex(readFileSync(path.join(dir, '.git/index')));
  const plain = scan();
  assert.deepEqual(plain.gitlinks, []);
  commitFiles(dir, { 'not.gitattributes': 'x', 'deep/.gitattributes.txt': 'x' });
  assert.equal(scan().attributes, plain.attributes);
  commitFiles(dir, { 'deep/.gitattributes': '* text\n' });
  const deep = scan().attributes;
  assert.notEqual(deep, plain.attributes);
  commitFiles(dir, { 'deep/.gitattributes': '* -text\n' });
  assert.notEqual(scan().attributes, deep);
  const id = git(dir, 'rev-parse', 'HEAD');
  git(dir, 'update-index', '--add', '--cacheinfo', `160000,${id},vendor/one`);
  git(dir, 'update-index', '--add', '--cacheinfo', `160000,${id},zed`);
  assert.deepEqual(scan().gitlinks, ['vendor/one', 'zed']);
});

test('an index that is not understood is an error', () => {
  assert.throws(() => scanIndex(Buffer.from('DIRC\0\0\0\x04\0\0\0\0', 'latin1')), /version 2/);
  assert.throws(() => scanIndex(Buffer.from('DIRC\0\0\0\x02\0\0\0\x01', 'latin1')), /cut off/);
});
