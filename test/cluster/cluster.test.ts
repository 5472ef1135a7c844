import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventStream } from '../../events/streams.ts';
import { postJob, processesWith, registerProject, type Service, whenEnded } from '../crash/service-process.ts';
import type { ClusterNode } from '../support/nats-cluster.ts';
import { openProxy } from '../support/silent-proxy.ts';
import { thorough } from '../support/thorough.ts';
import { until } from '../support/until.ts';
import { type ClusterFarm, checkedLog, postUntil, type RunnerProcess, withClusterFarm } from './cluster-farm.ts';

/** How many jobs each scenario posts at least; CT_CLUSTER_JOBS=500 for a run by hand. */
const jobs = Number(process.env.CT_CLUSTER_JOBS ?? 8);
const patient = { leaseTimes: '2000/15000' };

const part = { skip: thorough ? false : 'npm run check runs it' };

it('keeps every acknowledged job and ends each once, whatever dies or falls silent', part, (t) =>
  withClusterFarm(async (farm) => {
    const { service, cluster } = farm;
    const replicas = (await farm.nats.jsm.streams.info(eventStream.name)).config.num_replicas;
    assert.equal(replicas, 3);
    await register(service, 'p', farm.dir, 'sleep 0.05');
    const three = await Promise.all(['one', 'two', 'three'].map((name) => farm.runner(name)));
    const acknowledged = await killRunners(farm, three.slice(0, 2));
    acknowledged.push(...(await cutRunnerOff(farm, three[2] as RunnerProcess)));

    const steady = await farm.runner('steady', patient);
    const leader = await leaderOf(farm);
    let killedAt = 0;
    let last = 0;
    const kill = async () => {
      killedAt = performance.now();
      await leader.end('SIGKILL');
      await until(async () => (await leaderOf(farm).catch(() => leader)) !== leader, 'another leader');
      last = performance.now();
    };
    let killing: Promise<void> | undefined;
    const around = await postUntil(service, (count) => {
      if (count >= jobs / 2) killing ??= kill();
      return last > 0 && count >= jobs;
    });
    await killing;
    acknowledged.push(...around.acknowledged);
    t.diagnostic(`leader killed: another after ${seconds(last - killedAt)}, longest POST ${seconds(around.longest)}`);
    await leader.start();

    let rolled = false;
    const rolling = (async () => {
      for (const node of cluster.nodes) {
        await node.end('SIGTERM');
        await node.start();
      }
      rolled = true;
    })();
    const meanwhile = await postUntil(service, (count) => rolled && count >= jobs);
    await rolling;
    acknowledged.push(...meanwhile.acknowledged);
    t.diagnostic(`rolling restart: longest POST ${seconds(meanwhile.longest)}`);

    const events = await checkedLog(service, acknowledged);
    t.diagnostic(`${acknowledged.length} jobs acknowledged, ${events.length} events`);
    const reasons = events.filter(({ type }) => type === 'RecipeExited').map(({ data }) => data.reason);
    assert.ok(reasons.filter((reason) => reason === 'exited').length >= 2 * jobs, String(reasons));
    assert.equal(steady.child.exitCode, null);
  }),
);

/** Two of three runners die while jobs run: the third ends what they had, and runs the rest. */
async function killRunners({ dir, service }: ClusterFarm, doomed: readonly RunnerProcess[]): Promise<string[]> {
  const go = join(dir, 'go');
  await register(service, 'held', dir, `until test -e '${go}'; do sleep 0.05; done`);
  const ids = await Promise.all(Array.from({ length: 8 }, () => postJob(service, 'held')));
  const held = ids.filter((id) => id !== null);
  assert.equal(held.length, 8);
  const running = async () => (await service.call('/healthz')).body.jobs as { running?: number };
  await until(async () => (await running()).running === 6, 'six jobs run');
  await Promise.all(doomed.map((one) => one.end('SIGKILL')));
  writeFileSync(go, '');
  const ended = await whenEnded(service, held);
  const orphaned = ended.filter(({ reason }) => reason === 'orphaned').length;
  assert.equal(orphaned, 4, 'what ran on the dead ones is orphaned');
  return held;
}

/** A runner that nobody hears any more: another ends its job, it adds nothing when it is back, and the retry is one. */
async function cutRunnerOff({ dir, service, cluster, runner }: ClusterFarm, near: RunnerProcess): Promise<string[]> {
  const proxy = await openProxy(cluster.nodes[0]?.url ?? '');
  const [begun, mark] = [join(dir, 'begun'), `ct-cut-${process.pid}`];
  try {
    const command = `if test -e '${begun}'; then exit 0; fi; mkdir '${begun}'; : ${mark}; while :; do sleep 1; done`;
    const subprojects = [{ path: '.', language: 'generic', test: command, needs: ['far'], timeout_secs: 60 }];
    await register(service, 'cut', dir, command, { subprojects, retry_lost: true });
    const far = await runner('far', { env: { CRAFTING_NATS_URL: proxy.url, CRAFTING_LABELS: 'far' } });
    const id = await postJob(service, 'cut');
    assert.ok(id);
    await until(() => existsSync(begun), 'the job runs');
    proxy.cut();
    const [lost] = await whenEnded(service, [id]);
    assert.equal(lost?.reason, 'runner_lost');
    assert.ok(processesWith(mark).length > 0, 'the one that is cut off does not know yet');
    proxy.mend();
    await until(() => processesWith(mark).length === 0, 'it ends the job when it is back');
    const enqueued = (await service.events()).filter(
      ({ type, data }) => type === 'JobEnqueued' && data.rerun_of === id,
    );
    assert.equal(enqueued.length, 1, 'one retry');
    await whenEnded(service, [enqueued[0]?.subject ?? '']);
    await Promise.all([near, far].map((one) => one.end('SIGKILL')));
    return [id];
  } finally {
    await proxy.close();
  }
}

async function register(service: Service, name: string, dir: string, test: string, more: object = {}): Promise<void> {
  await registerProject(service, dir, test, { name, ...more });
}

async function leaderOf({ nats, cluster }: ClusterFarm): Promise<ClusterNode> {
  const name = (await nats.jsm.streams.info(eventStream.name)).cluster?.leader;
  const node = cluster.nodes.find((one) => one.name === name);
  if (!node) throw new Error('the log has no leader');
  return node;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
