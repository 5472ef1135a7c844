import assert from 'node:assert/strict';
import { it } from 'node:test';
import { backoffMs } from '../../events/backoff.ts';

const pauses = { firstMs: 100, longestMs: 3_000 };

it('doubles from the first pause to the longest', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 6, 5_000].map((failures) => backoffMs(failures, pauses, 0)),
    [100, 100, 200, 400, 3_000, 3_000],
  );
});

it('takes up to a quarter off, so that not all come back at once', () => {
  assert.equal(backoffMs(2, pauses, 1), 150);
  const pausesOfMany = new Set(Array.from({ length: 50 }, () => backoffMs(4, pauses)));
  assert.ok(pausesOfMany.size > 1 && [...pausesOfMany].every((ms) => ms >= 600 && ms <= 800));
});
