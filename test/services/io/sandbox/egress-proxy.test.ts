import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { type CidrSet, parseCidrs } from '../../../../services/floor/cidr.ts';

import { allowedAddress } from '../../../../services/io/sandbox/allowed-hosts.ts';
import { openEgressProxy } from '../../../../services/io/sandbox/egress-proxy.ts';

const dir = await mkdtemp(join(tmpdir(), 'ct-egress-'));
const site = createServer((asked, answer) =>
  answer.end(`${asked.method} ${asked.url} ${asked.headers.host} ${'x'.repeat(Number(asked.headers['x-size'] ?? 0))}`),
);
await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
const { port } = site.address() as AddressInfo;
after(async () => {
  site.close();
  await rm(dir, { recursive: true, force: true });
});

let last = 0;
async function withProxy(allow: string[], work: (socket: string, denied: string[]) => Promise<void>, maxBytes = 1e6) {
  const denied: string[] = [];
  const socket = join(dir, `${++last}.sock`);
  const proxy = await openEgressProxy({ socket, allow, maxBytes, onDenied: (what) => denied.push(what) });
  await work(socket, denied).finally(() => proxy.close());
}

/** A plain request through the proxy: its status and body. */
function ask(socketPath: string, url: string, headers = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: url, headers: { host: 'lies.example', ...headers } }, (answer) =>
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject),
    );
    asked.on('error', reject).end();
  });
}

/** What comes back for a tunnel and one request through it. */
async function tunnel(socket: string, to: string): Promise<string> {
  const caller = connect(socket);
  caller.on('error', () => {});
  caller.write(
    `CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\nGET /t HTTP/1.1\r\nhost: inner\r\nconnection: close\r\n\r\n`,
  );
  return text(caller).catch(() => '');
}

test('a host of the list is reached, plainly and by a tunnel, under the name that was asked for', () =>
  withProxy([`127.0.0.1:${port}`], async (socket, denied) => {
    const { status, body } = await ask(socket, `http://127.0.0.1:${port}/a?b=1`);
    assert.deepEqual([status, body.trim()], [200, `GET /a?b=1 127.0.0.1:${port}`]);
    assert.match(await tunnel(socket, `127.0.0.1:${port}`), /^HTTP\/1\.1 200 .*GET \/t inner/s);
    assert.deepEqual(denied, []);
  }));

test('what is not on the list is refused, and told once', () =>
  withProxy(['example.org'], async (socket, denied) => {
    assert.equal((await ask(socket, `http://127.0.0.1:${port}/`)).status, 403);
    assert.equal((await ask(socket, `http://127.0.0.1:${port}/again`)).status, 403);
    assert.match(await tunnel(socket, `127.0.0.1:${port}`), /^HTTP\/1\.1 403/);
    assert.match(await tunnel(socket, 'example.org:22'), /^HTTP\/1\.1 403/);
    assert.equal((await ask(socket, 'ftp://example.org/')).status, 403);
    assert.equal((await ask(socket, '/not-absolute')).status, 403);
    assert.deepEqual(denied, [
      `127.0.0.1:${port} is not on the list of this job`,
      'example.org:22 is not on the list of this job',
    ]);
  }));

test('after its bytes are used up, a job reaches nothing more', () =>
  withProxy(
    [`127.0.0.1:${port}`],
    async (socket, denied) => {
      await ask(socket, `http://127.0.0.1:${port}/`, { 'x-size': '50000' }).catch(() => undefined);
      assert.equal((await ask(socket, `http://127.0.0.1:${port}/`)).status, 403);
      assert.deepEqual(denied, ['more than 10000 bytes over the network']);
    },
    10_000,
  ));

const leads = (address: string) => async () => [{ address }];
const refused = (error: unknown) => isAppError(error, 'forbidden');

test('a name of the list that leads to this machine or its link is refused', async () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '0.0.0.0', ...own])
    await assert.rejects(
      allowedAddress({ host: 'a.example', port: 443 }, ['a.example'], leads(address)),
      refused,
      address,
    );
});

test('a name in a private network has to be listed whole', async () => {
  const wanted = { host: 'registry.inner', port: 443 };
  assert.equal(await allowedAddress(wanted, ['registry.inner'], leads('10.9.9.9')), '10.9.9.9');
  await assert.rejects(allowedAddress(wanted, ['*.inner'], leads('10.9.9.9')), refused);
});

test('a wildcard holds for names below, not for the name itself, and not for a name that only ends alike', async () => {
  const at = (host: string) => allowedAddress({ host, port: 443 }, ['*.example.org'], leads('192.0.2.1'));
  assert.equal(await at('a.b.example.org'), '192.0.2.1');
  assert.equal(await at('A.EXAMPLE.org.'), '192.0.2.1');
  await assert.rejects(at('example.org'), refused);
  await assert.rejects(at('badexample.org'), refused);
});

test('without a port 80 and 443 are meant, with one that one alone', async () => {
  const at = (port: number, pattern: string) => allowedAddress({ host: 'h', port }, [pattern], leads('192.0.2.1'));
  assert.equal(await at(80, 'h'), '192.0.2.1');
  assert.equal(await at(8443, 'h:8443'), '192.0.2.1');
  await assert.rejects(at(8443, 'h'), refused);
  await assert.rejects(at(443, 'h:8443'), refused);
});

test('an agent reaches nothing of this machine or its link, listed or by name, unless the operator allows the network', async () => {
  const resolve = async () => [{ address: '127.0.0.1' }];
  const reached = (host: string, networks: CidrSet | null) =>
    allowedAddress({ host, port: 80 }, [host], resolve, networks).catch((error) =>
      isAppError(error) ? error.code : 'broke',
    );
  const lan = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .map(({ address }) => address);
  for (const host of [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'inner.example',
    ...lan,
  ])
    assert.equal(await reached(host, null), 'forbidden', host);
  assert.equal(await reached('127.0.0.1', parseCidrs(['127.0.0.0/8']) ?? null), '127.0.0.1');
  assert.equal(await reached('inner.example', parseCidrs(['127.0.0.0/8']) ?? null), '127.0.0.1');
  assert.equal(await reached('10.1.2.3', null), '10.1.2.3');
});
