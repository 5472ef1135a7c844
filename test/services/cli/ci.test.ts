import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { workflowCommands } from '../../../services/cli/ci/annotations.ts';
import { type CiOptions, runCi } from '../../../services/cli/ci/ci-run.ts';
import type { LocalFinding } from '../../../services/cli/local/run-recipe-here.ts';
import { linter } from '../../support/tiny-linter.ts';
import { checkoutWith, here, ranAs } from './checkouts.ts';
import { watchedCli } from './watched-cli.ts';

const usual = { recipes: [], subproject: null, project: null, baseline: null, updateBaseline: false } as const;
const told = { sarif: null, codeQuality: null, annotations: 'none' } as const;
const failing = 'perl lint.pl; [ -z "$(grep -r bad src)" ]';

function shop(context: TestContext, lint = failing): string {
  return checkoutWith(context, { lint }, { 'lint.pl': linter, 'src/a.js': 'fine\nbad\n' });
}

async function ci(cwd: string, options: Partial<CiOptions> = {}, env: Record<string, string> = {}) {
  const cli = watchedCli({ env: { ...here, GITHUB_STEP_SUMMARY: '', ...env } });
  const code = await runCi({ ...usual, ...told, ...options, cwd }, cli);
  return { code, out: cli.out(), err: cli.err() };
}

test('what the baseline knows fails nothing, where it moves too; what is new does', async (context) => {
  const dir = shop(context);
  const first = await ci(dir);
  assert.equal(first.code, 1);
  assert.match(first.out, /^1 new finding; there is no baseline/m);
  assert.equal((await ci(dir, { updateBaseline: true })).code, 0);
  writeFileSync(join(dir, 'src/a.js'), 'fine\nfine\nbad\n');
  const moved = await ci(dir);
  assert.deepEqual([moved.code, /^0 new findings, 1 known, 1 run$/m.test(moved.out)], [0, true], moved.out);
  writeFileSync(join(dir, 'src/b.js'), 'bad\n');
  const fresh = await ci(dir);
  assert.equal(fresh.code, 1);
  assert.match(fresh.out, /src\/b\.js:1/);
  assert.doesNotMatch(fresh.out, /src\/a\.js:3/);
  for (const file of ['src/a.js', 'src/b.js']) writeFileSync(join(dir, file), 'fine\n');
  assert.match((await ci(dir)).out, /1 finding of the baseline is gone: --update-baseline takes it out/);
});

test('a recipe that fails without a finding is never known, and a wrong baseline is said', async (context) => {
  const dir = shop(context, 'exit 3');
  assert.equal((await ci(dir, { updateBaseline: true })).code, 1);
  assert.equal((await ci(dir)).code, 1);
  const missing = await ci(dir, { baseline: 'none.json' });
  assert.equal(missing.code, 2);
  assert.match(missing.err, /There is no baseline none\.json/);
  for (const [text, words] of [
    ['{', /is not JSON/],
    ['{"version":2,"findings":[]}', /\/version/],
    ['{"version":1,"findings":[{"identity":7}]}', /findings\/0/],
  ] as const) {
    writeFileSync(join(dir, 'odd.json'), text);
    const odd = await ci(dir, { baseline: 'odd.json' });
    assert.equal(odd.code, 2);
    assert.match(odd.err, words);
  }
});

test('each host gets its own form: SARIF, workflow commands, a summary, Code Quality', async (context) => {
  const dir = shop(context);
  const summary = join(dir, 'summary.md');
  const onGitHub = await ci(
    dir,
    { annotations: 'auto', sarif: 'out.sarif' },
    { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
  );
  assert.match(onGitHub.out, /^::warning file=src\/a\.js,line=2,.*title=eslint no-bad::bad is bad$/m);
  assert.match(readFileSync(summary, 'utf8'), /^\| warn \| src\/a\.js:2 \| eslint no-bad \| bad is bad \|$/m);
  const [run] = JSON.parse(readFileSync(join(dir, 'out.sarif'), 'utf8')).runs;
  assert.deepEqual([run.results[0].ruleId, run.results[0].baselineState], ['no-bad', 'new']);
  await ci(dir, { annotations: 'auto' }, { GITLAB_CI: 'true' });
  const [quality] = JSON.parse(readFileSync(join(dir, 'gl-code-quality-report.json'), 'utf8'));
  assert.deepEqual(quality.location, { path: 'src/a.js', lines: { begin: 2 } });
  assert.deepEqual([quality.check_name, quality.severity], ['eslint no-bad', 'minor']);
});

test('no message gives a workflow command of its own', () => {
  const hostile = {
    ...{ file: 'a,b:c.js', line: 1, column: 2, end_line: null, tool: 'x', code: 'y::z', severity: 'error' },
    message: 'one\n::add-mask::100%',
  } as LocalFinding;
  assert.deepEqual(workflowCommands([hostile]), [
    '::error file=a%2Cb%3Ac.js,line=1,col=2,title=x y%3A%3Az::one%0A::add-mask::100%25',
  ]);
});

test('the action runs the command in a checkout, with its inputs as words and not as script', async (context) => {
  const dir = shop(context);
  const folder = join(import.meta.dirname, '../../../recipes/ci');
  const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
  const [step] = action.runs.steps;
  const output = join(dir, 'output.txt');
  const { code, out } = ranAs('sh', ['-e', '-c', step.run], {
    cwd: dir,
    env: {
      ...here,
      ...{ GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, CT_HERE: folder, CT_ANNOTATIONS: 'auto' },
      ...{ CT_RECIPES: 'lint', CT_BASELINE: '', CT_SARIF: 'a b; touch evil.sarif' },
    },
  });
  assert.equal(code, 1, out);
  assert.match(out, /^::warning file=src\/a\.js,line=2/m);
  assert.equal(readFileSync(output, 'utf8'), `sarif=${dir}/a b; touch evil.sarif\n`);
  for (const name of Object.keys(step.env)) assert.ok(step.run.includes(name), name);
  assert.doesNotMatch(step.run, /\$\{\{/);
});
