import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from '../../../services/floor/instant.ts';

test('dates, and times with and without an offset, name a moment', () => {
  assert.equal(instantOf('2026-04-29')?.toISOString(), '2026-04-29T00:00:00.000Z');
  assert.equal(instantOf('2026-04-29T06:00Z')?.toISOString(), '2026-04-29T06:00:00.000Z');
  assert.equal(instantOf('2026-04-29T06:00:00.123456-07:00')?.toISOString(), '2026-04-29T13:00:00.123Z');
});

test('what is no date, and what no event could hold, names none', () => {
  for (const text of [
    '',
    '1',
    'tomorrow',
    '2026-13-01',
    '+275760-09-13',
    '2026-04-29T25:00Z',
    '9999-12-31T23:59:59-14:00',
    ' 2026-04-29',
  ])
    assert.equal(instantOf(text), undefined, text);
});
