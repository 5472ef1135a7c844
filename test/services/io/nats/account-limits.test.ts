import assert from 'node:assert/strict';
import { it } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { subscriberStream } from '../../../../events/streams.ts';
import { accountApiPrefix } from '../../../../services/io/nats/accounts/account-subjects.ts';
import { subscriberConsumer, waitingFor } from '../../../../services/io/nats/accounts/subscriber-stream.ts';
import { openBucket } from '../../../../services/io/nats/stores/bucket.ts';
import { sampleDraft } from '../../../events/stored-payloads.ts';
import { paced } from '../../../support/pace.ts';
import { until } from '../../../support/until.ts';
import { type AccountStage, connectAs, type Subscriber, withAccounts } from './account-stage.ts';

const api = accountApiPrefix;
const stream = subscriberStream.name;

/** What the server says to a request: its error, or `answered`. */
function asked(connection: NatsConnection, subject: string, payload = ''): Promise<string> {
  return connection.request(subject, payload, { timeout: paced(2_000) }).then(
    () => 'answered',
    (error: Error) => error.message,
  );
}

/** Whether the server lets a subscription be: it says no a moment later. */
async function subscribed(connection: NatsConnection, subject: string): Promise<string> {
  const subscription = connection.subscribe(subject);
  await connection.flush();
  const answer = await Promise.race([subscription.closed.then((error) => String(error)), until(() => 'it stands')]);
  subscription.unsubscribe();
  return answer;
}

async function takeAll(connection: NatsConnection, { name }: Subscriber): Promise<string[]> {
  const consumer = await jetstream(connection, { apiPrefix: api }).consumers.get(stream, subscriberConsumer(name));
  const texts: string[] = [];
  for await (const message of await consumer.fetch({ max_messages: 50, expires: 1_000 })) {
    texts.push(message.string());
    assert.equal(await message.ackAck(), true);
    if (message.info.pending === 0) break;
  }
  return texts;
}

async function sizes({ nats }: AccountStage): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for await (const { config, state } of nats.jsm.streams.list()) found[config.name] = state.last_seq;
  return found;
}

it('lets a subscriber take and acknowledge what is its own', () =>
  withAccounts(async ({ server, ann, bob, tell, nats }) => {
    await tell('ann', ['a1', 'a2', 'a3']);
    await tell('bob', ['b1']);
    const [first, second] = [await connectAs(ann, server.url), await connectAs(bob, server.url)];
    assert.deepEqual(await takeAll(first, ann), ['a1', 'a2', 'a3']);
    assert.deepEqual(await takeAll(second, bob), ['b1']);
    assert.deepEqual([await waitingFor(nats, 'ann'), await waitingFor(nats, 'bob')], [0, 0]);
    await Promise.all([first.close(), second.close()]);
  }));

it('refuses a subscriber everything else', () =>
  withAccounts(async (stage) => {
    const { server, ann, tell, nats, log } = stage;
    await openBucket(nats, { name: 'CT_SECRETS', ttlMs: 0, replicas: 1 }).then((one) => one.put('key', 'sealed'));
    await log.append(sampleDraft('TokenRevoked', 'x', { name: 'x' }));
    await tell('bob', ['b1', 'b2']);
    const before = await sizes(stage);
    const account = await connectAs(ann, server.url);

    const publishing = ['ct.token.x.TokenRevoked', 'ct-log.j.stdout', 'ct-report.j', 'ct-sub.ann', 'ct-sub.bob'];
    const buckets = ['$KV.CT_SECRETS.key', '$KV.CT_LEASES.key', '$O.x.C.y', '_INBOX.somebody', '$SYS.REQ.USER.INFO'];
    const streams = ['INFO', 'STREAM.NAMES', 'STREAM.LIST', 'ACCOUNT.INFO'];
    const ofStream = ['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE', 'SNAPSHOT', 'MSG.GET', 'MSG.DELETE'];
    const stores = [stream, 'CT_EVENTS', 'CT_LOGS', 'KV_CT_SECRETS'];
    const bob = `${stream}.${subscriberConsumer('bob')}`;
    const mine = `${stream}.${subscriberConsumer('ann')}`;
    const consumers = [
      ...['INFO', 'MSG.NEXT', 'DELETE', 'CREATE', 'DURABLE.CREATE'].map((what) => `CONSUMER.${what}.${bob}`),
      ...['DELETE', 'CREATE', 'DURABLE.CREATE'].map((what) => `CONSUMER.${what}.${mine}`),
      ...stores.flatMap((one) => [`CONSUMER.CREATE.${one}`, `CONSUMER.NAMES.${one}`, `CONSUMER.LIST.${one}`]),
    ];
    const calls = [
      ...streams,
      ...ofStream.flatMap((what) => stores.map((one) => `STREAM.${what}.${one}`)),
      ...stores.flatMap((one) => [`DIRECT.GET.${one}`, `DIRECT.GET.${one}.ct.token.x.TokenRevoked`]),
      ...consumers,
    ];
    const subjects = [
      ...publishing,
      ...buckets,
      `$JS.ACK.${bob}.1.1.1.1.1`,
      ...calls.flatMap((call) => [`$JS.API.${call}`, `${api}.${call}`]),
    ];
    for (const subject of subjects)
      assert.match(await asked(account, subject, '{}'), /Permissions Violation for Publish/, subject);
    for (const subject of ['>', 'ct.>', 'ct-sub.>', '*', '$JS.>', '$SYS.>', '$KV.>', '_R_.>', '_INBOX_.>'])
      assert.match(await subscribed(account, subject), /Permissions Violation for Subscription/, subject);

    assert.deepEqual(await sizes(stage), before);
    assert.equal(await waitingFor(nats, 'bob'), 2);
    await account.close();
  }));

it('stores nothing and disturbs nobody when a subscriber names a subject of others for an answer', () =>
  withAccounts(async (stage) => {
    const { server, ann, bob, tell, nats } = stage;
    await openBucket(nats, { name: 'CT_SECRETS', ttlMs: 0, replicas: 1 });
    await tell('ann', ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    await tell('bob', ['b1']);
    const before = await sizes(stage);
    const [account, other] = [await connectAs(ann, server.url), await connectAs(bob, server.url)];
    const overheard: string[] = [];
    other.subscribe('_INBOX.>', { callback: (_error, { subject }) => void overheard.push(subject) });
    await other.flush();

    const mine = `${stream}.${subscriberConsumer('ann')}`;
    const victims = [
      'ct.finding.x.FindingDetected',
      '$KV.CT_SECRETS.x',
      'ct-log.j.stdout',
      'ct-sub.bob',
      '_INBOX.of-bob.1',
      `$JS.ACK.${stream}.${subscriberConsumer('bob')}.1.2.1.1.0`,
      `$JS.API.CONSUMER.DELETE.${stream}.${subscriberConsumer('bob')}`,
      '$JS.API.STREAM.PURGE.CT_SUBSCRIBERS',
    ];
    for (const reply of victims) {
      account.publish(`${api}.CONSUMER.MSG.NEXT.${mine}`, '1', { reply });
      account.publish(`${api}.CONSUMER.INFO.${mine}`, '', { reply });
      account.publish(`$JS.ACK.${mine}.1.1.1.1.1`, '+NXT {"batch":2}', { reply });
    }
    await account.flush();
    // The questions were answered, into the account's own account, where nobody listens.
    await until(
      async () => (await nats.jsm.consumers.info(stream, subscriberConsumer('ann'))).delivered.stream_seq >= 6,
    );
    await nats.connection.flush();
    await other.flush();
    assert.deepEqual(await sizes(stage), before);
    assert.deepEqual(overheard, []);
    assert.equal(await waitingFor(nats, 'bob'), 1);
    assert.deepEqual(await takeAll(other, bob), ['b1']);
    await Promise.all([account.close(), other.close()]);
  }));
