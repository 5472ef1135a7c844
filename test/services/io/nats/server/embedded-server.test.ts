import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { silent } from '../../../../../services/io/log.ts';
import { connectNats } from '../../../../../services/io/nats/connection.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../../../services/io/nats/server/embedded-server.ts';
import { serverConfig } from '../../../../../services/io/nats/server/server-config.ts';
import { inTempDir } from '../../../../support/farm-parts.ts';
import { until } from '../../../../support/until.ts';
import { listening } from '../../../runner/runner-stage.ts';

const program = 'nats-server';

function withServer(work: (server: EmbeddedServer, dataDir: string) => Promise<void>): Promise<void> {
  return inTempDir(async (dataDir) => {
    const server = await startEmbeddedServer({ dataDir, program, log: silent });
    try {
      await work(server, dataDir);
    } finally {
      await server.stop();
    }
  });
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** A process that starts a server on a folder and then waits to be killed; its pid and the server's. */
async function serverOfAnother(dataDir: string, command = program) {
  const module = join(
    import.meta.dirname,
    '..',
    '..',
    '..',
    '..',
    '..',
    'services',
    'io',
    'nats',
    'server',
    'embedded-server.ts',
  );
  const script = `
    const { startEmbeddedServer } = await import(${JSON.stringify(module)});
    const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    const server = await startEmbeddedServer({ dataDir: process.argv[1], program: process.argv[2], log });
    process.stdout.write(String(server.pid()));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dataDir, command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await once(child.stdout, 'data');
  return { child, serverPid: Number(String(pid)) };
}

describe('the embedded server', () => {
  it('listens on a port of its own on the loopback, and lets nobody in without its credentials', () =>
    withServer(async ({ url, user, pass }) => {
      assert.match(url, /^nats:\/\/127\.0\.0\.1:\d+$/);
      await assert.rejects(connect({ servers: url, reconnect: false }), /authorization/i);
      await assert.rejects(connect({ servers: url, user, pass: 'wrong', reconnect: false }), /authorization/i);
      const nats = await connectNats({ url, user, pass, name: 'test', log: silent });
      assert.match(nats.version, /^2\.\d+\.\d+/);
      await nats.connection.close();
    }));

  it('keeps its credentials in a file that only we can read, and out of every command line', () =>
    withServer(async ({ pass, pid }, dataDir) => {
      const file = join(dataDir, 'nats', 'server.conf');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.equal(statSync(join(dataDir, 'nats')).mode & 0o777, 0o700);
      assert.ok(readFileSync(file, 'utf8').includes(pass));
      assert.ok(alive(pid()));
      for (const one of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        let said = '';
        try {
          said = readFileSync(`/proc/${one}/cmdline`, 'utf8') + readFileSync(`/proc/${one}/environ`, 'utf8');
        } catch {
          continue;
        }
        assert.ok(!said.includes(pass), `process ${one} shows the password`);
      }
    }));

  it('takes any password for a word, also one that begins like a number', () =>
    inTempDir(async (dir) => {
      for (const pass of ['8e17d3', '12k9', '0e70851f', '7m22', '2024-01']) {
        const file = join(dir, 'server.conf');
        writeFileSync(file, serverConfig({ dir, user: 'ct-1e5', pass, host: '127.0.0.1', port: -1 }));
        execFileSync(program, ['-t', '-c', file], { stdio: 'pipe' });
      }
    }));

  it('is gone, and leaves no file that names it, after a stop', () =>
    inTempDir(async (dataDir) => {
      const server = await startEmbeddedServer({ dataDir, program, log: silent });
      const pid = server.pid();
      assert.ok(alive(pid));
      await server.stop();
      assert.equal(alive(pid), false);
      assert.deepEqual(
        readdirSync(join(dataDir, 'nats')).filter((name) => /pid|ports/.test(name)),
        [],
      );
    }));

  it('starts again on the same port when it is killed, and says so', () =>
    inTempDir(async (dataDir) => {
      const { logger, said } = listening();
      const server = await startEmbeddedServer({ dataDir, program, log: logger });
      try {
        const before = await connectNats({ ...server, name: 'test', log: silent });
        const pid = server.pid();
        assert.ok(pid);
        process.kill(pid, 'SIGKILL');
        await until(() => said.some((line) => /nats-server died/.test(line)), 'a word about it');
        // A connection that was there finds the new server by itself: same port, same credentials.
        await until(() => server.pid() !== pid && alive(server.pid()), 'another server');
        for await (const { type } of before.connection.status()) if (type === 'reconnect') break;
        await before.connection.flush();
        await before.connection.close();
      } finally {
        await server.stop();
      }
    }));

  it('ends with the process that started it, however that ends', () =>
    inTempDir(async (dataDir) => {
      const { child, serverPid } = await serverOfAnother(dataDir);
      assert.ok(alive(serverPid));
      child.kill('SIGKILL');
      await once(child, 'exit');
      await until(() => !alive(serverPid), 'the end of the server');
      const next = await startEmbeddedServer({ dataDir, program, log: silent });
      assert.notEqual(next.pid(), serverPid);
      await next.stop();
    }));

  it('takes the store over from a server whose service and guard are both dead', () =>
    inTempDir(async (dataDir) => {
      // A server that still has something to say when its service is gone ends of SIGPIPE: this one says nothing.
      const mute = join(dataDir, 'mute-nats-server');
      writeFileSync(mute, `#!/bin/sh\nexec ${program} "$@" 2>/dev/null\n`, { mode: 0o700 });
      const { child, serverPid } = await serverOfAnother(dataDir, mute);
      const guard = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${serverPid}/status`, 'utf8'))?.[1]);
      const children = () =>
        readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8').trim().split(' ').map(Number);
      // The server may be ready before the guard has begun to watch the pipe.
      await until(() => children().length === 2, 'the guard and what watches the pipe for it');
      const others = children();
      // What watches the pipe for the guard first: a service whose guard dies closes the pipe, and that would stop the server.
      for (const pid of [...others.filter((pid) => pid !== serverPid), guard]) process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.ok(alive(serverPid), 'the server goes on without anybody');
      const { logger, said } = listening();
      const next = await startEmbeddedServer({ dataDir, program, log: logger });
      assert.equal(alive(serverPid), false);
      assert.ok(said.some((line) => /of a dead service/.test(line)));
      await next.stop();
    }));

  it('says in one sentence that it is not installed', () =>
    inTempDir(async (dataDir) => {
      await assert.rejects(
        startEmbeddedServer({ dataDir, program: 'no-such-nats-server', log: silent }),
        (error) =>
          isAppError(error, 'misconfigured') &&
          error.message.startsWith('nats-server does not start: no-such-nats-server is not installed; '),
      );
    }));
});
