import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { register } from './registered.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
let ann = '';

before(async () => {
  await http.post('/teams', { team: 'red' });
  ann = (await http.post('/admin/tokens', { name: 'red.ann', team: 'red', role: 'owner' })).json.bearer;
});

const mint = async (name: string, more: Json, bearer = ann) =>
  await http.post('/teams/red/tokens', { name: `red.${name}`, role: 'owner', ...more }, { bearer });
const all = ['admin', 'read', 'run', 'write'];
const code = ({ status, json }: Json) => [status, json.code];

test('nobody renews a bearer that is stronger than his own', async () => {
  const weak = (await mint('weak', { scopes: ['admin', 'read'] })).json.bearer;
  await mint('strong', { scopes: all });
  const path = '/teams/red/tokens/red.strong/rotate';
  assert.deepEqual(code(await http.post(path, {}, { bearer: weak })), [403, 'scope_missing']);
  assert.deepEqual(code(await http.post('/teams/red/tokens/red.ann/rotate', {}, { bearer: weak })), [
    403,
    'scope_missing',
  ]);
  assert.equal((await http.post('/teams/red/tokens/red.weak/rotate', {}, { bearer: weak })).status, 201);
  assert.equal((await http.post(path, {}, { bearer: ann })).status, 201);
});

test('no bearer makes one that ends later than it does, and none lifts its own end', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = new Date(Date.now() + 7_200_000).toISOString();
  const { bearer } = (await mint('short', { scopes: all, expires_at: soon })).json;
  const put = (body: Json) => http('PUT', '/teams/red/tokens/red.short', { bearer, body });
  for (const expires_at of [null, later]) {
    assert.deepEqual(code(await put({ expires_at })), [403, 'end_too_late']);
    assert.deepEqual(code(await mint('child', { scopes: ['read'], expires_at }, bearer)), [403, 'end_too_late']);
  }
  assert.equal((await mint('heir', { scopes: ['read'] }, bearer)).json.token.expires_at, soon);
  // Ann's has no end: whoever renewed it would hold it.
  assert.deepEqual(code(await http.post('/teams/red/tokens/red.ann/rotate', {}, { bearer })), [403, 'end_too_late']);
  const again = await http.post('/teams/red/tokens/red.short/rotate', { expires_at: later }, { bearer });
  assert.deepEqual(code(again), [403, 'end_too_late']);
});

test('an admin bearer with an end makes none without', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const made = await http.post('/admin/tokens', { name: 'guest-admin', is_admin: true, expires_at: soon });
  const { bearer } = made.json;
  const body = { name: 'for-ever', is_admin: true, expires_at: null };
  assert.deepEqual(code(await http.post('/admin/tokens', body, { bearer })), [403, 'end_too_late']);
  assert.deepEqual(code(await http.post('/admin/tokens/red.ann/rotate', {}, { bearer })), [403, 'end_too_late']);
});

test('a bearer that is narrowed to some projects sees no other in a difference', async () => {
  for (const name of ['one', 'two']) await register(farm, name, { bearer: ann });
  const narrow = (await mint('narrow', { role: 'viewer', scopes: ['read'], projects: ['two'] })).json.bearer;
  const { json } = await http.get('/diff?from=0', { bearer: narrow });
  assert.deepEqual([...new Set(json.changes.map(({ project }: Json) => project))], ['two']);
});

test('a repository by path is none of the folders of the farm, however it is written', async () => {
  const mirrors = join(farm.dataDir, 'workspace', 'mirrors');
  for (const git_url of [mirrors, `file://${mirrors}`, `${farm.dataDir}/../data`, join(farm.dataDir, 'nats')]) {
    const subprojects = [{ path: '.', language: 'shell', test: 'true' }];
    const { status, json } = await http.post('/projects', { name: 'thief', git_url, subprojects }, { bearer: ann });
    assert.equal(status, 400, git_url);
    assert.match(json.detail, /must not name a folder of the farm itself/);
  }
});
