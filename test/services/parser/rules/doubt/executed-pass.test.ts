import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtAbsence } from '../../../../../services/parser/rules/doubt/doubt-absence.ts';
import { type Execution, executedToo, maySkip } from '../../../../../services/parser/rules/doubt/executed-pass.ts';

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

test('a failing test that may be among those that came to be skipped did not pass', () => {
  const said = (now: ReturnType<typeof counts>, missing = 1) => maySkip(counts(3, 2, 1), now, missing);
  assert.equal(said(counts(3, 1, 2)), true, 'it is skipped');
  assert.equal(said(counts(3, 0, 3), 2), true, 'both are');
  assert.equal(said(counts(4, 0, 2), 2), true, 'one is, the other passed');
  assert.equal(said(counts(4, 1, 2)), true, 'it is, and a test was added');
  assert.equal(said(counts(4, 1, 1)), false, 'it passed');
  assert.equal(said(counts(3, 1, 1)), false, 'it is in the run no more');
  assert.equal(said(counts(5, 0, 2), 2), false, 'both passed, and a skipped test was added');
  assert.equal(maySkip(null, counts(3, 1, 2), 1), false);

  const facts = { tool: 'unittest', kind: 'test_fail', line: null, linesNow: null, settled: true } as const;
  const commands = { changed: new Set<string>(), commandThen: 'make test', commandNow: 'make test' };
  assert.equal(doubtAbsence({ ...facts, ...commands }), null);
  assert.match(
    doubtAbsence({ ...facts, ...commands, maySkip: true }) ?? '',
    /skipped or expected to fail.*did not pass/,
  );
});
