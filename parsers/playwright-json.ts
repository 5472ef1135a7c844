import type { Machine, Parser, Run, TestResult } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';
import { tellTest } from './engine/result-test.ts';

const deepest = 50;
const outcomes: Readonly<Record<string, TestResult['outcome']>> = {
  expected: 'passed',
  unexpected: 'failed',
  flaky: 'passed',
  skipped: 'skipped',
};

/** Playwright's JSON reporter. A test that passed when it was tried again is flaky; one that is expected to fail and does, passed. */
export const playwrightJson: Parser = {
  name: 'playwright-json',
  tool: 'playwright',
  recipes: ['test'],
  results: true,
  json: {
    is: (value) => {
      if (!isFields(value) || !Array.isArray(value.suites) || !isFields(value.stats)) return false;
      return 'unexpected' in value.stats || ('expected' in value.stats && 'flaky' in value.stats);
    },
    cut: ['"config":', '"configFile":', '"rootDir":'],
  },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let whole = true;
  let root: string | null = null;
  let failed = 0;
  return {
    json(value) {
      documents += 1;
      const { config, suites, errors, stats } = fields(value);
      failed = 0;
      root = textOf(fields(config).rootDir);
      for (const suite of list(suites).map(fields)) readSuite(suite, [], 0);
      run.counted({ errors: Math.max((numberOf(fields(stats).unexpected) ?? 0) - failed, 0) });
      for (const error of list(errors).map(fields))
        run.crashed(textOf(error.message) ?? 'an error outside of any test');
    },
    end: () => documents > 0 && whole,
  };

  /** The outermost suites are files. */
  function readSuite(suite: Fields, titles: readonly string[], depth: number) {
    const own = depth === 0 ? [] : [...titles, textOf(suite.title) ?? ''];
    for (const spec of list(suite.specs).map(fields)) readSpec(spec, own);
    if (depth >= deepest) whole = false;
    else for (const inner of list(suite.suites).map(fields)) readSuite(inner, own, depth + 1);
  }

  function readSpec(spec: Fields, titles: readonly string[]) {
    const name = textOf(spec.title) ?? 'unnamed';
    const printed = textOf(spec.file);
    const file = printed !== null && root !== null && !printed.startsWith('/') ? `${root}/${printed}` : printed;
    for (const test of list(spec.tests).map(fields)) {
      const results = list(test.results).map(fields);
      const last = results.at(-1) ?? {};
      if (last.status === 'interrupted') whole = false;
      const status = textOf(test.status);
      const outcome = outcomes[status ?? ''] ?? null;
      const project = textOf(test.projectName);
      const { message, stack } = fields(results.find((one) => isFields(one.error))?.error);
      const isBad = tellTest(
        {
          suite: titles.join(' \u203a ') || printed,
          name,
          code: `${project === null ? '' : `[${project}] \u203a `}${[...titles, name].join(' \u203a ')}`,
          file,
          line: numberOf(spec.line),
          outcome,
          duration_ms: numberOf(last.duration),
          attempts: status === 'flaky' ? Math.max(results.length, 2) : 1,
          message: textOf(message) ?? '',
          trace: textOf(stack) ?? '',
          raw: { ...spec, tests: undefined, status, errors: [message] },
        },
        run,
      );
      if (isBad) failed += 1;
    }
  }
}
