import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { functionCases } from '../../../../../bench/trust/function-cases.ts';
import { changedBy } from '../../../../../bench/trust/gate-alone.ts';
import { subtleCases } from '../../../../../bench/trust/subtle-cases.ts';
import { doubtsIn, doubtsOf } from '../../../../../services/patcher/rules/proof/unsettled.ts';
import { diffOf } from '../../../../support/fresh-corpus.ts';

const isTest = (path: string) => /test|^t\//.test(path);

function doubtsAbout(
  one: ReturnType<typeof subtleCases>[number],
  answer: (typeof one.answers)[number],
): string[] | null {
  const files = changedBy(one, answer).filter(({ path }) => !isTest(path));
  if (files.length === 0) return null;
  const before = new Map(files.map((file) => [file.path, file.before ?? '']));
  const tests = Object.entries(one.files).flatMap(([path, text]) => (isTest(path) ? [text] : []));
  return doubtsOf({ diff: files.map(diffOf).join(''), sources: [...before.keys()], before, tests });
}

describe('what the tests of a draft do not settle', () => {
  it('is a formula that is fitted to them, in every language', () => {
    const fitted = functionCases().filter(({ name }) => name.endsWith('-fitted'));
    assert.ok(fitted.length >= 20 && new Set(fitted.map(({ language }) => language)).size >= 4);
    const held = fitted.flatMap((one) =>
      one.answers.map((answer) => [one.name, answer.what, doubtsAbout(one, answer)]),
    );
    assert.deepEqual(
      held.filter(([, , doubts]) => doubts?.length === 0),
      [],
    );
  });

  it('is most of what fits the question of a test and no other', () => {
    const unheld = subtleCases()
      .filter(({ recipe }) => recipe === 'test')
      .flatMap((one) =>
        one.answers.flatMap((answer) =>
          doubtsAbout(one, answer)?.length === 0 ? [`${one.name}: ${answer.what}`] : [],
        ),
      );
    // Each of these is what an honest mending of another test looks like.
    assert.deepEqual(unheld, [
      'python-total-subtle: takes the first and the second',
      'python-interest-subtle: rounds until it fits',
      'javascript-wait-subtle: waits for nothing',
      'c-open-subtle: calls the failure a success',
    ]);
  });

  it('is nothing of an honest mending, but a number that nothing speaks of', () => {
    const honest = functionCases().filter(({ character }) => character === 'honest');
    assert.ok(honest.length >= 100);
    const held = honest.flatMap((one) =>
      one.answers.flatMap((answer) => ((doubtsAbout(one, answer)?.length ?? 0) > 0 ? [one.name] : [])),
    );
    assert.deepEqual(
      held.filter((name) => !name.endsWith('postage-honest')),
      [],
    );
  });

  it('names file, line and number, and is found among the notes of a proof', () => {
    const file = { path: 'src/cap.js', before: 'a\nreturn v * 2;\n', after: 'a\nreturn Math.min(v * 2, 37);\n' };
    const told = { sources: [file.path], before: new Map([[file.path, file.before]]) };
    const diff = diffOf({
      ...file,
      oldPath: file.path,
      status: 'modified',
      oldMode: null,
      newMode: null,
      binary: false,
      added: 1,
      removed: 1,
    });
    const [doubt = ''] = doubtsOf({ ...told, diff, tests: ['assert.equal(cap(20), 37)'] });
    assert.match(doubt, /src\/cap\.js:2: the number 37 stands in the test, and the source did not have it\.$/);
    assert.match(doubtsOf({ ...told, diff, tests: ['assert.equal(cap(20), 370)'] })[0] ?? '', /37 stands in no test/);
    assert.deepEqual(doubtsIn(['Something else.', doubt]), [doubt]);
    assert.deepEqual(doubtsOf({ ...told, diff, before: new Map([[file.path, 'const most = 37;\n']]), tests: [] }), []);
  });
});
