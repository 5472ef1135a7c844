import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { checkBranchName, checkSha } from '../../../../../services/io/git/mirrors/ref-name.ts';

// Git has these under refs/heads/ where it must, but they mean something else on a command line.
const refusedByUs = new Set(['@', 'HEAD', '-x', '--x']);
const names = [
  ...refusedByUs,
  'main',
  'a/b',
  'a@b',
  'ü/字',
  'a.b',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
];
names.push(
  'a\\b',
  'a.lock',
  'a.lock/b',
  '.a',
  'a/.b',
  '/a',
  'a/',
  'a//b',
  'a.',
  'a@{1}',
  'a\tb',
  'a\u007f',
  '{',
  'a{b}',
);

test('branch names are judged as git judges them', () => {
  for (const name of names) {
    const theirs = spawnSync('git', ['check-ref-format', `refs/heads/${name}`], { env: { PATH: process.env.PATH } });
    const ours = ((): boolean => {
      try {
        checkBranchName(name);
        return true;
      } catch {
        return false;
      }
    })();
    assert.equal(ours, theirs.status === 0 && !refusedByUs.has(name), name);
  }
});

test('a commit is named by its full id alone', () => {
  checkSha('0123456789abcdef0123456789abcdef01234567');
  for (const text of ['HEAD', '0123456', '0123456789ABCDEF0123456789ABCDEF01234567', `${'a'.repeat(40)}\n`, '']) {
    assert.throws(() => checkSha(text), { code: 'invalid' });
  }
});
