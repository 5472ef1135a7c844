import type { Draft, Run, Tally } from '../define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './json-value.ts';
import { javascriptFrame, raisedAt } from './stack-frame.ts';

/** The report of `jest --json`, which vitest prints too. */
export function isJestReport(value: unknown): value is Fields {
  return isFields(value) && typeof value.numTotalTestSuites === 'number' && Array.isArray(value.testResults);
}

export function ofJest(value: Fields): boolean {
  return 'wasInterrupted' in value || 'openHandles' in value || 'numRuntimeErrorTestSuites' in value;
}

/**
 * The failing tests, and the files in which no test could run; returns how many those are. `joint` stands between the
 * names of suites and test.
 */
export function reportFailures(value: unknown, joint: string, run: Run): number {
  let unloaded = 0;
  for (const suite of list(fields(value).testResults).map(fields)) {
    const file = textOf(suite.name) ?? textOf(suite.testFilePath);
    let failures = 0;
    for (const test of list(suite.assertionResults).map(fields)) {
      if (test.status !== 'failed') continue;
      failures += 1;
      const names = [...texts(test.ancestorTitles), textOf(test.title) ?? ''].filter((name) => name !== '');
      const said = texts(test.failureMessages)[0] ?? '';
      run.report({ ...failureOf(said.split('\n'), file, run), code: names.join(joint), raw: test });
    }
    if (suite.status !== 'failed' || failures > 0) continue;
    unloaded += 1;
    const lines = (textOf(suite.message) ?? textOf(suite.failureMessage) ?? '').split('\n');
    const from = lines.findIndex((line) => line.includes('Test suite failed to run'));
    const raw = { ...suite, assertionResults: undefined };
    run.report({ ...failureOf(lines.slice(from + 1), file, run), code: 'Test suite failed to run', raw });
  }
  return unloaded;
}

/** The tests that the report counts. */
export function tallyIn(value: unknown): Tally {
  const report = fields(value);
  const number = (key: string) => numberOf(report[key]) ?? 0;
  return {
    passed: number('numPassedTests'),
    failed: number('numFailedTests'),
    skipped: number('numPendingTests') + number('numTodoTests'),
  };
}

/** What was said about a failure: words, an excerpt of the source, a stack. */
export function failureOf(printed: readonly string[], file: string | null, run: Run): Draft {
  const lines = printed.map((line) => line.slice(0, 2000).replace(escapes, ''));
  const end = lines.findIndex((line) => /^\s{0,20}(?:at \S|>? {0,6}\d{1,7} \||\u276f )/.test(line));
  const words = lines.slice(0, end === -1 ? 30 : Math.min(end, 30)).map((line) => line.trim());
  const message = words
    .filter((line) => line !== '')
    .join(' ')
    .replace(/^Error: /, '');
  const place = raisedAt(lines.slice(0, 200), javascriptFrame, run);
  return { kind: 'test_fail', severity: 'error', file, message: message || 'failed', ...place, raw: lines.join('\n') };
}

const escapes = /\u001b\[[0-9;]{0,20}m/g;

/** Its tests, one by one. Jest says how often one was tried. */
export function reportTests(value: unknown, joint: string, run: Run): void {
  for (const suite of list(fields(value).testResults).map(fields)) {
    const file = textOf(suite.name) ?? textOf(suite.testFilePath);
    for (const test of list(suite.assertionResults).map(fields)) {
      const status = textOf(test.status);
      const outcome = status === 'failed' || status === 'passed' ? status : 'skipped';
      const groups = texts(test.ancestorTitles).filter((name) => name !== '');
      const name = textOf(test.title) ?? '';
      const suiteName = groups.join(joint) || null;
      const attempts = numberOf(test.invocations) ?? 1;
      run.test({ suite: suiteName, name, file, outcome, duration_ms: numberOf(test.duration), attempts });
    }
  }
}
