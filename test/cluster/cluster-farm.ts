import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { silent } from '../../services/io/log.ts';
import { connectNats, type Nats } from '../../services/io/nats/connection.ts';
import { type LoggedEvent, postJob, type Service, startService, whenEnded } from '../crash/service-process.ts';
import { inTempDir } from '../support/farm-parts.ts';
import { type NatsCluster, openCluster } from '../support/nats-cluster.ts';
import { until } from '../support/until.ts';

const secretKey = '0123456789abcdef'.repeat(4);
const hasty = join(import.meta.dirname, 'hasty-service.ts');

export type RunnerProcess = {
  readonly child: ChildProcess;
  readonly said: () => string;
  end(signal: NodeJS.Signals): Promise<void>;
};

/** Every role in processes of their own: one service without a runner, and as many runners as a test wants. */
export type ClusterFarm = {
  readonly dir: string;
  readonly cluster: NatsCluster;
  readonly service: Service;
  /** A connection of the test's own. */
  readonly nats: Nats;
  runner(name: string, settings?: { env?: Record<string, string>; leaseTimes?: string }): Promise<RunnerProcess>;
};

/** Starts a cluster and a service on it, closes all of it when the work is over. */
export function withClusterFarm(work: (farm: ClusterFarm) => Promise<void>): Promise<void> {
  return inTempDir(async (dir) => {
    const cluster = await openCluster();
    const runners: RunnerProcess[] = [];
    let service: Service | undefined;
    let nats: Nats | undefined;
    try {
      const shared = {
        CRAFTING_NATS_URL: cluster.url,
        CRAFTING_NATS_ALLOW_OLD: '1',
        CRAFTING_SECRET_KEY: secretKey,
      };
      const data = join(dir, 'data');
      mkdirSync(data);
      service = await startService(data, { ...shared, CRAFTING_ROLES: 'api,parser,projector' });
      nats = await connectNats({ url: cluster.url, name: 'test', log: silent });
      const runner: ClusterFarm['runner'] = async (name, { env = {}, leaseTimes = '500/2000' } = {}) => {
        const one = await startRunnerProcess(join(dir, name), { ...shared, LEASE_TIMES: leaseTimes, ...env });
        runners.push(one);
        return one;
      };
      await work({ dir, cluster, service, nats, runner });
    } finally {
      await nats?.connection.close();
      await Promise.all(runners.map((one) => one.end('SIGKILL')));
      if (service && service.child.exitCode === null) await service.end('SIGKILL');
      await cluster.close();
    }
  });
}

/** A process with the role runner; resolves when it has said that it runs. */
export async function startRunnerProcess(dataDir: string, env: Record<string, string>): Promise<RunnerProcess> {
  mkdirSync(dataDir, { recursive: true });
  const child = spawn(process.execPath, [hasty], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: dataDir,
      CRAFTING_DATA_DIR: dataDir,
      CRAFTING_ROLES: 'runner',
      CRAFTING_ALLOW_LOCAL_REPOS: '1',
      CRAFTING_SANDBOX: 'none',
      CRAFTING_SANDBOX_SHOW: tmpdir(),
      CRAFTING_SLOTS: '2',
      CRAFTING_LOG_FORMAT: 'json',
      CRAFTING_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await until(() => said.includes('roles ') || child.exitCode !== null, 'the runner');
  if (child.exitCode !== null) throw new Error(`the runner ended: ${said}`);
  return {
    child,
    said: () => said,
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

/**
 * Posts jobs until `enough`, one after the other; the ids of those that were acknowledged, and the longest wait for one, in
 * ms. CT_CLUSTER_PAUSE is the pause between two, in ms.
 */
export async function postUntil(service: Service, enough: (count: number) => boolean) {
  const acknowledged: string[] = [];
  let longest = 0;
  while (!enough(acknowledged.length)) {
    const askedAt = performance.now();
    const id = await postJob(service);
    longest = Math.max(longest, performance.now() - askedAt);
    if (id !== null) acknowledged.push(id);
    await pause(Number(process.env.CT_CLUSTER_PAUSE ?? 250));
  }
  return { acknowledged, longest };
}

/** Every job that was ever enqueued has one start at most and one end, and the log no gap. Answers the log. */
export async function checkedLog(service: Service, acknowledged: readonly string[]): Promise<LoggedEvent[]> {
  const asked = (await service.events()).filter(({ type }) => type === 'JobEnqueued').map(({ subject }) => subject);
  for (const id of acknowledged) if (!asked.includes(id)) throw new Error(`the acknowledged job ${id} is lost`);
  await whenEnded(service, asked);
  const events = await service.events();
  for (const id of asked)
    for (const type of ['JobEnqueued', 'RecipeExited', 'FindingsParsed']) {
      const count = events.filter((event) => event.type === type && event.subject === id).length;
      if (count !== 1) throw new Error(`${id} has ${count} ${type}`);
    }
  events.forEach(({ seq }, at) => {
    if (seq !== at + 1) throw new Error(`event ${at + 1} has sequence ${seq}`);
  });
  return events;
}
