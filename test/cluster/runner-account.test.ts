import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { createInbox, headers as natsHeaders } from '@nats-io/transport-node';
import type { Role } from '../../services/config-kinds.ts';
import { silent } from '../../services/io/log.ts';
import { runnerFile } from '../../services/io/nats/accounts/runner-file.ts';
import { runnerAccount } from '../../services/io/nats/accounts/runner-permissions.ts';
import { connectNats, type Nats } from '../../services/io/nats/connection.ts';
import { accountsText } from '../../services/io/nats/server/server-config.ts';
import { postJob, registerProject, type Service, startService, whenEnded } from '../crash/service-process.ts';
import { openCluster } from '../support/nats-cluster.ts';
import { sampleOf } from '../support/thorough.ts';
import { until } from '../support/until.ts';
import { type RunnerProcess, startRunnerProcess } from './cluster-farm.ts';

const farmUser = { user: 'farm', pass: 'p@ss:word' };

describe('a runner with a credential of its own', () => {
  let service: Service;
  let runner: RunnerProcess;
  let farm: Nats;
  let account: Nats;
  let dir: string;
  let serviceEnv: Record<string, string>;
  let runnerEnv: Record<string, string>;
  const closers: (() => Promise<unknown>)[] = [];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'ct-account-'));
    closers.push(async () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
    const pair = createUser();
    const creds = join(dir, 'far.nk');
    writeFileSync(creds, runnerFile('far.away', new TextDecoder().decode(pair.getSeed())), { mode: 0o600 });
    const allowed = runnerAccount({ name: 'far.away', public_key: pair.getPublicKey() });
    const cluster = await openCluster({ size: 1, config: accountsText({ ...farmUser, accounts: [allowed] }) });
    closers.push(() => cluster.close());
    const url = cluster.url.replace('//', `//${farmUser.user}:${encodeURIComponent(farmUser.pass)}@`);
    mkdirSync(join(dir, 'data'));
    serviceEnv = { CRAFTING_NATS_URL: url, CRAFTING_ROLES: 'api,parser,projector' };
    service = await startService(join(dir, 'data'), serviceEnv);
    closers.push(() => service.end('SIGKILL'));
    const added = await service.call('/admin/runners', { name: 'far.away', public_key: pair.getPublicKey() });
    assert.equal(added.status, 201);
    farm = await connectNats({ url, name: 'test', log: silent });
    closers.push(() => farm.connection.close());
    account = await connectNats({ url: cluster.url, creds, name: 'account', log: silent });
    closers.push(() => account.connection.close());
    const env = { CRAFTING_NATS_URL: cluster.url, CRAFTING_NATS_CREDS: creds, LEASE_TIMES: '300/2000' };
    const labels = { CRAFTING_LABELS: 'special', CRAFTING_DRAIN_SECS: '0' };
    runnerEnv = { ...env, ...labels };
    runner = await startRunnerProcess(join(dir, 'runner'), runnerEnv);
    closers.push(() => runner.end('SIGKILL'));
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('runs jobs from their start to their end', async () => {
    const subprojects = [
      { path: '.', language: 'generic', test: 'cat README.md', needs: ['special'], timeout_secs: 60 },
    ];
    await registerProject(service, dir, 'true', { subprojects });
    const id = await postJob(service);
    const [job] = await whenEnded(service, [id ?? '']);
    assert.deepEqual([job?.status, job?.reason], ['succeeded', 'exited']);
    const { body } = await service.call(`/jobs/${id}`);
    assert.deepEqual([body.log_tail, (body.job as { runner: string }).runner], [['first'], 'far=2Eaway']);
    assert.doesNotMatch(runner.said(), /refused|violation/i);
  });

  it('says what a job waits for that no runner has', async () => {
    const subprojects = [{ path: '.', language: 'generic', test: 'true', needs: ['no-such'], timeout_secs: 60 }];
    await registerProject(service, dir, 'true', { name: 'waiting', subprojects });
    const id = await postJob(service, 'waiting');
    const { body } = await service.call(`/jobs/${id}`);
    assert.equal((body.job as { waiting_for?: string }).waiting_for, 'no runner has no-such');
    const { checks } = (await service.call('/readyz')).body as { checks: { name: string; detail: string }[] };
    const detail = checks.find(({ name }) => name === 'runners')?.detail;
    assert.equal(detail, '1 live; 1 of the newest queued jobs wait: no runner has no-such');
    await service.call(`/jobs/${id}/cancel`, {});
    await whenEnded(service, [id ?? '']);
  });

  it('brings its job to one end although the service is killed meanwhile', async () => {
    const gate = join(dir, 'gate');
    const command = `echo before; until test -e '${gate}'; do sleep 0.05; done; echo after`;
    const subprojects = [{ path: '.', language: 'generic', test: command, timeout_secs: 90 }];
    await registerProject(service, dir, 'true', { name: 'killed', subprojects });
    const id = (await postJob(service, 'killed')) ?? '';
    const tail = async () => (await service.call(`/jobs/${id}`)).body.log_tail as string[];
    await until(async () => (await tail())[0] === 'before', 'the job prints');
    await service.end('SIGKILL');
    writeFileSync(gate, '');
    service = await startService(join(dir, 'data'), serviceEnv);
    const [job] = await whenEnded(service, [id]);
    assert.deepEqual([job?.status, job?.reason], ['succeeded', 'exited']);
    assert.deepEqual(await tail(), ['before', 'after']);
    const ends = (await service.events()).filter(({ type, subject }) => type === 'RecipeExited' && subject === id);
    assert.equal(ends.length, 1);
  });

  it('ends by the service when it is killed itself, though no other runner is there', async () => {
    const begun = join(dir, 'begun-to-die');
    const subprojects = [{ path: '.', language: 'generic', test: `mkdir '${begun}'; sleep 3000`, timeout_secs: 90 }];
    await registerProject(service, dir, 'true', { name: 'orphan', subprojects });
    const id = (await postJob(service, 'orphan')) ?? '';
    await until(() => existsSync(begun), 'the job runs');
    await runner.end('SIGKILL');
    const [job] = await whenEnded(service, [id]);
    assert.deepEqual([job?.status, job?.reason], ['failed', 'orphaned']);
    runner = await startRunnerProcess(join(dir, 'runner'), runnerEnv);
  });

  it('hands back what it runs when it is told to stop, and the service asks for it again', async () => {
    const begun = join(dir, 'begun');
    const command = `if test -e '${begun}'; then exit 0; fi; mkdir '${begun}'; sleep 3000`;
    const subprojects = [{ path: '.', language: 'generic', test: command, timeout_secs: 90 }];
    await registerProject(service, dir, 'true', { name: 'handed', subprojects });
    const id = await postJob(service, 'handed');
    await until(() => existsSync(begun), 'the job runs');
    await runner.end('SIGTERM');
    const [job] = await whenEnded(service, [id ?? '']);
    assert.deepEqual([job?.status, job?.reason], ['failed', 'runner_lost']);
    const again = async () =>
      (await service.events()).filter(({ type, data }) => type === 'JobEnqueued' && data.rerun_of === id);
    await until(async () => (await again()).length === 1, 'another job takes its place');
  });

  it('may do nothing else', async () => {
    const before = (await farm.jsm.streams.info('CT_EVENTS')).state.last_seq;
    const refused = [
      'ct.finding.x.FindingDetected',
      'ct.job.x.RecipeExited',
      'ct.job.x.RecipeStarted',
      'ct.job.x.WorkspacePrepared',
      'ct-log.x.stdout',
      'ct-report.x',
      '$KV.CT_LEASES.far=2Eaway',
      'ct-claim.other.beat',
      '$JS.CT.API.DIRECT.GET.CT_EVENTS',
      '$JS.CT.API.DIRECT.GET.CT_LOGS',
      '$JS.CT.API.DIRECT.GET.KV_CT_SECRETS.$KV.CT_SECRETS.x',
      '$JS.CT.API.DIRECT.GET.KV_CT_LEASES',
      'ct.token.x.TokenMinted',
      'ct.project.x.ProjectRegistered',
      'ct.job.x.JobEnqueued',
      'ct.job.x.FindingsParsed',
      '$KV.CT_SECRETS.x',
      '$KV.CT_HINTS.runner-floor',
      '$KV.CT_IDEMPOTENCY.x',
      '$KV.CT_LEASES.other',
      '$JS.API.STREAM.DELETE.CT_EVENTS',
      '$JS.API.STREAM.PURGE.CT_LOGS',
      '$JS.API.STREAM.MSG.DELETE.CT_EVENTS',
      '$JS.CT.API.STREAM.DELETE.CT_LOGS',
      '$JS.CT.API.STREAM.PURGE.CT_LOGS',
      '$JS.CT.API.CONSUMER.DELETE.CT_EVENTS.parser-RecipeExited',
      '$JS.CT.API.CONSUMER.CREATE.CT_EVENTS.x.ct.>',
      '$JS.CT.API.CONSUMER.MSG.NEXT.CT_EVENTS.parser-RecipeExited',
      '$JS.CT.API.DIRECT.GET.KV_CT_SECRETS',
      '$JS.CT.API.DIRECT.GET.KV_CT_IDEMPOTENCY.$KV.CT_IDEMPOTENCY.x',
    ];
    for (const subject of refused)
      await assert.rejects(account.connection.request(subject, '{}', { timeout: 300 }), subject);
    // What it may ask, with the answer sent to where an event would be: the answer stays in its own account.
    for (const reply of ['ct.token.forged.TokenMinted', createInbox()]) {
      const headers = natsHeaders();
      headers.set('ce-type', 'TokenMinted');
      account.connection.publish('ct-claim.far=2Eaway.beat', '{}', { reply, headers });
    }
    // Answered in the order of asking: what was asked before has its answer, too.
    const answer = (await account.connection.request('ct-claim.far=2Eaway.beat', '{}')).json<{
      refused: object;
    }>();
    assert.ok(answer.refused);
    assert.equal((await farm.jsm.streams.info('CT_EVENTS')).state.last_seq, before);
    for (const stream of ['CT_EVENTS', 'CT_LOGS', 'KV_CT_SECRETS']) await farm.jsm.streams.info(stream);
    assert.ok(await farm.jsm.consumers.info('CT_EVENTS', 'parser-RecipeExited'));
  });

  it('names each role whose process is killed under load, and goes on when it is back', async () => {
    const others: readonly Role[] = [
      'bottler',
      'digester',
      'notifier',
      'orchestrator',
      'patcher',
      'relay',
      'scheduler',
    ];
    const killed: readonly Role[] = ['runner', ...sampleOf(others)];
    const begin = (role: Role) =>
      startRunnerProcess(join(dir, 'data'), { ...serviceEnv, CRAFTING_ROLES: role, LEASE_TIMES: '300/2000' });
    const processes = new Map<Role, RunnerProcess>();
    closers.push(() => Promise.all([...processes.values()].map((one) => one.end('SIGKILL'))));
    for (const role of killed) processes.set(role, await begin(role));
    await registerProject(service, dir, 'true', { name: 'loaded' });
    /** In how many of three places it is said that nobody has the role. */
    const told = async (role: Role) => {
      const [status, ready, metrics] = await Promise.all([
        service.call('/status'),
        service.call('/readyz'),
        fetch(`${service.url}/metrics`).then((answer) => answer.text()),
      ]);
      const { checks } = ready.body as { checks: { name: string; detail: string }[] };
      const missing =
        checks
          .find(({ name }) => name === 'roles')
          ?.detail.replace(/.* the role /, '')
          .split(', ') ?? [];
      return [
        (status.body as { roles_missing: string[] }).roles_missing.includes(role),
        missing.includes(role),
        metrics.includes(`crafting_role_processes{role="${role}"} 0`),
      ].filter(Boolean).length;
    };
    const posted: (string | null)[] = [];
    for (const role of killed) {
      await until(async () => (await told(role)) === 0, `${role} is there`);
      posted.push(await postJob(service, 'loaded'), await postJob(service, 'loaded'));
      await processes.get(role)?.end('SIGKILL');
      posted.push(await postJob(service, 'loaded'));
      await until(async () => (await told(role)) === 3, `${role} is missed in all three places`);
      processes.set(role, await begin(role));
      await until(async () => (await told(role)) === 0, `${role} is there again`);
    }
    const acknowledged = posted.filter((id) => id !== null);
    assert.equal(acknowledged.length, posted.length);
    for (const { status, reason } of await whenEnded(service, acknowledged))
      assert.ok(status === 'succeeded' || ['orphaned', 'runner_lost'].includes(reason), `${status} ${reason}`);
  });
});
