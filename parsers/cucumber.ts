import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';
import { codeOf, tellTest } from './engine/result-test.ts';

/**
 * The JSON of Cucumber (JavaScript, JVM, Ruby) and of behave: features with scenarios of steps. A scenario that is tried
 * again stands there once more; the last one counts.
 */
export const cucumber: Parser = {
  name: 'cucumber',
  recipes: ['test'],
  results: true,
  json: {
    is: (value) => listWith(value, (one) => Array.isArray(one.elements) && ('keyword' in one || 'uri' in one)),
    cut: ['"elements":', '"keyword":'],
  },
  start,
};

type Scenario = {
  readonly feature: Fields;
  readonly own: Fields;
  readonly background: readonly Fields[];
  tries: number;
  failedBefore: boolean;
};

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      for (const feature of list(value).map(fields)) readFeature(feature);
    },
    end: () => documents > 0,
  };

  function readFeature(feature: Fields) {
    const scenarios = new Map<string, Scenario>();
    let background: Fields[] = [];
    for (const own of list(feature.elements).map(fields)) {
      if (own.type === 'background') {
        background = list(own.steps).map(fields);
        continue;
      }
      const key = `${lineOf(own)} ${textOf(own.name)}`;
      const before = scenarios.get(key);
      const failedBefore = before !== undefined && outcomeOf(before) === 'failed';
      scenarios.set(key, { feature, own, background, tries: (before?.tries ?? 0) + 1, failedBefore });
      background = [];
    }
    const rows = new Map<string, number>();
    for (const scenario of scenarios.values()) {
      const name = textOf(scenario.own.name) ?? '';
      const row = scenario.own.keyword === 'Scenario Outline' ? (rows.get(name) ?? 0) + 1 : null;
      if (row !== null) rows.set(name, row);
      tell(scenario, row);
    }
  }

  function tell(scenario: Scenario, row: number | null) {
    const { feature, own, tries, failedBefore } = scenario;
    const suite = textOf(feature.name);
    const steps = stepsOf(scenario);
    const bad = steps.find((step) => isBad(statusOf(step)));
    const result = fields(bad?.result);
    const said = Array.isArray(result.error_message) ? result.error_message.join('\n') : textOf(result.error_message);
    const step = `${textOf(bad?.keyword)?.trim() ?? ''} ${textOf(bad?.name) ?? ''}`.trim();
    const file = (textOf(feature.uri) ?? textOf(feature.location)?.replace(/:\d{1,7}$/, '') ?? '').replace(
      /^file:(?!\/\/)/,
      '',
    );
    // JavaScript, the JVM and Ruby count in nanoseconds, behave in seconds.
    const isBehave = textOf(own.location) !== null;
    const unit = isBehave ? 1000 : 1e-6;
    if (isBehave) run.saw('behave');
    const times = steps.flatMap((one) => numberOf(fields(one.result).duration) ?? []);
    const name = textOf(own.name)?.trim() ?? 'unnamed';
    const line = bad === undefined ? lineOf(own) : (lineOf(bad) ?? lineOf(own));
    tellTest(
      {
        ...(isBehave ? { tool: 'behave' } : {}),
        suite,
        name,
        // The rows of an outline have one name; behave numbers them.
        code: isBehave ? name : codeOf(suite, row === null ? name : `${name} [${row}]`),
        file: file || null,
        line,
        outcome: outcomeOf(scenario),
        duration_ms: times.length === 0 ? null : times.reduce((sum, one) => sum + one, 0) * unit,
        attempts: failedBefore ? tries : 1,
        message: said ?? (bad === undefined ? '' : `${statusOf(bad)} step: ${step}`),
        raw: { ...own, steps: bad === undefined ? [] : [bad] },
      },
      run,
    );
  }
}

function stepsOf({ own, background }: Scenario): Fields[] {
  return [
    ...background,
    ...list(own.before).map(fields),
    ...list(own.steps).map(fields),
    ...list(own.after).map(fields),
  ];
}

const statusOf = (step: Fields) => textOf(fields(step.result).status)?.toLowerCase() ?? 'unknown';
const isBad = (status: string) => /^(?:failed|error|undefined|ambiguous|pending_fail)$/.test(status);

function outcomeOf(scenario: Scenario) {
  const steps = stepsOf(scenario).map(statusOf);
  if (steps.some(isBad) || /^(?:failed|error)$/.test(textOf(scenario.own.status) ?? '')) return 'failed' as const;
  // behave gives no result to the steps after one that failed; there a step is known by the scenario.
  if (!Array.isArray(scenario.own.steps) || (steps.includes('unknown') && textOf(scenario.own.status) === null))
    return null;
  return steps.every((status) => status === 'passed') && steps.length > 0 ? ('passed' as const) : ('skipped' as const);
}

function lineOf(one: Fields): number | null {
  return numberOf(one.line) ?? (Number(/:(\d{1,7})$/.exec(textOf(one.location) ?? '')?.[1] ?? 0) || null);
}
