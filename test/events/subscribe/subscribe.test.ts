import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Draft, EventName, Recorded } from '../../../events/registry.ts';
import { fileCheckpoint } from '../../../events/subscribe/file-checkpoint.ts';
import { subscribe } from '../../../events/subscribe/subscribe.ts';
import type {
  Handler,
  Snapshot,
  SubscribeOptions,
  Trouble,
  UnknownEvent,
} from '../../../events/subscribe/subscription.ts';
import { openFarm } from '../../support/farm.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { whileMoving } from '../../support/until.ts';
import { sampleDraft } from '../stored-payloads.ts';
import { openCuttingProxy } from './cutting-proxy.ts';

const farm = await openFarm({ env: { CRAFTING_ROLES: 'api' } });
after(() => farm.close());
const { log } = farm.store;
const access = { url: farm.url, token: farm.admin };
let ends = 0;

const append = (draft: Draft) => log.append(draft, { durable: false });
const revoked = (name: string) => append(sampleDraft('TokenRevoked', name, { name }));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

before(async () => {
  for (let n = 0; n < 700; n += 1) void revoked(`early-${n}`);
  ({ seq: ends } = await revoked('early'));
});

/** Subscribes until enough has been heard; answers it. */
async function heard<N extends EventName>(
  options: SubscribeOptions<N>,
  isEnough: (events: readonly Recorded<N>[]) => boolean,
  handler: Handler<N> = () => {},
): Promise<Recorded<N>[]> {
  const events: Recorded<N>[] = [];
  const end = new AbortController();
  await whileMoving((still) =>
    subscribe({ ...access, ...options, signal: AbortSignal.any([end.signal, still]) }, async (event) => {
      await handler(event);
      events.push(event);
      if (isEnough(events)) end.abort();
    }),
  );
  assert.ok(end.signal.aborted, `only ${events.length} were heard`);
  return events;
}

const sequences = (events: readonly { seq: number }[]) => events.map(({ seq }) => seq);

test('a subscriber hears the whole log in order, typed and whole', async () => {
  const events = await heard({}, ({ length }) => length === ends);
  assert.deepEqual(sequences(events), range(1, ends));
  assert.deepEqual(events[ends - 1], await log.at(ends));
});

test('a subscriber begins at a sequence, at a date, or with what happens from now on', async () => {
  const last = await log.at(ends);
  assert.deepEqual(sequences(await heard({ from: { sequence: 700 } }, ({ length }) => length === 2)), [700, 701]);
  const [first] = await heard({ from: { date: new Date(last?.time ?? '') } }, ({ length }) => length === 1);
  assert.equal(first?.time, last?.time);
  let appended: Promise<{ seq: number }> | undefined;
  const checkpoint = {
    load: async () => null,
    save: async () => {
      appended ??= revoked('now');
    },
  };
  const [now] = await heard({ from: 'now', checkpoint }, ({ length }) => length === 1);
  assert.equal(now?.seq, (await appended)?.seq);
});

test('a filter leaves out what is not asked for, and the checkpoint moves past it', async () => {
  await append(sampleDraft('ProjectRemoved', 'shop', { name: 'shop' }));
  const saved: number[] = [];
  const checkpoint = { load: async () => null, save: async (seq: number) => void saved.push(seq) };
  const options = { events: ['TokenMinted', 'ProjectRemoved'], projects: [], checkpoint } as const;
  const events = await heard(options, (all) => all.at(-1)?.type === 'ProjectRemoved');
  assert.deepEqual(
    events.map(({ data }) => data.name),
    ['admin', 'shop'],
  );
  assert.ok(saved.length > events.length, 'positions were saved between them');
  assert.deepEqual(
    saved,
    saved.toSorted((a, b) => a - b),
  );
});

test('connections that break are made again, without a gap and without a repeat', async () => {
  const cuts = [60, 900, 5_000, 20_011, 40_003, 333];
  const proxy = await openCuttingProxy(farm.url, cuts);
  try {
    const troubles: Trouble[] = [];
    const options = { url: proxy.url, onTrouble: (one: Trouble) => troubles.push(one) };
    const events = await heard(options, ({ length }) => length === ends);
    assert.deepEqual(sequences(events), range(1, ends));
    assert.equal(proxy.connections(), cuts.length + 1);
    assert.equal(troubles.length, cuts.length);
    assert.ok(troubles.every(({ where }) => where === 'connection'));
  } finally {
    await proxy.close();
  }
});

test('a handler that throws is called again with the same event, and nothing is saved before it succeeds', async () => {
  const saved: number[] = [];
  const tried: number[] = [];
  const troubles: Trouble[] = [];
  let failures = 2;
  await heard(
    {
      from: { sequence: 5 },
      checkpoint: { load: async () => null, save: async (seq) => void saved.push(seq) },
      onTrouble: (one) => troubles.push(one),
    },
    ({ length }) => length === 3,
    ({ seq }) => {
      tried.push(seq);
      if (seq !== 6 || failures === 0) return;
      failures -= 1;
      assert.ok(!saved.includes(6));
      throw new Error('no room');
    },
  );
  assert.deepEqual(tried, [5, 6, 6, 6, 7]);
  assert.deepEqual(saved, [4, 5, 6, 7]);
  assert.deepEqual(
    troubles.map(({ where, attempt, seq, message }) => [where, attempt, seq, message]),
    [
      ['handler', 1, 6, 'no room'],
      ['handler', 2, 6, 'no room'],
    ],
  );
});

test('a subscription that is ended lets the handler finish, saves, and goes on after it the next time', () =>
  inTempDir(async (dir) => {
    const checkpoint = fileCheckpoint(join(dir, 'checkpoint'));
    assert.equal(await checkpoint.load(), null);
    const before = await heard({ checkpoint }, ({ length }) => length === 10);
    assert.equal(await checkpoint.load(), 10);
    const later = await heard({ checkpoint, from: 'now' }, ({ length }) => length === 10);
    assert.deepEqual(sequences([...before, ...later]), range(1, 20));
    assert.deepEqual(await readdir(dir), ['checkpoint']);
    await writeFile(join(dir, 'checkpoint'), 'nonsense');
    await assert.rejects(checkpoint.load(), /was to hold the sequence/);
  }));

test('a snapshot comes first, and the events after exactly its sequence follow', async () => {
  const project = { name: 'snap', git_url: farm.repository, subprojects: [] };
  assert.equal((await farm.http.post('/projects', project)).status, 201);
  let snapshot: Snapshot | undefined;
  let refused = 1;
  const options: SubscribeOptions = {
    snapshot: async (state) => {
      refused -= 1;
      if (refused === 0) throw new Error('not yet');
      snapshot = state;
      await revoked('after-snapshot');
    },
  };
  const [first] = await heard(options, ({ length }) => length === 1);
  assert.deepEqual(
    snapshot?.projects.map(({ name }) => name),
    ['snap'],
  );
  assert.deepEqual([snapshot?.findings, snapshot?.jobs], [[], []]);
  assert.deepEqual([first?.entityId, first?.seq], ['after-snapshot', (snapshot?.seq ?? 0) + 1]);
});

test('an event that is newer than the library is handed to onUnknown, or told and passed over', async () => {
  const event = { id: 'a', time: '', source: '/t', causation_id: null, correlation_id: 'a' };
  const token = { ...event, entity: 'token', subject: 'x', type: 'TokenRevoked', data_version: 1, data: { name: 'x' } };
  const strange = { ...event, seq: 1, entity: 'robot', subject: 'r', type: 'RobotBuilt', data_version: 1, data: {} };
  const lines = [strange, { ...token, seq: 2, data_version: 9 }, { ...token, seq: 3, data: {} }, { ...token, seq: 4 }];
  const server = createServer((_request, response) => {
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }).listen(0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/farm`;
  const unknown: UnknownEvent[] = [];
  const troubles: Trouble[] = [];
  const isOver = ({ length }: readonly unknown[]) => length === 1;
  const [last] = await heard({ url, onUnknown: (one) => void unknown.push(one) }, isOver);
  await heard({ url, onTrouble: (one) => troubles.push(one) }, isOver);
  server.close();
  assert.equal(last?.seq, 4);
  assert.deepEqual(
    unknown.map(({ seq, type }) => [seq, type]),
    [
      [1, 'RobotBuilt'],
      [2, 'TokenRevoked'],
      [3, 'TokenRevoked'],
    ],
  );
  assert.match(unknown[1]?.reason ?? '', /has version 9, this build reads up to 1; upgrade it/);
  assert.deepEqual(unknown[0]?.raw, strange);
  assert.deepEqual(
    troubles.map(({ where, seq }) => [where, seq]),
    [1, 2, 3].map((seq) => ['unknown-event', seq]),
  );
});

test('what trying again does not mend is refused at once, in words', async () => {
  const refused = (options: SubscribeOptions, words: RegExp) =>
    assert.rejects(
      subscribe({ ...access, ...options }, () => assert.fail()),
      (error: Error) => {
        assert.equal(error.name, 'SubscriptionRefused');
        assert.match(error.message, words);
        assert.ok(!error.message.includes(farm.admin));
        return true;
      },
    );
  await refused({ token: 'ct_nobody' }, /events answered 401: Send a known bearer/);
  await refused({ projects: ['nowhere'] }, /404: There is no such project/);
  await refused({ events: ['Surprise' as EventName] }, /400: \/querystring\/events: "Surprise" is no event/);
  await refused({ url: '' }, /Expected `url`/);
});
