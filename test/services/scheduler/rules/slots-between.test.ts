import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSlot, nextRuns, nextSlots, slotsBetween } from '../../../../services/scheduler/rules/slots-between.ts';
import { assertLight } from '../../../support/cpu-time.ts';

const day = 24 * 3_600_000;
const slots = (when: string, timezone: string, from: string, to: string) =>
  slotsBetween({ when, timezone }, Date.parse(from), Date.parse(to)).map((slot) => new Date(slot).toISOString());

/** A time of day, a zone, the day before its clocks change, and the slots from then until two days later. */
const changes: [string, string, string, string[]][] = [
  ['02:30', 'America/Los_Angeles', '2030-03-09', ['09T10:30', '10T10:00', '11T09:30']],
  ['30 2 * * *', 'America/Los_Angeles', '2030-03-09', ['09T10:30', '10T10:00', '11T09:30']],
  ['01:30', 'America/Los_Angeles', '2030-11-02', ['02T08:30', '03T08:30', '04T09:30']],
  ['2:00', 'America/Los_Angeles', '2030-11-02', ['02T09:00', '03T10:00', '04T10:00']],
  ['02:30', 'Europe/Berlin', '2030-03-30', ['30T01:30', '31T01:00', '01T00:30']],
  ['02:30', 'Europe/Berlin', '2030-10-26', ['26T00:30', '27T00:30', '28T01:30']],
  [
    '0,30 2 * * *',
    'Europe/Berlin',
    '2030-03-30',
    ['30T01:00', '30T01:30', '31T01:00', '01T00:00', '01T00:30', '02T00:00'],
  ],
  ['02:15', 'Australia/Lord_Howe', '2030-10-05', ['05T15:30', '06T15:15', '07T15:15']],
  ['01:45', 'Australia/Lord_Howe', '2030-04-05', ['05T14:45', '06T14:45', '07T15:15']],
];

test('a time of day comes once on each day, also where the clocks skip it or show it twice', () => {
  for (const [when, zone, from, expected] of changes) {
    const end = new Date(Date.parse(from) + 3 * day).toISOString();
    assert.deepEqual(
      slots(when, zone, `${from}T00:00:00Z`, end).map((slot) => slot.slice(8, 16)),
      expected,
      `${when} ${zone}`,
    );
  }
});

test('every time of day comes as often in a year as the year has days, in any zone', () => {
  for (const timezone of ['America/Los_Angeles', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'])
    for (const when of ['00:00', '00:30', '01:30', '01:59', '02:00', '02:15', '02:59', '03:00', '23:59']) {
      const [from, to] = [Date.parse('2031-06-01T12:00:00Z'), Date.parse('2032-06-01T12:00:00Z')];
      assert.equal(slotsBetween({ when, timezone }, from, to).length, 366, `${when} ${timezone}`);
    }
});

test('an hourly time goes on through the hour that comes twice', () => {
  assert.deepEqual(slots('30 * * * *', 'America/Los_Angeles', '2030-11-03T08:00:00Z', '2030-11-03T10:45:00Z'), [
    '2030-11-03T08:30:00.000Z',
    '2030-11-03T09:30:00.000Z',
    '2030-11-03T10:30:00.000Z',
  ]);
});

test('the year ends and begins in the zone of the schedule', () => {
  assert.deepEqual(slots('0 0 1 1 *', 'America/Los_Angeles', '2030-12-31T00:00:00Z', '2031-12-31T00:00:00Z'), [
    '2031-01-01T08:00:00.000Z',
  ]);
  assert.deepEqual(slots('59 23 31 12 *', 'Australia/Lord_Howe', '2030-01-31T00:00:00Z', '2031-12-30T00:00:00Z'), [
    '2030-12-31T12:59:00.000Z',
  ]);
});

test('the 29th of February comes in the years that have one', () => {
  const times = { when: '0 3 29 2 *', timezone: 'UTC' };
  assert.deepEqual(
    nextSlots(times, Date.parse('2095-01-01'), 3).map((slot) => slot.slice(0, 10)),
    ['2096-02-29', '2104-02-29', '2108-02-29'],
  );
});

test('the end counts and the beginning does not, to the millisecond', () => {
  const at = Date.parse('2030-05-01T02:00:00Z');
  const times = { when: '02:00', timezone: 'UTC' };
  assert.deepEqual(slotsBetween(times, at - 1, at), [at]);
  assert.deepEqual(slotsBetween(times, at, at + day - 1), []);
  assert.deepEqual(slotsBetween(times, at - 1, at - 1), []);
  assert.deepEqual(slotsBetween(times, at - 1, at + 5 * day, 2), [at, at + day]);
});

test('the last slot is that of the whole list, for every span', () => {
  const seeded = random(7);
  const zones = ['America/Los_Angeles', 'Europe/Berlin', 'Australia/Lord_Howe'];
  const words = ['*/7 * * * *', '30 2 * * *', '0 6 * * 1-5', '15,45 1-3 * * *', '0 0 1 * *', '02:30'];
  for (let round = 0; round < 60; round += 1) {
    const times = { when: pick(words, seeded), timezone: pick(zones, seeded) };
    const from = Date.parse('2030-01-01') + Math.floor(seeded() * 365 * day);
    const to = from + Math.floor(seeded() ** 3 * 8 * day);
    const all = slotsBetween(times, from, to);
    assert.equal(lastSlot(times, from, to), all.at(-1) ?? null, JSON.stringify({ times, from, to }));
    assert.ok(all.every((slot, at) => at === 0 || slot > (all[at - 1] ?? 0)));
  }
});

test('the last of a year of minutes is found at once', () => {
  const [from, to] = [Date.parse('2030-01-01'), Date.parse('2031-01-01T00:00:30Z')];
  const berlin = { when: '* * * * *', timezone: 'Europe/Berlin' };
  assertLight(1_000, 'one look', () => assert.equal(lastSlot(berlin, from, to), Date.parse('2031-01-01')));
});

test('the next runs of a project leave out what is switched off', () => {
  const schedule = { test: '02:00', lint: '03:00', timezone: 'Europe/Berlin', disabled: ['lint' as const] };
  const project = { enabled: true, schedule } as Parameters<typeof nextRuns>[0];
  assert.deepEqual(nextRuns(project, 'UTC', Date.parse('2030-01-01T00:00:00Z')), {
    test: ['2030-01-01T01:00:00.000Z', '2030-01-02T01:00:00.000Z', '2030-01-03T01:00:00.000Z'],
  });
  assert.deepEqual(nextRuns({ ...project, enabled: false }, 'UTC', 0), {});
});

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function pick<T>(from: readonly T[], seeded: () => number): T {
  return from[Math.floor(seeded() * from.length)] as T;
}
