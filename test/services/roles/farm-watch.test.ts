import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '../../../services/config-kinds.ts';
import { silent } from '../../../services/io/log.ts';
import { type Bucket, type Entry, roleLeasePrefix } from '../../../services/io/nats/stores/bucket.ts';
import { watchFarm } from '../../../services/roles/farm-watch.ts';
import { openFarm } from '../../support/farm.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { until } from '../../support/until.ts';
import { openReceiver } from '../../support/webhook-receiver.ts';

function memoryBucket(): Bucket {
  const kept = new Map<string, Entry>();
  let revision = 0;
  const put = async (key: string, value: Uint8Array | string) => {
    revision += 1;
    kept.set(key, { value: Buffer.from(value), revision });
    return revision;
  };
  const erase = async (key: string) => void kept.delete(key);
  return {
    get: async (key) => kept.get(key) ?? null,
    put,
    create: put,
    update: put,
    erase,
    entries: async () => new Map(kept),
  };
}

/** A farm of which two processes look after it, with everything but the roles that are `gone`. */
function stage(patienceMs: number) {
  const log = memoryEventLog();
  const [leases, hints] = [memoryBucket(), memoryBucket()];
  const state = { shortage: null as string | null };
  const watches = [1, 2].map(() =>
    watchFarm({
      ...{ log, leases, hints, logger: silent },
      shortage: () => state.shortage,
      times: { everyMs: 3_600_000, patienceMs },
    }),
  );
  const living = (gone: readonly string[]) =>
    leases.put(
      `${roleLeasePrefix}one`,
      JSON.stringify({ roles: roleNames.filter((one) => !gone.includes(one)), host: 'h', pid: 1 }),
    );
  const look = () => Promise.all(watches.map((one) => one.look()));
  const told = () => log.all().map(({ type, entityId }) => `${type} ${entityId}`);
  const stop = () => {
    for (const one of watches) one.stop();
  };
  return { log, state, living, look, told, stop };
}

test('a role that nobody has is told of once, however many look, and once more when it is there again', async () => {
  const { living, look, told, stop } = stage(0);
  await living([]);
  await look();
  assert.deepEqual(told(), []);
  for (const gone of [['runner', 'digester'], ['runner', 'digester'], [], [], ['runner']]) {
    await living(gone);
    await look();
  }
  assert.deepEqual(told().sort(), [
    'FarmRecovered role.digester',
    'FarmRecovered role.runner',
    'FarmTroubled role.digester',
    'FarmTroubled role.runner',
    'FarmTroubled role.runner',
  ]);
  stop();
});

test('a role that nobody ever had is missed only where jobs need it', async () => {
  const { living, look, told, stop } = stage(0);
  await living(['patcher', 'digester', 'relay', 'notifier', 'parser']);
  await look();
  assert.deepEqual(told(), ['FarmTroubled role.parser']);
  stop();
});

test('what has not lasted is told to nobody', async () => {
  const { living, look, told, stop, state } = stage(3_600_000);
  await living(['runner']);
  state.shortage = 'only 3 MB are free at /secret/place';
  await look();
  await look();
  assert.deepEqual(told(), []);
  stop();
});

test('a disk without room is told of without its place', async () => {
  const { log, living, look, told, stop, state } = stage(0);
  await living([]);
  state.shortage = 'only 3 MB are free at /secret/place';
  await look();
  state.shortage = null;
  await look();
  assert.deepEqual(
    told().map((one) => one.split('.')[0]),
    ['FarmTroubled disk', 'FarmRecovered disk'],
  );
  assert.ok(!JSON.stringify(log.all()).includes('/secret'));
  stop();
});

test('every webhook of the farm hears that a role has nobody', async (context) => {
  const receiver = await openReceiver();
  const farm = await openFarm({
    env: { CRAFTING_ROLES: 'api,projector,notifier,scheduler,parser', CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' },
    parts: { farmTimes: { everyMs: 50, patienceMs: 100 } },
  });
  context.after(() => Promise.all([farm.close(), receiver.close()]));
  // Before that is said a lease is no recovery.
  await until(async () => (await farm.store.log.last('FarmTroubled', 'role.runner')) ?? undefined);
  const body = {
    name: 'shop',
    git_url: farm.repository,
    notify: { webhooks: [{ url: receiver.url, on: ['test_fail'] }] },
  };
  assert.equal((await farm.http.post('/projects', body)).status, 201);
  // One that was registered after the farm had said so hears of what comes then.
  await farm.store.leases.put(`${roleLeasePrefix}other`, JSON.stringify({ roles: ['runner'], host: 'h', pid: 1 }));
  await until(() =>
    receiver.received.some(
      ({ body: { type, data } }) => type === 'FarmRecovered' && /runner/.test(JSON.stringify(data)),
    ),
  );
  await farm.store.leases.erase(`${roleLeasePrefix}other`);
  const reason = 'no living process has the role runner: what it does waits';
  const { body: told } = await until(() =>
    receiver.received.find(({ body: { type, data } }) => type === 'FarmTroubled' && data.reason === reason),
  );
  assert.deepEqual(told.data, { trouble: 'role', reason });
  assert.equal(told.project, 'shop');
});
