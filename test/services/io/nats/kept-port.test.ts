import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { silent } from '../../../../services/io/log.ts';
import { startEmbeddedServer } from '../../../../services/io/nats/server/embedded-server.ts';
import { inTempDir } from '../../../support/farm-parts.ts';

test('the log has the same address after a restart, and another one only while that is taken', () =>
  inTempDir(async (dataDir) => {
    const started = () => startEmbeddedServer({ dataDir, program: 'nats-server', log: silent });
    const first = await started();
    await first.stop();
    const second = await started();
    assert.equal(second.url, first.url);
    await second.stop();
    const other = createServer();
    await once(other.listen(Number(new URL(first.url).port), '127.0.0.1'), 'listening');
    const third = await started();
    assert.notEqual(third.url, first.url);
    await third.stop();
    other.close();
  }));
