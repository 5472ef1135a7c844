import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { get as getTls } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceMeant } from '../../services/cli/farm/service-meant.ts';
import { localService } from '../../services/cli/offline/local-service.ts';
import { isAppError } from '../../services/floor/app-error.ts';
import { listenPlace, tryPlace } from '../../services/io/listen/listen-place.ts';
import { openFarm } from '../support/farm.ts';
import { inTempDir } from '../support/farm-parts.ts';

const roles = { CRAFTING_ROLES: 'api,projector' };
const without = spawnSync('sh', ['-c', 'command -v openssl']).status !== 0 && 'openssl is not on this machine';

/** A certificate of this test's own for localhost. */
function certificate(dir: string): { cert: string; key: string } {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const made = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...made];
  assert.equal(spawnSync('openssl', [...args, '-out', cert, '-keyout', key]).status, 0);
  return { cert, key };
}

test('with a certificate of its own the service speaks TLS, and says the public address', { skip: without }, () =>
  inTempDir(async (dir) => {
    const { cert, key } = certificate(dir);
    const tls = { CRAFTING_TLS_CERT: cert, CRAFTING_TLS_KEY: key };
    const farm = await openFarm({ env: { ...roles, ...tls } });
    try {
      assert.match(farm.url, /^https:\/\/127\.0\.0\.1:\d+$/);
      const { port } = new URL(farm.url);
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const ca = readFileSync(cert);
      getTls({ host: '127.0.0.1', servername: 'localhost', port, path: '/healthz', ca }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).once('error', reject);
      assert.equal(await promise, 200);
    } finally {
      await farm.close();
    }
    writeFileSync(key, 'no key');
    await assert.rejects(
      openFarm({ env: { ...roles, ...tls } }),
      (error) => isAppError(error, 'misconfigured') && /do not go together/.test(error.message),
    );
  }),
);

/** What a request by a socket file is answered. */
async function overSocket(socketPath: string, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request({ socketPath, path: '/healthz', headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  })
    .once('error', reject)
    .end();
  return promise;
}

test('a socket file is for its owner and group, and who comes by it counts as this machine', () =>
  inTempDir(async (dir) => {
    const path = join(dir, 'farm.sock');
    const env = { ...roles, CRAFTING_HOST: `unix:${path}`, CRAFTING_TRUST_PROXY: '127.0.0.1/32' };
    const open = () => openFarm({ env: { ...env, CRAFTING_PUBLIC_URL: 'https://farm.example.org' } });
    const farm = await open();
    assert.equal(farm.url, 'https://farm.example.org');
    assert.equal(statSync(path).mode & 0o777, 0o660);
    assert.equal(await overSocket(path, {}), 200);
    assert.equal(await overSocket(path, { 'x-forwarded-for': '8.8.8.8' }), 403);
    await assert.rejects(open(), /another program listens/);
    await farm.close();
    const alone = await openFarm({ env });
    assert.equal(alone.url, `unix:${path}`);
    await alone.close();
    writeFileSync(path, '');
    await assert.rejects(open(), /is there and is no socket/);
  }));

test('a socket file is named by a path from the root that the system can hold', () => {
  const at = (path: string) => () => listenPlace({ host: `unix:${path}`, port: 0 }, {});
  const refused = (words: RegExp) => (error: unknown) =>
    isAppError(error, 'misconfigured') && words.test(error.message);
  assert.throws(at('farm.sock'), refused(/a path from the root.*"farm\.sock"/));
  assert.throws(at(`/${'é'.repeat(54)}`), refused(/at most 107 bytes.*109 bytes/));
  assert.doesNotThrow(at(`/${'e'.repeat(106)}`));
});

test('no bearer goes to a host that a socket file was taken for', () =>
  inTempDir(async (dir) => {
    writeFileSync(join(dir, 'admin-bearer.txt'), 'abc\n');
    const env = { CRAFTING_DATA_DIR: dir, XDG_CONFIG_HOME: dir, HOME: dir };
    const isSaid = (error: unknown) => isAppError(error, 'invalid') && /CRAFTING_TABLE_BASE_URL/.test(error.message);
    for (const place of [
      '/run/farm.sock',
      'unix:/run/farm.sock',
      'http://unix:/run/farm.sock',
      'http:///run/farm.sock',
    ]) {
      writeFileSync(join(dir, 'url.txt'), `${place}\n`);
      await assert.rejects(serviceMeant(env, {}), isSaid, place);
      await assert.rejects(serviceMeant({ ...env, CRAFTING_TABLE_TOKEN: 'own' }, {}), isSaid, place);
      await assert.rejects(localService(dir), isSaid, place);
    }
  }));

test('the socket file of a service that died is taken away', () =>
  inTempDir(async (dir) => {
    const path = join(dir, 'old.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    assert.ok(statSync(path).isSocket());
    await tryPlace({ kind: 'path', path });
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    server.close();
  }));

test('a socket that systemd opened for this process comes before the address', () => {
  const at = { host: '127.0.0.1', port: 8810 };
  const ours = { LISTEN_PID: String(process.pid), LISTEN_FDS: '1' };
  assert.deepEqual(listenPlace(at, ours), { kind: 'inherited', fd: 3 });
  assert.deepEqual(listenPlace(at, { ...ours, LISTEN_PID: '1' }), { kind: 'address', ...at });
});

test('the service answers on a socket that it was handed at its start', () =>
  inTempDir(async (dir) => {
    mkdirSync(join(dir, 'data'));
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const main = join(import.meta.dirname, '../../services/main.ts');
    const own = { PATH: process.env['PATH'] ?? '', CRAFTING_DATA_DIR: join(dir, 'data'), LISTEN_FDS: '1', ...roles };
    // As systemd does: the id of the process that is to listen is known only once it is there.
    const child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, main], {
      env: own,
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    server.close();
    try {
      const { promise, resolve } = Promise.withResolvers<string>();
      let said = '';
      child.stdout?.on('data', (bytes) => {
        said += bytes;
        if (said.includes('roles')) resolve(said);
      });
      child.once('exit', () => resolve(`${said} and ended`));
      assert.match(await promise, new RegExp(`crafting-table is at http://127\\.0\\.0\\.1:${port} `));
      assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    } finally {
      const over = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await over;
    }
  }));
