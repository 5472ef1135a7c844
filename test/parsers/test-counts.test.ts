import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { TestCounts } from '../../events/jobs/job.ts';
import type { LogContext } from '../../parsers/define.ts';
import { plus, tallyOf, testCounts } from '../../parsers/engine/test-counts.ts';
import { readLog } from '../../parsers/read-log.ts';
import { parsed, parserFixtures } from './parser-fixture.ts';

type Case = {
  readonly command?: string;
  readonly language?: string;
  readonly recipe?: LogContext['recipe'];
  readonly reason?: string;
  readonly files?: Readonly<Record<string, string>>;
};

/** What a run counted, as `passed/failed/skipped`, or null. */
function counts(log: string, { command = 'make check', language = 'other', ...rest }: Case = {}): string | null {
  const reader = readLog({ language, recipe: rest.recipe ?? 'test', command, subproject: '.', roots: [] });
  reader.write('stdout', Buffer.from(log));
  for (const [name, text] of Object.entries(rest.files ?? {})) reader.report(name, Buffer.from(text));
  const { tests } = reader.end({ exitCode: 1, reason: rest.reason ?? 'exited' });
  if (tests === null) return null;
  assert.ok(Value.Check(TestCounts, tests));
  assert.equal(tests.executed, tests.passed + tests.failed);
  return `${tests.passed}/${tests.failed}/${tests.skipped}`;
}

const lines = (...all: string[]) => `${all.join('\n')}\n`;
const dashes = '-'.repeat(70);
const suite = (...cases: string[]) =>
  `<testsuite name="s">${cases.map((inner, at) => `<testcase classname="C" name="t${at}">${inner}</testcase>`).join('')}</testsuite>`;
const bad = '<failure message="no"/>';
const skip = '<skipped/>';
const pytestEnd = '==== 1 failed, 2 passed, 1 skipped in 0.10s ====\n';
const jestEnd = lines('Test Suites: 1 passed, 1 total', 'Tests:       5 passed, 5 total', 'Ran all test suites.');

const said: readonly (readonly [string, string, string | null, Case?])[] = [
  ['pytest with expected failures', '= 1 failed, 10 passed, 1 skipped, 2 xfailed, 1 xpassed in 9.1s =\n', '11/1/3'],
  ['pytest with errors of set-ups', '3 passed, 2 warnings, 1 error in 0.1s\n', '3/0/0'],
  ['pytest with deselected tests', '2 passed, 7 deselected in 0.1s\n', '2/0/0'],
  ['unittest', lines(dashes, 'Ran 5 tests in 0.1s', '', 'OK (skipped=1, expected failures=2)'), '2/0/3'],
  [
    'unittest with failures',
    lines(dashes, 'Ran 5 tests in 0.1s', '', 'FAILED (failures=1, errors=1, skipped=2)'),
    '1/2/2',
  ],
  [
    'unittest with a set-up that failed',
    lines(
      '='.repeat(70),
      'ERROR: setUpClass (a.B)',
      dashes,
      'x',
      '',
      dashes,
      'Ran 2 tests in 1s',
      '',
      'FAILED (errors=1)',
    ),
    '2/0/0',
  ],
  [
    'unittest with a test that failed twice',
    lines(dashes, 'Ran 2 tests in 1s', '', 'FAILED (failures=1, errors=2)'),
    '0/2/0',
  ],
  ['unittest that did not come to its end', lines(dashes, 'Ran 5 tests in 0.1s'), null],
  [
    'node, with to-dos',
    lines('ℹ tests 9', 'ℹ pass 4', 'ℹ fail 1', 'ℹ cancelled 1', 'ℹ skipped 2', 'ℹ todo 1'),
    '4/2/3',
  ],
  [
    'TAP with subtests',
    lines(
      'TAP version 14',
      '# Subtest: a',
      '    ok 1 - x',
      '    not ok 2 - y',
      '    1..2',
      'not ok 1 - a',
      'ok 2',
      '1..2',
    ),
    '2/1/0',
  ],
  ['TAP with directives', lines('1..3', 'ok 1 - a # SKIP no', 'not ok 2 - b # TODO later', 'ok 3'), '1/0/2'],
  ['prose that looks like TAP', lines('ok then', 'ok 2 go', '# pass 3'), null],
  ['jest', lines('Test Suites: 1 total', 'Tests:       1 failed, 2 skipped, 3 todo, 4 passed, 10 total'), '4/1/5'],
  ['vitest', '      Tests  1 failed | 4 passed | 2 skipped | 3 todo (10)\n', '4/1/5'],
  ['vitest without tests', ' Test Files  1 failed (1)\n      Tests  no tests\n', null],
  ['mocha', lines('  3 passing (5ms)', '  2 pending', '  1 failing'), '3/1/2'],
  ['pending things of others', '  2 pending\n', null],
  [
    'go test -v, without parents',
    lines(
      ...['=== RUN   TestA', '=== RUN   TestA/x', '=== RUN   TestA/y', '=== RUN   TestB', '--- FAIL: TestA (0.00s)'],
      ...['    --- PASS: TestA/x (0.00s)', '    --- FAIL: TestA/y (0.00s)', '--- SKIP: TestB (0.00s)', 'FAIL\tm\t0.1s'],
    ),
    '1/1/1',
  ],
  ['go test', lines('--- FAIL: TestA (0.00s)', 'FAIL\tm\t0.1s', 'ok  \tm/b\t0.1s'), null],
  [
    'cargo test, over all binaries',
    lines(
      'test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s',
      'test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out',
    ),
    '6/2/1',
  ],
  [
    'nextest that stopped early',
    '     Summary [   0.5s] 12/30 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n',
    '9/3/3',
  ],
  [
    'Maven, module by module',
    lines(
      ...['[INFO] Tests run: 9, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s - in a.B', '[INFO] Results:'],
      ...['[ERROR] Tests run: 9, Failures: 1, Errors: 2, Skipped: 3', '[INFO] Results:'],
      '[WARNING] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Flakes: 1',
    ),
    '4/3/3',
  ],
  ['Gradle', '12 tests completed, 3 failed, 2 skipped\n', '7/3/2'],
  ['PHPUnit', 'OK (5 tests, 9 assertions)\n', '5/0/0'],
  [
    'PHPUnit with all that may be',
    'Tests: 9, Assertions: 4, Errors: 1, Failures: 2, Skipped: 1, Incomplete: 1, Risky: 1.\n',
    '4/3/2',
  ],
  ['RSpec', '5 examples, 1 failure, 2 pending, 1 error occurred outside of examples\n', '2/1/2'],
  ['minitest', '5 runs, 9 assertions, 1 failures, 1 errors, 1 skips\n', '2/2/1'],
  ['test-unit', '5 tests, 9 assertions, 1 failures, 0 errors, 1 pendings, 1 omissions, 0 notifications\n', '2/1/2'],
  ['bats that was stopped', '9 tests, 1 failure, 2 skipped, 3 not run in 4 seconds\n', '3/1/2', { command: 'bats .' }],
  [
    'ctest, whatever its tests print',
    lines(
      ...['1/3 Test #1: a ......***Skipped   0.00 sec', '2/3 Test #2: b ......***Failed    0.00 sec'],
      ...['3/3 Test #3: c ......***Not Run (Disabled)   0.00 sec', '3 passed in 0.1s'],
      '50% tests passed, 1 tests failed out of 2',
    ),
    '0/1/2',
  ],
  ['dotnet test', 'Failed!  - Failed:     1, Passed:     2, Skipped:     3, Total:     6, Duration: 1 s\n', '2/1/3'],
  [
    'the test platform of .NET',
    lines('Test run summary: Failed!', '  total: 6', '  failed: 1', '  succeeded: 2', '  skipped: 3'),
    '2/1/3',
  ],
  [
    'Swift Testing',
    lines(
      ...['✔ Test a() passed after 0.1 seconds.', '✘ Test b() failed after 0.1 seconds with 2 issues.'],
      ...['➜ Test c() skipped.', '✘ Test run with 3 tests in 1 suite failed after 0.2 seconds with 2 issues.'],
    ),
    '1/1/1',
  ],
];

for (const [name, log, expected, about] of said) {
  test(`counts the tests of ${name}`, () => assert.equal(counts(log, about), expected));
}

test('tests that the log and a report tell of are counted once, as the report says', () => {
  assert.equal(counts(pytestEnd, { files: { 'junit.xml': suite('', bad, skip, skip) } }), '1/1/2');
  assert.equal(counts('', { files: { 'junit.xml': suite('', bad, skip) } }), '1/1/1');
});

test('a log that tells of more tests than the reports counts instead of them', () => {
  assert.equal(counts(pytestEnd + jestEnd, { files: { 'junit.xml': suite('', '', bad, skip) } }), '7/1/1');
});

test('a report that the log shows counts like one that the run left', () => {
  assert.equal(counts(`${pytestEnd}${suite('', '', bad, skip)}\n`), '2/1/1');
});

test('reports of one format add up, and two formats tell of the same tests', () => {
  const jest = JSON.stringify({
    ...{ numTotalTestSuites: 1, numPassedTests: 2, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 },
    ...{ wasInterrupted: false, testResults: [] },
  });
  const files = { 'a.xml': suite('', bad), 'b.xml': suite(''), 'jest.json': jest };
  assert.equal(counts('', { files }), '2/1/0');
});

test('what several tools counted in one log is summed up', () => {
  assert.equal(counts(pytestEnd + jestEnd + pytestEnd), '9/2/2');
});

test('a report and the words beside it of one tool are counted once', () => {
  const report = { numTotalTestSuites: 1, numPassedTests: 5, numFailedTests: 0, testResults: [], openHandles: [] };
  assert.equal(counts(`${JSON.stringify(report)}\n${jestEnd}`), '5/0/0');
});

test('two parsers that counted for one tool are believed only once', () => {
  const spec = lines('ℹ tests 2', 'ℹ pass 2', 'ℹ fail 0', 'ℹ cancelled 0', 'ℹ skipped 0', 'ℹ todo 0');
  const tap = lines('TAP version 13', 'ok 1 - a', 'ok 2 - b', '1..2', '# pass 2', '# fail 0', '# cancelled 0');
  assert.equal(counts(spec + tap), '2/0/0');
});

test('numbers that cannot be meant count as none', () => {
  const report = {
    numTotalTestSuites: 1,
    numPassedTests: -5,
    numFailedTests: 1e300,
    numTodoTests: 'x',
    numPendingTests: 0.5,
  };
  assert.equal(counts(`${JSON.stringify({ ...report, testResults: [] })}\n`), '0/0/0');
  assert.equal(counts('99999999999 passed in 1s\n'), '0/0/0');
});

test('a run that says no number, was killed or broke off in a report has no counts', () => {
  assert.equal(counts('all fine\n'), null);
  assert.equal(counts(pytestEnd, { reason: 'timeout' }), null);
  assert.equal(counts('', { files: { 'a.xml': suite('', bad).slice(0, -5) } }), null);
});

test('what linters write as JUnit or TAP are no tests', () => {
  assert.equal(counts(lines('1..1', 'not ok 1 - a.js'), { recipe: 'lint' }), null);
  assert.equal(counts('', { recipe: 'lint', files: { 'junit.xml': suite(bad) } }), null);
});

test('subtests of pytest that failed are findings, and counted with their test', () => {
  const log = lines(
    ...[
      '=== FAILURES ===',
      '___ A.test_g (n=0) ___',
      '',
      'E   AssertionError: 0 != 1',
      '',
      'test_u.py:14: AssertionError',
    ],
    ...['=== short test summary info ===', 'SUBFAILED(n=0) test_u.py::A::test_g - AssertionError: 0 != 1'],
    ...['SUBFAILED[b c] test_u.py::A::test_g - no', 'FAILED test_u.py::A::test_b - no'],
    '3 failed, 2 passed, 1 skipped, 1 xfailed, 1 subtests passed in 0.15s',
  );
  const reader = readLog({ language: 'python', recipe: 'test', command: 'pytest -q', subproject: '.', roots: [] });
  reader.write('stdout', Buffer.from(log));
  const { findings, tests, tools } = reader.end({ exitCode: 1, reason: 'exited' });
  assert.deepEqual(
    findings.map(({ code, line }) => [code, line]),
    [
      ['test_u.py::A::test_g (n=0)', 14],
      ['test_u.py::A::test_g [b c]', null],
      ['test_u.py::A::test_b', null],
    ],
  );
  assert.deepEqual(tests, { executed: 3, passed: 2, failed: 1, skipped: 2 });
  assert.equal(tools[0]?.complete, true);
});

test('a test of Node that is still to be done neither runs nor fails in its report', () => {
  const file = suite(`<skipped type="todo" message="true"/>${bad}`, '');
  const reader = readLog({
    language: 'typescript',
    recipe: 'test',
    command: 'node --test',
    subproject: '.',
    roots: [],
  });
  reader.report('junit.xml', Buffer.from(file));
  const { findings, tests } = reader.end({ exitCode: 0, reason: 'exited' });
  assert.deepEqual(findings, []);
  assert.deepEqual(tests, { executed: 1, passed: 1, failed: 0, skipped: 1 });
});

test('as many tests are counted as failed as were found to fail, where each is told once', () => {
  const plain = ['cargo-test', 'minitest', 'bats', 'rspec', 'surefire', 'trx', 'mocha', 'node-test', 'swift-test'];
  for (const fixture of parserFixtures().filter((one) => one.situation === 'failing' && plain.includes(one.name))) {
    const { findings, tests } = parsed(fixture);
    assert.equal(tests?.failed, findings.filter(({ kind }) => kind === 'test_fail').length, fixture.name);
  }
});

test('whatever was told, counts are whole, and the executed ones passed or failed', () => {
  const number = fc.oneof(fc.integer(), fc.double(), fc.constant(undefined));
  const tally = fc.record({ passed: number, failed: number, skipped: number }, { requiredKeys: [] });
  const told = fc.record({
    ...{
      tool: fc.constantFrom('a', 'b'),
      parser: fc.constantFrom('x', 'y'),
      report: fc.boolean(),
      outer: fc.boolean(),
    },
    tally: tally.map((one) => plus(null, one as object)),
  });
  fc.assert(
    fc.property(fc.array(told), fc.nat(), fc.integer(), fc.nat(), (all, total, failed, skipped) => {
      const sum = testCounts([
        ...all,
        { ...{ tool: 'c', parser: 'z', report: false, outer: false }, tally: tallyOf(total, failed, skipped) },
      ]);
      assert.ok(Value.Check(TestCounts, sum));
      assert.equal(sum.executed, sum.passed + sum.failed);
    }),
  );
});
