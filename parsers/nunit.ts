import type { Machine, Parser, Run, XmlElement } from './define.ts';
import { tellTest } from './engine/result-test.ts';
import { attribute, child, childrenNamed, childText, markup } from './engine/xml-element.ts';

/** The results file of NUnit 3, which other runners write too. */
export const nunit: Parser = {
  name: 'nunit',
  recipes: ['test'],
  results: true,
  xml: { roots: ['test-run'], units: ['test-case'] },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let broken = false;
  return {
    xml(element, parents) {
      if (parents.length === 0) documents += 1;
      else testCase(element, parents);
      if (parents.length > 0) return;
      // Set-ups and assemblies that failed as a whole have no case; the root says so.
      if (/^(?:Invalid|Cancelled|Error)$/.test(attribute(element, 'label') ?? '')) broken = true;
    },
    end: () => documents > 0 && !broken,
  };

  function testCase(element: XmlElement, parents: readonly XmlElement[]) {
    const result = attribute(element, 'result') ?? '';
    const failure = child(element, 'failure');
    const outcome = /^(?:Failed|Failure|Error)$/.test(result)
      ? 'failed'
      : /^(?:Passed|Success|Warning)$/.test(result)
        ? 'passed'
        : 'skipped';
    const suite = attribute(element, 'classname') ?? attribute(parents.at(-1), 'fullname');
    const name = attribute(element, 'name') ?? 'unnamed';
    const seconds = Number(attribute(element, 'duration') ?? Number.NaN);
    const path = childrenNamed(child(element, 'properties'), 'property').find(
      (one) => attribute(one, 'name') === 'fspath',
    );
    tellTest(
      {
        suite,
        name,
        code: attribute(element, 'fullname') ?? name,
        file: attribute(path, 'value'),
        outcome,
        duration_ms: Number.isFinite(seconds) ? seconds * 1000 : null,
        message: childText(failure, 'message') ?? attribute(element, 'label') ?? '',
        trace: childText(failure, 'stack-trace') ?? '',
        raw: markup(element),
      },
      run,
    );
  }
}
