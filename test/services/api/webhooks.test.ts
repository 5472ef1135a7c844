import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { openReceiver } from '../../support/webhook-receiver.ts';
import { enqueue, register } from './registered.ts';

/** Every second ping is not heard. */
let pings = 0;
const receiver = await openReceiver(({ body }) => {
  if (body.type === 'ping') pings += 1;
  return body.type === 'ping' && pings % 2 === 0 ? 500 : 204;
});
const farm = await openFarm({ env: { CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8' } });
after(async () => {
  await farm.close();
  await receiver.close();
});
const { http } = farm;

const secretPath = 'hooks-path-0123456789';
const url = receiver.url.replace('/hook', `/${secretPath}`);
const given = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const put = (name: string, project: Json, webhooks: Json[]) =>
  http('PUT', `/projects/${name}`, { body: { ...project, notify: { ...project.notify, webhooks } } });
const show = async (name: string) => (await http.get(`/projects/${name}`)).json.project;

test('a secret is made where none is given, and shown in that answer alone', async () => {
  const { notify } = await register(farm, 'made', { notify: { webhooks: [{ url, on: ['cve_found'] }] } });
  const [{ secret, ...shown }] = notify.webhooks;
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  const host = new URL(url).host;
  assert.deepEqual(shown, { id: 'standard', host, on: ['cve_found'], format: 'standard', has_secret: true });
  const project = await show('made');
  assert.deepEqual(project.notify.webhooks, [shown]);
  const again = await put('made', project, project.notify.webhooks);
  assert.deepEqual([again.status, again.json.project.notify.webhooks], [200, [shown]]);
  const [{ body: ping }, probe] = await pinged('made', 'standard');
  assert.equal(ping.type, 'ping');
  new Webhook(secret).verify(probe.text, probe.headers as Record<string, string>);
});

/** Sends pings until one was heard; answers it. */
async function pinged(name: string, id: string): Promise<Json> {
  const before = receiver.received.length;
  await until(async () => (await http.post(`/projects/${name}/webhooks/${id}/test`)).json.heard);
  const got = receiver.received.slice(before).at(-1);
  return [got, got];
}

test('a PUT of what a GET showed keeps address and secret, and a new address keeps the secret', async () => {
  await register(farm, 'kept', { notify: { webhooks: [{ id: 'ci', url, secret: given, on: ['PrOpened'] }] } });
  const project = await show('kept');
  assert.equal(JSON.stringify(project).includes(given), false);
  assert.equal((await put('kept', project, project.notify.webhooks)).status, 200);
  const other = receiver.url.replace('/hook', '/moved');
  const moved = await put('kept', project, [{ id: 'ci', url: other, on: ['PrOpened', 'PrMerged'] }]);
  assert.equal(moved.json.project.notify.webhooks[0].secret, undefined);
  const [got] = await pinged('kept', 'ci');
  assert.equal(got.path, '/moved');
  new Webhook(given).verify(got.text, got.headers);
});

test('a webhook that is not kept needs an address, and faults name their path', async () => {
  const project = await show('kept');
  const faults = async (webhooks: Json[]) =>
    (await put('kept', project, webhooks)).json.errors?.map(({ path }: Json) => path);
  assert.deepEqual(await faults([{ id: 'new', on: ['PrOpened'] }]), ['/body/notify/webhooks/0/url']);
  assert.deepEqual(await faults([{ url: 'http://169.254.169.254/latest', on: ['PrOpened'] }]), [
    '/body/notify/webhooks/0/url',
  ]);
  assert.deepEqual(await faults([{ url, on: ['PrOpened', 'nonsense'] }]), ['/body/notify/webhooks/0/on/1']);
  assert.deepEqual((await show('kept')).notify.webhooks[0].on, ['PrOpened', 'PrMerged']);
});

test('a ping says what came back, and how long that took', async () => {
  const answers: Json[] = [];
  for (let n = 0; n < 2; n += 1) answers.push((await http.post('/projects/made/webhooks/standard/test')).json);
  const [heard, deaf] = answers.toSorted((a, b) => a.status - b.status);
  assert.deepEqual([heard.ok, heard.heard, heard.status, heard.reason], [true, true, 204, null]);
  assert.deepEqual([deaf.ok, deaf.heard, deaf.status, deaf.reason], [true, false, 500, 'answered 500']);
  assert.ok(Number.isInteger(heard.ms));
});

test('webhooks of somebody else are not there', async () => {
  const bearer = await http.mint('stranger');
  for (const [method, path] of [
    ['GET', '/projects/made/webhooks'],
    ['POST', '/projects/made/webhooks/standard/test'],
    ['POST', '/projects/made/webhooks/standard/replay?from=0'],
  ] as const)
    assert.equal((await http(method, path, { bearer })).status, 404, path);
});

test('address and secret are nowhere but in the vault: not in events, answers or files', async () => {
  await enqueue(farm, 'made', { recipe: 'test' });
  const [{ secret }] = (await register(farm, 'quiet', { notify: { webhooks: [{ url, on: ['JobEnqueued'] }] } })).notify
    .webhooks;
  await http.ended((await enqueue(farm, 'quiet', { recipe: 'test' })).job_id);
  await until(async () => (await http.get('/projects/quiet/webhooks')).json.webhooks[0].sent > 0 || undefined);
  const texts = [
    (await http.get('/events')).text,
    (await http.get('/projects')).text,
    (await http.get('/projects/quiet/webhooks')).text,
    (await http.get('/metrics')).text,
  ];
  for (const text of texts)
    for (const hidden of [secret, secret.slice(6), given, secretPath]) assert.ok(!text.includes(hidden), hidden);
  const stored = readdirSync(farm.dataDir, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'));
  assert.ok(stored.length > 3);
  for (const text of stored) assert.ok(!text.includes(secret.slice(6)) && !text.includes(secretPath));
});

test('what a project no longer names is erased from the vault', async () => {
  const project = await show('quiet');
  const before = (await http.get('/events')).text;
  const ref = /"target_ref":"([^"]+)"[^}]*"on":\["JobEnqueued"\]/.exec(before)?.[1] ?? '';
  assert.ok(JSON.parse(await farm.store.vault.get(ref)).url.includes(secretPath));
  assert.equal((await put('quiet', project, [])).status, 200);
  await assert.rejects(farm.store.vault.get(ref), /erased/);
});
