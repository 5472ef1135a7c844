import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedOf, roundFrom } from '../../../../../services/patcher/rules/pull-request/changed-pulls.ts';

const marks = (of: Record<number, string>) =>
  new Map(Object.entries(of).map(([number, mark]) => [Number(number), mark]));
const before = { marks: marks({ 1: 'a', 2: 'b' }) };

describe('a list of what changed last', () => {
  for (const [number, now, more, changed, title] of [
    [1, { 1: 'a', 2: 'c' }, true, false, 'tells what is as it was'],
    [2, { 1: 'a', 2: 'c' }, true, true, 'tells what changed'],
    [9, { 1: 'a', 9: 'x' }, true, true, 'tells what is new'],
    [7, { 1: 'a', 2: 'c' }, true, false, 'leaves out what did not change'],
    [7, { 3: 'x', 2: 'c' }, true, true, 'may leave out changes where all in it is changed'],
    [7, {}, false, false, 'may be empty'],
  ] as const)
    it(title, () => {
      assert.equal(changedOf(number, before, { marks: marks(now), more }), changed);
    });
});

describe('a round', () => {
  it('goes on after the one at which the last round ended, also when that one is gone', () => {
    assert.deepEqual(roundFrom(['a', 'b', 'c'], null), ['a', 'b', 'c']);
    assert.deepEqual(roundFrom(['a', 'b', 'd'], 'b'), ['d', 'a', 'b']);
    assert.deepEqual(roundFrom(['a', 'b', 'd'], 'c'), ['d', 'a', 'b']);
    assert.deepEqual(roundFrom(['a', 'b', 'd'], 'd'), ['a', 'b', 'd']);
  });
});
