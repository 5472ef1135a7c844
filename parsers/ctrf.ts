import type { Machine, Parser, Run, TestResult } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';
import { codeOf, tellTest } from './engine/result-test.ts';

/** CTRF, the common test report format of many reporters. */
export const ctrf: Parser = {
  name: 'ctrf',
  recipes: ['test'],
  results: true,
  json: {
    is: (value) => {
      const results = isFields(value) ? fields(value.results) : {};
      return isFields(results.summary) && isFields(results.tool) && Array.isArray(results.tests);
    },
    cut: ['"reportFormat":', '"CTRF"'],
  },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let whole = true;
  return {
    json(value) {
      documents += 1;
      const { tests, summary } = fields(fields(value).results);
      const read = list(tests).filter(isFields);
      const failed = read.filter((test) => tellTest(told(test), run)).length;
      const { failed: counted } = fields(summary);
      run.counted({ errors: Math.max((numberOf(counted) ?? 0) - failed, 0) });
      // A writer that was stopped sums up what it had not written yet.
      const total = numberOf(fields(summary).tests);
      if (total !== null && total > read.length) whole = false;
    },
    end: () => documents > 0 && whole,
  };
}

const outcomes: Readonly<Record<string, TestResult['outcome']>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
  other: 'skipped',
};

function told(test: Fields) {
  const suite = Array.isArray(test.suite)
    ? test.suite.filter((one) => typeof one === 'string').join(' > ')
    : textOf(test.suite);
  const name = textOf(test.name) ?? 'unnamed';
  const retries = numberOf(test.retries) ?? 0;
  const { stdout: _out, stderr: _err, attachments: _files, screenshot: _picture, steps: _steps, ...raw } = test;
  return {
    suite,
    name,
    code: codeOf(suite, name),
    file: textOf(test.filePath),
    line: numberOf(test.line),
    outcome: outcomes[textOf(test.status) ?? ''] ?? null,
    duration_ms: numberOf(test.duration),
    attempts: test.flaky === true ? Math.max(retries, 1) + 1 : 1,
    message: textOf(test.message) ?? '',
    trace: textOf(test.trace) ?? '',
    raw,
  };
}
