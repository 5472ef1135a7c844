import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seal } from '../../../../events/envelope.ts';
import { unreadWord } from '../../../../services/parser/last-word.ts';
import { isOwnEnd, passes, type RunFacts, type Shown } from '../../../../services/parser/rules/judge-run.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

const known: Shown = { kind: 'lint', severity: 'warn', suppressed: false, isNew: false };
const fresh: Shown = { ...known, isNew: true };
const grave: Shown = { ...known, severity: 'error' };
const failing: Shown = { ...known, kind: 'test_fail', severity: 'error' };

function verdict(facts: Partial<RunFacts>): boolean {
  return passes({ recipe: 'lint', reason: 'exited', exitCode: 1, shown: [], isWhole: true, ...facts });
}

describe('a run', () => {
  it('fails when it did not end by itself, whatever fail_on says', () => {
    for (const failOn of ['error', 'new', 'never', undefined] as const)
      for (const reason of ['timeout', 'log_limit', 'orphaned'] as const)
        assert.equal(verdict({ failOn, reason, exitCode: 0 }), false);
  });

  it('fails when it crashed: no finding explains its exit code, or its tools were not read to their end', () => {
    for (const failOn of ['error', 'new', 'never', undefined] as const) {
      assert.equal(verdict({ failOn, exitCode: 2 }), false);
      assert.equal(verdict({ failOn, shown: [known], isWhole: false }), false);
      assert.equal(verdict({ failOn, shown: [known, { ...grave, kind: 'recipe_fail' }] }), false);
    }
  });

  it('ends by itself with any exit code that is not the shell’s, though a tool in a script does not prove its end', () => {
    const partly = [{ complete: false }];
    assert.deepEqual(
      [0, 1, 2, 125].map((code) => isOwnEnd(code, partly)),
      [true, true, true, true],
    );
    assert.deepEqual(
      [126, 127, 137].map((code) => isOwnEnd(code, partly)),
      [false, false, false],
    );
    assert.equal(isOwnEnd(130, [{ complete: true }]), true);
  });

  it('of a linter passes with what is known and fails with what is new', () => {
    assert.equal(verdict({ shown: [known, grave] }), true);
    assert.equal(verdict({ shown: [known, fresh] }), false);
    assert.equal(verdict({ exitCode: 0, shown: [fresh] }), true, 'the tool calls it well');
  });

  it('of a build, test or audit is judged by its exit code, but for what somebody lives with', () => {
    for (const recipe of ['build', 'test', 'audit']) {
      assert.equal(verdict({ recipe, shown: [failing] }), false);
      assert.equal(verdict({ recipe, shown: [{ ...failing, suppressed: true }] }), true);
      assert.equal(verdict({ recipe, exitCode: 0, shown: [failing] }), true);
    }
  });

  it('is judged by fail_on where a subproject has it, for every recipe and exit code', () => {
    for (const exitCode of [0, 1]) {
      assert.equal(verdict({ exitCode, failOn: 'never', shown: [fresh, grave] }), true);
      assert.equal(verdict({ exitCode, failOn: 'new', recipe: 'test', shown: [failing] }), true);
      assert.equal(verdict({ exitCode, failOn: 'new', shown: [fresh] }), false);
      assert.equal(verdict({ exitCode, failOn: 'new', shown: [{ ...fresh, suppressed: true }] }), true);
      assert.equal(verdict({ exitCode, failOn: 'error', shown: [known, fresh] }), true);
      assert.equal(verdict({ exitCode, failOn: 'error', shown: [grave] }), false);
    }
  });
});

it('a job whose log cannot be read ends unproven and failed, by the environment', () => {
  const word = unreadWord(sampleData('RecipeExited'), `a parser fails ${'x'.repeat(2000)}`);
  const { passed, failure, not_observed, on_default_branch } = JSON.parse(
    seal(word, { source: 'x', now: new Date() }).payload,
  );
  assert.deepEqual([passed, failure.cause, on_default_branch], [false, 'environment', false]);
  assert.match(not_observed, /^the log could not be read: a parser fails x+$/);
});
