import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { after, test } from 'node:test';
import { roleLeasePrefix } from '../../../services/io/nats/bucket.ts';
import { roleHolders } from '../../../services/roles/role-leases.ts';
import { openFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

const farm = await openFarm({ env: { CRAFTING_ROLES: 'api,projector' } });
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
