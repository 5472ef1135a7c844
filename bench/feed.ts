import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { DeliverPolicy } from '@nats-io/jetstream';
import type { EventName } from '../events/registry.ts';
import { eventStream, subscriberStream } from '../events/streams.ts';
import { subscribe } from '../events/subscribe/subscribe.ts';
import type { NatsAccess, SubscribeOptions } from '../events/subscribe/subscription.ts';
import { systemClock } from '../services/floor/clock.ts';
import { silent } from '../services/io/log.ts';
import { subscriberAccount } from '../services/io/nats/accounts/client-account.ts';
import { lastDelivery, subscriberConsumer, subscriberSubject } from '../services/io/nats/accounts/subscriber-stream.ts';
import { makeUserKey, type UserKey } from '../services/io/nats/accounts/user-key.ts';
import type { Nats } from '../services/io/nats/connection.ts';
import { openPublisher } from '../services/io/nats/log/publisher.ts';
import type { Store } from '../services/io/open-store.ts';
import { type RunningProjector, startProjector } from '../services/projector/projector.ts';
import { startRelay } from '../services/relay/relay.ts';
import { inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';
import { appendAll, perSecond, withStore } from './filled-store.ts';
import { jobHistory } from './job-history.ts';

const jobs = 5_000;
const rounds = 3;
const crowd = 8;
/** As many as the relay sends without a wait between them. */
const window = 500;

type Stage = { readonly store: Store; readonly models: RunningProjector; readonly end: number };
type Rates = { ours: number[]; limit: number[] };

/**
 * A log of 20,000 events. The relay copies it to one subscriber and to eight that begin at its start, in events and in
 * copies a second, against a plain consumer that reads it with the same client, and against that client appending the
 * same payloads, 500 in flight. Then subscribe() reads it, over NATS and over HTTP, against a read of the same bytes
 * that opens nothing: an ordered consumer, and fetch from a bare server in a process of its own. All in turn.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const copied = await withStore(dir, (store) => copies(store, dir));
    return [...copied, await overHttp(dir)];
  });
}

async function copies(store: Store, dir: string): Promise<Figure[]> {
  const { end, rate } = await appendAll(store, jobHistory(jobs));
  console.log(`feed: ${end} events appended at ${rate.toFixed(0)}/s`);
  const models = await startProjector({ dir, log: store.log, logger: silent });
  const stage = { store, models, end };
  const [one, many, overNats]: [Rates, Rates, Rates] = [rates(), rates(), rates()];
  const appended: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const alone = `alone-${round}`;
      const { seconds, keys } = await relayTo(stage, [alone]);
      one.ours.push(end / seconds);
      one.limit.push(await readPlainly(store.nats, eventStream.name, end));
      overNats.ours.push(await hear(stage, alone, keys.get(alone) as UserKey));
      overNats.limit.push(await readPlainly(store.nats, subscriberStream.name, end, subscriberSubject(alone)));
      await remove(stage, [alone]);
      const names = Array.from({ length: crowd }, (_, at) => `crowd-${round}-${at}`);
      many.ours.push((crowd * end) / (await relayTo(stage, names)).seconds);
      appended.push(await appendPlainly(stage, `plain-${round}`));
      await remove(stage, names);
    }
  } finally {
    await models.close();
  }
  many.limit.push(...appended);
  return [
    figure('relay to 1 subscriber, against a plain consumer', 'events/s', one, 0.3),
    figure('the same, against plain appends', 'events/s', { ours: one.ours, limit: appended }, 0.5),
    figure(`relay to ${crowd} subscribers, against plain appends`, 'copies/s', many, 0.5),
    figure('subscribe() over NATS, against a consumer that opens nothing', 'events/s', overNats, 0.3),
  ];
}

const rates = (): Rates => ({ ours: [], limit: [] });

function figure(what: string, unit: string, { ours, limit }: Rates, atLeast: number): Figure {
  return { what, unit, ours: median(ours), limit: median(limit), target: { atLeast } };
}

/** Adds subscribers that begin at the start of the log, and lets a relay serve them: how long until all are told of the end. */
async function relayTo({ store, models, end }: Stage, names: readonly string[]) {
  const { log, nats } = store;
  const hearing = { events: [], projects: [], severities: [] };
  const keys = new Map(names.map((name) => [name, makeUserKey()]));
  let last = 0;
  for (const [name, { publicKey }] of keys) {
    const data = { name, public_key: publicKey, hearing, from_seq: 1, by: 'bench' };
    last = (await log.append({ type: 'SubscriberAdded', id: name, data })).seq;
  }
  await models.applied(last);
  const began = performance.now();
  const relay = await startRelay({
    ...store,
    models,
    logger: silent,
    clock: systemClock,
    config: { logRetentionDays: 1 },
  });
  const isDelivered = async () =>
    (await Promise.all(names.map((name) => lastDelivery(nats, name)))).every(({ seq }) => seq >= end);
  while (!(await isDelivered())) await wait(20);
  const seconds = (performance.now() - began) / 1000;
  await relay.stop();
  return { seconds, keys };
}

/** The next relay erases what they were told. */
async function remove({ store, models }: Stage, names: readonly string[]): Promise<void> {
  let last = 0;
  for (const name of names)
    last = (await store.log.append({ type: 'SubscriberRemoved', id: name, data: { name, by: 'bench' } })).seq;
  await models.applied(last);
}

/** An ordered consumer that counts: messages a second. */
async function readPlainly({ js }: Nats, stream: string, count: number, subject?: string): Promise<number> {
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  const filter = subject ? { filter_subjects: subject } : {};
  const consumer = await js.consumers.get(stream, { deliver_policy: DeliverPolicy.All, ...filter });
  let seen = 0;
  let bytes = 0;
  const messages = await consumer.consume({
    max_messages: 5_000,
    callback: ({ data }) => {
      bytes += data.length;
      seen += 1;
      if (seen === count) resolve();
    },
  });
  await promise;
  const rate = perSecond(count, began);
  await messages.close();
  if (bytes === 0) throw new Error(`${stream} holds nothing`);
  return rate;
}

/** The payloads of the log once more, without headers: messages a second. */
async function appendPlainly({ store: { nats }, end }: Stage, name: string): Promise<number> {
  const payloads: Uint8Array[] = [];
  const consumer = await nats.js.consumers.get(eventStream.name, { deliver_policy: DeliverPolicy.All });
  for await (const { data } of await consumer.consume({ max_messages: 5_000 })) {
    payloads.push(data);
    if (payloads.length === end) break;
  }
  const publisher = openPublisher(nats.connection);
  const began = performance.now();
  for (let from = 0; from < end; from += window)
    await Promise.all(
      payloads.slice(from, from + window).map((data) => publisher.publish(subscriberSubject(name), data, {}, 5_000)),
    );
  return perSecond(end, began);
}

async function hear({ store, end }: Stage, name: string, { publicKey, seed }: UserKey): Promise<number> {
  const { accounts } = store;
  await accounts.admit([subscriberAccount({ name, public_key: publicKey })]);
  const nats: NatsAccess = {
    url: accounts.url ?? '',
    apiPrefix: accounts.apiPrefix,
    stream: subscriberStream.name,
    consumer: subscriberConsumer(name),
    seed,
  };
  return heard({ nats }, end);
}

/** Subscribes until the event at `end`: events a second. */
async function heard(options: SubscribeOptions<EventName>, end: number): Promise<number> {
  const over = new AbortController();
  const began = performance.now();
  let rate = 0;
  await subscribe({ ...options, signal: over.signal }, ({ seq }) => {
    if (seq < end) return;
    rate = perSecond(end, began);
    over.abort();
  });
  return rate;
}

async function overHttp(dir: string): Promise<Figure> {
  const farm = await startBenchFarm({ dir, withoutGit: true, env: { CRAFTING_ROLES: 'api' } });
  const file = join(dir, 'answer.json');
  const { headers, body } = await farm.ask('GET', '/events');
  const count = body.trimEnd().split('\n').length;
  const type = headers['content-type'];
  writeFileSync(file, JSON.stringify({ headers: { 'content-type': type }, body }));
  const bare = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.ts'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [url] = await once(createInterface({ input: bare.stdout }), 'line');
    const [both, unopened] = [rates(), [] as number[]];
    for (let round = 0; round < rounds; round += 1) {
      both.ours.push(await heard({ url: farm.url, token: farm.bearer }, count));
      unopened.push(await fetched(`${farm.url}/events`, count, farm.bearer));
      both.limit.push(await fetched(url, count));
    }
    console.log(
      `feed over HTTP (${(body.length / 1e6).toFixed(1)} MB): read and not opened ${median(unopened).toFixed(0)}/s`,
    );
    return figure('subscribe() over HTTP, against fetch of the same bytes', 'events/s', both, 0.1);
  } finally {
    const gone = once(bare, 'exit');
    bare.stdin.end();
    await gone;
    await farm.close();
  }
}

/** Fetches to the end and opens nothing: events a second. */
async function fetched(url: string, count: number, bearer = ''): Promise<number> {
  const began = performance.now();
  const { body } = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
  let bytes = 0;
  for await (const part of body ?? []) bytes += part.length;
  if (bytes === 0) throw new Error(`${url} sent nothing`);
  return perSecond(count, began);
}

if (import.meta.main) await printed(run);
