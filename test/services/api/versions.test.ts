import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mergePatch } from '../../../services/projects/rules/merge-patch.ts';
import { openFarm } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { register } from './registered.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
let ann = '';
let bob = '';

before(async () => {
  await http.post('/teams', { team: 'shop' });
  const rights = { team: 'shop', role: 'owner' };
  [ann, bob] = [await http.mint('shop.ann', rights), await http.mint('shop.bob', rights)];
});

const seen = async (name: string) => (await http.get(`/projects/${name}`)).headers.get('etag') ?? '';
const put = (name: string, body: Json, etag: string, bearer = ann) =>
  http('PUT', `/projects/${name}`, { body, bearer, headers: { 'if-match': etag } });
const patch = (name: string, body: Json, headers = {}) =>
  http('PATCH', `/projects/${name}`, { body, bearer: ann, headers });

test('of two who replace what both of them saw the second hears who changed which fields, and nothing is lost', async () => {
  const project = await register(farm, 'kept', { bearer: ann, schedule: { test: '0 3 * * *' } });
  const etag = await seen('kept');
  assert.match(etag, /^"\d+"$/);
  const by = { schedule: { test: '0 5 * * *' }, languages: ['go'] };
  const first = await put('kept', { ...project, ...by }, etag, bob);
  assert.equal(first.status, 200, first.text);
  const second = await put('kept', { ...project, default_branch: 'next' }, etag);
  assert.deepEqual([second.status, second.json.code], [412, 'version_changed']);
  assert.equal(second.headers.get('etag'), first.headers.get('etag'));
  assert.match(second.json.detail, /changed since "\d+", in .*languages.*: by shop\.bob at 2/);
  assert.deepEqual(
    second.json.errors.find(({ path }: Json) => path === '/body/schedule/test'),
    { path: '/body/schedule/test', message: 'was "0 3 * * *", is "0 5 * * *"' },
  );
  assert.deepEqual(await seen('kept'), first.headers.get('etag'));
  // With the version of now, also as a proxy weakens it, among others, or as any.
  for (const as of [(tag: string) => tag, (tag: string) => `"1", W/${tag}`, () => '*'])
    assert.equal((await put('kept', project, as(await seen('kept')))).status, 200);
});

test('what was registered anew, another project and nonsense are no version of it', async () => {
  const other = (await register(farm, 'other', { bearer: ann })) && (await seen('other'));
  await register(farm, 'anew', { bearer: ann });
  const before = await seen('anew');
  assert.equal((await http('DELETE', '/projects/anew', { bearer: ann, headers: { 'if-match': other } })).status, 412);
  assert.equal((await http('DELETE', '/projects/anew', { bearer: ann, headers: { 'if-match': before } })).status, 200);
  const project = await register(farm, 'anew', { bearer: ann });
  for (const etag of [before, other, '"999999"']) {
    const { status, json } = await put('anew', project, etag);
    assert.deepEqual([status, /is no version of the project anew/.test(json.detail)], [412, true], json.detail);
  }
  for (const etag of ['17', '"x"', '"1" "2"', '"1",', ''])
    assert.equal((await put('anew', project, etag)).json.errors[0].path, '/headers/if-match');
  // Whether it is there is nobody's to learn by a version.
  const stranger = await http.mint('stranger');
  assert.equal((await put('anew', project, '"1"', stranger)).status, 404);
});

test('a merge patch changes what it names, takes away what it says null of, and is held to the schema of a whole document', async () => {
  const notify = { email: ['a@example.org'], on: ['audit_fail'], auto_patch: true };
  const before = await register(farm, 'patched', {
    bearer: ann,
    notify,
    schedule: { test: '0 3 * * *', lint: '0 4 * * *' },
  });
  const { json, headers } = await patch('patched', {
    schedule: { lint: null, audit: '0 6 * * 1' },
    notify: { auto_patch: false },
  });
  const { lint: _taken, ...left } = before.schedule;
  assert.deepEqual(json.project.schedule, { ...left, audit: '0 6 * * 1' });
  assert.deepEqual(json.project.notify, { ...before.notify, auto_patch: false });
  assert.deepEqual(json.project.subprojects, before.subprojects);
  assert.equal(await seen('patched'), headers.get('etag'));
  assert.equal((await patch('patched', { languages: ['c'] }, { 'if-match': '"1"' })).status, 412);
  const refusals: [Json, RegExp][] = [
    [{ owner: 'else' }, /\/body\/owner/],
    [{ name: 'else' }, /\/body\/name/],
    [{ git_url: null }, /\/body\/git_url/],
    [{ nonsense: 1 }, /nonsense/],
    [{ schedule: { test: 'never' } }, /schedule/],
    [{ notify: { on: 'x' } }, /\/body\/notify\/on/],
    [[], /body/],
    ['"x"', /body/],
    [`{"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`, /deeper than 32/],
  ];
  for (const [body, words] of refusals) {
    const refused = await patch('patched', body);
    assert.equal(refused.status, 400, refused.text);
    assert.match(refused.json.detail, words);
  }
  assert.equal(await seen('patched'), headers.get('etag'));
});

test('the rights of a bearer are changed by whoever saw them as they are', async () => {
  const path = '/teams/shop/tokens/shop.bob';
  const before = await http.get(path, { bearer: ann });
  const etag = before.headers.get('etag') ?? '';
  assert.equal(before.json.token.role, 'owner');
  const change = (role: string) => http('PUT', path, { bearer: ann, body: { role }, headers: { 'if-match': etag } });
  const first = await change('viewer');
  assert.equal(first.status, 200, first.text);
  const second = await change('maintainer');
  assert.equal(second.status, 412);
  assert.match(second.json.detail, /TokenChanged by shop\.ann at 2/);
  assert.deepEqual(second.json.errors[0], { path: '/body/role', message: 'was "owner", is "viewer"' });
  assert.equal((await http.get(path, { bearer: ann })).headers.get('etag'), first.headers.get('etag'));
});

test('patches merge as the examples of RFC 7396 do', () => {
  const examples: [Json, Json, Json][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, change, result] of examples) assert.deepEqual(mergePatch(target, change), result);
});
