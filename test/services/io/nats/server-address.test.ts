import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { silent } from '../../../../services/io/log.ts';
import { readCredentials } from '../../../../services/io/nats/accounts/read-credentials.ts';
import { runnerFile } from '../../../../services/io/nats/accounts/runner-file.ts';
import { checkServers } from '../../../../services/io/nats/cluster-rules.ts';
import { connectNats, type Nats } from '../../../../services/io/nats/connection.ts';
import { serverAddress } from '../../../../services/io/nats/server-address.ts';
import { inTempDir } from '../../../support/farm-parts.ts';

describe('the address of the log', () => {
  it('takes the user and the password out of the URLs', () => {
    const address = serverAddress('nats://ct:p%40ss@one:4222, tls://ct:p%40ss@[::1]:4223,nats://two');
    assert.deepEqual(address, {
      servers: ['nats://one:4222', 'tls://[::1]:4223', 'nats://two'],
      user: 'ct',
      pass: 'p@ss',
    });
    assert.deepEqual(serverAddress('nats://word@one'), { servers: ['nats://one'], token: 'word' });
  });

  it('names one user, and is refused without a word of what it says', () => {
    assert.throws(
      () => serverAddress('nats://a:secret-1@one,nats://b:secret-2@two'),
      (error: Error) => /name one user/.test(error.message) && !/secret/.test(error.message),
    );
  });

  it('is shown without the password when nobody answers there', () =>
    assert.rejects(
      connectNats({ url: 'nats://ct:hidden-word@127.0.0.1:1', name: 'test', log: silent }),
      (error: Error) => /127\.0\.0\.1:1 cannot be reached/.test(error.message) && !/hidden-word/.test(error.message),
    ));
});

describe('the file of CRAFTING_NATS_CREDS', () => {
  const seed = new TextDecoder().decode(createUser().getSeed());
  const creds = `-----BEGIN NATS USER JWT-----\ne30.e30.e30\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
  const read = (text: string) =>
    inTempDir(async (dir) => {
      const file = join(dir, 'creds');
      writeFileSync(file, text);
      return readCredentials(file);
    });

  it('holds a seed alone, a .creds file, or the seed of a runner with its name', async () => {
    const answer = (authenticator: Awaited<ReturnType<typeof read>>['authenticator']) => authenticator('bm9uY2U');
    assert.match(JSON.stringify(answer((await read(`${seed}\n`)).authenticator)), /"nkey":"U/);
    assert.match(JSON.stringify(answer((await read(creds)).authenticator)), /"jwt":"e30/);
    const runner = await read(runnerFile('far.away', seed));
    assert.equal(runner.runner, 'far.away');
    assert.match(JSON.stringify(answer(runner.authenticator)), /"nkey":"U/);
  });

  it('is refused when it is neither, without being shown', async () => {
    await assert.rejects(
      read('hidden-word'),
      (error: Error) => /neither/.test(error.message) && !/hidden/.test(error.message),
    );
    await assert.rejects(readCredentials('/nowhere/file'), /\/nowhere\/file, which cannot be read/);
  });
});

describe('a server that is to hold the log', () => {
  const server = (version: string, cluster?: string) =>
    ({ version, connection: { info: { cluster } } }) as unknown as Nats;

  it('may be a single one from 2.9 on', () => {
    checkServers(server('2.9.10'), false);
    assert.throws(() => checkServers(server('2.8.4'), true), /2\.8\.4 is too old/);
  });

  it('may be a cluster from 2.12 on, an older one only when the operator insists', () => {
    checkServers(server('2.12.0', 'ct'), false);
    assert.throws(() => checkServers(server('2.10.27', 'ct'), false), /CRAFTING_NATS_ALLOW_OLD=1/);
    checkServers(server('2.10.27', 'ct'), true);
  });
});
