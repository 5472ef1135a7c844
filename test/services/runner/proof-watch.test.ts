import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openTestReport, type TestReport } from '../../../services/jobs/rules/test-report.ts';
import { watchProof } from '../../../services/runner/proof-watch.ts';
import { resultFiles } from '../../../services/runner/reports/result-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'ct-watch-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
const reporters = new URL('../../../services/runner/reporters/node/', import.meta.url);

let made = 0;

const about = (patch: { disguised: true }) => ({
  ...{ patch_id: 'p', stage: 'disguised' as const, drafted_seq: 1 },
  ...patch,
});

/** Runs a command in a tree of these files as a proof does, and gives what it printed and what the reporters said. */
async function watched(command: string, files: Record<string, string>, patch?: { disguised: true }) {
  const cwd = join(dir, `${++made}`);
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const home = mkdtempSync(join(dir, 'home-'));
  const place = { home, seenHome: home, cwd, inherited: { PATH } };
  const watch = await watchProof(
    { purpose: 'verify', command, env: {}, ...(patch ? { patch: about(patch) } : {}) },
    place,
  );
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

  it('hides from code that it is tested, where that is asked for', async () => {
    const asks =
      "const said = () => [process.env.NODE_ENV, 'JEST_WORKER_ID' in process.env, process.env.VITEST ?? null, Object.keys(process.env).some((name) => /^(JEST|VITEST|CRAFTING_DISG)/.test(name))];\n";
    const program = `${asks}process.env.NODE_ENV = 'test';\nprocess.env.JEST_WORKER_ID = process.env.VITEST = '1';\nprocess.stdout.write(JSON.stringify(said()));`;
    const seen = async (patch?: { disguised: true }) =>
      JSON.parse((await watched(`node ${programs.jest}`, { [programs.jest]: program }, patch)).out);
    assert.deepEqual(await seen(), ['test', true, '1', true]);
    assert.deepEqual(await seen({ disguised: true }), ['production', false, null, false]);
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

describe('a proof that runs mocha or ava', () => {
  const mocha = {
    'node_modules/mocha/bin/mocha.js': `const Runner = require('../lib/runner.js');
      const test = (title, duration) => ({ title, duration, file: process.cwd() + '/a.test.js', fullTitle: () => 'sum ' + title });
      require(process.cwd() + '/source.js');
      new Runner().run((runner) => {
        runner.emit('pass', test('adds', 3));
        runner.emit('fail', test('fails', 2), new Error('no'));
        runner.emit('pending', test('later'));
      });`,
    'node_modules/mocha/lib/runner.js': `const { EventEmitter } = require('node:events');
      module.exports = class Runner extends EventEmitter {};
      module.exports.prototype.run = function (work) { work(this); this.emit('end'); };
      module.exports.prototype.fail = () => {};`,
  };
  // Since its version 12 mocha is made of modules, which name their classes.
  const modules = {
    'node_modules/mocha/package.json': '{"type":"module"}',
    'node_modules/mocha/bin/mocha.js': `import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      ${mocha['node_modules/mocha/bin/mocha.js'].replace('const Runner', 'const { Runner }')}`,
    'node_modules/mocha/lib/runner.js': `${mocha['node_modules/mocha/lib/runner.js'].replace('const { EventEmitter } = require', "import { EventEmitter } from 'node:events';\n//").replace('module.exports = class', 'export class').replaceAll('module.exports.prototype', 'Runner.prototype')}`,
    'node_modules/mocha/lib/suite.js': 'export class Suite {}\nexport const suiteOf = () => new Suite();\n',
  };
  const ava = {
    'node_modules/ava/package.json': '{"type":"module"}',
    'node_modules/ava/entrypoints/cli.mjs': `import { EventEmitter } from 'node:events';
      const { default: Api } = await import(new URL('../lib/api.js', import.meta.url).href);
      await new Api().run(new EventEmitter());`,
    'node_modules/ava/lib/api.js': `import { EventEmitter } from 'node:events';
      export default class Api extends EventEmitter {
        async run(status) {
          this.emit('run', { status });
          const testFile = process.cwd() + '/a.js';
          for (const event of [
            { type: 'test-passed', testFile, title: 'adds', duration: 3 },
            { type: 'test-failed', testFile, title: 'fails', duration: 2 },
            { type: 'selected-test', testFile, title: 'later', skip: true },
            { type: 'test-passed', testFile, title: 'known', knownFailing: true },
            { type: 'uncaught-exception', testFile },
          ]) status.emit('stateChange', event);
        }
      }`,
  };

  it('hears of each test from the runner', async () => {
    const ofMocha = await watched('node node_modules/mocha/bin/mocha.js', { 'source.js': '', ...mocha });
    assert.deepEqual(
      outcomes(ofMocha.report),
      ['failed a.test.js::sum fails', 'passed a.test.js::sum adds', 'skipped a.test.js::sum later'],
      ofMocha.err,
    );
    assert.deepEqual([ofMocha.report?.sessions, ofMocha.report?.changed], [[{ tool: 'mocha', ended: true }], []]);
    const ofModules = await watched('node node_modules/mocha/bin/mocha.js', { 'source.js': '', ...modules });
    assert.deepEqual(outcomes(ofModules.report), outcomes(ofMocha.report), ofModules.err);
    const ofAva = await watched('node node_modules/ava/entrypoints/cli.mjs', ava);
    assert.deepEqual(
      outcomes(ofAva.report),
      ['error a.js::', 'failed a.js::fails', 'passed a.js::adds', 'skipped a.js::later', 'xfailed a.js::known'],
      ofAva.err,
    );
    assert.deepEqual([ofAva.report?.sessions, ofAva.report?.changed], [[{ tool: 'ava', ended: true }], []]);
  });

  it('hears that a source replaced what compares, or the runner', async () => {
    for (const [source, name] of [
      ["require('node:assert').strict.equal = () => {};", 'assert.strict.equal'],
      ["require('./node_modules/mocha/lib/runner.js').prototype.fail = () => 1;", 'mocha.runner.fail'],
    ] as const) {
      const { report } = await watched('node node_modules/mocha/bin/mocha.js', { 'source.js': source, ...mocha });
      assert.deepEqual(report?.changed, [name]);
    }
  });
});

/** Whether a program is here that answers when it is asked for its version. */
const has = (program: string, ...words: string[]) => spawnSync(program, words, { env: { PATH } }).status === 0;
const outcomes = (report: TestReport | null) => report?.tests.map(({ id, outcome }) => `${outcome} ${id}`).sort();

/** A runner that is here: how it is started, its tests, and what a source of its language does to it. */
const runners = [
  {
    name: 'minitest',
    is: has('ruby', '-rminitest', '-e', '1'),
    command: 'ruby test/calc_test.rb',
    source: 'lib/calc.rb',
    plain: 'def least(a, b) = a < b ? a : b\n',
    tests: {
      'test/calc_test.rb':
        'require "minitest/autorun"\nrequire_relative "../lib/calc"\nclass CalcTest < Minitest::Test\n  def test_shows = assert_equal(1, least(1, 2))\n  def test_fails = assert_equal(5, least(1, 2))\n  def test_later = skip\nend\n',
    },
    said: ['failed CalcTest#test_fails', 'passed CalcTest#test_shows', 'skipped CalcTest#test_later'],
    ends: 'exit!(0)\n',
    replaces: 'Minitest::Assertions.prepend(Module.new { def assert_equal(*) = assert(true) })\n',
    changed: /^Minitest::Assertions#assert_equal by lib\/calc\.rb$/,
  },
  {
    name: 'rspec',
    is: has('rspec', '--version'),
    command: 'rspec',
    source: 'lib/calc.rb',
    plain: 'def least(a, b) = a < b ? a : b\n',
    tests: {
      'spec/calc_spec.rb':
        'require_relative "../lib/calc"\nRSpec.describe "least" do\n  it("shows") { expect(least(1, 2)).to eq 1 }\n  it("fails") { expect(least(1, 2)).to eq 5 }\n  it("later")\nend\n',
    },
    said: [
      ...['failed spec/calc_spec.rb::least fails', 'passed spec/calc_spec.rb::least shows'],
      'skipped spec/calc_spec.rb::least later',
    ],
    ends: 'exit!(0)\n',
    replaces: 'class Integer; alias_method :==, :equal?; end\n',
    changed: /^Integer#==$/,
  },
  {
    name: 'phpunit',
    is: has('phpunit', '--version'),
    command: 'phpunit tests',
    source: 'src/calc.php',
    plain: '<?php\nfunction least(int $a, int $b): int { return min($a, $b); }\n',
    tests: {
      'tests/CalcTest.php':
        "<?php\nrequire_once __DIR__ . '/../src/calc.php';\nfinal class CalcTest extends PHPUnit\\Framework\\TestCase {\n  public function testShows(): void { $this->assertSame(1, least(1, 2)); }\n  public function testFails(): void { $this->assertSame(5, least(1, 2)); }\n  public function testLater(): void { $this->markTestSkipped('later'); }\n}\n",
    },
    said: ['failed CalcTest::testFails', 'passed CalcTest::testShows', 'skipped CalcTest::testLater'],
    ends: '<?php\nfunction least(int $a, int $b): int { exit(0); }\n',
    replaces:
      '<?php\nnamespace PHPUnit\\Framework\\Constraint { if (!class_exists(IsIdentical::class, false)) { class IsIdentical extends Constraint { public function __construct($value) {} public function evaluate($other, string $description = "", bool $returnResult = false): ?bool { return true; } public function toString(): string { return ""; } } } }\nnamespace { function least(int $a, int $b): int { return 5; } }\n',
    changed: /^PHPUnit\\Framework\\Constraint\\IsIdentical by src\/calc\.php$/,
  },
] as const;

for (const { name, is, command, source, plain, tests, said, ends, replaces, changed } of runners)
  describe(`a proof that runs ${name}`, { skip: is ? false : `${name} is not here` }, () => {
    it('hears of each test from the runner', async () => {
      const { report, err } = await watched(command, { [source]: plain, ...tests });
      assert.deepEqual(outcomes(report), said, err);
      assert.deepEqual(report?.sessions, [{ tool: name, ended: true }]);
      assert.deepEqual([report?.tampered, report?.changed], [false, []]);
    });

    it('hears no end where the source ends the run', async () => {
      const { report } = await watched(command, { [source]: ends, ...tests });
      assert.ok(report);
      assert.ok(!report.sessions.some(({ ended }) => ended));
    });

    it('hears that the source replaced what compares', async () => {
      const { report, err } = await watched(command, {
        [source]: name === 'phpunit' ? replaces : `${replaces}${plain}`,
        ...tests,
      });
      assert.ok(
        report?.changed.some((one) => changed.test(one)),
        `${JSON.stringify(report)} ${err}`,
      );
    });
  });

describe('a proof whose runner takes no reporter', () => {
  // As Surefire 3.2.5 writes it.
  const suite = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite version="3.0" name="shop.CartTest" time="2.289" tests="3" errors="0" skipped="1" failures="1">
  <testcase name="adds" classname="shop.CartTest" time="1.201">
    <failure message="expected: &lt;3&gt; but was: &lt;-1&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[at shop.CartTest.adds(CartTest.java:5)]]></failure>
  </testcase>
  <testcase name="later" classname="shop.CartTest" time="0.0">
    <skipped message="void shop.CartTest.later() is @Disabled"/>
  </testcase>
  <testcase name="nothing" classname="shop.CartTest" time="0.001"/>
</testsuite>
`;
  const place = 'core/target/surefire-reports';
  const building = (text: string) => ({
    'suite.xml': text,
    mvnw: `mkdir -p ${place}; cp suite.xml ${place}/TEST-shop.CartTest.xml`,
  });

  it('hears of each test from the files that its runner wrote meanwhile', async () => {
    const old = suite.replaceAll('CartTest', 'OldTest');
    const { report } = await watched('sh ./mvnw test', {
      ...building(suite),
      [`${place}/TEST-shop.OldTest.xml`]: old,
    });
    assert.deepEqual(report, {
      ...{ sessions: [{ tool: 'surefire (files)', ended: true }], tampered: false, changed: [] },
      tests: [
        { id: 'shop.CartTest.adds', outcome: 'failed', ms: 1201 },
        { id: 'shop.CartTest.later', outcome: 'skipped', ms: 0 },
        { id: 'shop.CartTest.nothing', outcome: 'passed', ms: 1 },
      ],
    });
  });

  it('sees that a file breaks off, and says nothing where none was written', async () => {
    const cut = await watched('sh ./mvnw test', building(suite.slice(0, -30)));
    assert.deepEqual(cut.report?.sessions, [{ tool: 'surefire (files)', ended: false }]);
    assert.equal((await watched('sh ./mvnw test', { mvnw: 'exit 0' })).report, null);
  });
});

describe('the result files of a runner that writes them', () => {
  it('say what each test came to, and those of an earlier run say nothing', async () => {
    const cwd = join(dir, `${++made}`);
    const reports = join(cwd, 'target', 'surefire-reports');
    mkdirSync(reports, { recursive: true });
    const suite = (name: string, inner: string) =>
      `<?xml version="1.0"?><testsuite name="${name}" tests="1"><testcase name="t" classname="${name}" time="0.1">${inner}</testcase></testsuite>`;
    writeFileSync(join(reports, 'TEST-Old.xml'), suite('Old', ''));
    const left = await resultFiles('mvn test', cwd);
    writeFileSync(join(reports, 'TEST-Sums.xml'), suite('Sums', ''));
    writeFileSync(join(reports, 'TEST-Fails.xml'), suite('Fails', '<failure message="no">no</failure>'));
    const tests = (await left?.())?.tests.map(({ id, outcome }) => `${id} ${outcome}`).sort();
    assert.deepEqual(tests, ['Fails.t failed', 'Sums.t passed']);
  });
});
