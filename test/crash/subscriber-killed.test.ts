import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { subscribe } from '../../events/subscribe/subscribe.ts';
import type { NatsAccess, SubscribeOptions } from '../../events/subscribe/subscription.ts';
import { sampleDraft } from '../events/stored-payloads.ts';
import { compileCache } from '../support/compile-cache.ts';
import { openFarm } from '../support/farm.ts';
import { until } from '../support/until.ts';

// Each way. The whole proof: CRAFTING_TEST_SUBSCRIBER_EVENTS=100000 CRAFTING_TEST_SUBSCRIBER_KILLS=200
const events = Number(process.env.CRAFTING_TEST_SUBSCRIBER_EVENTS ?? 1_500);
const kills = Number(process.env.CRAFTING_TEST_SUBSCRIBER_KILLS ?? 3);
/** How far the log may be ahead of the subscriber: it meets both what is there and what comes. */
const lead = 1_000;

const farm = await openFarm({ env: { CRAFTING_ROLES: 'api,relay' } });
after(() => farm.close());
const child = join(import.meta.dirname, 'subscriber-child.ts');

/** How many events it has done with: its lines are of ten bytes. */
const linesIn = (file: string) => (existsSync(file) ? Math.floor(statSync(file).size / 10) : 0);

function startSubscriber(file: string, options: SubscribeOptions) {
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: compileCache,
    SUBSCRIBER_FILE: file,
    SUBSCRIBER_OPTIONS: JSON.stringify(options),
  };
  const subscriber = spawn(process.execPath, [child], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = once(subscriber, 'exit');
  return {
    runs: () => subscriber.exitCode === null,
    kill: async () => {
      subscriber.kill('SIGKILL');
      await gone;
    },
  };
}

type Subscriber = ReturnType<typeof startSubscriber>;

/** Appends the events a little ahead of the subscriber, in bursts; answers the last sequence. */
async function appendAll(file: string): Promise<number> {
  let last = 0;
  for (let done = 0; done < events; ) {
    await until(() => done < linesIn(file) + lead, 'the subscriber goes on');
    const burst = Math.min(randomInt(1, 400), events - done);
    const drafts = Array.from({ length: burst }, (_, n) => sampleDraft('TokenRevoked', 'x', { name: `t${done + n}` }));
    const appended = await Promise.all(drafts.map((draft) => farm.store.log.append(draft, { durable: false })));
    last = Math.max(last, ...appended.map(({ seq }) => seq));
    done += burst;
  }
  return last;
}

/** Kills it at random points of the log, some of them before it has begun to read again; answers the one that is left. */
async function killAgainAndAgain(file: string, options: SubscribeOptions): Promise<Subscriber> {
  const points = Array.from({ length: kills }, () => randomInt(Math.ceil(events * 0.9))).sort((a, b) => a - b);
  for (const [at, point] of points.entries()) {
    const subscriber = startSubscriber(file, options);
    try {
      if (at % 5 === 4) await delay(randomInt(200));
      else await until(() => linesIn(file) >= point, `event ${point}`);
      assert.ok(subscriber.runs(), 'it ran until it was killed');
    } finally {
      await subscriber.kill();
    }
  }
  return startSubscriber(file, options);
}

/** Holds what it has done against the sequences that it was to hear. */
async function prove(file: string, first: number, options: SubscribeOptions): Promise<void> {
  const [last, subscriber] = await Promise.all([appendAll(file), killAgainAndAgain(file, options)]);
  try {
    await until(() => linesIn(file) >= last - first + 1, `event ${last}`);
  } finally {
    await subscriber.kill();
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map(Number);
  const wrong = lines.findIndex((seq, at) => seq !== first + at);
  assert.deepEqual([wrong, lines.length], [-1, last - first + 1], `line ${wrong + 1} is ${lines[wrong]}`);
}

test('a subscriber over HTTP that is killed at any moment ends with exactly the events of the log', () =>
  prove(join(farm.dir, 'over-http.txt'), 1, { url: farm.url, token: farm.admin }));

/** Adds a subscriber for what happens from now on; answers its way to that, and the sequence with which it begins. */
async function addSubscriber(name: string): Promise<{ access: NatsAccess; first: number }> {
  const added = await farm.http.post('/admin/subscribers', { name, from: 'now' });
  assert.equal(added.status, 201, added.text);
  const { nats, seed, subscriber } = added.json;
  const { url, stream, consumer, api_prefix: apiPrefix } = nats;
  return { access: { url, stream, consumer, apiPrefix, seed }, first: subscriber.from_seq };
}

test('a subscriber over NATS that is killed at any moment ends with exactly the events of the log', async () => {
  const { access, first } = await addSubscriber('mortal');
  await prove(join(farm.dir, 'over-nats.txt'), first, { nats: access });
});

test('the request that a killed subscriber left open takes no event away from the next one', async () => {
  const { access, first } = await addSubscriber('heir');
  const { url, stream, consumer, apiPrefix, seed = '' } = access;
  const dead = await connect({ servers: url, authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) });
  const request = JSON.stringify({ batch: 3, expires: 30_000_000_000 });
  dead.publish(`${apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply: '_INBOX.dead.1' });
  await dead.flush();
  await dead.close();
  const heard: number[] = [];
  const end = new AbortController();
  const options = { nats: access, signal: end.signal } as const;
  const subscription = subscribe(options, ({ seq }) => {
    if (heard.push(seq) === 5) end.abort();
  });
  for (let n = 0; n < 5; n += 1)
    await farm.store.log.append(sampleDraft('TokenRevoked', 'x', { name: 'x' }), { durable: false });
  await subscription;
  assert.deepEqual(
    heard,
    [0, 1, 2, 3, 4].map((n) => first + n),
  );
});

test('a subscriber over NATS hears what it asks for, and acknowledges the rest with it', async () => {
  const { access } = await addSubscriber('choosy');
  for (const type of ['TokenRevoked', 'ProjectRemoved', 'TokenRevoked', 'ProjectRemoved'] as const)
    await farm.store.log.append(sampleDraft(type, 'x', { name: 'x' }), { durable: false });
  const heard: string[] = [];
  const end = new AbortController();
  const options = { nats: access, events: ['ProjectRemoved'], signal: end.signal } as const;
  await subscribe(options, ({ type }) => {
    if (heard.push(type) === 2) end.abort();
  });
  assert.deepEqual(heard, ['ProjectRemoved', 'ProjectRemoved']);
  await until(async () => {
    const { subscribers } = (await farm.http.get('/admin/subscribers')).json;
    return subscribers.find(({ name }: { name: string }) => name === 'choosy').waiting === 0;
  });
  await assert.rejects(
    subscribe({ nats: access, from: 'now' }, () => {}),
    /it was said when the subscriber was added/,
  );
});
