import assert from 'node:assert/strict';
import { it } from 'node:test';
import { projectOf } from '../../../events/event-filter.ts';
import { subscriberStream } from '../../../events/streams.ts';
import { ensureSubscriberConsumer, waitingFor } from '../../../services/io/nats/accounts/subscriber-stream.ts';
import { until } from '../../support/until.ts';
import { type Heard, withStage } from './relay-stage.ts';

const seqs = (list: readonly Heard[]) => list.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('tells each subscriber what it asked for, in the order of the log, once', () =>
  withStage(async ({ relay, subscribe, happen, heard, log }) => {
    await happen(700);
    await subscribe('all');
    await subscribe('odd', { projects: ['odd'] });
    await subscribe('late', { from_seq: 600, events: ['JobCancelRequested'] });
    const first = await relay();
    await happen(50);
    const end = await log.end();
    await until(async () => seqs(await heard('all')).at(-1) === end);
    assert.deepEqual(seqs(await heard('all')), range(1, end));
    const odd = await until(async () => ((await heard('odd')).length === 375 ? heard('odd') : null));
    for (const { seq, type } of odd) {
      const event = await log.at(seq);
      assert.deepEqual([type, event && projectOf(event)], ['JobCancelRequested', 'odd']);
    }
    const late = await heard('late');
    assert.deepEqual(seqs(late), [...range(600, 700), ...range(704, end)]);
    assert.equal(late[0]?.subject.endsWith('.JobCancelRequested'), true);

    // Another life of the relay goes on where this one was.
    await first.stop();
    await happen(10);
    await relay();
    await until(async () => seqs(await heard('all')).at(-1) === end + 10);
    assert.deepEqual(seqs(await heard('all')), range(1, end + 10));
    assert.equal((await heard('odd')).length, 380);
  }));

it('leaves nothing out and repeats nothing when two relays work at once', () =>
  withStage(async ({ relay, subscribe, happen, heard, log }) => {
    await subscribe('one');
    await subscribe('two', { projects: ['even'] });
    await happen(600);
    await Promise.all([relay(), relay()]);
    for (let round = 0; round < 20; round += 1) await happen(20);
    const end = await log.end();
    await until(async () => seqs(await heard('one')).at(-1) === end);
    assert.deepEqual(seqs(await heard('one')), range(1, end));
    await until(async () => (await heard('two')).length >= 500);
    const two = seqs(await heard('two'));
    assert.deepEqual(
      two,
      [...new Set(two)].sort((a, b) => a - b),
    );
    assert.equal(two.length, 500);
  }));

it('begins anew for a subscriber that is added again, and serves one that is added while it runs', () =>
  withStage(async ({ relay, subscribe, happen, heard, nats, log }) => {
    await happen(30);
    await relay();
    await subscribe('shop');
    const added = await until(async () => ((await heard('shop')).length === 31 ? log.end() : null));
    assert.deepEqual(seqs(await heard('shop')), range(1, added));
    await subscribe('shop', { from_seq: 20 });
    await until(async () => seqs(await heard('shop'))[0] === 20);
    await until(async () => seqs(await heard('shop')).at(-1) === added + 1);
    assert.deepEqual(seqs(await heard('shop')), range(20, added + 1));
    assert.equal(await waitingFor(nats, 'shop'), added + 1 - 20 + 1);
  }));

it('goes on after all that it told has expired, and tells nothing of it again', () =>
  withStage(async ({ relay, subscribe, happen, heard, nats, log }) => {
    await happen(20);
    await subscribe('quiet');
    const first = await relay();
    await until(async () => (await heard('quiet')).length === 21);
    // As an operator, or the age limit, would leave the stream while the relay runs.
    await nats.jsm.streams.purge(subscriberStream.name);
    await happen(3);
    const end = await log.end();
    await until(async () => seqs(await heard('quiet')).at(-1) === end);
    assert.deepEqual(seqs(await heard('quiet')), range(end - 2, end));
    await first.stop();
  }));

it('erases at its start what is left of a subscriber that was removed meanwhile', () =>
  withStage(async ({ relay, subscribe, heard, nats, log }) => {
    await subscribe('gone');
    const first = await relay();
    await until(async () => (await heard('gone')).length === 1);
    await first.stop();
    await log.append({ type: 'SubscriberRemoved', id: 'gone', data: { name: 'gone', by: 'test' } });
    await ensureSubscriberConsumer(nats, 'unknown');
    await relay();
    assert.deepEqual(await heard('gone'), []);
    assert.equal(await waitingFor(nats, 'gone'), null);
    assert.equal(await waitingFor(nats, 'unknown'), 0, 'what the log does not know is left alone');
  }));
