import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityEvents, eventsNamed } from '../../../services/history/entity-events.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';

const [identity, other] = ['a'.repeat(32), 'b'.repeat(32)];

/** A finding that came and went twice, with another one and a job of the same id in between. */
async function filled(): Promise<EventLog> {
  const log = memoryEventLog();
  for (const type of ['FindingDetected', 'FindingResolved', 'FindingReopened', 'FindingResolved'] as const)
    for (const one of [identity, other]) await log.append(sampleDraft(type, one, { identity: one }));
  await log.append(sampleDraft('JobCancelRequested', identity));
  return log;
}

test('what happened to an entity is read in the order of the log, without what happened to others', async () => {
  const { events, whole } = await entityEvents('FindingReopened', { id: identity, most: 4 }, await filled());
  assert.deepEqual(
    events.map(({ seq, type }) => [seq, type]),
    [
      [1, 'FindingDetected'],
      [3, 'FindingResolved'],
      [5, 'FindingReopened'],
      [7, 'FindingResolved'],
    ],
  );
  assert.equal(whole, true);
  assert.deepEqual(await entityEvents('FindingDetected', { id: 'c', most: 4 }, await filled()), {
    events: [],
    whole: true,
  });
});

test('an entity that lived longer than is read says so, and shows how it began', async () => {
  for (const most of [1, 3]) {
    const { events, whole } = await entityEvents('FindingDetected', { id: identity, most }, await filled());
    assert.deepEqual([events.map(({ seq }) => seq), whole], [[1, 3, 5].slice(0, most), false]);
  }
});

test('a name that came once is read without following the log', async () => {
  const log = { ...(await filled()), follow: () => assert.fail('the log was followed') };
  const once = await eventsNamed('FindingDetected', { id: identity, most: 9 }, log);
  assert.deepEqual([once.events.map(({ seq }) => seq), once.whole], [[1], true]);
  assert.deepEqual(await eventsNamed('FindingSuppressed', { id: identity, most: 9 }, log), { events: [], whole: true });
});
