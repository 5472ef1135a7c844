import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testsInText } from '../../../../../services/patcher/rules/proof/tests-in-text.ts';

const namesIn = (text: string) => testsInText(text)?.tests.map(({ id, outcome }) => `${id} ${outcome}`) ?? null;

describe('the tests that an output names', () => {
  it('are those of go, with their subtests', () => {
    const text =
      '=== RUN   TestA\n=== RUN   TestA/x\n--- PASS: TestA (1.50s)\n    --- FAIL: TestA/x (0.00s)\n--- SKIP: TestB (0.00s)\nok  \tshop\t0.1s\n';
    assert.deepEqual(namesIn(text), ['TestA passed', 'TestA/x failed', 'TestB skipped']);
    assert.equal(testsInText(text)?.tests[0]?.ms, 1500);
  });

  it('are those of cargo, equal names counted', () => {
    const text =
      '     Running unittests src/lib.rs (target/debug/deps/a-1)\n\nrunning 2 tests\ntest tests::a ... ok\ntest tests::b ... FAILED\n     Running tests/it.rs (target/debug/deps/it-2)\ntest tests::a ... ignored, slow\n   Doc-tests shop\ntest src/lib.rs - f (line 3) ... ok\n';
    assert.deepEqual(namesIn(text), [
      ...['tests::a passed', 'tests::b failed', 'tests::a #2 skipped', 'src/lib.rs - f (line 3) passed'],
    ]);
  });

  it('are those of TAP, skipped and expected ones told apart', () => {
    const text = '1..4\nok 1 - adds\nnot ok 2 takes away\nok 3 - waits # SKIP slow\nnot ok 4 - later # TODO\n';
    assert.deepEqual(namesIn(text), ['adds passed', 'takes away failed', 'waits skipped', 'later xfailed']);
  });

  it('are all of them only where the runner came to its summary', () => {
    const endedIn = (text: string) => testsInText(text)?.sessions[0]?.ended;
    const cargo = 'running 2 tests\ntest a ... ok\ntest b ... ok\n';
    const summary = 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n';
    assert.equal(endedIn(cargo + summary), true);
    assert.equal(endedIn(cargo), false, 'it ended before its summary');
    assert.equal(endedIn(`test c ... ok\n${cargo}${summary}`), false, 'more is named than was announced');
    assert.equal(endedIn('=== RUN   TestA\n--- PASS: TestA (0.00s)\nok  \tshop\t0.1s\n'), true);
    assert.equal(endedIn('=== RUN   TestA\n=== RUN   TestB\n--- PASS: TestA (0.00s)\n'), false);
    assert.equal(endedIn('1..2\nok 1 - a\nok 2 - b\n'), true);
    assert.equal(endedIn('1..2\nok 1 - a\n'), false);
  });

  it('are none where nothing is named', () => {
    assert.equal(namesIn('3 passed in 0.1s\nokay\n'), null);
  });
});
