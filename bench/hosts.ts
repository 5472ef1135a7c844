import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { silent } from '../services/io/log.ts';
import { connectNats } from '../services/io/nats/connection.ts';
import { openEventLog } from '../services/io/nats/log/jetstream-event-log.ts';
import { makeStreams } from '../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../services/io/nats/server/embedded-server.ts';
import { openSnapshotStore } from '../services/io/nats/stores/snapshot-store.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, printed } from './figure.ts';
import { appendAll } from './filled-store.ts';
import { jobHistory } from './job-history.ts';
import { answers, freePort, memoryOf } from './start.ts';

/** `npm run bench -- hosts --million` takes a million events. */
const eventCount = process.argv.includes('--million') ? 1_000_000 : 200_000;
const main = join(import.meta.dirname, '..', 'services', 'main.ts');

/**
 * A log elsewhere with many events. A first host folds it and puts a snapshot down; a further host goes on from that, in turn with
 * one that finds none. Then the memory of a further process beside the projector of the first host, after 5 s.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: silent });
    const nats = await connectNats({ ...server, name: 'bench', log: silent });
    const running: ChildProcess[] = [];
    const { host, port } = new URL(server.url.replace('nats:', 'http:'));
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
      MALLOC_ARENA_MAX: '1',
      CRAFTING_NATS_URL: `nats://${server.user}:${server.pass}@${host.replace(`:${port}`, '')}:${port}`,
      CRAFTING_SECRET_KEY: 'ab'.repeat(32),
      CRAFTING_LOG_LEVEL: 'warn',
    };
    const begin = (folder: string, roles: string, http: number) => {
      const own = { CRAFTING_DATA_DIR: join(dir, folder), CRAFTING_ROLES: roles, CRAFTING_PORT: String(http) };
      const child = spawn(process.execPath, ['--max-semi-space-size=4', main], {
        env: { ...env, ...own },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(child);
      return child;
    };
    const end = async (child: ChildProcess) => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    };
    /** Until a further host answers, with everything in its read models. */
    const ready = async (folder: string) => {
      mkdirSync(join(dir, folder));
      const http = await freePort();
      const startedAt = performance.now();
      const child = begin(folder, 'api', http);
      while (!(await answers(http))) await wait(5);
      const took = performance.now() - startedAt;
      await end(child);
      return took;
    };
    try {
      await makeStreams(nats, { retentionDays: 1, replicas: 1 });
      const log = openEventLog({ nats, source: '/bench', sync: null });
      const { end: seq } = await appendAll({ log }, jobHistory(eventCount / 4));
      const snapshots = openSnapshotStore(nats, async () => 1);
      const beganAt = performance.now();
      begin('first', 'projector', 0);
      while ((await snapshots.list()).length === 0) await wait(100);
      const [facts] = await snapshots.list();
      console.log(
        `hosts: ${seq} events folded and put down in ${((performance.now() - beganAt) / 1000).toFixed(1)} s; ` +
          `${((facts?.unpacked ?? 0) / 1e6).toFixed(0)} MB of read models are a snapshot of ${((facts?.bytes ?? 0) / 1e6).toFixed(0)} MB`,
      );
      // The first start of the role fills the compile cache.
      await ready('warm');
      const fromSnapshot = await ready('second');
      for (const one of await snapshots.list()) await snapshots.remove(one);
      const folded = await ready('third');
      const further = begin('first', 'notifier', 0);
      await once(further.stdout as NonNullable<typeof further.stdout>, 'data');
      const { rss, pss, said } = await memoryOf(further.pid ?? 0);
      console.log(`hosts: a process with the role notifier beside the projector of its host: ${said}`);
      return [
        {
          what: `a further host answers, ${seq} events`,
          unit: 'ms',
          ours: fromSnapshot,
          limit: folded,
          target: { atMost: 10_000 },
        },
        { what: 'a further process of a host, RSS', unit: 'MB', ours: rss, limit: null, target: null },
        { what: 'a further process of a host, PSS', unit: 'MB', ours: pss, limit: null, target: { atMost: 60 } },
      ];
    } finally {
      for (const child of running) if (child.exitCode === null && child.signalCode === null) await end(child);
      await nats.connection.close();
      await server.stop();
    }
  });
}

if (import.meta.main) await printed(run);
