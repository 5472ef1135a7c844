import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateAt, dueMsOf, lastDueDate } from '../../../../services/digester/rules/digest-dates.ts';

const losAngeles = { digestTime: '06:00', digestTimezone: 'America/Los_Angeles' };
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

test('the digest of a day is due at its time in its zone, in summer and in winter', () => {
  assert.equal(iso(dueMsOf('2026-01-15', losAngeles)), '2026-01-15T14:00:00.000Z');
  assert.equal(iso(dueMsOf('2026-07-15', losAngeles)), '2026-07-15T13:00:00.000Z');
  assert.equal(iso(dueMsOf('2026-12-31', losAngeles)), '2026-12-31T14:00:00.000Z');
  assert.equal(iso(dueMsOf('2027-01-01', losAngeles)), '2027-01-01T14:00:00.000Z');
});

test('a date that there is not has no digest', () => {
  for (const date of ['2026-02-30', '2026-13-01', 'yesterday']) assert.equal(dueMsOf(date, losAngeles), null);
});

test('on days when clocks change there is one digest, also at an hour that is skipped or comes twice', () => {
  for (const [digestTime, spring, autumn] of [
    ['06:00', '2026-03-08T13:00:00.000Z', '2026-11-01T14:00:00.000Z'],
    ['02:30', '2026-03-08T10:00:00.000Z', '2026-11-01T10:30:00.000Z'],
    ['01:30', '2026-03-08T09:30:00.000Z', '2026-11-01T08:30:00.000Z'],
  ] as const) {
    const times = { ...losAngeles, digestTime };
    assert.equal(iso(dueMsOf('2026-03-08', times)), spring, digestTime);
    assert.equal(iso(dueMsOf('2026-11-01', times)), autumn, digestTime);
  }
});

test('looked at again and again, each date comes once, in order', () => {
  for (const digestTime of ['00:00', '01:30', '02:30', '23:59']) {
    const times = { ...losAngeles, digestTime };
    const dates = [Date.UTC(2026, 2, 6, 12), Date.UTC(2026, 9, 30, 12)].flatMap((from) =>
      Array.from({ length: 5 * 72 }, (_, at) => lastDueDate(from + at * 1_200_000, times).date),
    );
    assert.deepEqual(dates, dates.toSorted());
    assert.equal(new Set(dates).size, 12, digestTime);
  }
});

test('the newest digest that is due belongs to its local day', () => {
  const at = (time: string) => lastDueDate(Date.parse(time), losAngeles).date;
  assert.equal(at('2026-04-29T12:59:59Z'), '2026-04-28');
  assert.equal(at('2026-04-29T13:00:00Z'), '2026-04-29');
  assert.equal(dateAt(Date.parse('2026-04-30T06:59:00Z'), losAngeles), '2026-04-29');
});
