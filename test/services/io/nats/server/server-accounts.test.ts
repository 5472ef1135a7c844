import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { silent } from '../../../../../services/io/log.ts';
import { openAccountList } from '../../../../../services/io/nats/accounts/account-list.ts';
import { askedSubjects, subscriberAccount } from '../../../../../services/io/nats/accounts/client-account.ts';
import { ensureSubscriberConsumer } from '../../../../../services/io/nats/accounts/subscriber-stream.ts';
import { connectNats } from '../../../../../services/io/nats/connection.ts';
import { openEventLog } from '../../../../../services/io/nats/log/jetstream-event-log.ts';
import { makeStreams } from '../../../../../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../../../../../services/io/nats/server/embedded-server.ts';
import { operatorBlock } from '../../../../../services/io/nats/server/server-config.ts';
import { sampleDraft } from '../../../../events/stored-payloads.ts';
import { testConfig } from '../../../../support/farm.ts';
import { inTempDir } from '../../../../support/farm-parts.ts';
import { paced } from '../../../../support/pace.ts';
import { until } from '../../../../support/until.ts';
import { listening } from '../../../runner/runner-stage.ts';
import { connectAs, newSubscriber, type Subscriber, withAccounts } from '../account-stage.ts';

const program = 'nats-server';

/** Whether somebody can ask for what is its own. */
async function isServed(connection: NatsConnection, subscriber: Subscriber): Promise<boolean> {
  const [info = ''] = askedSubjects(subscriberAccount(subscriber));
  const answer = await connection.request(info, '', { timeout: paced(2_000) }).catch(() => null);
  return answer?.string().includes('"durable_name"') ?? false;
}

it('lets accounts in and out while it runs, and cuts off who was removed', () =>
  withAccounts(async ({ server, nats, ann, bob, dir }) => {
    const file = join(dir, 'nats', 'server.conf');
    const [first, second] = [await connectAs(ann, server.url), await connectAs(bob, server.url)];
    assert.deepEqual([await isServed(first, ann), await isServed(second, bob)], [true, true]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (const { seed } of [ann, bob]) assert.ok(!readFileSync(file, 'utf8').includes(seed));

    const cleo = newSubscriber('cleo.x');
    await ensureSubscriberConsumer(nats, cleo.name);
    await server.admit([ann, cleo].map(subscriberAccount));
    await second.closed();
    await assert.rejects(connectAs(bob, server.url), /authorization/i);
    const third = await connectAs(cleo, server.url);
    assert.deepEqual([await isServed(first, ann), await isServed(third, cleo)], [true, true]);
    await nats.connection.flush();

    // A server that is killed knows them when it is back.
    const pid = server.pid();
    process.kill(pid ?? 0, 'SIGKILL');
    const back = await until(() => (server.pid() === pid ? null : connectAs(ann, server.url).catch(() => null)));
    assert.equal(await isServed(back, ann), true);
    await back.close();
    await Promise.all([first.closed(), third.closed()]);
  }));

it('goes on with the accounts it knew when it would not take others', () =>
  withAccounts(async ({ server, ann }) => {
    const connection = await connectAs(ann, server.url);
    const pid = server.pid();
    const bad = subscriberAccount({ name: 'bad', public_key: `U${'A'.repeat(55)}` });
    await assert.rejects(
      server.admit([subscriberAccount(ann), bad]),
      (error) => isAppError(error, 'internal') && /would not take the new configuration/.test(error.message),
    );
    assert.equal(server.pid(), pid);
    assert.equal(await isServed(connection, ann), true);

    // The list leaves out who would make the server refuse it: no key, or the key of another one.
    const { logger, said } = listening();
    const list = openAccountList(server, testConfig('/nowhere'), logger);
    const twin = subscriberAccount({ name: 'twin', public_key: ann.public_key });
    await list.admit([subscriberAccount(ann), bad, twin]);
    assert.equal(said.filter((line) => /has no key of its own/.test(line)).length, 2);
    assert.equal(await isServed(connection, ann), true);
    await connection.close();
  }));

it('moves the log of an earlier version into the account of its own, with every event', () =>
  inTempDir(async (dataDir) => {
    const dir = join(dataDir, 'nats');
    mkdirSync(dir);
    const old = { user: 'u', pass: 'p', name: 'test', log: silent };
    const file = join(dir, 'server.conf');
    // As the version before wrote it: one user, no accounts.
    const lines = [`host: "127.0.0.1"`, 'port: -1', `ports_file_dir: ${JSON.stringify(dir)}`];
    lines.push(`jetstream: { store_dir: ${JSON.stringify(dir)} }`, 'authorization: { user: "u", password: "p" }');
    writeFileSync(file, lines.join('\n'));
    const child = spawn(program, ['-c', file], { stdio: 'ignore' });
    const gone = once(child, 'exit');
    const ports = () => readdirSync(dir).find((name) => name.endsWith('.ports'));
    const url = await until(() => {
      const text = ports() ? readFileSync(join(dir, ports() ?? ''), 'utf8') : '';
      return text.endsWith('}') ? (JSON.parse(text).nats[0] as string) : null;
    });
    const before = await connectNats({ ...old, url });
    await makeStreams(before, { retentionDays: 1, replicas: 1 });
    const log = openEventLog({ nats: before, source: '/test', sync: null });
    const ids: string[] = [];
    for (let at = 0; at < 20; at += 1)
      ids.push((await log.append(sampleDraft('TokenRevoked', `t${at}`, { name: `t${at}` }))).eventId);
    await before.connection.close();
    child.kill('SIGTERM');
    await gone;
    assert.ok(existsSync(join(dir, 'jetstream', '$G', 'streams', 'CT_EVENTS')));

    const server = await startEmbeddedServer({ dataDir, program, log: silent });
    try {
      const after = await connectNats({ ...server, name: 'test', log: silent });
      await makeStreams(after, { retentionDays: 1, replicas: 1 });
      const now = openEventLog({ nats: after, source: '/test', sync: null });
      assert.equal(await now.end(), 20);
      for (const [at, id] of ids.entries()) assert.equal((await now.at(at + 1))?.eventId, id);
      const again = sampleDraft('TokenRevoked', 't3', { name: 't3' });
      assert.equal((await now.append(again, { eventId: ids[3] ?? '' })).duplicate, true);
      assert.ok(existsSync(server.messagesDir('CT_EVENTS')));
      assert.ok(!existsSync(join(dir, 'jetstream', '$G')));
      await after.connection.close();
    } finally {
      await server.stop();
    }
    mkdirSync(join(dir, 'jetstream', '$G', 'streams', 'CT_EVENTS'), { recursive: true });
    await assert.rejects(startEmbeddedServer({ dataDir, program, log: silent }), /Two logs lie in/);
  }));

it('listens where it is told, over TLS alone when it has a certificate, and says who reaches it', () =>
  inTempDir(async (dataDir) => {
    const tls = { cert: join(dataDir, 'cert.pem'), key: join(dataDir, 'key.pem') };
    const forName = ['-subj', '/CN=farm.example.org', '-addext', 'subjectAltName=DNS:farm.example.org'];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...made, '-keyout', tls.key, '-out', tls.cert, ...forName], { stdio: 'pipe' });
    const server = await startEmbeddedServer({ dataDir, program, log: silent, listen: '0.0.0.0:0', tls });
    try {
      const nats = await connectNats({ ...server, name: 'test', log: silent });
      assert.equal(nats.connection.info?.tls_required, true);
      await nats.connection.close();
      await assert.rejects(connect({ servers: server.url, user: server.user, pass: server.pass, tls: null }));
      const other = { ...server, certificate: readFileSync(tls.cert, 'utf8') };
      const env = { CRAFTING_NATS_LISTEN: '0.0.0.0:4222', CRAFTING_PUBLIC_URL: 'https://farm.example.org' };
      const { logger, said } = listening();
      const open = openAccountList({ ...other, certificate: null }, testConfig(dataDir, env), logger);
      assert.match(open.reach ?? '', /WITHOUT TLS/);
      assert.match(said.join('\n'), /WITHOUT TLS/);
      const secured = { ...env, CRAFTING_NATS_TLS_CERT: tls.cert, CRAFTING_NATS_TLS_KEY: tls.key };
      const list = openAccountList(other, testConfig(dataDir, secured), silent);
      assert.match(list.reach ?? '', /with TLS/);
      assert.match(list.url ?? '', /^tls:\/\/farm\.example\.org:\d+$/);
    } finally {
      await server.stop();
    }
  }));

it('tells the operator of another server what to add, and that server takes it', () =>
  inTempDir(async (dir) => {
    const list = openAccountList(null, testConfig(dir, { CRAFTING_NATS_URL: 'nats://127.0.0.1:4222' }), silent);
    const account = subscriberAccount(newSubscriber('ann'));
    await list.admit([account]);
    assert.deepEqual([list.url, list.block(account)], [null, operatorBlock(account)]);
    const [exports = '', block = ''] = operatorBlock(account).split('# Beside that account');
    const file = join(dir, 'operator.conf');
    const rest = block.split('\n').slice(1).join('\n');
    writeFileSync(
      file,
      `accounts: {\nCT: {\njetstream: enabled\nusers: [ { user: u, password: p } ]\n${exports}}\n${rest}}\n`,
    );
    execFileSync(program, ['-t', '-c', file], { stdio: 'pipe' });
  }));
