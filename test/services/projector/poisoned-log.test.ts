import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { lastDelivery } from '../../../services/io/nats/accounts/subscriber-stream.ts';
import { openFarm, startIn } from '../../support/farm.ts';
import type { Http } from '../../support/http.ts';

const first = await openFarm();
after(() => first.close());
let farm: Pick<typeof first, 'http' | 'store' | 'close'> = first;

const poison: [subject: string, body: string][] = [
  ['ct.job.zzz.RecipeExited', 'not json'],
  ['ct.job.zzz.RecipeExited', '{"a":1}'],
  ['ct.job.zzz.RecipeStarted', ''],
  ['ct.nothing', '{}'],
];

async function publish([subject, body]: (typeof poison)[number]): Promise<number> {
  return (await farm.store.nats.js.publish(subject, body)).seq;
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await wait(20);
}

const readiness = async (http: Http) => {
  const { status, json } = await http.get('/readyz');
  const checks = json.checks as { name: string; ok: boolean; detail: string }[];
  return { status, projector: checks.find(({ name }) => name === 'projector') };
};
const passOver = (seq: number) =>
  farm.http.post(`/admin/log/${seq}/quarantine`, { reason: 'written by a stolen credential' });
const runsAJob = async (project: string) => {
  const { json } = await farm.http.post(`/projects/${project}/jobs`, { recipe: 'test' });
  await until(async () => (await farm.http.get(`/jobs/${json.job_id}`)).json.job.status === 'succeeded');
};

test('a message that is no event stops the projector loudly, and an admin passes it over without a restart', async () => {
  const { http, repository } = first;
  const subprojects = [{ path: '.', language: 'sh', test: 'true' }];
  assert.equal((await http.post('/projects', { name: 'shop', git_url: repository, subprojects })).status, 201);
  for (const one of poison) {
    const seq = await publish(one);
    await until(async () => (await readiness(http)).status === 503);
    assert.match(
      (await readiness(http)).projector?.detail ?? '',
      new RegExp(`sequence ${seq}.*crafting-table quarantine ${seq} --reason`),
    );
    const { status, json } = await passOver(seq);
    assert.deepEqual([status, json.quarantine.event_seq, json.quarantine.by], [200, seq, 'admin']);
    assert.equal((await passOver(seq)).status, 200, 'once more is no harm');
    await until(async () => (await readiness(http)).status === 200);
  }
  await runsAJob('shop');
});

test('a subscriber hears what stands behind a message that was passed over', async () => {
  const { http, store } = first;
  const filter = { events: ['RecipeExited'], projects: ['shop'] };
  const added = await http.post('/admin/subscribers', { name: 'eve', ...filter });
  assert.equal(added.status, 201, added.text);
  await runsAJob('shop');
  await until(async () => (await lastDelivery(store.nats, 'eve')).seq > 0);
  const seq = await publish(['ct.job.zzz.RecipeExited', 'not json']);
  await until(async () => (await readiness(http)).status === 503);
  assert.equal((await passOver(seq)).status, 200);
  await until(async () => (await readiness(http)).status === 200);
  await runsAJob('shop');
  await until(async () => (await lastDelivery(store.nats, 'eve')).seq > seq);
});

test('only an admin passes over, and never a sound event', async () => {
  const bearer = await first.http.mint('team');
  const refused = await first.http.post('/admin/log/1/quarantine', { reason: 'x' }, { bearer });
  assert.equal(refused.status, 403);
  const sound = await passOver(1);
  assert.deepEqual([sound.status, sound.json.code], [409, 'event_sound']);
  assert.equal((await passOver(1_000_000)).status, 404);
});

test('a service that starts on a poisoned log starts, says what to do, and goes on from there', async () => {
  const seq = await publish(poison[0] ?? ['', '']);
  await until(async () => (await readiness(first.http)).status === 503);
  await first.stop();
  // Also without a read model: what stands before the message is built, and served.
  rmSync(join(first.dataDir, 'read-model.db'));
  farm = await startIn(first.dir);
  try {
    assert.match((await readiness(farm.http)).projector?.detail ?? '', new RegExp(`quarantine ${seq} `));
    assert.equal((await farm.http.get('/projects/shop')).status, 200);
    assert.equal((await passOver(seq)).status, 200);
    await until(async () => (await readiness(farm.http)).status === 200);
    await runsAJob('shop');
    const { json } = await farm.http.post('/admin/rebuild', { verify: true });
    assert.deepEqual([json.equal, json.differs], [true, []]);
  } finally {
    await farm.close();
  }
});
