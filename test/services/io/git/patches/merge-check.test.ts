import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
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

const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const withLine = (at: number, text: string) =>
  `${lines.map((line, index) => (index === at ? text : line)).join('\n')}\n`;

/** A repository whose `main` is at some lines, and a patch of ours to the third of them that only the mirror has. */
async function scene(context: TestContext) {
  const dir = temporaryFolder(context);
  const url = makeRepository(path.join(dir, 'origin'), { 'a.txt': withLine(-1, '') });
  const workspaces = testWorkspaces(context, path.join(dir, 'workspace'));
  const baseSha = git(url, 'rev-parse', 'HEAD');
  const diff = `--- a/a.txt\n+++ b/a.txt\n@@ -1,4 +1,4 @@\n one\n two\n-three\n+THREE\n four\n`;
  const author = { name: 'Farm', email: 'farm@example.org' };
  const time = '2026-01-01T00:00:00.000Z';
  const commit = await workspaces.commitPatch({ remote: { url }, baseSha, diff, message: 'x', author, time });
  const merges = (branch = 'main', of = commit) => workspaces.mergesInto({ remote: { url }, branch, commit: of });
  return { dir, url, commit, merges };
}

test('a commit merges into its own base, and into one that changed elsewhere', async (context) => {
  const { url, merges } = await scene(context);
  assert.equal(await merges(), true);
  commitFiles(url, { 'a.txt': withLine(7, 'EIGHT'), 'b.txt': 'new\n' });
  assert.equal(await merges(), true);
});

test('a commit does not merge where the same line became another, as the branch is at that moment', async (context) => {
  const { url, merges } = await scene(context);
  commitFiles(url, { 'a.txt': withLine(2, 'drei') });
  assert.equal(await merges(), false);
  commitFiles(url, { 'a.txt': withLine(-1, '') });
  assert.equal(await merges(), true);
  git(url, 'rm', '--quiet', 'a.txt');
  commitFiles(url, { 'b.txt': 'other\n' });
  assert.equal(await merges(), false);
});

test('nothing can be told of a branch that is not there, or that has no past in common', async (context) => {
  const { url, merges } = await scene(context);
  assert.equal(await merges('gone'), null);
  git(url, 'checkout', '--quiet', '--orphan', 'alone');
  commitFiles(url, { 'c.txt': 'c\n' });
  assert.equal(await merges('alone'), null);
});

test('nothing can be told by an older git', async (context) => {
  const { dir, merges } = await scene(context);
  const bin = path.join(dir, 'bin');
  const real = git('/', '--exec-path');
  mkdirSync(bin);
  const script = `#!/bin/sh\ncase "$1" in merge-tree) echo 'usage: git merge-tree' >&2; exit 129;; esac\nexec "${real}/git" "$@"\n`;
  writeFileSync(path.join(bin, 'git'), script, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${bin}:${before}`;
  context.after(() => {
    process.env.PATH = before;
  });
  const workspaces = testWorkspaces(context, path.join(dir, 'other'));
  const url = path.join(dir, 'origin');
  const tip = git(url, 'rev-parse', 'HEAD');
  assert.equal(await workspaces.mergesInto({ remote: { url }, branch: 'main', commit: tip }), null);
  assert.equal(await merges(), true);
});

test('a commit that nobody has is told as such', async (context) => {
  const { merges } = await scene(context);
  await assert.rejects(merges('main', 'd'.repeat(40)), (error) => isAppError(error, 'not_found'));
});
