import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openTestReport, type TestReport } from '../../../services/jobs/rules/test-report.ts';
import { watchProof } from '../../../services/runner/proof-watch.ts';

const dir = mkdtempSync(join(tmpdir(), 'ct-watch-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
const reporters = new URL('../../../services/runner/reporters/node/', import.meta.url);

let made = 0;

/** Runs a command in a tree of these files as a proof does, and gives what it printed and what the reporters said. */
async function watched(command: string, files: Record<string, string>) {
  const cwd = join(dir, `${++made}`);
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const home = mkdtempSync(join(dir, 'home-'));
  const place = { home, seenHome: home, cwd, inherited: { PATH } };
  const watch = await watchProof({ purpose: 'verify', command, env: {} }, place);
  assert.ok(watch);
  const env = { PATH, HOME: home, CI: 'true', ...watch.env };
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd, env, encoding: 'utf8' });
  const report = await watch.collect();
  return { out: stdout, err: stderr, report: report && openTestReport(String(report.bytes)) };
}

describe('a proof that runs jest or vitest', () => {
  const printed = 'process.stdout.write(JSON.stringify(process.argv.slice(2)));';
  const programs = { jest: 'node_modules/jest/bin/jest.js', vitest: 'node_modules/vitest/vitest.mjs' };
  const wordsOf = async (name: keyof typeof programs, words: string, files: Record<string, string> = {}) => {
    const { out } = await watched(`node ${programs[name]} ${words}`, { [programs[name]]: printed, ...files });
    return (JSON.parse(out) as string[]).map((word) => word.replace(/=\/.*\//, '=/…/'));
  };

  it('gives it one reporter more', async () => {
    assert.deepEqual(await wordsOf('jest', '-i'), ['-i', '--reporters=default', '--reporters=/…/jest.mjs']);
    assert.deepEqual(await wordsOf('vitest', 'run'), ['run', '--reporter=default', '--reporter=/…/vitest.mjs']);
    const named = await wordsOf('vitest', 'run --reporter=json');
    assert.deepEqual(named, ['run', '--reporter=json', '--reporter=/…/vitest.mjs']);
    const files = await wordsOf('jest', '-- a.test.js');
    assert.deepEqual(files, ['--reporters=default', '--reporters=/…/jest.mjs', '--', 'a.test.js']);
  });

  it('takes no reporter away that its configuration names', async () => {
    const configured = { 'vitest.config.ts': 'export default { test: { reporters: ["junit"] } }' };
    assert.deepEqual(await wordsOf('vitest', 'run', configured), ['run']);
    assert.deepEqual(await wordsOf('jest', '', { 'package.json': '{"jest":{"reporters":["x"]}}' }), []);
    assert.deepEqual(await wordsOf('jest', '--config=elsewhere.js'), ['--config=elsewhere.js']);
  });

  it('finds it behind a script of package.json, and leaves other programs alone', async () => {
    const scripts = { 'package.json': '{"scripts":{"test":"node node_modules/jest/bin/jest.js"}}' };
    const { out } = await watched('npm test --silent', { ...scripts, [programs.jest]: printed });
    assert.match(out, /jest\.mjs/);
    assert.equal((await watched('node other.js jest', { 'other.js': printed })).out, '["jest"]');
  });
});

describe('the reporters of node', () => {
  const said = async (runner: string, calls: string): Promise<TestReport> => {
    const file = JSON.stringify(pathToFileURL(new URL(runner, reporters).pathname));
    const { report, err } = await watched('node calls.mjs', {
      'calls.mjs': `import Reporter from ${file};\nimport fs from 'node:fs';\nconst reporter = new Reporter();\n${calls}`,
    });
    assert.ok(report, err);
    return report;
  };
  const suite = (path: string, ...tests: string[]) =>
    `reporter.onTestResult({ path: process.cwd() + '/${path}' }, { testResults: [${tests.join()}], testExecError: null });`;
  const jestTest = (fullName: string, status: string) =>
    `{ fullName: '${fullName}', status: '${status}', duration: 12.4 }`;

  it('name each test of jest with its end', async () => {
    const report = await said(
      'jest.mjs',
      `reporter.onRunStart();
       ${suite('a.test.js', jestTest('sum adds', 'passed'), jestTest('sum fails', 'failed'), jestTest('later', 'todo'))}
       reporter.onTestResult({ path: process.cwd() + '/b.test.js' }, { testResults: [], testExecError: { message: 'no' } });
       reporter.onRunComplete(new Set(), { wasInterrupted: false });`,
    );
    assert.deepEqual(
      report.tests.map(({ id, outcome }) => `${outcome} ${id}`),
      ['passed a.test.js::sum adds', 'failed a.test.js::sum fails', 'skipped a.test.js::later', 'error b.test.js::'],
    );
    assert.deepEqual([report.sessions, report.tampered, report.changed], [[{ tool: 'jest', ended: true }], false, []]);
  });

  it('leave a run without an end that ended before its summary', async () => {
    const report = await said(
      'jest.mjs',
      `reporter.onRunStart(); ${suite('a.test.js', jestTest('x', 'passed'))} process.exit(0)`,
    );
    assert.deepEqual(report.sessions, [{ tool: 'jest', ended: false }]);
  });

  it('notice that what they write and sign with was replaced by a test in their process', async () => {
    const report = await said(
      'jest.mjs',
      `reporter.onRunStart(); fs.writeSync = () => {}; reporter.onRunComplete(new Set(), { wasInterrupted: false });`,
    );
    assert.deepEqual(report.changed, ['fs.writeSync']);
  });

  it('name each test of vitest, in the words of each of its versions', async () => {
    const since3 = await said(
      'vitest.mjs',
      `const test = (fullName, state) => ({ fullName, result: () => ({ state }), diagnostic: () => ({ duration: 3.2 }) });
       const module = (moduleId, tests, errors) => ({ moduleId, children: { allTests: () => tests }, errors: () => errors });
       reporter.onInit();
       reporter.onTestRunEnd([
         module(process.cwd() + '/a.test.ts', [test('sum > adds', 'passed'), test('sum > fails', 'failed')], []),
         module(process.cwd() + '/b.test.ts', [], [new Error('no')]),
       ], [], 'failed');
       reporter.onFinished([], []);`,
    );
    const before3 = await said(
      'vitest.mjs',
      `const task = (name, state) => ({ type: 'test', name, mode: 'run', result: { state, duration: 3.2 } });
       reporter.onInit();
       reporter.onFinished([
         { filepath: process.cwd() + '/a.test.ts', tasks: [{ type: 'suite', name: 'sum', tasks: [task('adds', 'pass'), task('fails', 'fail')] }] },
         { filepath: process.cwd() + '/b.test.ts', tasks: [], result: { state: 'fail' } },
       ], []);`,
    );
    for (const report of [since3, before3]) {
      assert.deepEqual(
        report.tests.map(({ id, outcome }) => `${outcome} ${id}`),
        ['passed a.test.ts::sum > adds', 'failed a.test.ts::sum > fails', 'error b.test.ts::'],
      );
      assert.deepEqual(report.sessions, [{ tool: 'vitest', ended: true }]);
    }
  });
});
