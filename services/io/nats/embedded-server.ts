import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../app-error.ts';
import type { Log } from '../log.ts';

export type EmbeddedServer = {
  readonly url: string;
  readonly user: string;
  readonly pass: string;
  /** JetStream's folder, whose files we make durable ourselves. */
  readonly storeDir: string;
  readonly pid: () => number | undefined;
  stop(): Promise<void>;
};

export type EmbeddedOptions = { readonly dataDir: string; readonly program: string; readonly log: Log };

/**
 * Watches a pipe that the service holds open: when the service dies, however it dies, the read ends and the server is
 * stopped cleanly. Its own session keeps a Ctrl-C of the terminal away, so that the service can stop it last.
 */
const guard =
  'exec 3<&0; "$@" </dev/null & p=$!; { read -r _ <&3; kill -TERM $p; } 2>/dev/null & w=$!; wait $p; s=$?; kill $w 2>/dev/null; exit $s';

/** Starts nats-server on a random loopback port with credentials of this boot, and restarts it when it dies. */
export async function startEmbeddedServer({ dataDir, program, log }: EmbeddedOptions): Promise<EmbeddedServer> {
  const dir = join(dataDir, 'nats');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await endStaleServer(dir, log);
  const [user, pass] = [`ct-${randomBytes(6).toString('hex')}`, randomBytes(24).toString('hex')];
  let port = -1;
  let child: ChildProcess;
  let stopping = false;
  let restarts = 0;

  const launch = async () => {
    forgetServer(dir);
    const config = join(dir, 'server.conf');
    writeFileSync(config, serverConfig({ dir, user, pass, port }), { mode: 0o600 });
    child = spawn('/bin/sh', ['-c', guard, 'sh', program, '-c', config], {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
      cwd: dir,
    });
    const said: string[] = [];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      if (said.length > 50) said.shift();
    });
    child.stdin?.on('error', () => {});
    port = await ready(child, dir, program, said);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error({ code, signal, restarts, said: said.join('').slice(-2000) }, 'nats-server died, starting it again');
      restarts += 1;
      setTimeout(() => relaunch(), Math.min(50 * 2 ** Math.min(restarts, 7), 5000)).unref();
    });
  };
  const relaunch = () => {
    if (!stopping)
      launch().catch((error) => {
        log.error({ error: String(error) }, 'nats-server does not start, trying again');
        restarts += 1;
        setTimeout(relaunch, 1000);
      });
  };
  await launch();
  return {
    url: `nats://127.0.0.1:${port}`,
    user,
    pass,
    storeDir: join(dir, 'jetstream'),
    pid: () => serverPid(dir),
    stop: async () => {
      stopping = true;
      const gone =
        child.exitCode !== null || child.signalCode !== null
          ? Promise.resolve()
          : new Promise((done) => child.once('exit', done));
      child.stdin?.end();
      await Promise.race([gone, wait(10_000, undefined, { ref: false })]);
      forgetServer(dir);
    },
  };
}

type ServerSettings = { dir: string; user: string; pass: string; port: number };

/** The server's configuration file. */
export function serverConfig({ dir, user, pass, port }: ServerSettings): string {
  return [
    `server_name: "crafting-table"`,
    `host: "127.0.0.1"`,
    `port: ${port}`,
    `ports_file_dir: ${JSON.stringify(dir)}`,
    `pid_file: ${JSON.stringify(join(dir, 'server.pid'))}`,
    `max_payload: 1MB`,
    `jetstream: { store_dir: ${JSON.stringify(dir)}, max_memory_store: 64MB }`,
    // Quoted: the server takes a bare word that begins like `8e17` for a number and refuses the file.
    `authorization: { user: ${JSON.stringify(user)}, password: ${JSON.stringify(pass)} }`,
    '',
  ].join('\n');
}

/** Resolves with the port once the server has written it; rejects with its own words when it ends first. */
async function ready(child: ChildProcess, dir: string, program: string, said: string[]): Promise<number> {
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code) => {
    failure =
      code === 127
        ? `${program} is not installed`
        : `it ended with exit code ${code}: ${said.join('').trim().split('\n').at(-1) ?? ''}`;
  });
  const deadline = Date.now() + 30_000;
  while (!failure && Date.now() < deadline) {
    const port = portOf(dir);
    if (port) return port;
    await wait(4);
  }
  child.stdin?.end();
  throw new AppError('unavailable', `nats-server does not start: ${failure ?? 'it was not ready within 30 s'}.`);
}

function portOf(dir: string): number | undefined {
  const pid = serverPid(dir);
  if (!pid) return undefined;
  const file = readdirSync(dir).find((name) => name.endsWith(`_${pid}.ports`));
  if (!file) return undefined;
  try {
    const ports = JSON.parse(readFileSync(join(dir, file), 'utf8')) as { nats?: string[] };
    return Number(new URL(ports.nats?.[0] ?? '').port) || undefined;
  } catch {
    return undefined;
  }
}

function serverPid(dir: string): number | undefined {
  try {
    return Number(readFileSync(join(dir, 'server.pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Two servers on one store destroy each other's data. We hold the lock of the data folder, so a server that still runs
 * on this store belongs to a dead service: it is on its way out, or is ended now.
 */
async function endStaleServer(dir: string, log: Log): Promise<void> {
  const pid = serverPid(dir);
  const ours = () => pid !== undefined && commandOf(pid).includes(dir);
  for (let tries = 0; pid && tries < 2000 && ours(); tries += 1) {
    if (tries === 100) log.warn({ pid }, 'a nats-server of a dead service holds the store, stopping it');
    if (tries === 100) process.kill(pid, 'SIGTERM');
    if (tries === 1200) process.kill(pid, 'SIGKILL');
    await wait(10);
  }
}

function forgetServer(dir: string): void {
  for (const name of readdirSync(dir))
    if (name === 'server.pid' || name.endsWith('.ports')) rmSync(join(dir, name), { force: true });
}

function commandOf(pid: number): string {
  try {
    return existsSync('/proc/self')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
