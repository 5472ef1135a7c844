import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../services/io/event-log.ts';
import { silent } from '../../services/io/log.ts';
import { connectNats, type Nats } from '../../services/io/nats/connection.ts';
import { openEventLog } from '../../services/io/nats/log/jetstream-event-log.ts';
import { openStoreSync } from '../../services/io/nats/log/store-sync.ts';
import { makeStreams } from '../../services/io/nats/make-streams.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../services/io/nats/server/embedded-server.ts';

/** A folder that is removed when the work is over. */
export async function inTempDir<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'ct-test-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export type Parts = { dir: string; server: EmbeddedServer; nats: Nats; log: EventLog };

/** A real nats-server with the streams of the farm, stopped when the work is over. */
export async function withNats<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
  return inTempDir(async (dir) => {
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: silent });
    const nats = await connectNats({ ...server, name: 'test', log: silent });
    const sync = openStoreSync(server.messagesDir('CT_EVENTS'));
    try {
      await makeStreams(nats, { retentionDays: 1, replicas: 1 });
      return await work({ dir, server, nats, log: openEventLog({ nats, source: '/test', sync }) });
    } finally {
      await nats.connection.close();
      await sync.close();
      await server.stop();
    }
  });
}
