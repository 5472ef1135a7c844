import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeliverPolicy } from '@nats-io/jetstream';
import Database from 'better-sqlite3';
import { eventStream } from '../events/streams.ts';
import type { Log } from '../services/io/log.ts';
import { silent } from '../services/io/log.ts';
import { connectNats, type Nats } from '../services/io/nats/connection.ts';
import { openEventLog } from '../services/io/nats/log/jetstream-event-log.ts';
import { makeStreams } from '../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../services/io/nats/server/embedded-server.ts';
import { startBuild } from '../services/projector/build-read-model.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';
import { jobHistory } from './job-history.ts';

/** `npm run bench -- replay --million` takes a million events. */
const eventCount = process.argv.includes('--million') ? 1_000_000 : 200_000;
const rounds = 3;
const batch = 2_000;
const onTheWay = 256;

/**
 * Building all read models from the log (4 events a job), in events a second, against the naive loop over the same
 * stream: ordered consumer, JSON.parse, one upsert per event into a table with 3 indexes, 2,000 in a transaction. In turn.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const logger: Log = silent;
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: logger });
    const nats = await connectNats({ ...server, name: 'bench', log: logger });
    try {
      await makeStreams(nats, { retentionDays: 1, replicas: 1 });
      const log = openEventLog({ nats, source: '/bench', sync: null });
      const began = performance.now();
      const drafts = jobHistory(eventCount / 4);
      const append = async () => {
        for (const draft of drafts) await log.append(draft, { durable: false });
      };
      await Promise.all(Array.from({ length: onTheWay }, append));
      const end = await log.end();
      console.log(`replay: ${end} events appended at ${rate(end, began).toFixed(0)}/s`);
      const rates = { ours: [] as number[], naive: [] as number[] };
      for (let round = 0; round < rounds; round += 1) {
        const folder = join(dir, `round-${round}`);
        mkdirSync(folder);
        const oursAt = performance.now();
        const build = startBuild(folder, log, () => {});
        await build.advanceTo(end);
        rates.ours.push(rate(end, oursAt));
        build.discard();
        const naiveAt = performance.now();
        await naive(nats, join(folder, 'naive.db'), end);
        rates.naive.push(rate(end, naiveAt));
        rmSync(folder, { recursive: true });
      }
      return [
        {
          what: `replay of ${end} events`,
          unit: 'events/s',
          ours: median(rates.ours),
          limit: median(rates.naive),
          target: { atLeast: 0.7 },
        },
      ];
    } finally {
      await nats.connection.close();
      await server.stop();
    }
  });
}

function rate(events: number, since: number): number {
  return (events * 1000) / (performance.now() - since);
}

async function naive(nats: Nats, file: string, end: number): Promise<void> {
  const db = new Database(file);
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.exec(`CREATE TABLE things (id TEXT PRIMARY KEY, project TEXT, name TEXT, seq INTEGER, doc TEXT);
    CREATE INDEX a ON things (project, seq); CREATE INDEX b ON things (name, seq); CREATE INDEX c ON things (seq);`);
  const upsert = db.prepare(
    `INSERT INTO things VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, seq = excluded.seq, doc = excluded.doc`,
  );
  let open = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const consumer = await nats.js.consumers.get(eventStream.name, { deliver_policy: DeliverPolicy.All });
  const messages = await consumer.consume({
    max_messages: 5_000,
    callback: (message) => {
      const payload = message.string();
      const data = JSON.parse(payload) as { job_id: string; project: string };
      if (open === 0) db.exec('BEGIN');
      const name = message.subject.slice(message.subject.lastIndexOf('.') + 1);
      upsert.run(data.job_id, data.project, name, message.seq, payload);
      open += 1;
      if (open < batch && message.seq < end) return;
      db.exec('COMMIT');
      open = 0;
      if (message.seq === end) resolve();
    },
  });
  await promise;
  await messages.close();
  db.close();
}

if (import.meta.main) await printed(run);
