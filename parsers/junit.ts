import type { Machine, Parser, Run, XmlElement } from './define.ts';
import { placeInText } from './engine/place-in-text.ts';
import { attribute, childrenNamed, markup, wholeNumber } from './engine/xml-element.ts';

const bad = new Set(['fail', 'failed', 'failure', 'error', 'broken']);
const left = new Set(['notrun', 'skipped', 'suppressed', 'disabled', 'ignored', 'pending']);

/**
 * JUnit's XML in all its dialects. One finding a test case, however many failures it holds; `flakyFailure` (passed in the
 * end) and `rerunFailure` (told by its `failure`) are none. The counts in attributes are not believed.
 */
export const junit: Parser = {
  name: 'junit',
  recipes: ['test'],
  results: true,
  xml: { roots: ['testsuites', 'testsuite'], units: ['testcase', 'failure', 'error'] },
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let failures = 0;
  /** Two suites of one name in a file are two. */
  const groups = new WeakMap<XmlElement, string>();
  let lastGroup = 0;
  const groupOf = (suite: XmlElement | undefined) => {
    if (suite === undefined) return '';
    const known = groups.get(suite);
    if (known !== undefined) return known;
    lastGroup += 1;
    groups.set(suite, String(lastGroup));
    return String(lastGroup);
  };
  // Linters write this format as well.
  const areTests = run.context.recipe === 'test' || run.context.recipe === 'build';
  return {
    xml(element, parents) {
      if (parents.length === 0) documents += 1;
      else if (element.name === 'testcase') testCase(element, parents);
      // A suite that failed as a whole has no case.
      else report(suiteName(parents), [element], element, parents);
    },
    end: (exit) => documents > 0 && (exit.exitCode === 0 || failures > 0),
  };

  function testCase(element: XmlElement, parents: readonly XmlElement[]) {
    // Node tells with its words that a test which is still to be done failed.
    const isTodo = childrenNamed(element, 'skipped').some((one) => attribute(one, 'type') === 'todo');
    const told = isTodo ? [] : childrenNamed(element, 'failure', 'error');
    const status = (attribute(element, 'status') ?? attribute(element, 'result') ?? '').toLowerCase();
    const skipped = childrenNamed(element, 'skipped', 'flakyFailure', 'flakyError').length > 0;
    const failed = told.length > 0 || (bad.has(status) && !skipped);
    const code = nameOf(element, parents);
    if (failed) report(code, told, element, parents);
    const isLeft = childrenNamed(element, 'skipped').length > 0 || left.has(status);
    if (!areTests) return;
    const outcome = failed ? 'failed' : isLeft ? 'skipped' : 'passed';
    run.counted({ [outcome]: 1 });
    const before = childrenNamed(element, 'flakyFailure', 'flakyError', 'rerunFailure', 'rerunError').length;
    run.test({
      suite: attribute(element, 'classname')?.trim() || suiteName(parents),
      name: attribute(element, 'name') ?? '',
      file: fileOf(element, parents),
      outcome,
      duration_ms: milliseconds(attribute(element, 'time')),
      attempts: before + 1,
      code,
      group: groupOf(parents.at(-1)),
    });
  }

  function report(
    code: string,
    told: readonly XmlElement[],
    element: XmlElement,
    parents: readonly XmlElement[],
  ): void {
    failures += 1;
    const words = told.map(wordsOf).filter((text) => text !== '');
    const text = told.map((one) => `${one.text}\n${attribute(one, 'message') ?? ''}`).join('\n');
    const raised = placeInText(text, run) ?? {
      file: fileOf(element, parents),
      line: wholeNumber(element, 'line') ?? wholeNumber(element, 'lineno'),
      column: null,
    };
    run.report({
      kind: 'test_fail',
      severity: 'error',
      tool_severity: told[0]?.name ?? attribute(element, 'status'),
      code,
      message: [...new Set(words)].join(' | ') || attribute(told[0], 'type') || 'failed',
      file: raised.file,
      line: raised.line,
      column: raised.column,
      raw: markup(element),
    });
  }
}

/** The message attribute; where it is missing, and where the text begins with it, the first paragraph of the text. */
function wordsOf(element: XmlElement): string {
  const said = attribute(element, 'message')?.trim() ?? '';
  if (said !== '') return said;
  const lines = element.text.trim().split('\n').slice(0, 8);
  const trace = lines.findIndex((line) => /^\s+at /.test(line));
  return (trace > 0 ? lines.slice(0, trace) : lines).join('\n').trim();
}

/** `pkg.Class.method`, `file > suite > test`; a class name that the name begins with already is left out. */
function nameOf(element: XmlElement, parents: readonly XmlElement[]): string {
  const name = attribute(element, 'name')?.trim() || 'unnamed';
  const group = attribute(element, 'classname')?.trim() || attribute(parents.at(-1), 'name')?.trim() || '';
  if (group === '' || name.startsWith(group)) return name;
  return /^[A-Za-z_$][\w$]*(?:[./][\w$-]+)*$/.test(group) && !/\.(?:[cm]?[jt]sx?|bats|py|rb|php|sh)$/.test(group)
    ? `${group}.${name}`
    : `${group} > ${name}`;
}

/** Seconds as they are printed, by some with thousands separated. */
function milliseconds(text: string | null): number | null {
  return text !== null && /^[\d,]{1,12}(?:\.\d{1,12})?$/.test(text) ? Number(text.replaceAll(',', '')) * 1000 : null;
}

function suiteName(parents: readonly XmlElement[]): string {
  return attribute(parents.at(-1), 'name') ?? 'suite';
}

function fileOf(element: XmlElement, parents: readonly XmlElement[]): string | null {
  for (const one of [element, ...[...parents].reverse()]) {
    const file = attribute(one, 'file') ?? attribute(one, 'filepath');
    if (file !== null) return file;
  }
  // vitest and bats name the file in place of a class.
  const group = attribute(element, 'classname') ?? '';
  return /^[\w./@-]{1,300}\/[\w.@-]{1,100}\.[a-z]{1,4}$/.test(group) ? group : null;
}
