import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { openTestReport, readSessions, type TestReport } from '../../../../../services/jobs/rules/test-report.ts';
import {
  judgeTests,
  suddenlyQuick,
  testsOnBothSides,
} from '../../../../../services/patcher/rules/proof/judge-tests.ts';

const report = (outcomes: Record<string, string>, more: Partial<TestReport> = {}): TestReport => ({
  sessions: [{ tool: 'pytest', ended: true }],
  tampered: false,
  changed: [],
  tests: Object.entries(outcomes).map(([id, outcome]) => ({ id, outcome: outcome as 'passed', ms: 300 })),
  ...more,
});
const counts = (executed: number, failed: number) => ({ executed, passed: executed - failed, failed, skipped: 0 });
const before = { report: report({ a: 'failed', b: 'passed', c: 'passed' }), tests: counts(3, 1) };
const good = { report: report({ a: 'passed', b: 'passed', c: 'passed' }), tests: counts(3, 0) };

describe('the tests of a draft', () => {
  it('are those of the base, and all of them say so', () => {
    assert.equal(judgeTests(before, good), null);
    assert.deepEqual(testsOnBothSides(before, good)?.executed, 3);
    assert.equal(judgeTests({ tests: null }, { tests: null }), null);
  });

  const refused: [
    what: string,
    reason: string,
    after: { report: TestReport | null; tests: ReturnType<typeof counts> | null },
  ][] = [
    ['nobody reports', 'report_missing', { report: null, tests: counts(3, 0) }],
    [
      'the runner ends before its summary',
      'runner_cut_off',
      { ...good, report: { ...good.report, sessions: [{ tool: 'pytest', ended: false }] } },
    ],
    [
      'a test vanished',
      'tests_vanished',
      { report: report({ a: 'passed', b: 'passed', d: 'passed' }), tests: counts(3, 0) },
    ],
    [
      'a test is skipped',
      'tests_vanished',
      { report: report({ a: 'passed', b: 'passed', c: 'skipped' }), tests: counts(2, 0) },
    ],
    [
      'a second session calls a skipped test passed',
      'tests_vanished',
      {
        report: {
          ...report({ a: 'passed', b: 'passed', c: 'skipped' }),
          tests: [...report({ a: 'passed', b: 'passed', c: 'skipped' }).tests, ...report({ c: 'passed' }).tests],
        },
        tests: counts(2, 0),
      },
    ],
    [
      'another test fails',
      'test_newly_failing',
      { report: report({ a: 'passed', b: 'failed', c: 'passed' }), tests: counts(3, 1) },
    ],
    [
      'a test is expected to fail by now',
      'test_newly_failing',
      { report: report({ a: 'passed', b: 'xfailed', c: 'passed' }), tests: counts(3, 0) },
    ],
    [
      'an error is called a pass',
      'report_doubtful',
      { report: report({ a: 'doubtful', b: 'passed', c: 'passed' }), tests: counts(3, 0) },
    ],
    [
      'an assertion was replaced',
      'judge_replaced',
      { ...good, report: { ...good.report, changed: ['unittest.case.TestCase.assertEqual'] } },
    ],
    ['somebody else writes', 'report_tampered', { ...good, report: { ...good.report, tampered: true } }],
    ['the output counts otherwise', 'report_disagrees', { ...good, tests: counts(30, 0) }],
  ];
  for (const [what, reason, after] of refused)
    it(`are no proof where ${what}`, () => assert.equal(judgeTests(before, after)?.reason, reason));

  it('that are suddenly done at once are named', () => {
    const quick = { ...good, report: { ...good.report, tests: good.report.tests.map((one) => ({ ...one, ms: 1 })) } };
    assert.match(suddenlyQuick(before, quick)[0] ?? '', /a took 300 ms before and takes 1 ms now/);
  });
});

describe('the channel of a reporter', () => {
  const sign = (key: string) => (mac: string, line: string) =>
    createHmac('sha256', key)
      .update(mac + line)
      .digest('hex');
  const written = (lines: readonly object[], key = 'k') => {
    let mac = '';
    return lines
      .map((one) => {
        const line = JSON.stringify(one);
        mac = sign(key)(mac, line);
        return `${mac} ${line}\n`;
      })
      .join('');
  };
  const lines = [
    { k: 'start', tool: 'pytest' },
    { k: 'test', id: 'a', outcome: 'passed', ms: 1 },
    { k: 'end', exit: 0, changed: [] },
  ];
  const read = (text: string) => readSessions([{ text, macOf: sign('k') }]);

  it('is read as it was written, and kept', () => {
    const found = read(written(lines));
    assert.deepEqual(
      [found.tampered, found.sessions, found.tests.length],
      [false, [{ tool: 'pytest', ended: true }], 1],
    );
    assert.deepEqual(openTestReport(JSON.stringify(found)), found);
    assert.equal(openTestReport('{"tests": 1}'), null);
  });

  const tampered: [what: string, text: string][] = [
    ['one byte is changed', written(lines).replace('passed', 'failed')],
    ['a line is signed with another key', written(lines, 'other')],
    ['a line is taken away', written(lines).replace(/^.*"k":"test".*\n/m, '')],
    ['something follows the end', written([...lines, { k: 'test', id: 'b', outcome: 'passed', ms: 1 }])],
    ['a line has no end', written(lines).slice(0, -1)],
    ['it is no line at all', 'x\n'],
  ];
  for (const [what, text] of tampered) it(`is doubted when ${what}`, () => assert.equal(read(text).tampered, true));

  it('that was cut off has sessions without an end', () => {
    assert.deepEqual(read(written(lines.slice(0, 2))).sessions, [{ tool: 'pytest', ended: false }]);
  });
});
