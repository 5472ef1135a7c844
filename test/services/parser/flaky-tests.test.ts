import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { enqueue, register } from '../api/registered.ts';

let farm: TestFarm;
let failing = '';

before(async () => {
  farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,runner' } });
  failing = join(farm.dir, 'failing');
  const tap = (line: string) => `printf 'TAP version 13\\n1..2\\nok 1 - steady\\n${line} 2 - shaky\\n'`;
  const command = `if [ -e ${failing} ]; then ${tap('not ok')}; exit 1; else ${tap('ok')}; fi`;
  await register(farm, 'web', { commands: { test: command } });
});
after(() => farm?.close());

async function run(outcome: 'fails' | 'passes'): Promise<Json> {
  if (outcome === 'fails') writeFileSync(failing, '');
  else rmSync(failing, { force: true });
  return farm.http.ended((await enqueue(farm, 'web', { recipe: 'test' })).job_id);
}

async function shaky(): Promise<Json> {
  const { findings } = (await farm.http.get('/findings?project=web&kind=test_fail')).json;
  return findings[0];
}

const commit = (text: string) => commitFiles(farm.repository, { 'a.txt': text });
const said = ({ status, new_findings_count }: Json) => [status, new_findings_count];

test('a test that fails and passes on one commit is set aside until a date, and breaks through when it fails twice', async () => {
  assert.deepEqual(said(await run('passes')), ['succeeded', 0]);
  commit('one');
  assert.deepEqual(said(await run('fails')), ['failed', 1], 'nobody knows yet that it is flaky');
  assert.deepEqual(said(await run('passes')), ['succeeded', 0]);
  const { state, suppression } = await shaky();
  assert.equal(state, 'resolved');
  assert.match(suppression.reason, /^flaky: it failed and passed on one commit/);
  const days = (Date.parse(suppression.until) - Date.now()) / 86_400_000;
  assert.ok(days > 13 && days < 15, suppression.until);

  commit('two');
  assert.deepEqual(said(await run('fails')), ['succeeded', 0], 'a flaky test fails nothing');
  assert.equal((await shaky()).state, 'suppressed');
  commit('three');
  assert.deepEqual(said(await run('fails')), ['failed', 1], 'twice is a regression');
  assert.deepEqual([(await shaky()).state, (await shaky()).suppression], ['open', null]);
  commit('four');
  assert.deepEqual(said(await run('passes')), ['succeeded', 0]);
  assert.deepEqual(
    [(await shaky()).state, (await shaky()).suppression],
    ['resolved', null],
    'other commits prove nothing',
  );
});

test('a regression is no flaky test, however often its commits are run', async () => {
  for (const text of ['five', 'six']) {
    commit(text);
    assert.equal((await run('fails')).status, 'failed');
    assert.equal((await run('fails')).status, 'failed');
  }
  assert.equal((await shaky()).state, 'open');
});

test('a test that never passed is broken, whatever became of its recipe in between', async () => {
  const tap = (line: string) => `printf 'TAP version 13\\n1..1\\n${line}\\n'`;
  const fails = `${tap('not ok 1 - adds up')}; exit 1`;
  const subproject = (command: string) => [{ path: '.', language: 'shell', test: command }];
  await register(farm, 'never', { commands: { test: fails } });
  const runs = async () => {
    const ended = await farm.http.ended((await enqueue(farm, 'never', { recipe: 'test' })).job_id);
    const { findings } = (await farm.http.get('/findings?project=never&kind=test_fail')).json;
    return [ended.status, ...findings.map(({ state, suppression }: Json) => [state, suppression])];
  };
  const broken = ['failed', ['open', null]];
  assert.deepEqual(await runs(), broken);

  const change = async (subprojects: Json) => {
    const { status, text } = await farm.http('PATCH', '/projects/never', { body: { subprojects } });
    assert.equal(status, 200, text);
  };
  await change(null);
  await until(async () => {
    const { findings } = (await farm.http.get('/findings?project=never&state=unwatched')).json;
    return findings.length > 0;
  });
  await change(subproject(fails));
  assert.deepEqual(await runs(), broken, 'it was taken out, which is no pass');

  for (const other of [tap('ok 1 - another'), `${tap('ok 1 - adds up # SKIP')}; true`]) {
    await change(subproject(other));
    await runs();
    await change(subproject(fails));
    assert.deepEqual(await runs(), broken, 'another command proves nothing of it');
  }
  const { tests } = (await farm.http.get('/projects/never/tests')).json;
  assert.deepEqual(
    tests.map(({ test: name, failures, runs: all, flaky }: Json) => [name, failures === all, flaky]),
    [['adds up', true, false]],
  );
});
