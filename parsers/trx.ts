import type { Machine, Parser, Run, Tally, XmlElement } from './define.ts';
import { dotnetPlace, dotnetTestName } from './engine/dotnet-frame.ts';
import { detached } from './engine/plain-text.ts';
import { plus } from './engine/test-counts.ts';
import { attribute, child, childrenNamed, childText, markup } from './engine/xml-element.ts';

const bad = new Set(['Failed', 'Error', 'Timeout', 'Aborted']);
const left = new Set(['NotExecuted', 'NotRunnable', 'Inconclusive', 'Pending', 'InProgress', 'Disconnected']);
const maxHeld = 20_000;

type Test = {
  id: string;
  name: string;
  outcome: string | null;
  message: string;
  stack: readonly string[];
  raw: string;
};

/** TRX, the results file of vstest and of Microsoft.Testing.Platform. The class of a test is told after its result. */
export const trx: Parser = {
  name: 'trx',
  tool: 'dotnet-test',
  recipes: ['test'],
  programs: [],
  results: true,
  xml: { roots: ['TestRun'], units: ['UnitTestResult', 'UnitTest', 'RunInfo', 'ResultSummary'] },
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let failures = 0;
  let cutShort = false;
  const held = new Map<string, Test[]>();
  let count = 0;
  /** Tests that failed and then passed. */
  const forgiven: Test[] = [];

  const report = (test: Test, className: string | null) => {
    failures += 1;
    const at = dotnetPlace(test.stack, run);
    const whole = className === null || test.name.startsWith(`${className}.`);
    run.report({
      kind: 'test_fail',
      severity: 'error',
      tool_severity: test.outcome,
      code: whole ? dotnetTestName(test.name, test.stack) : `${className}.${test.name}`,
      tool_code: test.name,
      file: at?.file ?? null,
      line: at?.line ?? null,
      message: test.message || 'failed',
      raw: test.raw,
    });
  };
  const finish = () => {
    for (const tests of held.values()) for (const test of tests) report(test, null);
    held.clear();
    count = 0;
  };

  return {
    xml(element, parents) {
      if (parents.length === 0) {
        documents += 1;
        finish();
      } else if (element.name === 'UnitTestResult') {
        run.counted(tallied(element));
        single(element);
        forgive(element);
        for (const test of failed(element)) {
          if (count >= maxHeld) finish();
          held.set(test.id, [...(held.get(test.id) ?? []), test]);
          count += 1;
        }
      } else if (element.name === 'UnitTest') {
        const id = attribute(element, 'id') ?? '';
        const className = attribute(child(element, 'TestMethod'), 'className')?.split(',')[0] ?? null;
        for (const test of held.get(id) ?? []) report(test, className);
        held.delete(id);
      } else summary(element);
    },
    end(exit) {
      finish();
      if (exit.exitCode !== 0 && failures === 0) for (const test of forgiven) report(test, null);
      return documents > 0 && !cutShort && (exit.exitCode === 0 || failures > 0);
    },
  };

  /** Of a test that was tried again the last try counts. */
  function forgive(element: XmlElement) {
    const id = attribute(element, 'testId') ?? '';
    const before = held.get(id);
    if (before === undefined || attribute(element, 'outcome') !== 'Passed') return;
    const mine = before.filter(({ name }) => name === attribute(element, 'testName'));
    held.set(
      id,
      before.filter((test) => !mine.includes(test)),
    );
    if (forgiven.length < maxHeld) forgiven.push(...mine);
  }

  function single(element: XmlElement) {
    const rows = childrenNamed(child(element, 'InnerResults'), 'UnitTestResult');
    for (const row of rows) single(row);
    if (rows.length > 0) return;
    const outcome =
      failed(element).length > 0 ? 'failed' : left.has(attribute(element, 'outcome') ?? '') ? 'skipped' : 'passed';
    const name = attribute(element, 'testName') ?? '';
    const at = /^[\w.+]{1,400}(?=\.)/.exec(name.split('(')[0] ?? '')?.[0];
    const code = `${attribute(element, 'testId') ?? ''} ${name}`;
    run.test({ suite: at ?? null, name, outcome, code, duration_ms: clockMs(attribute(element, 'duration')) });
  }

  function summary(element: XmlElement) {
    if (/^(?:Aborted|Error|Timeout|Disconnected)$/.test(attribute(element, 'outcome') ?? '')) {
      if (element.name === 'ResultSummary') cutShort = true;
    }
    for (const info of element.name === 'RunInfo' ? [element] : (child(element, 'RunInfos')?.children ?? [])) {
      const words = childText(info, 'Text') ?? '';
      // xUnit's adapter tells each failing test here once more.
      const isEcho = /^\[xUnit\.net .{1,1500}\[FAIL\]$/s.test(words) || words.startsWith('Exit code indicates failure');
      if (attribute(info, 'outcome') === 'Error' && words !== '' && !isEcho) run.crashed(words);
    }
  }
}

/** `00:00:01.2340000` */
function clockMs(text: string | null): number | null {
  const [, hours, minutes, seconds] = /^(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text ?? '') ?? [];
  return hours === undefined ? null : (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

function tallied(element: XmlElement): Tally {
  const rows = childrenNamed(child(element, 'InnerResults'), 'UnitTestResult').map(tallied);
  if (rows.length > 0) return rows.reduce(plus);
  if (failed(element).length > 0) return { failed: 1 };
  return left.has(attribute(element, 'outcome') ?? '') ? { skipped: 1 } : { passed: 1 };
}

/** A result that failed; of a test with rows of data, the rows that failed. */
function failed(element: XmlElement): Test[] {
  const rows = childrenNamed(child(element, 'InnerResults'), 'UnitTestResult').flatMap(failed);
  if (rows.length > 0) return rows;
  const error = child(child(element, 'Output'), 'ErrorInfo');
  const outcome = attribute(element, 'outcome');
  if (outcome === null ? error === undefined : !bad.has(outcome)) return [];
  return [
    {
      id: detached(attribute(element, 'testId') ?? ''),
      name: detached(attribute(element, 'testName') ?? 'unnamed'),
      outcome,
      message: detached((childText(error, 'Message') ?? '').slice(0, 8000)),
      stack: (childText(error, 'StackTrace') ?? '')
        .split('\n', 100)
        .map((line) => detached(line.slice(0, 2000).trimEnd())),
      raw: detached(markup(element)),
    },
  ];
}
