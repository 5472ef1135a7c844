import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Consumer, done, lateConsumer, retry } from '../../services/define.ts';
import { parser } from '../../services/parser/parser.ts';
import { parserConsumer } from '../../services/parser/start-parser.ts';
import { patcher } from '../../services/patcher/patcher.ts';
import { patcherConsumer } from '../../services/patcher/start-patcher.ts';
import { sampleDraft } from '../events/stored-payloads.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';

test('a consumer that is loaded with its first event listens to the events that it has handlers for', () => {
  const pairs: [Consumer, { name: string; maxInFlight: number; on: readonly string[] }][] = [
    [parser({} as Parameters<typeof parser>[0]), parserConsumer],
    [patcher({} as Parameters<typeof patcher>[0]), patcherConsumer],
  ];
  for (const [whole, said] of pairs) {
    assert.deepEqual(Object.keys(whole.on).sort(), [...said.on].sort(), said.name);
    assert.deepEqual([whole.name, whole.maxInFlight], [said.name, said.maxInFlight]);
  }
});

test('what is loaded late is loaded once, and says what happens next; what cannot be loaded is tried again', async () => {
  const log = memoryEventLog();
  await log.append(sampleDraft('TokenRevoked', 'ann', { name: 'ann' }));
  const event = await log.at(1);
  assert.ok(event);
  let loads = 0;
  const consumer = lateConsumer({ name: 'late', maxInFlight: 1, on: ['TokenRevoked'] }, async () => {
    loads += 1;
    if (loads === 1) throw new Error('the disk is away');
    return { name: 'late', maxInFlight: 1, on: { TokenRevoked: async () => retry(5, 'again') } };
  });
  const handle = consumer.on.TokenRevoked as (one: unknown, effect: unknown) => Promise<unknown>;
  await assert.rejects(handle(event, null), /the disk is away/);
  assert.deepEqual(await Promise.all([handle(event, null), handle(event, null)]), [
    retry(5, 'again'),
    retry(5, 'again'),
  ]);
  assert.deepEqual([loads, done.next], [2, 'done']);
});
