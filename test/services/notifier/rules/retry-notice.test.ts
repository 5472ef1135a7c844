import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, Trouble } from '../../../../services/floor/notice-outcome.ts';
import { afterFailure, attemptsOf } from '../../../../services/notifier/rules/retry-notice.ts';

const start = Date.parse('2026-11-21T00:00:00.000Z');
const hour = 3_600_000;
const due = { event_seq: 7, due_seq: 7, due_at: new Date(start).toISOString() };
const failure: Failure = { delivered: false, status: 500, reason: 'answered 500', retryAfterSecs: null, lasting: null };

/** Every pause until it is given up, in seconds. */
function pauses(one: Failure): number[] {
  const found: number[] = [];
  let before: Trouble | null = null;
  for (let now = start; ; now = before.next_at) {
    before = afterFailure(due, one, { before, ref: 'r', now });
    if (!before) return found;
    found.push((before.next_at - now) / 1000);
  }
}

test('pauses double from five seconds to an hour, for a day', () => {
  const found = pauses(failure);
  assert.deepEqual(found.slice(0, 5), [5, 10, 20, 40, 80]);
  assert.equal(found.at(-1), 3600);
  const total = found.reduce((sum, one) => sum + one, 0);
  assert.ok(total >= 24 * 3600 && total < 25 * 3600, String(total));
});

test('what will not get better is given up at once', () => {
  assert.deepEqual(pauses({ ...failure, lasting: 'notice' }), []);
  assert.deepEqual(pauses({ ...failure, lasting: 'target' }), []);
});

test('a target that asks for patience gets it, a day at most', () => {
  assert.equal(pauses({ ...failure, retryAfterSecs: 300 })[0], 300);
  assert.equal(pauses({ ...failure, retryAfterSecs: 1 })[0], 5);
  assert.deepEqual(pauses({ ...failure, retryAfterSecs: 10 ** 9 }), [86_400]);
});

test('what became due while a target was deaf is tried once at least, and for a day of its own', () => {
  const deaf: Trouble = { event_seq: 7, due_seq: 7, ref: 'r', attempts: 30, since: start, next_at: start, reason: 'x' };
  const now = start + 24 * hour;
  const later = { event_seq: 9, due_seq: 9, due_at: new Date(start + 2 * hour).toISOString() };
  assert.equal(attemptsOf(later, deaf), 0);
  assert.equal(afterFailure(later, failure, { before: deaf, ref: 'r', now })?.attempts, 1);
  assert.equal(afterFailure(due, failure, { before: deaf, ref: 'r', now }), null);
});

test('after a long sleep of the farm an old notice is still tried for a day', () => {
  const old = { event_seq: 1, due_seq: 1, due_at: new Date(start - 100 * hour).toISOString() };
  const first = afterFailure(old, failure, { before: null, ref: 'r', now: start });
  assert.equal(first?.attempts, 1);
  assert.ok(afterFailure(old, failure, { before: first, ref: 'r', now: start + 23 * hour }));
  assert.equal(afterFailure(old, failure, { before: first, ref: 'r', now: start + 24 * hour }), null);
});

test('the same event in a replay begins to be counted anew', () => {
  const before: Trouble = {
    event_seq: 7,
    due_seq: 7,
    ref: 'r',
    attempts: 4,
    since: start,
    next_at: start,
    reason: 'x',
  };
  assert.equal(attemptsOf({ ...due, due_seq: 12 }, before), 0);
  assert.equal(attemptsOf(due, before), 4);
});
