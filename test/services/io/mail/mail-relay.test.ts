import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { composeMail, messageIdOf } from '../../../../services/io/mail/compose-mail.ts';
import { type Delivery, openMailRelay, type RelaySettings } from '../../../../services/io/mail/mail-relay.ts';
import { paced } from '../../../support/pace.ts';
import { type MailServer, type MailServerSettings, openMailServer } from './mail-server.ts';

const from = 'Farm <farm@example.org>';
const login = { user: 'farm', password: 'hush-hush-4711' };

async function mailTo(to: string, subject = 'one: 1 new critical CVE') {
  const messageId = messageIdOf('2026-04-29', 'ab'.repeat(12), from);
  return composeMail({
    from,
    to,
    subject,
    text: 'in short\n',
    html: '<p>at length</p>',
    messageId,
    dateMs: Date.UTC(2026, 3, 29, 13),
  });
}

async function sent(
  to: string,
  { server = {}, ...relay }: Partial<RelaySettings> & { server?: MailServerSettings },
  check: (delivery: Delivery, server: MailServer) => void | Promise<void>,
) {
  const opened = await openMailServer(server);
  try {
    const { port, certificate } = opened;
    const settings = {
      host: '127.0.0.1',
      port,
      user: null,
      password: null,
      from,
      tls: false,
      wholeMs: paced(5_000),
      ...relay,
    };
    const tls = settings.tlsOptions ?? (settings.tls && certificate ? { ca: certificate } : null);
    const delivery = await openMailRelay({ ...settings, ...(tls ? { tlsOptions: tls } : {}) }).send(
      await mailTo(to),
      to,
    );
    await check(delivery, opened);
  } finally {
    await opened.close();
  }
}

test('a mail arrives over STARTTLS with a login, in two forms and with the headers of a machine', () =>
  sent(
    'ann@example.org',
    { server: { tls: 'starttls', login }, tls: true, ...login },
    ({ outcome }, { arrived: [one] }) => {
      assert.equal(outcome, 'sent');
      assert.equal(one?.secure, true);
      assert.deepEqual([one?.from, one?.to], ['farm@example.org', ['ann@example.org']]);
      const { mail } = one ?? assert.fail();
      const header = (key: string) => mail.headers.find((header) => header.key === key)?.value;
      assert.equal(mail.text?.trimEnd(), 'in short');
      assert.match(mail.html ?? '', /<p>at length<\/p>/);
      assert.equal(mail.messageId, `<2026-04-29.${'ab'.repeat(12)}@example.org>`);
      assert.equal(mail.date, '2026-04-29T13:00:00.000Z');
      assert.equal(header('list-id'), 'crafting-table digest <digest.example.org>');
      assert.equal(header('list-unsubscribe'), '<mailto:farm@example.org?subject=unsubscribe>');
      assert.equal(header('auto-submitted'), 'auto-generated');
      assert.equal(header('precedence'), 'bulk');
    },
  ));

test('without TLS a mail arrives in the clear, and a certificate that nobody signed is not trusted', async () => {
  await sent('ann@example.org', {}, ({ outcome }, { arrived }) => {
    assert.deepEqual([outcome, arrived[0]?.secure], ['sent', false]);
  });
  await sent('ann@example.org', { server: { tls: 'starttls' }, tls: true, tlsOptions: {} }, (delivery, { arrived }) => {
    assert.equal(delivery.outcome, 'deferred');
    assert.match('reason' in delivery ? delivery.reason : '', /self-signed certificate/);
    assert.equal(arrived.length, 0);
  });
});

test('a relay that offers no STARTTLS gets no mail when TLS is wanted', () =>
  sent('ann@example.org', { tls: true }, ({ outcome }, { arrived }) => {
    assert.deepEqual([outcome, arrived.length], ['deferred', 0]);
  }));

test('a refusal is for ever or for now, as the relay says, and repeats no address', async () => {
  for (const [code, outcome] of [
    [550, 'refused'],
    [450, 'deferred'],
  ] as const) {
    const refuse = (address: string) => ({ code, words: `no mailbox ${address} here` });
    await sent('ann@example.org', { server: { refuse } }, (delivery) => {
      assert.equal(delivery.outcome, outcome);
      assert.match('reason' in delivery ? delivery.reason : '', /no mailbox … here/);
    });
  }
});

test('a wrong password is tried again later, and shown to nobody', () =>
  sent(
    'ann@example.org',
    { server: { login: { ...login, password: 'another' }, tls: 'starttls' }, tls: true, ...login },
    (delivery) => {
      assert.equal(delivery.outcome, 'deferred');
      assert.ok(!JSON.stringify(delivery).includes(login.password), JSON.stringify(delivery));
    },
  ));

test('nobody who listens, and a relay that says nothing, take no mail', async () => {
  const silentOne = createServer(() => {});
  await new Promise<void>((resolve) => silentOne.listen(0, '127.0.0.1', resolve));
  const { port } = silentOne.address() as { port: number };
  const relay = (at: number) =>
    openMailRelay({ host: '127.0.0.1', port: at, user: null, password: null, from, tls: false, wholeMs: 200 });
  assert.equal((await relay(port).send(await mailTo('a@b.c'), 'a@b.c')).outcome, 'deferred');
  await new Promise((resolve) => silentOne.close(resolve));
  assert.equal((await relay(port).send(await mailTo('a@b.c'), 'a@b.c')).outcome, 'deferred');
});

test('when the answer to the whole mail does not come, nobody knows', () =>
  sent(
    'ann@example.org',
    { server: { beforeAnswer: () => new Promise(() => {}) }, wholeMs: paced(1_000) },
    ({ outcome }, { arrived }) => {
      assert.deepEqual([outcome, arrived.length], ['unknown', 1]);
    },
  ));

test('equal mails are equal byte for byte, and a subject cannot add a header', async () => {
  const [one, other] = await Promise.all([mailTo('a@b.c'), mailTo('a@b.c')]);
  assert.ok(one.equals(other));
  const hostile = (await mailTo('a@b.c', 'x\r\nBcc: all@example.org\r\n\r\nbody')).toString();
  assert.doesNotMatch(hostile, /^Bcc:/im);
});
