import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayOf, dueSlot, type Standing, unusedSlots } from '../../../../services/scheduler/rules/due-slot.ts';

const at = (iso: string) => Date.parse(`2030-${iso}Z`);
const nightly: Standing = {
  times: { when: '02:00', timezone: 'UTC' },
  catchUp: 'last',
  delayMs: 30_000,
  sinceMs: at('05-01T12:00'),
  usedMs: null,
};

test('a slot is used once its share of the spread has passed', () => {
  assert.equal(dueSlot(nightly, at('05-02T02:00:29')), null);
  assert.deepEqual(dueSlot(nightly, at('05-02T02:00:30')), { slotMs: at('05-02T02:00'), why: 'time', missed: 0 });
  assert.equal(dueSlot({ ...nightly, usedMs: at('05-02T02:00') }, at('05-02T02:00:31')), null);
});

test('nothing from before the schedule was made is missed', () => {
  assert.equal(dueSlot(nightly, at('05-01T12:00:01')), null);
  assert.equal(unusedSlots(nightly, at('05-01T23:00')), 0);
});

test('after an outage the last slot runs, and the others are counted', () => {
  const used = { ...nightly, usedMs: at('05-02T02:00') };
  assert.deepEqual(dueSlot(used, at('05-06T09:00')), { slotMs: at('05-06T02:00'), why: 'catch_up', missed: 3 });
  assert.equal(dueSlot({ ...used, catchUp: 'none' }, at('05-06T09:00')), null);
  assert.equal(unusedSlots(used, at('05-06T09:00')), 4);
});

test('a slot is late after five minutes of grace, not at five', () => {
  const used = { ...nightly, usedMs: at('05-01T12:00') };
  assert.equal(dueSlot(used, at('05-02T02:05:30'))?.why, 'time');
  assert.equal(dueSlot(used, at('05-02T02:05:30.001'))?.why, 'catch_up');
});

test('without catching up, the next slot in time counts all that were missed', () => {
  const none = { ...nightly, catchUp: 'none' as const, usedMs: at('05-02T02:00') };
  assert.deepEqual(dueSlot(none, at('05-07T02:01')), { slotMs: at('05-07T02:00'), why: 'time', missed: 4 });
});

test('what was counted goes on from where it was, starts anew when a slot is used, and when the clock goes back', () => {
  const often = { ...nightly, times: { when: '0 */6 * * *', timezone: 'Europe/Berlin' } };
  const counts = (standing: Standing, days: readonly string[]) =>
    days.map((day) => unusedSlots(standing, at(`${day}T12:00`)));
  assert.deepEqual(counts(often, ['05-02', '05-03', '05-03', '05-20', '05-02']), [4, 8, 8, 76, 4]);
  assert.deepEqual(counts({ ...often, usedMs: at('05-02T10:00') }, ['05-02', '05-03', '06-30']), [0, 4, 100]);
  assert.deepEqual(counts({ ...often, delayMs: 86_400_000 }, ['05-03', '05-02']), [4, 0]);
});

test('of many slots missed not all are counted', () => {
  const busy = { ...nightly, times: { when: '* * * * *', timezone: 'UTC' } };
  assert.equal(dueSlot(busy, at('12-01T00:00'))?.missed, 1_000);
  assert.equal(unusedSlots(busy, at('12-01T00:00')), 100);
});

test('a schedule written by a clock that was far ahead does not wait for that time', () => {
  const ahead = { ...nightly, sinceMs: Date.parse('2099-01-01') };
  assert.deepEqual(dueSlot(ahead, at('05-02T02:01'))?.slotMs, at('05-02T02:00'));
  assert.equal(dueSlot(ahead, at('05-02T12:00')), null);
});

test('the spread is the same for everyone, stays below its limit, and parts a fleet', () => {
  const delays = Array.from({ length: 500 }, (_none, index) => delayOf(`project-${index}`, 'audit', 60));
  assert.deepEqual(
    delays,
    delays.map((_delay, index) => delayOf(`project-${index}`, 'audit', 60)),
  );
  assert.ok(delays.every((delay) => delay >= 0 && delay < 60_000));
  const perTenth = Array.from({ length: 10 }, (_none, tenth) =>
    delays.filter((one) => Math.floor(one / 6_000) === tenth),
  );
  assert.ok(perTenth.every(({ length }) => length > 20));
  assert.equal(delayOf('p', 'audit', 0), 0);
});
