import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openFarm, startIn } from '../../support/farm.ts';
import type { Json } from '../../support/http.ts';
import { register } from './registered.ts';

const farm = await openFarm();
let serving: Awaited<ReturnType<typeof startIn>> = farm;
after(async () => {
  await serving.close();
  await farm.close();
});

const post = (path: string, body: Json, key: string, bearer?: string) =>
  serving.http.post(path, body, { headers: { 'idempotency-key': key }, ...(bearer ? { bearer } : {}) });

test('the same key and body give the first answer again, and nothing is done twice', async () => {
  await register(farm, 'once', { commands: { test: 'true', lint: 'true' } });
  const first = await post('/projects/once/jobs', { recipe: 'test' }, 'a');
  const second = await post('/projects/once/jobs', { recipe: 'test' }, 'a');
  assert.equal(first.status, 202);
  assert.equal(second.status, 202);
  assert.equal(second.text, first.text);
  assert.equal(second.headers.get('location'), first.headers.get('location'));
  assert.equal(second.headers.get('idempotency-replayed'), 'true');
  assert.equal((await serving.http.get('/jobs?project=once')).json.jobs.length, 1);
});

test('the same key with another body is a conflict; another path or token is another request', async () => {
  const other = await post('/projects/once/jobs', { recipe: 'lint' }, 'a');
  assert.deepEqual([other.status, other.json.code], [409, 'idempotency_key_reused']);
  assert.equal((await post('/admin/tokens', { name: 'helper', is_admin: true }, 'a')).status, 201);
  const helper = await serving.http.mint('second', { is_admin: true });
  const theirs = await post('/projects/once/jobs', { recipe: 'test' }, 'a', helper);
  assert.equal(theirs.headers.get('idempotency-replayed'), null);
});

test('many requests at once with one key do the work once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => post('/projects/once/jobs', { recipe: 'lint' }, 'race')),
  );
  const done = answers.filter(({ status }) => status === 202);
  assert.ok(done.length >= 1);
  assert.equal(new Set(done.map(({ json }) => json.job_id)).size, 1);
  for (const { status, json, headers } of answers.filter((answer) => answer.status !== 202)) {
    assert.deepEqual([status, json.code], [409, 'idempotency_key_in_use']);
    assert.ok(headers.get('retry-after'));
  }
});

test('a refused request may be sent again with the same key, mended', async () => {
  assert.equal((await post('/projects', { name: 'mended', git_url: 'nonsense' }, 'm')).status, 400);
  assert.equal((await post('/projects', { name: 'mended', git_url: farm.repository }, 'm')).status, 201);
});

test('several at once whose answer is a refusal all hear it', async () => {
  const many = Array.from({ length: 6 }, () => post('/projects', { name: 'refused', git_url: 'nonsense' }, 'refused'));
  assert.deepEqual(
    (await Promise.all(many)).map(({ status }) => status),
    many.map(() => 400),
  );
});

test('a job that is run again with a key is run again once', async () => {
  const [job] = (await serving.http.get('/jobs?project=once')).json.jobs;
  const first = await post(`/jobs/${job.job_id}/rerun`, undefined, 'again');
  assert.equal((await post(`/jobs/${job.job_id}/rerun`, undefined, 'again')).json.job_id, first.json.job_id);
  // The body of a route that takes none says nothing, however deep it is.
  const deep = await post(`/jobs/${job.job_id}/rerun`, `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'again');
  assert.equal(deep.json.job_id, first.json.job_id);
});

test('an answer of several MiB is given again', async () => {
  const command = `true ${'x'.repeat(8000)}`;
  const subprojects = Array.from({ length: 40 }, (_one, index) => ({
    path: `p${index}`,
    language: 'shell',
    ...Object.fromEntries(['build', 'test', 'lint'].map((recipe) => [recipe, command])),
  }));
  await register(farm, 'wide', { subprojects });
  const first = await post('/projects/wide/jobs', { recipe: 'build' }, 'wide');
  assert.equal(first.status, 202, first.text.slice(0, 500));
  assert.ok(first.text.length > 2_000_000);
  assert.equal((await post('/projects/wide/jobs', { recipe: 'build' }, 'wide')).text, first.text);
  await serving.http('DELETE', '/projects/wide');
});

test('a key is remembered over a restart, for a new bearer as well', async () => {
  const minted = await post('/admin/tokens', { name: 'kept' }, 'k');
  assert.equal(minted.status, 201);
  await farm.stop();
  const again = await startIn(farm.dir);
  serving = again;
  const replayed = await post('/admin/tokens', { name: 'kept' }, 'k');
  assert.equal(replayed.text, minted.text);
  const { status } = await again.http.get('/projects', { bearer: replayed.json.bearer });
  assert.equal(status, 200);
  assert.equal((await post('/admin/tokens', { name: 'kept' }, 'fresh')).json.code, 'name_taken');
});
