import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventStream, logStream } from '../../../../events/streams.ts';
import {
  beginAt,
  rangeOf,
  readRange,
  type StoredMessage,
  unreadable,
  writeInOrder,
} from '../../../../services/io/nats/stream-snapshot.ts';
import { withNats } from '../../../support/farm-parts.ts';

async function* chunks(...seqs: number[]): AsyncGenerator<StoredMessage> {
  for (const seq of seqs)
    yield { seq, subject: 'ct-log.j.stdout', headers: { Line: `${seq}` }, data: Buffer.from(`line ${seq}`) };
}

async function readAll(messages: AsyncIterable<StoredMessage>): Promise<string[]> {
  const found: string[] = [];
  for await (const { seq, headers, data } of messages) found.push(`${seq} ${headers['Line']} ${Buffer.from(data)}`);
  return found;
}

test('messages are written at the sequences that they had, also where older ones had expired, and read as they were', () =>
  withNats(async ({ nats }) => {
    const { name } = logStream;
    assert.deepEqual(await readAll(readRange(nats, name, await rangeOf(nats, name))), []);
    await writeInOrder(nats, name, chunks(5, 6, 9, 10));
    assert.deepEqual(await rangeOf(nats, name), { first: 9, last: 10 });
    assert.deepEqual(await readAll(readRange(nats, name, { first: 1, last: 9 })), ['9 9 line 9']);
    await beginAt(nats, name, 500);
    assert.deepEqual(await rangeOf(nats, name), { first: 500, last: 499 });
    assert.equal((await nats.js.publish('ct-log.k.stdout', 'x')).seq, 500);
    await assert.rejects(writeInOrder(nats, name, chunks(1)), { code: 'internal', message: /took message 1 as 501/ });
    await assert.rejects(writeInOrder(nats, name, chunks(2, 1)), { code: 'invalid', message: /goes backwards/ });
    await assert.rejects(beginAt(nats, eventStream.name, 5), { code: 'unavailable' });
  }));

test('the first message that a damaged store cannot give is named, not an outage', () =>
  withNats(async ({ nats, dir }) => {
    const { name } = logStream;
    // More than one block of the store.
    for (let n = 0; n < 150; n += 1) await nats.js.publish(`ct-log.j${n}.stdout`, Buffer.alloc(64 * 1024, n));
    const blocks = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes(name) && path.endsWith('1.blk'),
    );
    assert.equal(blocks.length, 1, blocks.join());
    rmSync(join(dir, blocks[0] ?? ''));
    await assert.rejects(readAll(readRange(nats, name, { first: 1, last: 150 })), {
      reason: unreadable,
      message: /message 1 of 150 cannot be read: its store is damaged/,
    });
  }));
