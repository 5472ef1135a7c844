import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cronOf,
  scheduleFaults,
  scheduleWarnings,
  timesOf,
} from '../../../../services/scheduler/rules/schedule-words.ts';
import { assertLight } from '../../../support/cpu-time.ts';

test('times of day and cron expressions of five fields are taken', () => {
  for (const when of ['02:00', '2:00', '23:59', '0 2 * * *', '*/15 8-18 * * MON-FRI', '0 0 L * *', '0 0 29 2 *'])
    assert.deepEqual(scheduleFaults({ audit: when }), [], when);
});

test('words that cannot be read, or name no time at all, are refused under the name of their field', () => {
  const wrong = ['24:00', '12:60', '2', '61 * * * *', '* * * *', '0 0 2 * * *', '@daily', '0 ? * * *', 'x y z a b'];
  for (const when of wrong) {
    const [fault] = scheduleFaults({ lint: when });
    assert.equal(fault?.path, '/body/schedule/lint', when);
    assert.match(fault?.message ?? '', /^expected HH:MM or a cron expression of five fields/, when);
  }
  assert.deepEqual(scheduleFaults({ build: '0 0 30 2 *' }), [
    { path: '/body/schedule/build', message: 'names a time that never comes' },
  ]);
});

test('every fault is told, with that of the time zone', () => {
  const faults = scheduleFaults({ test: 'never', audit: 'always', timezone: 'Mars/Olympus' });
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['/body/schedule/timezone', '/body/schedule/test', '/body/schedule/audit'],
  );
});

test('words made of anything are refused or taken within a moment, and never throw', () => {
  const parts = [
    '*',
    '?',
    'L',
    'W',
    '#',
    '/',
    '-',
    ',',
    '0',
    '59',
    '31',
    '99999999999',
    'MON',
    'é',
    '*/0',
    '1-',
    '\t',
    ' ',
  ];
  let state = 3;
  const next = (most: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * most);
  };
  const field = () => Array.from({ length: 1 + next(4) }, () => parts[next(parts.length)]).join('');
  assertLight(10_000, '2,000 of them', () => {
    for (let round = 0; round < 2_000; round += 1) {
      const when = Array.from({ length: 5 }, field).join(' ');
      if (scheduleFaults({ test: when }).length === 0) assert.ok(cronOf({ when, timezone: 'UTC' }).nextRun());
    }
  });
});

test('a zone of the project comes before the usual one', () => {
  assert.deepEqual(timesOf({ test: '02:00' }, 'test', 'Europe/Berlin'), { when: '02:00', timezone: 'Europe/Berlin' });
  assert.equal(timesOf({ test: '02:00', timezone: 'UTC' }, 'test', 'Europe/Berlin')?.timezone, 'UTC');
  assert.equal(timesOf({ test: '02:00' }, 'audit', 'UTC'), null);
});

test('a schedule of what no subproject has is warned about', () => {
  const subprojects = [{ path: '.', language: 'go', test: 'go test', timeout_secs: 60 }];
  const schedule = { test: '02:00', audit: '03:00', on_push: ['test' as const, 'lint' as const] };
  assert.deepEqual(
    scheduleWarnings({ schedule, subprojects }).map(({ path }) => path),
    ['/schedule/audit', '/schedule/on_push'],
  );
});
