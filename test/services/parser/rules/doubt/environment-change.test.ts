import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtAbsence } from '../../../../../services/parser/rules/doubt/doubt-absence.ts';
import { otherVariables, variablesOf } from '../../../../../services/parser/rules/doubt/environment-change.ts';
import { lintReport } from '../../../../support/lint-report.ts';
import { silentFarm } from '../../silent-farm.ts';

test('a tool that another environment keeps quiet mends nothing, however often it is silent', async () => {
  const silencing = { SHELLCHECK_OPTS: '-e SC2086', CFLAGS: '-w', GOFLAGS: '-printf=false', FILES: 'b.sh' };
  for (const [name, value] of Object.entries(silencing)) {
    const farm = silentFarm('shellcheck');
    const states = () => farm.findings().map(({ state }) => state);
    const tree = { 'a.sh': 'echo $1\n' };
    const run = (env: Record<string, string>, more = {}) =>
      farm.run({ ...tree, ...more }, 'sh check.sh', [], true, '.', env);
    await farm.run(tree, 'sh check.sh', [lintReport('shellcheck', 'a.sh', 1, 'SC2086')]);
    await run({ [name]: value });
    await run({ [name]: value }, { 'README.md': 'more\n' });
    assert.deepEqual(states(), ['open'], `${name}=${value}`);
    await run({ [name]: value }, { 'a.sh': 'echo "$1"\n' });
    assert.deepEqual(states(), ['resolved'], 'its line is gone');
  }
});

test('under the environment of a finding its silence counts, and no secret is looked into', () => {
  const job = { recipe: 'lint', recipe_snapshot: { subproject: { env: { A: '1', B: '2' }, secrets: ['KEY'] } } };
  const now = (env: Record<string, string>, secrets: string[]) => variablesOf({ env, secrets }, 'lint');
  assert.deepEqual(otherVariables(job, now({ B: '2', A: '1' }, ['KEY'])), []);
  assert.deepEqual(otherVariables(job, now({ A: '2' }, [])), ['A', 'B', 'KEY']);
  assert.deepEqual(otherVariables(job, variablesOf({ env: { A: '1', B: '2' }, secrets: { test: ['KEY'] } }, 'lint')), [
    'KEY',
  ]);
});

test('tests that ran in full under another environment speak for themselves', () => {
  const facts = { tool: 'pytest', kind: 'test_fail' as const, line: null, linesNow: null, changed: new Set<string>() };
  const ran = { ...facts, commandThen: 'pytest', commandNow: 'pytest', variables: ['PYTEST_ADDOPTS'], settled: true };
  assert.equal(doubtAbsence({ ...ran, testsKept: true }), null);
  assert.match(doubtAbsence({ ...ran, testsKept: false }) ?? '', /environment changed \(PYTEST_ADDOPTS\)/);
});
