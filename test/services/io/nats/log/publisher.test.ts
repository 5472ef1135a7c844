import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import { headerLinesOf, headerReaderOf } from '../../../../../services/io/nats/log/header-reader.ts';
import { headerLines, openPublisher } from '../../../../../services/io/nats/log/publisher.ts';
import { withNats } from '../../../../support/farm-parts.ts';

const subject = 'ct.job.publisher.JobCancelRequested';

test('a publisher learns the sequence, a duplicate, and the refusal of a wrong expected sequence', () =>
  withNats(async ({ nats }) => {
    const { publish } = openPublisher(nats.connection);
    const first = await publish(subject, '{}', { 'Nats-Msg-Id': 'one' }, 2_000);
    assert.deepEqual(first, { seq: 1, duplicate: false });
    assert.deepEqual(await publish(subject, '{}', { 'Nats-Msg-Id': 'one' }, 2_000), { seq: 1, duplicate: true });
    const late = { 'Nats-Msg-Id': 'two', 'Nats-Expected-Last-Subject-Sequence': '0' };
    await assert.rejects(publish(subject, '{}', late, 2_000), (error) => {
      assert.ok(error instanceof JetStreamApiError);
      assert.equal(error.code, 10071);
      return true;
    });
    await assert.rejects(publish('nobody.listens', '{}', {}, 2_000), /nobody takes it: 503/);
    await assert.rejects(publish(subject, '{}', { 'ce-id': 'x\r\nNats-Rollup: all' }, 2_000), TypeError);
    const many = await Promise.all(Array.from({ length: 50 }, () => publish(subject, '{}', {}, 2_000)));
    assert.deepEqual(
      many.map(({ seq }) => seq),
      Array.from({ length: 50 }, (_, n) => n + 2),
    );
  }));

test('a header is read as the client itself reads it', () =>
  withNats(async ({ nats }) => {
    const { publish } = openPublisher(nats.connection);
    await publish(subject, 'ce-id: payload', { 'x-ce-id': 'other', 'ce-id': 'grün', 'ce-empty': '' }, 2_000);
    await publish(subject, 'bare', {}, 2_000);
    const consumer = await nats.js.consumers.get('CT_EVENTS', { deliver_policy: DeliverPolicy.All });
    const messages: JsMsg[] = [];
    for await (const message of await consumer.fetch({ max_messages: 2, expires: 1_000 })) messages.push(message);
    const names = ['ce-id', 'x-ce-id', 'ce-empty', 'ce-time', 'ce'];
    const [full, bare] = messages;
    assert.ok(full && bare);
    assert.deepEqual(names.map(headerReaderOf(full)), ['grün', 'other', '', '', '']);
    assert.deepEqual(
      names.map(headerReaderOf(full)),
      names.map((name) => full.headers?.get(name) ?? ''),
    );
    assert.deepEqual(names.map(headerReaderOf(bare)), ['', '', '', '', '']);
    // A client that keeps its messages in another way.
    const other = { headers: full.headers } as unknown as JsMsg;
    assert.equal(headerReaderOf(other)('ce-id'), 'grün');
  }));

test('headers that are sent again keep their bytes, and speak neither to the server nor as somebody else', () =>
  withNats(async ({ nats }) => {
    const { publish } = openPublisher(nats.connection);
    const kept = 'ce-id: grün\r\nce-empty: \r\nce-note: not Nats-Rollup\r\n';
    const hostile = ['ct-sequence: 9', 'x: a\nNats-Rollup: all', 'y: b\rCt-Sequence: 9', 'no name: c', 'nothing'];
    const lines = `${kept}Nats-Msg-Id: one\r\nnats-other: x\r\n${hostile.join('\r\n')}\r\n`;
    assert.equal((await publish(subject, '{}', lines, 2_000)).seq, 1);
    const consumer = await nats.js.consumers.get('CT_EVENTS', { deliver_policy: DeliverPolicy.All });
    const stored = await consumer.next({ expires: 1_000 });
    assert.ok(stored);
    assert.equal(headerLinesOf(stored), kept);
    const ours = headerLines({ 'Ct-Sequence': '1', 'Nats-Msg-Id': 'two' });
    assert.equal((await publish(subject, '{}', ours + headerLinesOf(stored), 2_000)).seq, 2);
    const again = await nats.jsm.direct.getMessage('CT_EVENTS', { seq: 2 });
    assert.deepEqual(
      ['Ct-Sequence', 'ce-id', 'ce-note', 'x', 'Nats-Rollup'].map((name) => again?.header.get(name)),
      ['1', 'grün', 'not Nats-Rollup', '', ''],
    );
    // A client that keeps its messages in another way.
    assert.equal(headerLinesOf({ headers: again?.header } as unknown as JsMsg), kept);
    assert.throws(() => headerLines({ 'ce-id': 'x\r\nNats-Rollup: all' }), TypeError);
  }));
