import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';
import { allOf } from '../scheduler/scheduled-farm.ts';
import { register } from './registered.ts';

const farm = await openFarm({
  env: { CRAFTING_ROLES: 'api,parser,projector,runner,scheduler', CRAFTING_DIGEST_TIMEZONE: 'Europe/Berlin' },
});
after(() => farm.close());
const { http } = farm;
const commands = { test: 'true', audit: 'true' };
let ann = '';
let bob = '';

before(async () => {
  [ann, bob] = [await http.mint('ann'), await http.mint('bob')];
  await register(farm, 'p', { bearer: ann, commands, schedule: { audit: '02:00', test: '*/5 * * * *' } });
});

test('a registration answers the next three times of each recipe, and warns of what nothing has', async () => {
  const body = {
    name: 'answered',
    git_url: farm.repository,
    subprojects: [{ path: '.', language: 'shell', audit: 'true' }],
    schedule: { audit: '02:00', lint: '0 3 * * *', timezone: 'UTC', disabled: ['lint'] },
  };
  const { status, json } = await http.post('/projects', body);
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(json.next_runs), ['audit']);
  assert.ok(json.next_runs.audit.every((time: string) => time.endsWith('T02:00:00.000Z')));
  assert.deepEqual(
    json.warnings.map(({ path }: { path: string }) => path),
    ['/schedule/lint', '/notify'],
  );
  const told = { ...body, name: 'told', schedule: {}, notify: { email: 'team@example.org' } };
  const { warnings } = (await http.post('/projects', told)).json;
  assert.match(warnings.at(-1).message, /CRAFTING_SMTP_HOST/);
  const changed = await http('PUT', '/projects/answered', { body: { ...body, schedule: { audit: '04:00' } } });
  assert.match(changed.json.next_runs.audit[0], /T0[23]:00:00\.000Z$/);
});

test('words that name no time are refused with the field they stand in', async () => {
  const body = { name: 'wrong', git_url: farm.repository, schedule: { audit: '25:00', timezone: 'Mars/Olympus' } };
  const { status, json } = await http.post('/projects', body);
  assert.equal(status, 400, JSON.stringify(json));
  assert.deepEqual(
    json.errors.map(({ path }: { path: string }) => path),
    ['/body/schedule/timezone', '/body/schedule/audit'],
  );
});

test('everyone sees their own schedules, the admin all of them', async () => {
  const namesFor = async (bearer: string) =>
    (await http.get('/schedules', { bearer })).json.schedules.map(
      (one: { project: string; recipe: string }) => `${one.project}/${one.recipe}`,
    );
  assert.deepEqual(await namesFor(ann), ['p/audit', 'p/test']);
  assert.deepEqual(await namesFor(bob), []);
  assert.deepEqual(await namesFor(farm.admin), ['answered/audit', 'p/audit', 'p/test']);
  const page = await http.get('/schedules?limit=2');
  const rest = await http.get(`/schedules?limit=2&cursor=${page.json.next_cursor}`);
  assert.deepEqual([page.json.schedules.length, rest.json.schedules.length, rest.json.next_cursor], [2, 1, null]);
});

test('a schedule says when it runs next, in which zone, and how far it is spread', async () => {
  const [audit] = (await http.get('/schedules?project=p', { bearer: ann })).json.schedules;
  assert.deepEqual([audit.when, audit.timezone, audit.enabled, audit.last], ['02:00', 'Europe/Berlin', true, null]);
  assert.equal(new Set(audit.next_runs).size, 3);
  assert.ok(audit.next_runs.every((time: string) => Date.parse(time) > Date.now()));
  assert.ok(audit.delay_secs >= 0 && audit.delay_secs <= 60);
});

test("somebody else's schedule, and one that is not there, are not found", async () => {
  for (const [path, bearer] of [
    ['/schedules/p/audit/run', bob],
    ['/schedules/p/audit/disable', bob],
    ['/schedules/p/lint/run', ann],
    ['/schedules/none/audit/enable', ann],
  ])
    assert.equal((await http.post(path ?? '', {}, { bearer: bearer ?? null })).status, 404, path);
});

test('a schedule is switched off and on, once each', async () => {
  const off = await http.post('/schedules/p/audit/disable', {}, { bearer: ann });
  assert.deepEqual([off.status, off.json.schedule.enabled, off.json.schedule.next_runs], [200, false, []]);
  const end = await farm.store.log.end();
  assert.equal((await http.post('/schedules/p/audit/disable', {}, { bearer: ann })).status, 200);
  assert.equal(await farm.store.log.end(), end);
  const { project } = (await http.get('/projects/p', { bearer: ann })).json;
  assert.deepEqual(project.schedule, { audit: '02:00', test: '*/5 * * * *', disabled: ['audit'] });
  const on = await http.post('/schedules/p/audit/enable', {}, { bearer: ann });
  assert.deepEqual([on.json.schedule.enabled, on.json.schedule.next_runs.length], [true, 3]);
});

test('a run that is asked for names its jobs; the same request again names the same ones', async () => {
  const asking = { bearer: ann, headers: { 'idempotency-key': 'once' } };
  const first = await http.post('/schedules/p/audit/run', {}, asking);
  assert.equal(first.status, 202, first.text);
  const again = await http.post('/schedules/p/audit/run', {}, asking);
  assert.deepEqual(again.json, first.json);
  const { job_id } = first.json;
  assert.equal(first.headers.get('location'), `/jobs/${job_id}`);
  await until(async () => (await http.get(`/jobs/${job_id}`, { bearer: ann })).status === 200);
  const job = await http.ended(job_id, { bearer: ann });
  assert.deepEqual([job.requested_by, job.purpose, job.status], ['ann', 'scheduled', 'succeeded']);
  const [{ last }] = (await http.get('/schedules?project=p', { bearer: ann })).json.schedules;
  assert.deepEqual([last.why, last.by, last.jobs[0].status], ['asked', 'ann', 'succeeded']);
});

test('runs asked for at the same moment are runs of their own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => http.post('/schedules/p/audit/run', {}, { bearer: ann })),
  );
  assert.equal(new Set(answers.map(({ json }) => json.job_id)).size, 8);
  const announced = (await allOf(farm.store.log, 'ScheduleFired')).flatMap(({ data }) => data.jobs);
  await until(async () => {
    const jobs = new Set((await allOf(farm.store.log, 'JobEnqueued')).map(({ entityId }) => entityId));
    return announced.every((id) => jobs.has(id));
  });
});

test('what is not enabled, or has no command, is not run', async () => {
  await register(farm, 'still', { commands, schedule: { audit: '02:00' }, enabled: false });
  await register(farm, 'bare', { commands: { test: 'true' }, schedule: { audit: '02:00' } });
  const still = await http.post('/schedules/still/audit/run', {});
  assert.deepEqual([still.status, still.json.code], [409, 'project_disabled']);
  const bare = await http.post('/schedules/bare/audit/run', {});
  assert.deepEqual([bare.status, bare.json.code], [409, 'no_recipe']);
});
