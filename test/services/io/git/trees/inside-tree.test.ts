import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { resolveInside } from '../../../../../services/io/git/trees/inside-tree.ts';
import { temporaryFolder } from '../../../../support/git-repository.ts';

test('a folder inside the tree is found, also through a link that stays inside', async (context) => {
  const tree = path.join(temporaryFolder(context), 'tree');
  mkdirSync(path.join(tree, 'crates/core'), { recursive: true });
  symlinkSync('crates/core', path.join(tree, 'short'));
  const real = realpathSync(tree);
  assert.equal(await resolveInside(tree, '.'), real);
  assert.equal(await resolveInside(tree, 'crates/core'), path.join(real, 'crates/core'));
  assert.equal(await resolveInside(tree, 'short'), path.join(real, 'crates/core'));
});

test('a path that leaves the tree is invalid, whichever way it takes', async (context) => {
  const folder = temporaryFolder(context);
  const tree = path.join(folder, 'tree');
  mkdirSync(tree);
  mkdirSync(path.join(folder, 'tree-beside'));
  symlinkSync('..', path.join(tree, 'up'));
  symlinkSync('/', path.join(tree, 'root'));
  for (const inner of ['..', '../tree-beside', 'a/../../x', '/etc', 'up', 'up/tree-beside', 'root/etc', 'a\0b']) {
    await assert.rejects(resolveInside(tree, inner), (error) => isAppError(error, 'invalid'), inner);
  }
});

test('what is missing or no folder is not found', async (context) => {
  const tree = temporaryFolder(context);
  writeFileSync(path.join(tree, 'file'), '');
  symlinkSync('nowhere', path.join(tree, 'dangling'));
  for (const inner of ['missing', 'file', 'file/below', 'dangling']) {
    await assert.rejects(resolveInside(tree, inner), (error) => isAppError(error, 'not_found'), inner);
  }
});
