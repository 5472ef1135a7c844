import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Execution, executedToo } from '../../../../services/parser/rules/executed-pass.ts';

const counts = (passed: number, failed: number, skipped = 0) => ({
  ...{ executed: passed + failed, passed, failed, skipped },
});
const failed: Execution = { sha: 'a', command: 'npm test', tests: counts(3, 1) };

test('a test was executed where the same command ran as many tests of the same commit, and only there', () => {
  const said = (changes: Partial<Execution>) => executedToo(failed, { ...failed, tests: counts(4, 0), ...changes });
  assert.equal(said({}), true);
  assert.equal(said({ tests: counts(9, 0) }), true, 'the failing run may have stopped at the failure');
  for (const other of [
    { sha: 'b' },
    { sha: null },
    { command: 'npm test -- cart' },
    { tests: null },
    { tests: counts(3, 0) },
    { tests: counts(4, 0, 1) },
  ])
    assert.equal(said(other), false, JSON.stringify(other));
  assert.equal(executedToo(failed, null), false);
  assert.equal(executedToo(null, failed), false);
});
