import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { after, test } from 'node:test';
import { silent } from '../../../services/io/log.ts';
import { roleLeasePrefix } from '../../../services/io/nats/stores/bucket.ts';
import { roleHolders } from '../../../services/roles/role-leases.ts';
import { standIn } from '../../../services/roles/stand-in.ts';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

const times = { everyMs: 20, patienceMs: Number.POSITIVE_INFINITY };
const farm = await openFarm({ env: { CRAFTING_ROLES: 'api,projector' }, parts: { farmTimes: times } });
after(() => farm.close());
const { http } = farm;

test('roles that no living process has are named by /readyz, /status and the metrics', async () => {
  const { json } = await http.get('/readyz');
  const check = json.checks.find(({ name }: { name: string }) => name === 'roles');
  assert.match(check.detail, /^no living process has the role .*digester, .*parser, .*runner/);
  assert.doesNotMatch(check.detail, /api|projector/);
  const { roles_missing } = (await http.get('/status')).json;
  assert.ok(roles_missing.includes('digester') && !roles_missing.includes('api'));
  const { text } = await http.get('/metrics');
  assert.match(text, /^crafting_role_processes\{role="api"\} 1$/m);
  assert.match(text, /^crafting_role_processes\{role="notifier"\} 0$/m);
});

test('a job that is to be read says that nobody reads', async () => {
  const subprojects = [{ path: '.', language: 'sh', test: 'true' }];
  await http.post('/projects', { name: 'shop', git_url: farm.repository, subprojects });
  const { job_id } = (await http.post('/projects/shop/jobs', { recipe: 'test' })).json;
  const nothing = { exit_code: 0, signal: null, detail: null, duration_ms: 1, sha: null, truncated: false };
  const log = { log_bytes: 0, log_digest: null, log_first_seq: 0, log_last_seq: 0, workdir: null };
  const data = { job_id, project: 'shop', reason: 'exited' as const, ...nothing, ...log };
  const started = { job_id, project: 'shop', runner: 'gone', lease: 'gone', containment: 'none' };
  await farm.store.log.append({ type: 'RecipeStarted', id: job_id, data: started });
  await farm.store.log.append({ type: 'RecipeExited', id: job_id, data });
  await until(async () => (await http.get(`/jobs/${job_id}`)).json.job.status === 'parsing');
  assert.equal((await http.get(`/jobs/${job_id}`)).json.job.waiting_for, 'no living process has the role parser');
});

test('a job that no parser reads is read by a process that stands in, which stays no parser', async () => {
  const { job_id } = (await http.get('/jobs?status=parsing')).json.jobs[0];
  times.patienceMs = 0;
  const { status } = await http.ended(job_id);
  assert.equal(status, 'succeeded');
  assert.match((await http.get('/readyz')).text, /no living process has the role [^"]*parser/);
});

test('the first process stands in for a role until one has it', async () => {
  const lease = (host: string, role: string) => {
    const said = { roles: [role], host, pid: process.pid };
    return [`${roleLeasePrefix}${host}`, { value: Buffer.from(JSON.stringify(said)), revision: 1 }] as const;
  };
  const [me, later, runner] = [lease(hostname(), 'api'), lease('~', 'relay'), lease('!', 'runner')];
  let living = [lease('!', 'api'), me];
  const told: string[] = [];
  const begin = async () => {
    told.push('begun');
    return { stop: async () => void told.push('left') };
  };
  const looked = { count: 0 };
  const entries = async () => {
    looked.count += 1;
    return new Map(living);
  };
  const looks = async (more: number) => {
    const from = looked.count;
    await until(async () => looked.count >= from + more);
  };
  const one = standIn({
    role: 'parser',
    leases: { entries },
    logger: silent,
    begin,
    times: { everyMs: 1, patienceMs: 0 },
  });
  await looks(3);
  assert.deepEqual(told, [], 'another one is first');
  living = [runner, me, later];
  await until(async () => told.length === 1);
  await looks(3);
  living = [me, lease('~', 'parser')];
  await until(async () => told.length === 2);
  living = [me];
  await until(async () => told.length === 3);
  await one.stop();
  assert.deepEqual(told, ['begun', 'left', 'begun', 'left']);
});

test('a job whose runner died is ended without any runner', async () => {
  const { job_id } = (await http.post('/projects/shop/jobs', { recipe: 'test' })).json;
  const started = { job_id, project: 'shop', runner: 'dead', lease: '0', containment: 'none' };
  await farm.store.leases.put('dead', JSON.stringify({ host: 'h', slots: 1, containment: 'none', lease: '1' }));
  await farm.store.log.append({ type: 'RecipeStarted', id: job_id, data: started });
  await until(async () => (await farm.store.log.last('RecipeExited', job_id)) !== null);
  assert.equal((await farm.store.log.last('RecipeExited', job_id))?.data.reason, 'orphaned');
});

test('what a killed process of this host said of itself is not believed, whatever its lease says', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const said = (host: string, pid: number) => ({
    value: Buffer.from(JSON.stringify({ roles: ['projector'], host, pid, projector: null })),
    revision: 1,
  });
  const leases = new Map([
    [`${roleLeasePrefix}mine`, said(hostname(), process.pid)],
    [`${roleLeasePrefix}dead`, said(hostname(), gone.pid ?? 0)],
    [`${roleLeasePrefix}elsewhere`, said('another-host', gone.pid ?? 0)],
  ]);
  const living = await roleHolders({ entries: async () => leases })();
  assert.deepEqual(
    living.map(({ host, pid }) => [host, pid === process.pid]),
    [
      [hostname(), true],
      ['another-host', false],
    ],
  );
});
