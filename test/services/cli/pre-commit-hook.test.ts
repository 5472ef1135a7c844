import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { installHook, removeHook } from '../../../services/cli/local/pre-commit-hook.ts';
import { isAppError } from '../../../services/floor/app-error.ts';
import { git } from '../../support/git-repository.ts';
import { linter } from '../../support/tiny-linter.ts';
import { checkoutWith, here, ranAs } from './checkouts.ts';
import { watchedCli } from './watched-cli.ts';

test('a commit of what has findings is refused once the hook is there, and goes through when it is gone', async (context) => {
  const lint = 'perl lint.pl; [ -z "$(grep -r bad src)" ]';
  const dir = checkoutWith(context, { lint }, { 'lint.pl': linter, 'src/old.js': 'bad\n', 'src/a.js': 'fine\n' });
  const cli = watchedCli({ env: here });
  await installHook(['lint'], cli, { cwd: dir });
  const commit = () =>
    ranAs('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-m', 'one'], { cwd: dir });
  writeFileSync(join(dir, 'src/a.js'), 'fine\nbad\n');
  git(dir, 'add', 'src/a.js');
  const refused = commit();
  assert.equal(refused.code, 1, refused.out);
  assert.match(refused.out, /src\/a\.js:2/);
  assert.match(refused.out, /git commit --no-verify/);
  assert.doesNotMatch(refused.out, /src\/old\.js:1/);
  writeFileSync(join(dir, 'src/a.js'), 'fine\nfine\n');
  git(dir, 'add', 'src/a.js');
  const taken = commit();
  assert.equal(taken.code, 0, taken.out);
  await removeHook(cli, dir);
  assert.ok(!existsSync(join(dir, '.git/hooks/pre-commit')));
});

test('what is judged is what is staged, whatever lies in the work tree', async (context) => {
  const lint = 'perl lint.pl; [ "$(git ls-files src)" = "$(ls src/*)" ] && [ -z "$(grep -r bad src)" ]';
  const dir = checkoutWith(context, { lint }, { 'lint.pl': linter, 'src/a.js': 'fine\n' });
  await installHook(['lint'], watchedCli({ env: here }), { cwd: dir });
  const staged = (file: string, text: string, then: string | null) => {
    writeFileSync(join(dir, file), text);
    git(dir, 'add', file);
    if (then === null) rmSync(join(dir, file));
    else writeFileSync(join(dir, file), then);
    const own = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
    const { code, out } = ranAs('git', [...own, 'commit', '-m', 'one'], { cwd: dir });
    return `${code} ${/src\/\w\.js:\d/.exec(out)?.[0] ?? 'no finding'}`;
  };
  assert.equal(staged('src/a.js', 'fine\nbad\n', 'fine\n'), '1 src/a.js:2');
  assert.equal(staged('src/a.js', 'fine\nfine\n', 'bad\n'), '0 no finding');
  assert.equal(staged('src/d.js', 'bad\n', null), '1 src/d.js:1');
  assert.equal(readFileSync(join(dir, 'src/a.js'), 'utf8'), 'bad\n');
});

test('a hook of somebody else is left alone, and core.hooksPath is followed', async (context) => {
  const dir = checkoutWith(context, { lint: 'true' }, {});
  const cli = watchedCli({ env: here });
  git(dir, 'config', 'core.hooksPath', '.husky');
  await installHook(['lint'], cli, { cwd: dir });
  assert.ok(existsSync(join(dir, '.husky/pre-commit')));
  writeFileSync(join(dir, '.husky/pre-commit'), '#!/bin/sh\nexit 0\n');
  for (const act of [() => installHook(['lint'], cli, { cwd: dir }), () => removeHook(cli, dir)])
    await assert.rejects(act, (error) => isAppError(error, 'conflict') && /somebody else/.test(error.message));
});

test('a folder of hooks that other repositories share is written only when that is said', async (context) => {
  const dir = checkoutWith(context, { lint: 'true' }, {});
  const shared = join(dir, '../shared');
  const cli = watchedCli({ env: here });
  git(dir, 'config', 'core.hooksPath', shared);
  await assert.rejects(
    installHook(['lint'], cli, { cwd: dir }),
    (error) => isAppError(error, 'invalid') && /outside of this repository.*--global/.test(error.message),
  );
  assert.ok(!existsSync(shared));
  await installHook(['lint'], cli, { cwd: dir, global: true });
  assert.ok(existsSync(join(shared, 'pre-commit')));
});
