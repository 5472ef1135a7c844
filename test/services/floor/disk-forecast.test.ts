import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskForecast, forecastWords, type Growth } from '../../../services/floor/disk-forecast.ts';

const day = 86_400_000;
const now = 1_000 * day;
const usual: Growth = {
  events: 0,
  firstEventMs: now - 10 * day,
  logs: 0,
  firstLogMs: now - 10 * day,
  retentionDays: 30,
};

test('events grow for ever, and logs until their retention is reached', () => {
  const events = { ...usual, events: 100 };
  assert.deepEqual(diskForecast(events, 1_000, now), { bytes_per_day: 10, days_left: 100 });
  // 10 and 50 a day for 20 days more: 1,200; then 10 a day.
  const both = { ...events, logs: 500 };
  assert.deepEqual(diskForecast(both, 600, now), { bytes_per_day: 60, days_left: 10 });
  assert.deepEqual(diskForecast(both, 2_000, now), { bytes_per_day: 60, days_left: 100 });
  const full = { ...events, logs: 3_000, firstLogMs: now - 30 * day };
  assert.deepEqual(diskForecast(full, 1_000, now), { bytes_per_day: 10, days_left: 100 });
});

test('nothing is foretold of the first day, of no growth, or of a far future', () => {
  assert.equal(diskForecast({ ...usual, firstEventMs: now - day / 2 }, 1_000, now), null);
  assert.equal(diskForecast({ ...usual, firstEventMs: null }, 1_000, now), null);
  assert.equal(diskForecast(usual, 1_000, now)?.days_left, null);
  assert.equal(diskForecast({ ...usual, events: 1 }, 1e9, now)?.days_left, null);
  assert.equal(diskForecast({ ...usual, events: 100 }, -5, now)?.days_left, 0);
  assert.match(forecastWords({ bytes_per_day: 2_500_000, days_left: 1 }), /^about 2\.5 MB a day; .* lasts 1 day$/);
});
