import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failureOf, nextTurn } from '../../../../../services/patcher/rules/drafting/next-turn.ts';

type Tries = Parameters<typeof nextTurn>[1];
const back = (turn: number, method: 'tool_edit' | 'bump' | 'agent', reason = 'still_there') => ({
  turn,
  method,
  reason,
});
const next = (tries: Tries) => nextTurn(['tool_edit', 'agent'], tries);

describe('who tries next', () => {
  it('begins with the cheapest method and goes on to the next one', () => {
    assert.deepEqual(next([]), { turn: 1, method: 'tool_edit' });
    assert.deepEqual(next([back(1, 'tool_edit')]), { turn: 2, method: 'agent' });
  });

  it('asks the agent three times at most', () => {
    const asked = [back(1, 'tool_edit'), back(2, 'agent'), back(3, 'agent')];
    assert.deepEqual(next(asked), { turn: 4, method: 'agent' });
    assert.equal(next([...asked, back(4, 'agent')]), null);
  });

  it('does not ask again who has said no', () => {
    assert.equal(next([back(1, 'tool_edit'), back(2, 'agent', 'declined')]), null);
    assert.equal(next([back(1, 'tool_edit'), back(2, 'agent', 'agent_unauthorized')]), null);
  });

  it('ends where no method is left', () => {
    assert.equal(nextTurn(['bump'], [back(1, 'bump')]), null);
  });

  it('sends who brought a diff of their own back to that diff', () => {
    for (const step of ['apply', 'policy'] as const) {
      const failed = { step, reason: 'does_not_apply', detail: 'x' };
      assert.match(failureOf(failed, true).next, /verify-patch/);
      assert.doesNotMatch(failureOf(failed).next, /verify-patch/);
    }
  });

  it('says of every failure what can be done', () => {
    for (const step of ['context', 'draft', 'agent', 'apply', 'policy', 'verify', 'push', 'forge'] as const) {
      const failure = failureOf({ step, reason: 'never_heard_of', detail: 'x'.repeat(10_000) });
      assert.ok(failure.next.length > 20, step);
      assert.equal(failure.detail.length, 8192);
    }
  });
});
