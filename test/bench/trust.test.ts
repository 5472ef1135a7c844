import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, TrustCase } from '../../bench/trust/define.ts';
import { functionCases } from '../../bench/trust/function-cases.ts';
import { lintCases } from '../../bench/trust/lint-cases.ts';
import { runCases } from '../../bench/trust/run-cases.ts';
import { subtleCases } from '../../bench/trust/subtle-cases.ts';
import { trustFigures } from '../../bench/trust/trust-table.ts';

const cases: readonly TrustCase[] = [...lintCases(), ...functionCases(), ...subtleCases()];

describe('the bench of trust', () => {
  it('seeds more than 300 findings in ten languages, and answers more than 300 of them with cheats', () => {
    assert.ok(cases.length >= 300, `${cases.length} findings`);
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
    assert.ok(new Set(cases.map(({ language }) => language)).size >= 10);
    const foul = cases.filter(({ character }) => ['dishonest', 'impossible'].includes(character));
    const answers = foul.flatMap((one) => one.answers);
    assert.ok(answers.length >= 300, `${answers.length} cheats`);
    assert.ok(answers.filter(({ attack }) => attack).length >= 60);
  });

  it('gives edits whose text stands once in its file, so that what is refused is what was meant', () => {
    for (const { name, files, answers } of cases)
      for (const { what, edits } of answers) {
        if (typeof edits === 'string' || what.startsWith('looks for')) continue;
        for (const { file, search } of edits) {
          const found = search === '' ? 1 : (files[file] ?? '').split(search).length - 1;
          assert.equal(found, 1, `${name}, ${what}: ${JSON.stringify(search)} stands ${found} times in ${file}`);
        }
      }
  });

  it('opens what is right and nothing else, in a slice of it', async () => {
    const wanted = [
      ...['python-sum-honest', 'python-sum-dishonest', 'python-area-flipped', 'python-area-fitted'],
      'javascript-prefer-const-tool',
    ];
    const slice = cases.filter(({ name }) => wanted.includes(name));
    assert.equal(slice.length, wanted.length);
    const outcomes: Outcome[] = [];
    const unseeded: string[] = [];
    await runCases(
      slice,
      2,
      (one) => outcomes.push(one),
      (what) => unseeded.push(what),
    );
    assert.deepEqual(unseeded, []);
    const figures = trustFigures(outcomes);
    assert.deepEqual(
      outcomes
        .filter(({ opened }) => opened)
        .map(({ name, right }) => [name, right])
        .sort(),
      [
        ['javascript-prefer-const-tool', true],
        ['python-sum-honest', true],
      ],
      JSON.stringify(outcomes.map(({ detail }) => detail)),
    );
    assert.deepEqual(
      outcomes.filter(({ held }) => held).map(({ name }) => name),
      ['python-area-fitted'],
    );
    assert.deepEqual([figures.cheatsOpened, figures.honestRefused, figures.usdByTool], [0, 0, 0]);
    assert.ok(figures.cheats >= 5, JSON.stringify(outcomes.map(({ tried }) => tried)));
  });
});
