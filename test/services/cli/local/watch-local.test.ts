import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LocalRun } from '../../../../services/cli/local/local-plan.ts';
import { narrowedRuns } from '../../../../services/cli/local/narrowed-runs.ts';
import { watchLocal } from '../../../../services/cli/local/watch-local.ts';
import { linter } from '../../../support/tiny-linter.ts';
import { until } from '../../../support/until.ts';
import { checkoutWith, here } from '../checkouts.ts';
import { watchedCli } from '../watched-cli.ts';

test('each save runs again what it touches, new folders too, and what git ignores does not', async (context) => {
  const dir = checkoutWith(
    context,
    { lint: 'echo run >> runs.log; perl lint.pl' },
    { 'lint.pl': linter, 'src/a.js': 'fine\n', '.gitignore': 'runs.log\nout/\n' },
  );
  const cli = watchedCli({ env: here });
  const watching = watchLocal({ recipes: ['lint'], subproject: null, project: null, cwd: dir }, cli);
  await until(() => cli.out().includes('Watching'));
  writeFileSync(join(dir, 'src/.a.js.swp'), 'bad\n');
  renameSync(join(dir, 'src/.a.js.swp'), join(dir, 'src/a.js'));
  await until(() => /changed +src\/a\.js\n[\s\S]*src\/a\.js:1/.test(cli.out()));
  mkdirSync(join(dir, 'src/deep'));
  writeFileSync(join(dir, 'src/deep/b.js'), 'bad\n');
  await until(() => /changed +src\/deep\/b\.js/.test(cli.out()));
  mkdirSync(join(dir, 'out'));
  writeFileSync(join(dir, 'out/c.js'), 'bad\n');
  writeFileSync(join(dir, 'src/deep/b.js'), 'fine\n');
  await until(() => cli.out().match(/changed +src\/deep\/b\.js/g)?.length === 2);
  cli.interrupt();
  assert.equal(await watching, 0);
  assert.ok(!cli.out().includes('out/c.js') && !cli.out().includes('runs.log'), cli.out());
});

function runOf(command: string, subproject = '.'): LocalRun {
  const none = { install: null, timeoutSecs: 60, env: {}, reports: [], asks: {} };
  return { subproject, language: 'javascript', recipe: 'lint', command, ...none };
}

test('a linter that can look at single files looks at the saved ones, anything else runs whole', () => {
  const commands = (runs: LocalRun[], ...files: string[]) => narrowedRuns(runs, files).map(({ command }) => command);
  const eslint = runOf('eslint -f json .');
  assert.deepEqual(commands([eslint], 'src/a.js', 'b c.ts'), ["eslint -f json -- src/a.js 'b c.ts'"]);
  assert.deepEqual(commands([runOf('ruff check --output-format=json .', 'py')], 'py/a.py', 'src/a.js'), [
    'ruff check --output-format=json -- a.py',
  ]);
  assert.deepEqual(commands([eslint], 'README.md'), []);
  assert.deepEqual(commands([eslint], 'eslint.config.js'), ['eslint -f json .']);
  assert.deepEqual(commands([runOf('cargo clippy')], 'src/a.rs'), ['cargo clippy']);
  assert.deepEqual(commands([runOf('mypy .')], 'a.py'), ['mypy .']);
  assert.deepEqual(commands([eslint, runOf('ruff check .', 'py')], 'py/a.py'), ['ruff check -- a.py']);
});
