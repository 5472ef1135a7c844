import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../../../../events/backoff.ts';
import { AppError } from '../../../floor/app-error.ts';
import { childEnvironment } from '../../../floor/child-environment.ts';
import { keyedLock } from '../../../floor/keyed-lock.ts';
import type { Log } from '../../log.ts';
import type { ClientAccount } from '../accounts/account-subjects.ts';
import { keepPort, keptPort } from './kept-port.ts';
import { hostInUrl, listenAddress } from './listen-address.ts';
import { serverConfig } from './server-config.ts';
import { endStaleServer, forgetServer, messagesDir, moveGlobalAccount, portOf, serverPid } from './server-folder.ts';
import { reloadServer, replaceConfig } from './server-reload.ts';

export type EmbeddedServer = {
  /** Where we reach it ourselves. */
  readonly url: string;
  readonly user: string;
  readonly pass: string;
  /** The certificate that it shows us, in PEM, or null without TLS. */
  readonly certificate: string | null;
  /** Where the messages of a stream lie, which we make durable ourselves. */
  readonly messagesDir: (stream: string) => string;
  readonly pid: () => number | undefined;
  /**
   * Lets exactly these accounts in: resolves when the server does, and has cut off everybody else. Throws
   * AppError('internal') or ('unavailable') when it keeps to those it knew.
   */
  /** Ends the server, which is started again as one that died. */
  restart(): Promise<void>;
  admit(accounts: readonly ClientAccount[]): Promise<void>;
  stop(): Promise<void>;
};

type EmbeddedOptions = {
  readonly dataDir: string;
  readonly program: string;
  readonly log: Log;
  /** Address and port; null = any port of the loopback. */
  readonly listen?: string | null;
  /** Files of the certificate and its key: without TLS nobody is let in then. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
};

/**
 * Watches a pipe that the service holds open: when the service dies, however it dies, the read ends and the server is
 * stopped cleanly. Its own session keeps a Ctrl-C of the terminal away, so that the service can stop it last.
 */
const guard =
  'exec 3<&0; "$@" </dev/null & p=$!; { read -r _ <&3; kill -TERM $p; } 2>/dev/null & w=$!; wait $p; s=$?; kill $w 2>/dev/null; exit $s';

/** Starts nats-server with credentials of this boot, on a random loopback port unless told, and restarts it when it dies. */
export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { dataDir, program, log, listen = null, tls = null } = options;
  const dir = join(dataDir, 'nats');
  const certificate = tls ? readCertificate(tls) : null;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await endStaleServer(dir, log);
  moveGlobalAccount(dir, log);
  const [user, pass] = [`ct-${randomBytes(6).toString('hex')}`, randomBytes(24).toString('hex')];
  const file = join(dir, 'server.conf');
  const { host, port: wantedPort } = listenAddress(listen);
  const withLock = keyedLock();
  let port = wantedPort === -1 ? await keptPort(dir, host) : wantedPort;
  let accounts: readonly ClientAccount[] = [];
  /** The configuration that the server has taken. */
  let taken = '';
  let child: ChildProcess;
  let stopping = false;
  let restarts = 0;

  const configFor = (admitted: readonly ClientAccount[]) =>
    serverConfig({ dir, user, pass, host, port, tls, accounts: admitted });
  const launch = async () => {
    forgetServer(dir);
    writeFileSync(file, configFor(accounts), { mode: 0o600 });
    child = spawn('/bin/sh', ['-c', guard, 'sh', program, '-c', file], {
      detached: true,
      env: childEnvironment(process.env),
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
    keepPort(dir, port);
    taken = configFor(accounts);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error(
        { exit_code: code, signal, restarts, said: said.join('').slice(-2000) },
        'nats-server died, starting it again',
      );
      restarts += 1;
      setTimeout(() => relaunch(), backoffMs(restarts + 1, { firstMs: 50, longestMs: 5_000 })).unref();
    });
  };
  const relaunch = () => {
    if (!stopping)
      withLock(dir, launch).catch((error) => {
        log.error({ error: String(error) }, 'nats-server does not start, trying again');
        restarts += 1;
        setTimeout(relaunch, 1000);
      });
  };
  const admit = async (wanted: readonly ClientAccount[]) => {
    const text = configFor(wanted);
    if (text === taken || stopping) return;
    await replaceConfig(program, file, text);
    accounts = wanted;
    // Twice: nats-server 2.9 gives an account that is new what it may ask only when it reads about it again.
    await reloadServer(child, dir);
    await reloadServer(child, dir);
    taken = text;
  };
  await launch();
  return {
    url: `nats://${hostInUrl(host)}:${port}`,
    user,
    pass,
    certificate,
    messagesDir: (stream) => messagesDir(dir, stream),
    pid: () => serverPid(dir),
    admit: (wanted) => withLock(dir, () => admit(wanted)),
    restart: async () => {
      const pid = serverPid(dir);
      if (stopping || pid === undefined) return;
      const ended = new Promise((done) => child.once('exit', done));
      process.kill(pid, 'SIGTERM');
      const hard = setTimeout(() => process.kill(pid, 'SIGKILL'), 2_000);
      await ended.finally(() => clearTimeout(hard));
    },
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

function readCertificate({ cert, key }: { readonly cert: string; readonly key: string }): string {
  const [text = ''] = [
    ['CRAFTING_NATS_TLS_CERT', cert],
    ['CRAFTING_NATS_TLS_KEY', key],
  ].map(([variable, file = '']) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new AppError('misconfigured', `${variable} names ${file}, which cannot be read.`, { cause });
    }
  });
  return text;
}

/**
 * Resolves with the port once the server has written it. Throws AppError('misconfigured') with its own words when it ends
 * first, ('unavailable') when it was killed or is slow.
 */
async function ready(child: ChildProcess, dir: string, program: string, said: string[]): Promise<number> {
  let failure: AppError | undefined;
  child.once('error', (error) => {
    failure = doesNotStart(error.message);
  });
  // Its last words are whole when its output is; a guard that was killed may leave that open.
  child.once('exit', (_, signal) => {
    if (signal) failure ??= doesNotStart(`it was ended by ${signal}`);
  });
  child.once('close', (code, signal) => {
    const last = lastWords(said.join(''));
    if (code === null || code > 128)
      failure = doesNotStart(`it was ended by ${signal ?? `signal ${Number(code) - 128}`}`);
    else if (code === 127)
      failure = unfit(`${program} is not installed; install it, or set CRAFTING_NATS_SERVER or CRAFTING_NATS_URL`);
    else if (code === 126) failure = unfit(`${program} cannot be run; look at CRAFTING_NATS_SERVER`);
    else if (/address already in use/.test(last))
      failure = unfit(`the address of CRAFTING_NATS_LISTEN is taken by another program (${last})`);
    else if (/no space left/i.test(last)) failure = doesNotStart(`its disk is full (${last})`);
    else failure = unfit(`it ended with exit code ${code} and ${last === '' ? 'said nothing' : `said: ${last}`}`);
  });
  const deadline = performance.now() + 30_000;
  while (!failure && performance.now() < deadline) {
    const port = portOf(dir);
    if (port) return port;
    await wait(4);
  }
  child.stdin?.end();
  throw failure ?? doesNotStart('it was not ready within 30 s');
}

/** What may pass by itself. */
function doesNotStart(why: string): AppError {
  return new AppError('unavailable', `nats-server does not start: ${why}.`);
}

function unfit(why: string): AppError {
  return new AppError('misconfigured', `nats-server does not start: ${why}.`);
}

/** The last line that the server said, without its process, time and level. */
function lastWords(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? '';
  return last.replace(/^\[\d+\] \S+ \S+ (?:\[[A-Z]+\] )?/, '').replace(/\.$/, '');
}
