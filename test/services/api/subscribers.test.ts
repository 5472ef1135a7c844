import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { makeUserKey } from '../../../services/io/nats/accounts/user-key.ts';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { openRaw } from './raw-subscriber.ts';
import { enqueue, register } from './registered.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
await register(farm, 'shop');
await register(farm, 'other');
for (const project of ['shop', 'other']) await http.ended((await enqueue(farm, project, { recipe: 'test' })).job_id);

const add = (body: Json, asking = {}) => http.post('/admin/subscribers', body, asking);
const listed = async (name: string) =>
  (await http.get('/admin/subscribers')).json.subscribers.find((one: Json) => one.name === name);

function connectWith(seed: string, url: string) {
  return connect({ servers: url, authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)), reconnect: false });
}

test('a subscriber takes with its seed exactly what it was added for, and is cut off when it is removed', async () => {
  const { status, json, text } = await add({
    name: 'audit',
    events: ['JobEnqueued', 'RecipeExited'],
    projects: ['shop'],
    from: 'start',
  });
  assert.equal(status, 201, text);
  const { seed, nats, subscriber } = json;
  assert.deepEqual(
    [subscriber.events, subscriber.projects, subscriber.from_seq],
    [['JobEnqueued', 'RecipeExited'], ['shop'], 1],
  );
  const connection = await connectWith(seed, nats.url);
  const consumer = await jetstream(connection, { apiPrefix: nats.api_prefix }).consumers.get(
    nats.stream,
    nats.consumer,
  );
  const heard: string[] = [];
  for (let at = 0; at < 2; at += 1) {
    const message = await consumer.next({ expires: 10_000 });
    assert.ok(message);
    heard.push(
      `${message.headers?.get('ce-type')} of ${message.json<Json>().project ?? message.headers?.get('Ct-Subject')}`,
    );
    assert.match(message.headers?.get('Ct-Sequence') ?? '', /^\d+$/);
    assert.equal(await message.ackAck(), true);
  }
  assert.deepEqual(heard, ['JobEnqueued of shop', 'RecipeExited of shop']);
  assert.equal((await listed('audit')).waiting, 0);
  await http.ended((await enqueue(farm, 'other', { recipe: 'test' })).job_id);
  await http.ended((await enqueue(farm, 'shop', { recipe: 'test' })).job_id);
  await until(async () => (await listed('audit')).waiting === 2);

  const gone = await http('DELETE', '/admin/subscribers/audit');
  assert.deepEqual([gone.status, gone.json.subscriber.name], [200, 'audit']);
  await connection.closed();
  await assert.rejects(connectWith(seed, nats.url), /authorization/i);
  assert.equal((await http('DELETE', '/admin/subscribers/audit')).status, 404);
});

test('a seed is shown once, again only to the same request, and lies nowhere', async () => {
  const asking = { headers: { 'idempotency-key': 'one' } };
  const first = await add({ name: 'once' }, asking);
  const second = await add({ name: 'once' }, asking);
  assert.match(first.json.seed, /^SU[A-Z2-7]{56}$/);
  assert.deepEqual([second.status, second.json], [201, first.json]);
  assert.equal(second.headers.get('idempotency-replayed'), 'true');
  const { seed } = first.json;
  assert.ok(!(await http.get('/admin/subscribers')).text.includes(seed));
  assert.ok(!(await http.get('/events')).text.includes(seed));
  assert.ok(!readFileSync(join(farm.dataDir, 'nats', 'server.conf'), 'utf8').includes(seed));

  const { publicKey } = makeUserKey();
  const own = await add({ name: 'own-key', public_key: publicKey });
  assert.deepEqual([own.status, own.json.seed, own.json.subscriber.public_key], [201, null, publicKey]);
  const taken = await add({ name: 'twin', public_key: publicKey });
  assert.deepEqual([taken.status, taken.json.code], [409, 'key_taken']);
});

test('a subscriber is refused with the field that is wrong, and only an admin is asked at all', async () => {
  const faults: [Json, string][] = [
    [{ events: ['JobEnqueued', 'NoSuchEvent'] }, '/body/events/1'],
    [{ projects: ['nothing'] }, '/body/projects/0'],
    [{ severities: ['bad'] }, '/body/severities/0'],
    [{ from: 'yesterday' }, '/body/from'],
    [{ from: 1_000_000 }, '/body/from'],
    [{ public_key: `U${'A'.repeat(55)}` }, '/body/public_key'],
  ];
  for (const [body, path] of faults) {
    const { status, json, text } = await add({ name: 'faulty', ...body });
    assert.deepEqual([status, json.errors[0].path], [400, path], text);
  }
  assert.equal(await listed('faulty'), undefined);
  const bearer = await http.mint('ann');
  assert.equal((await add({ name: 'ann' }, { bearer })).status, 403);
  assert.equal((await http.get('/admin/subscribers', { bearer })).status, 403);
  assert.equal((await http('DELETE', '/admin/subscribers/once', { bearer })).status, 403);
});

test('a subscriber that is added again begins anew, from where it is told and with another key', async () => {
  const before = await add({ name: 'again', events: ['ProjectRegistered'], from: 'start' });
  await until(async () => (await listed('again')).waiting === 2);
  const connection = await connectWith(before.json.seed, before.json.nats.url);
  const now = await add({ name: 'again', events: ['ProjectRegistered'], from: 2 });
  await connection.closed();
  const { seed, subscriber, nats } = now.json;
  const raw = await openRaw({ url: nats.url, seed, public_key: subscriber.public_key });
  try {
    const next = nats.subjects.find((one: string) => one.includes('MSG.NEXT'));
    const [first, second] = await raw.take(next, 2);
    assert.match(first?.headers ?? '', /ce-type: ProjectRegistered\r\n/);
    const generation = (one: typeof first) => Number(/Ct-Generation: (\d+)/.exec(one?.headers ?? '')?.[1]);
    assert.deepEqual([generation(first), generation(second)], [farm.models?.seq(), farm.models?.seq()]);
    assert.equal(JSON.parse(first?.payload ?? '').name, 'shop');
    for (const one of [first, second]) raw.ack(one?.reply ?? '');
    await until(async () => (await listed('again')).waiting === 0);
    raw.say('PUB ct.token.x.TokenRevoked 2\r\n{}\r\nSUB > 9\r\n');
    await until(() => /Subscription to ">"/.test(raw.said()));
    assert.match(raw.said(), /-ERR 'Permissions Violation for Publish to "ct\.token\.x\.TokenRevoked"'/);
  } finally {
    raw.close();
  }
});
