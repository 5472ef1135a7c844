import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export type ClusterNode = {
  readonly name: string;
  readonly url: string;
  /** Sends a signal and resolves when the server is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Starts it on its store; resolves when it has caught up with the others. */
  start(): Promise<void>;
};

export type NatsCluster = {
  readonly nodes: readonly ClusterNode[];
  /** All servers, as CRAFTING_NATS_URL names them. */
  readonly url: string;
  close(): Promise<void>;
};

/** Lines for the file of each server: accounts and users, when a test wants some. */
export type ClusterSettings = { readonly size?: number; readonly config?: string };

/** Three real servers with JetStream on the loopback, in temporary folders, which do not tell clients of each other. */
export async function openCluster({ size = 3, config = '' }: ClusterSettings = {}): Promise<NatsCluster> {
  const dir = mkdtempSync(join(tmpdir(), 'ct-cluster-'));
  const ports = await freePorts(size * 2);
  const routes = ports.slice(size);
  const nodes = routes.map((route, at) =>
    clusterNode({ dir: join(dir, `n${at + 1}`), name: `n${at + 1}`, port: ports[at] ?? 0, route, routes, config }),
  );
  const close = async () => {
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes, url: nodes.map(({ url }) => url).join(','), close };
}

type NodeOptions = {
  dir: string;
  name: string;
  port: number;
  route: number;
  routes: readonly number[];
  config: string;
};

function clusterNode({ dir, name, port, route, routes, config }: NodeOptions): ClusterNode {
  mkdirSync(dir);
  const file = join(dir, 'server.conf');
  const others = routes.map((one) => `"nats-route://127.0.0.1:${one}"`).join(', ');
  const cluster = `cluster: { name: "ct", listen: "127.0.0.1:${route}", no_advertise: true, routes: [ ${others} ] }`;
  writeFileSync(
    file,
    [
      `server_name: "${name}"`,
      `listen: "127.0.0.1:${port}"`,
      'http: "127.0.0.1:-1"',
      `ports_file_dir: "${dir}"`,
      `jetstream: { store_dir: "${dir}", max_memory_store: 64MB }`,
      ...(routes.length > 1 ? [cluster] : []),
      config,
      '',
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  return {
    name,
    url: `nats://127.0.0.1:${port}`,
    end: async (signal) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    start: async () => {
      for (const old of readdirSync(dir).filter((one) => one.endsWith('.ports'))) rmSync(join(dir, old));
      child = spawn('nats-server', ['-c', file], { cwd: dir, stdio: 'ignore' });
      await until(async () => {
        if (child?.exitCode !== null) throw new Error(`${name} ended with exit code ${child?.exitCode}`);
        return isHealthy(dir);
      }, `${name} becomes healthy`);
    },
  };
}

async function isHealthy(dir: string): Promise<boolean> {
  const name = readdirSync(dir).find((one) => one.endsWith('.ports'));
  if (name === undefined) return false;
  try {
    const { monitoring } = JSON.parse(readFileSync(join(dir, name), 'utf8')) as { monitoring: string[] };
    return (await fetch(`${monitoring[0]}/healthz`)).ok;
  } catch {
    return false;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
