import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';
import { codeOf, tellTest } from './engine/result-test.ts';

const mostHeld = 20_000;
/** Keys of its results. No other document that holds a history has most of them. */
const signs = ['uuid', 'testCaseId', 'fullName', 'labels', 'status', 'stage', 'titlePath', 'statusDetails', 'start'];

/**
 * Allure's results, one file a test and try. Tries of one test have one history: the last of them counts, and when an
 * earlier one failed it is flaky.
 */
export const allure: Parser = {
  name: 'allure',
  recipes: ['test'],
  results: true,
  gathers: true,
  json: {
    is: (value) => isFields(value) && signs.filter((key) => key in value).length >= 4 && 'historyId' in value,
    cut: ['"uuid":', '"historyId":'],
  },
  start,
};

function start(run: Run): Machine {
  const tests = new Map<string, { last: Fields; tries: number; failed: boolean }>();
  let whole = true;
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      const test = fields(value);
      const key = textOf(test.historyId) ?? textOf(test.uuid) ?? '';
      const before = tests.get(key);
      if (before === undefined && tests.size >= mostHeld) {
        whole = false;
        return;
      }
      if (test.stage !== undefined && test.stage !== 'finished') whole = false;
      const isLater = before === undefined || comesAfter(test, before.last);
      tests.set(key, {
        last: isLater ? test : before.last,
        tries: (before?.tries ?? 0) + 1,
        failed: (before?.failed ?? false) || isBad(test),
      });
    },
    end() {
      for (const { last, tries, failed } of tests.values()) tellTest(told(last, failed ? tries : 1), run);
      tests.clear();
      return documents > 0 && whole;
    },
  };
}

const outcomes: Readonly<Record<string, 'passed' | 'skipped'>> = {
  passed: 'passed',
  skipped: 'skipped',
  unknown: 'skipped',
};

/** Clocks are coarse: of two tries at one time the one that passed is the later, because nothing is tried again after it. */
function comesAfter(one: Fields, other: Fields): boolean {
  const times = ({ start, stop }: Fields) => [numberOf(start) ?? 0, numberOf(stop) ?? 0] as const;
  const [[from, to], [otherFrom, otherTo]] = [times(one), times(other)];
  if (from !== otherFrom) return from > otherFrom;
  return to === otherTo ? !isBad(one) : to > otherTo;
}

const isBad = ({ status }: Fields) => status === 'failed' || status === 'broken';

function told(test: Fields, attempts: number) {
  const labels = list(test.labels).filter(isFields);
  const label = (name: string) => textOf(labels.find((one) => one.name === name)?.value);
  const path = list(test.titlePath).filter((one) => typeof one === 'string');
  const suite = [label('parentSuite'), label('suite'), label('subSuite')].filter((one) => one !== null).join(' > ');
  const rows = list(test.parameters)
    .filter(isFields)
    .filter(({ excluded }) => excluded !== true)
    .map(({ name, value }) => `${textOf(name)}=${textOf(value)}`);
  const title = textOf(test.name) ?? textOf(test.fullName) ?? 'unnamed';
  // Some writers put the parameters into the name already.
  const name = rows.length === 0 || /[[(]/.test(title) ? title : `${title} [${rows.join(', ')}]`;
  const { message, trace } = fields(test.statusDetails);
  const [from, to] = [numberOf(test.start), numberOf(test.stop)];
  const file = path.find((one) => /\.[cm]?[jt]sx?$|\.py$/.test(one));
  const { attachments: _files, steps: _steps, ...raw } = test;
  return {
    suite: suite || label('package'),
    name,
    code: codeOf(suite || label('package'), name),
    file:
      file === undefined
        ? null
        : path
            .slice(path.length > 2 && path[0] === label('package')?.split('.')[0] ? 1 : 0, path.indexOf(file) + 1)
            .join('/'),
    outcome: isBad(test) ? ('failed' as const) : (outcomes[textOf(test.status) ?? ''] ?? null),
    duration_ms: from === null || to === null ? null : to - from,
    attempts,
    message: textOf(message) ?? '',
    trace: textOf(trace) ?? '',
    raw,
  };
}
