import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCidrs } from '../../../../services/floor/cidr.ts';
import { isForbidden, isForbiddenHost } from '../../../../services/io/webhook/forbidden-address.ts';
import { type Post, postPinned } from '../../../../services/io/webhook/pinned-request.ts';
import { inTempDir } from '../../../support/farm-parts.ts';
import { openReceiver, type Received, type ReceiverAnswer } from '../../../support/webhook-receiver.ts';

const loopback = parseCidrs(['127.0.0.1/32']) ?? null;
const proof = { 'webhook-signature': 'v1,secret' };

function post(url: string, more: Partial<Post> = {}) {
  return postPinned({ url: new URL(url), body: '{"a":1}', headers: {}, proof, allow: loopback, ...more });
}

async function withReceivers<T>(
  answers: readonly ((got: Received, nth: number) => ReceiverAnswer)[],
  work: (receivers: Awaited<ReturnType<typeof openReceiver>>[]) => Promise<T>,
): Promise<T> {
  const receivers = await Promise.all(answers.map((answer) => openReceiver(answer)));
  try {
    return await work(receivers);
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.close()));
  }
}

const to = (location: string, status = 307): ReceiverAnswer => ({ status, headers: { location } });

test('addresses of this machine, its link, of groups and of cloud metadata are forbidden, in every spelling', () => {
  const table: Record<string, boolean> = {
    '127.0.0.1': true,
    '127.255.255.254': true,
    '0.0.0.0': true,
    '169.254.169.254': true,
    '169.254.0.1': true,
    '224.0.0.1': true,
    '255.255.255.255': true,
    '100.100.100.200': true,
    '168.63.129.16': true,
    '::': true,
    '::1': true,
    '[::1]': true,
    '::127.0.0.1': true,
    '::ffff:127.0.0.1': true,
    '::ffff:7f00:1': true,
    '::ffff:a9fe:a9fe': true,
    '64:ff9b::7f00:1': true,
    '64:ff9b::a9fe:a9fe': true,
    '2002:7f00:1::': true,
    '2002:a9fe:a9fe::1': true,
    'fe80::1': true,
    'fe80::1%eth0': true,
    'ff02::1': true,
    'fd00:ec2::254': true,
    'fd20:ce::254': true,
    'no address': true,
    '10.0.0.1': false,
    '172.16.3.4': false,
    '192.168.1.1': false,
    '100.64.0.1': false,
    '93.184.215.14': false,
    'fd12:3456::1': false,
    '2606:4700::1111': false,
    '::ffff:10.0.0.1': false,
    '64:ff9b::5db8:d70e': false,
  };
  for (const [address, forbidden] of Object.entries(table))
    assert.equal(isForbidden(address, null), forbidden, address);
});

test('what is allowed by name of its network may be reached, and nothing beside it', () => {
  assert.equal(isForbidden('127.0.0.1', loopback), false);
  assert.equal(isForbidden('::ffff:127.0.0.1', loopback), false);
  assert.equal(isForbidden('127.0.0.2', loopback), true);
  assert.equal(isForbidden('169.254.169.254', loopback), true);
});

test('a host that is an address is judged as the address that it means', () => {
  for (const host of ['2130706433', '0x7f.1', '0177.0.0.1', '127.1', '[::ffff:127.0.0.1]', '0'])
    assert.equal(isForbiddenHost(new URL(`http://${host}/`).hostname, null), true, host);
  assert.equal(isForbiddenHost('localhost', null), false, 'a name is judged when it is looked up');
});

test('a body arrives with its proof, and every status is an answer', () =>
  withReceivers([(_got, nth) => [200, 404, 500][nth - 1] ?? 200], async ([receiver]) => {
    const url = receiver?.url ?? '';
    for (const status of [200, 404, 500]) assert.equal((await post(url)).status, status);
    assert.deepEqual(receiver?.received[0]?.body, { a: 1 });
    assert.equal(receiver?.received[0]?.headers['webhook-signature'], 'v1,secret');
  }));

test('nothing is sent to a forbidden address, given as such or by a name', () =>
  withReceivers([() => 200], async ([receiver]) => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433']) {
      const answer = await post(`http://${host}:${receiver?.port}/`, { allow: null });
      assert.deepEqual([answer.status, answer.forbidden], [null, true], host);
      assert.match(answer.reason, /CRAFTING_NOTIFY_ALLOW/);
    }
    assert.equal(receiver?.received.length, 0);
  }));

test('a name is looked up once, and the connection goes to the address that was judged', () =>
  withReceivers([() => 200], async ([receiver]) => {
    let lookups = 0;
    const answers: LookupAddress[] = [
      { address: '127.0.0.1', family: 4 },
      { address: '169.254.169.254', family: 4 },
    ];
    const resolve = async () => {
      lookups += 1;
      const [first, second] = answers;
      return first && second ? [lookups === 1 ? first : second] : [];
    };
    const url = `http://rebinding.example:${receiver?.port}/`;
    assert.equal((await post(url, { resolve })).status, 200);
    assert.equal(lookups, 1);
    assert.equal(receiver?.received[0]?.headers.host, `rebinding.example:${receiver?.port}`);
    const second = await post(url, { resolve });
    assert.deepEqual([second.status, second.forbidden, lookups], [null, true, 2]);
    assert.equal(receiver?.received.length, 1);
  }));

test('one forbidden address among several of a name is enough', () =>
  withReceivers([() => 200], async ([receiver]) => {
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ];
    const answer = await post(`http://two.example:${receiver?.port}/`, { resolve });
    assert.equal(answer.forbidden, true);
    assert.equal((await post('http://nobody.example/', { resolve: async () => [] })).status, null);
  }));

test('a redirect is judged like the first address, and does not lead to a forbidden one', () =>
  withReceivers([() => to('http://127.0.0.2:1/'), () => to('http://metadata.example/latest')], async ([one, two]) => {
    assert.equal((await post(one?.url ?? '')).forbidden, true);
    const resolve = async () => [{ address: '169.254.169.254', family: 4 }];
    assert.equal((await post(two?.url ?? '', { resolve })).forbidden, true);
  }));

test('redirects keep the body, show the proof to the first origin alone, and end after three', () => {
  let elsewhere = '';
  return withReceivers(
    [
      ({ path }) => (path === '/hook' ? to('/second') : path === '/second' ? to(elsewhere, 308) : 204),
      () => 204,
      ({ path }) => to(path),
      () => to('/x', 302),
      () => to('http://user:pass@127.0.0.1/'),
      () => to('file:///etc/passwd'),
    ],
    async ([first, second, loop, lost, password, file]) => {
      elsewhere = second?.url ?? '';
      assert.equal((await post(first?.url ?? '')).status, 204);
      assert.deepEqual(
        first?.received.map(({ headers, text }) => [headers['webhook-signature'], text]),
        [
          ['v1,secret', '{"a":1}'],
          ['v1,secret', '{"a":1}'],
        ],
      );
      assert.deepEqual(
        second?.received.map(({ headers, text }) => [headers['webhook-signature'], text]),
        [[undefined, '{"a":1}']],
      );
      assert.match((await post(loop?.url ?? '')).reason, /more than 3 times/);
      assert.equal(loop?.received.length, 4);
      for (const [receiver, words] of [
        [lost, /answered 302/],
        [password, /password/],
        [file, /nowhere/],
      ] as const) {
        assert.match((await post(receiver?.url ?? '')).reason, words);
        assert.equal(receiver?.received.length, 1);
      }
    },
  );
});

test('an answer that never comes, breaks off or does not end costs a limited time and little memory', () =>
  withReceivers(
    [() => 'hang', () => 'cut', () => ({ status: 200, body: 'x'.repeat(5_000_000) })],
    async ([hanging, cutting, endless]) => {
      assert.equal((await post(hanging?.url ?? '', { timeoutMs: 50 })).reason, 'did not answer in time');
      assert.equal((await post(cutting?.url ?? '')).reason, 'cut the connection');
      assert.equal((await post(endless?.url ?? '')).status, 200);
      assert.equal((await post('http://127.0.0.1:1/')).reason, 'refuses connections');
    },
  ));

test('a redirect from https to http is refused, and a certificate that nobody signed too', () =>
  inTempDir((dir) =>
    withReceivers([() => 204], async ([plain]) => {
      const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(dir, name));
      const subject = ['-subj', '/CN=secure.example', '-addext', 'subjectAltName=DNS:secure.example'];
      const made = [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '1',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ];
      execFileSync('openssl', made as string[], { stdio: 'ignore' });
      const options = { key: readFileSync(key ?? ''), cert: readFileSync(cert ?? '') };
      const secure = createServer(options, (_request, response) =>
        response.writeHead(307, { location: plain?.url }).end(),
      );
      await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
      const url = `https://secure.example:${(secure.address() as AddressInfo).port}/`;
      const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
      try {
        assert.match((await post(url, { resolve })).reason, /certificate that nobody signed/);
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
        assert.match((await post(url, { resolve })).reason, /redirects from https to http/);
        assert.equal(plain?.received.length, 0);
      } finally {
        delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        secure.closeAllConnections();
        await new Promise((closed) => secure.close(closed));
      }
    }),
  ));
