import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;

async function connected(name: string) {
  const { status, json, text } = await http.post('/admin/runners', { name });
  assert.equal(status, 201, text);
  const creds = join(farm.dir, `${name}.creds`);
  writeFileSync(creds, json.credentials, { mode: 0o600 });
  const nats = await connectNats({ url: json.nats.url, creds, name: 'test', log: silent });
  return { nats, creds, url: json.nats.url as string };
}

test('a runner that was added reaches its inbox and nothing else, and is cut off when it is removed', async () => {
  const { nats, creds, url } = await connected('far');
  after(() => nats.connection.close());
  const ask = (subject: string) => nats.connection.request(subject, 'not json', { timeout: 2_000 });
  await until(() =>
    ask('ct-claim.far.beat').then(
      (answer) => answer.json<{ refused: { code: string } }>().refused.code === 'invalid',
      () => false,
    ),
  );
  const end = await farm.store.log.end();
  for (const subject of ['ct.token.x.TokenMinted', 'ct.job.x.RecipeExited', 'ct-claim.other.beat', 'ct-log.x.stdout'])
    await assert.rejects(ask(subject), subject);
  await assert.rejects(nats.jsm.direct.getMessage('CT_EVENTS', { seq: 1 }));
  assert.equal(await farm.store.log.end(), end);
  assert.equal((await http('DELETE', '/admin/runners/far')).status, 200);
  await until(() =>
    ask('ct-claim.far.beat').then(
      () => false,
      () => true,
    ),
  );
  await assert.rejects(connectNats({ url, creds, name: 'test', log: silent }), /does not let us in/);
});

test('a runner that is added again gets a new credential, and the old one is good for nothing', async () => {
  const before = await connected('near');
  const old = join(farm.dir, 'old.creds');
  copyFileSync(before.creds, old);
  await before.nats.connection.close();
  const now = await connected('near');
  await now.nats.connection.close();
  await assert.rejects(connectNats({ ...before, creds: old, name: 'test', log: silent }), /does not let us in/);
  const { json } = await http.get('/admin/runners');
  assert.equal(json.runners.filter((one: { name: string }) => one.name === 'near').length, 1);
});

test('a key is that of one account alone, and must be one', async () => {
  const { public_key } = (await http.get('/admin/runners')).json.runners[0];
  assert.equal((await http.post('/admin/runners', { name: 'other', public_key })).status, 409);
  const wrong = await http.post('/admin/runners', { name: 'other', public_key: `U${'A'.repeat(55)}` });
  assert.deepEqual([wrong.status, wrong.json.errors[0].path], [400, '/body/public_key']);
});

test('runners are the business of admins alone', async () => {
  const { bearer } = (await http.post('/admin/tokens', { name: 'somebody' })).json;
  const { status } = await http('GET', '/admin/runners', { headers: { authorization: `Bearer ${bearer}` } });
  assert.equal(status, 403);
});
