import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { enqueue, register } from './registered.ts';

const farm = await openFarm({ files: { 'a/x': '1', 'b/x': '1' }, env: { CRAFTING_SLOTS: '2' } });
after(() => farm.close());
const { http } = farm;

before(async () => {
  const subprojects = [
    { path: 'a', language: 'shell', test: 'cat x', lint: 'true' },
    { path: './b/', language: 'shell', test: 'cat x' },
  ];
  await register(farm, 'two', { subprojects });
});

test('a recipe without a subproject runs in every one that has it', async () => {
  const { status, json, headers } = await http.post('/projects/two/jobs', { recipe: 'test' });
  assert.equal(status, 202);
  assert.deepEqual(
    json.jobs.map(({ subproject }: Json) => subproject),
    ['a', 'b'],
  );
  assert.equal(json.job_id, json.jobs[0].job_id);
  assert.equal(headers.get('location'), `/jobs/${json.job_id}`);
  for (const { job_id } of json.jobs) assert.equal((await http.ended(job_id)).status, 'succeeded');
  const one = await http.post('/projects/two/jobs', { recipe: 'lint' });
  assert.deepEqual(
    one.json.jobs.map(({ subproject }: Json) => subproject),
    ['a'],
  );
});

test('what a project does not have is said, with what it has', async () => {
  const refused = async (body: Json) => {
    const { status, json } = await http.post('/projects/two/jobs', body);
    assert.equal(status, 400);
    return `${json.errors[0].path} ${json.errors[0].message}`;
  };
  assert.equal(await refused({ recipe: 'audit' }), '/body/recipe no subproject of two has a audit recipe');
  assert.match(await refused({ recipe: 'test', subproject: 'c' }), /^\/body\/subproject two has no .*"a", "b"/);
  assert.match(
    await refused({ recipe: 'lint', subproject: 'b' }),
    /^\/body\/recipe "b" has no lint recipe; "a" has one/,
  );
  assert.match(await refused({ recipe: 'deploy' }), /^\/body\/recipe /);
  assert.match(await refused({ recipe: 'test', branch: 'a..b' }), /^\/body\/branch /);
  assert.match(await refused({ recipe: 'test', sha: 'main' }), /^\/body\/sha /);
});

test('a job runs the commit that was asked for, and a rerun the same one although the branch has moved on', async () => {
  const before = git(farm.repository, 'rev-parse', 'HEAD');
  const first = await enqueue(farm, 'two', { recipe: 'test', subproject: 'a' });
  assert.equal((await http.ended(first.job_id)).sha, before);
  const moved = commitFiles(farm.repository, { 'a/x': '2' });
  const rerun = await http.post(`/jobs/${first.job_id}/rerun`);
  assert.equal(rerun.status, 202);
  const again = await http.ended(rerun.json.job_id);
  assert.deepEqual([again.sha, again.rerun_of, again.command], [before, first.job_id, 'cat x']);
  assert.equal((await http.get(`/jobs/${again.job_id}/log`)).text, '1');
  const newest = await http.ended((await enqueue(farm, 'two', { recipe: 'test', subproject: 'a' })).job_id);
  assert.equal(newest.sha, moved);
  const chosen = await enqueue(farm, 'two', { recipe: 'test', subproject: 'a', sha: before });
  const short = await enqueue(farm, 'two', { recipe: 'test', subproject: 'a', sha: before.slice(0, 9).toUpperCase() });
  assert.equal((await http.ended(short.job_id)).sha, before);
  const named = await enqueue(farm, 'two', { recipe: 'test', subproject: 'a', branch: 'refs/heads/main' });
  assert.deepEqual([named.branch, (await http.ended(named.job_id)).sha], ['main', moved]);
  assert.equal((await http.get(`/jobs/${(await http.ended(chosen.job_id)).job_id}/log`)).text, '1');
});

test('a branch that is not there fails the job with a reason', async () => {
  const { job_id } = await enqueue(farm, 'two', { recipe: 'test', subproject: 'a', branch: 'nowhere' });
  const job = await http.ended(job_id);
  assert.deepEqual([job.status, job.reason, job.exit_code], ['failed', 'workspace_failed', null]);
  assert.match(job.detail, /nowhere/);
});

test('a recipe that is edited later does not change the job', async () => {
  await register(farm, 'edited', { commands: { test: 'echo first' } });
  const { job_id } = await enqueue(farm, 'edited', { recipe: 'test' });
  const { project } = (await http.get('/projects/edited')).json;
  await http('PUT', '/projects/edited', {
    body: { ...project, subprojects: [{ path: '.', language: 'shell', test: 'echo second' }] },
  });
  await http.ended(job_id);
  assert.equal((await http.get(`/jobs/${job_id}/log`)).text, 'first\n');
  const rerun = await http.post(`/jobs/${job_id}/rerun`);
  await http.ended(rerun.json.job_id);
  assert.equal((await http.get(`/jobs/${rerun.json.job_id}/log`)).text, 'first\n');
});

test('a running job, a queued one and one that is over are cancelled as far as they can be', async () => {
  await register(farm, 'held', { commands: { test: 'echo up; sleep 3000' }, concurrency: { max_running: 1 } });
  const running = (await enqueue(farm, 'held', { recipe: 'test' })).job_id;
  const queued = (await enqueue(farm, 'held', { recipe: 'test' })).job_id;
  await until(async () => (await http.get(`/jobs/${running}/log`)).text === 'up\n');
  for (const id of [queued, running]) {
    const { status, json } = await http.post(`/jobs/${id}/cancel`);
    assert.deepEqual([status, json.job.cancel_requested_by], [202, 'admin']);
    const job = await http.ended(id);
    assert.deepEqual([job.status, job.reason], ['cancelled', 'cancelled']);
  }
  assert.equal((await http.get(`/jobs/${queued}`)).json.job.started_at === null, true);
  const { status, json } = await http.post(`/jobs/${running}/cancel`);
  assert.deepEqual([status, json.code], [409, 'job_over']);
});

test('a job of high priority is taken before one of low priority that came first', async () => {
  await register(farm, 'order', { commands: { test: 'true', lint: 'sleep 3000' }, concurrency: { max_running: 1 } });
  const blocker = await enqueue(farm, 'order', { recipe: 'lint' });
  await until(async () => (await http.get(`/jobs/${blocker.job_id}`)).json.job.status === 'running');
  const low = await enqueue(farm, 'order', { recipe: 'test', priority: 'low' });
  const high = await enqueue(farm, 'order', { recipe: 'test', priority: 'high' });
  await http.post(`/jobs/${blocker.job_id}/cancel`);
  const [first, second] = [await http.ended(high.job_id), await http.ended(low.job_id)];
  assert.ok(first.started_at < second.started_at, `${first.started_at} ${second.started_at}`);
});

test('a project that is not enabled runs nothing', async () => {
  await register(farm, 'off', { enabled: false });
  const { status, json } = await http.post('/projects/off/jobs', { recipe: 'test' });
  assert.deepEqual([status, json.code], [409, 'project_disabled']);
});
