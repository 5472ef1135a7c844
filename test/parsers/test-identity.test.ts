import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areOne, testName } from '../../parsers/engine/test-identity.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';

function read(log: string, reports: readonly string[], exit = 1): ParsedLog {
  const tree = ['tests/test_price.py', 'tests/test_cart.py'];
  const context = {
    language: 'python',
    recipe: 'test',
    command: 'pytest',
    subproject: '.',
    roots: ['/w'],
    tree,
  } as const;
  const reader = readLog(context);
  reader.write('stdout', Buffer.from(log));
  for (const [at, report] of reports.entries()) reader.report(`report-${at}`, Buffer.from(report));
  return reader.end({ exitCode: exit, reason: 'exited' });
}

type Case = readonly [suite: string, name: string, outcome: 'passed' | 'failed' | 'skipped'];

const junit = (cases: readonly Case[]) =>
  `<testsuites><testsuite name="all">${cases
    .map(([suite, name, outcome]) => {
      const inner = { passed: '', failed: '<failure message="assert 1 == 2">E</failure>', skipped: '<skipped/>' }[
        outcome
      ];
      return `<testcase classname="${suite}" name="${name}" time="0.1">${inner}</testcase>`;
    })
    .join('')}</testsuite></testsuites>`;

const ctrf = (cases: readonly Case[]) =>
  JSON.stringify({
    results: {
      tool: { name: 'any' },
      summary: { tests: cases.length, failed: cases.filter((one) => one[2] === 'failed').length },
      tests: cases.map(([suite, name, status]) => ({ suite, name, status, duration: 100, message: 'assert 1 == 2' })),
    },
  });

const xunit = (cases: readonly Case[]) =>
  `<assemblies><assembly name="a.dll"><collection name="c">${cases
    .map(([suite, name, outcome]) => {
      const result = { passed: 'Pass', failed: 'Fail', skipped: 'Skip' }[outcome];
      const inner = outcome === 'failed' ? '<failure><message>assert 1 == 2</message></failure>' : '';
      return `<test name="${suite}.${name}" type="${suite}" method="${name}" time="0.1" result="${result}">${inner}</test>`;
    })
    .join('')}</collection></assembly></assemblies>`;

const nunit = (cases: readonly Case[]) =>
  `<test-run id="2" testcasecount="${cases.length}"><test-suite type="TestSuite" name="s">${cases
    .map(([suite, name, outcome]) => {
      const result = { passed: 'Passed', failed: 'Failed', skipped: 'Skipped' }[outcome];
      const inner = outcome === 'failed' ? '<failure><message>assert 1 == 2</message></failure>' : '';
      return `<test-case name="${name}" fullname="${suite}.${name}" classname="${suite}" result="${result}" duration="0.1">${inner}</test-case>`;
    })
    .join('')}</test-suite></test-run>`;

const trx = (cases: readonly Case[]) =>
  `<TestRun><Results>${cases
    .map(([suite, name, outcome]) => {
      const result = { passed: 'Passed', failed: 'Failed', skipped: 'NotExecuted' }[outcome];
      const inner = '<Output><ErrorInfo><Message>assert 1 == 2</Message></ErrorInfo></Output>';
      return `<UnitTestResult testId="${suite}.${name}" testName="${suite}.${name}" outcome="${result}" duration="00:00:00.1">${outcome === 'failed' ? inner : ''}</UnitTestResult>`;
    })
    .join('')}</Results></TestRun>`;

const formats = { junit, ctrf, xunit, nunit, trx };

test('names of one test are known as such however they are joined, and others are not', () => {
  const one = (a: string, b: string, file: string | null = null) => areOne(testName(a, file), testName(b, file));
  assert.ok(one('tests/test_a.py::TestX::test_y[1.5]', 'tests.test_a.TestX.test_y[1.5]'));
  assert.ok(one('cart \u203a takes it off', 'cart takes it off'));
  assert.ok(one('cart > takes it off', 'Root Suite > cart > takes it off'));
  assert.ok(one('CartTest.adds', 'com.acme.CartTest.adds'));
  assert.ok(!one('tests/test_a.py::test_y', 'tests/test_b.py::test_y'));
  assert.ok(!one('CartTest.adds', 'ShopTest.adds'));
  assert.ok(!one('CartTest.adds', 'com.acme.MyCartTest.adds'));
  assert.ok(!areOne(testName('adds', 'a.js'), testName('cart > adds', 'b.js')));
});

test('a test that pytest names by its place alone is the one of the result file', () => {
  const log = [
    '============================= test session starts ==============================',
    'collected 2 items',
    'tests/test_price.py FF                                                   [100%]',
    '=================================== FAILURES ===================================',
    '/w/tests/test_price.py:9: assert 1 == 2',
    '=========================== short test summary info ============================',
    'FAILED tests/test_price.py::test_adds - assert 1 == 2',
    '============================== 1 failed in 0.02s ===============================',
    '',
  ];
  const report = junit([['tests.test_price', 'test_adds', 'failed']]);
  const { findings } = read(log.join('\n'), [report]);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['tests/test_price.py::test_adds'],
  );
  const bare = log.filter((line) => !/^FAILED|short test summary/.test(line)).join('\n');
  assert.deepEqual(
    read(bare, [report]).findings.map(({ file, line }) => [file, line]),
    [['tests/test_price.py', 9]],
  );
});

test('tests that failed in what they called are those of the result file, each once', () => {
  const log = [
    '============================= test session starts ==============================',
    'collected 2 items',
    'tests/test_price.py FF                                                   [100%]',
    '=================================== FAILURES ===================================',
    'E   assert 1 == 2',
    '/w/lib.py:2: assert 1 == 2',
    'E   assert 1 == 2',
    '/w/lib.py:2: assert 1 == 2',
    '============================== 2 failed in 0.02s ===============================',
    '',
  ];
  const report = junit([
    ['tests.test_price', 'test_adds', 'failed'],
    ['tests.test_price', 'test_ships', 'failed'],
  ]);
  const { findings, tests } = read(log.join('\n'), [report]);
  assert.deepEqual([findings.length, tests?.failed], [2, 2]);
});

for (const [name, write] of Object.entries(formats)) {
  test(`a test that failed and then passed in one ${name} file is flaky, and no finding`, () => {
    const cases: Case[] = [
      ['Cart', 'adds', 'failed'],
      ['Cart', 'adds', 'passed'],
      ['Cart', 'ships', 'passed'],
    ];
    const log = read('', [write(cases)], 0);
    assert.deepEqual(log.findings, []);
    assert.deepEqual(log.tests, { executed: 2, passed: 2, failed: 0, skipped: 0 });
    assert.deepEqual(
      log.figures?.flaky_tests.map((one) => [one.name.split('.').at(-1), one.attempts]),
      [['adds', 2]],
    );
    const other = read('', [write([...cases, ['Cart', 'breaks', 'failed']])]);
    assert.deepEqual(
      other.findings.map(({ code }) => code?.split(/[ .]/).at(-1)),
      ['breaks'],
    );
  });

  test(`one of two tests of one name in a ${name} file fails the run where nothing else does`, () => {
    const twice: Case[] = [
      ['Cart', 'adds', 'failed'],
      ['Cart', 'adds', 'passed'],
    ];
    assert.equal(read('', [write(twice)], 1).findings.length, 1);
    const last: Case[] = [
      ['Cart', 'adds', 'passed'],
      ['Cart', 'adds', 'failed'],
    ];
    assert.equal(read('', [write(last)], 1).findings.length, 1, 'it failed at last');
    const apart: Case[] = [
      ['Cart', 'adds', 'failed'],
      ['Shop', 'adds', 'passed'],
    ];
    assert.equal(read('', [write(apart)], 0).findings.length, 1, 'another class');
  });

  test(`what a ${name} file and one of another format tell counts once, and what only one of them tells counts too`, () => {
    const [other = junit] = Object.values(formats).filter((one) => one !== write);
    const shared: Case[] = [
      ['shop.Cart', 'adds', 'failed'],
      ['shop.Cart', 'ships', 'passed'],
    ];
    const own: Case[] = [
      ['web.Login', 'lets in', 'failed'],
      ['web.Login', 'keeps out', 'passed'],
    ];
    const log = read('', [write(shared), other([...shared, ...own])]);
    assert.deepEqual(log.tests, { executed: 4, passed: 2, failed: 2, skipped: 0 });
    assert.equal(log.figures?.executed, 4);
    assert.equal(log.findings.length, 2, JSON.stringify(log.findings.map(({ code }) => code)));
    const apart = read('', [write(shared), other(own)]);
    assert.deepEqual(apart.tests, { executed: 4, passed: 2, failed: 2, skipped: 0 });
    assert.equal(apart.findings.length, 2);
  });
}
