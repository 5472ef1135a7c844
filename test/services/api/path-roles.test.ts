import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { enqueue, register } from './registered.ts';

const farm = await openFarm({
  files: { 'package.json': '{"jest":{"setupFiles":["./src/boot.js"]}}\n', 'src/boot.js': '\n', 'src/a.js': '\n' },
});
after(() => farm.close());

test('one call says what each path is to those who judge, with the settings of the base commit, and who says so', async () => {
  const { http } = farm;
  const bearer = await http.mint('owner');
  await register(farm, 'shop', { bearer, commands: { test: 'sh ./verify.sh' } });
  const asked = '/projects/shop/roles?path=src/a.js&path=src/boot.js&path=verify.sh&path=CLAUDE.md&path=README.md';
  const early = (await http.get(asked, { bearer })).json;
  assert.equal(early.base, null);
  assert.deepEqual(
    early.roles.map(({ role }: { role: string }) => role),
    ['source', 'source', 'build_script', 'loaded_by_name', 'documentation'],
  );
  await http.ended((await enqueue(farm, 'shop', { recipe: 'test' }, { bearer })).job_id);
  const { roles, base, settings } = (await http.get(asked, { bearer })).json;
  assert.match(base, /^[0-9a-f]{40}$/);
  assert.deepEqual(settings, ['package.json']);
  assert.deepEqual(roles[1], {
    path: 'src/boot.js',
    role: 'hook',
    decides_verdict: true,
    why: 'the settings of the runner name it',
    by: 'package.json',
  });
  assert.equal((await http.get('/projects/shop/roles', { bearer })).status, 400);
  assert.equal((await http.get(asked, { bearer: await http.mint('stranger') })).status, 404);
});
