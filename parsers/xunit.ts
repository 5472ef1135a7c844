import type { Machine, Parser, Run, XmlElement } from './define.ts';
import { dotnetPlace, dotnetTestName } from './engine/dotnet-frame.ts';
import { tellTest } from './engine/result-test.ts';
import { attribute, child, childText, markup } from './engine/xml-element.ts';

/** The results file of xUnit.net 2 and 3. */
export const xunit: Parser = {
  name: 'xunit',
  recipes: ['test'],
  results: true,
  xml: { roots: ['assemblies', 'assembly'], units: ['test', 'error'] },
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let errors = 0;
  return {
    xml(element, parents) {
      if (parents.length === 0) documents += 1;
      else if (element.name === 'test') test(element);
      else {
        errors += 1;
        run.crashed(
          childText(child(element, 'failure'), 'message') ?? attribute(element, 'name') ?? 'a clean-up failed',
        );
      }
    },
    end: () => documents > 0 && errors === 0,
  };

  function test(element: XmlElement) {
    const failure = child(element, 'failure');
    const stack = (childText(failure, 'stack-trace') ?? '').split('\n', 100);
    const at = dotnetPlace(stack, run);
    const result = attribute(element, 'result');
    const name = attribute(element, 'name') ?? 'unnamed';
    const seconds = Number(attribute(element, 'time') ?? Number.NaN);
    tellTest(
      {
        suite: attribute(element, 'type'),
        name,
        code: dotnetTestName(name, stack),
        file: at?.file ?? attribute(element, 'source-file'),
        line: at?.line ?? (Number(attribute(element, 'source-line')) || null),
        outcome: result === 'Fail' ? 'failed' : result === 'Pass' ? 'passed' : 'skipped',
        duration_ms: Number.isFinite(seconds) ? seconds * 1000 : null,
        message: childText(failure, 'message') ?? '',
        raw: markup(element),
      },
      run,
    );
  }
}
