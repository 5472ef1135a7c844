import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silent } from '../services/io/log.ts';
import { connectNats } from '../services/io/nats/connection.ts';
import { openEventLog } from '../services/io/nats/log/jetstream-event-log.ts';
import { openStoreSync } from '../services/io/nats/log/store-sync.ts';
import { makeStreams } from '../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../services/io/nats/server/embedded-server.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const rounds = 7;
const roundMs = 400;
const eventBytes = 512;
const syncData = promisify(fdatasync);

type Append = (writer: number, n: number) => Promise<unknown>;

/**
 * A durable append of about 512 B, p50, with 1, 8 and 64 writers that each wait for their own before the next; against
 * as many writers that append 512 B to one file and share an fdatasync (group commit). Also: the same append without
 * waiting for the disk, which is the part that is the server's.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const server = await startEmbeddedServer({ dataDir: dir, program: 'nats-server', log: silent });
    const nats = await connectNats({ ...server, name: 'bench', log: silent });
    await makeStreams(nats, { retentionDays: 1, replicas: 1 });
    const sync = openStoreSync(server.messagesDir('CT_EVENTS'));
    const log = openEventLog({ nats, source: '/bench', sync });
    const plain = openPlainFile(join(dir, 'plain'));
    const ours =
      (durable: boolean, round: string): Append =>
      (writer, n) => {
        const job_id = `${round}x${writer}x${n}x`.padEnd(26, '0');
        // With its headers about as large as what the plain file gets.
        const data = { job_id, project: 'bench', by: 'bench' };
        return log.append({ type: 'JobCancelRequested', id: job_id, data }, { expect: 0, durable });
      };
    try {
      const figures: Figure[] = [];
      for (const writers of [1, 8, 64]) {
        const times = { ours: [] as number[], bare: [] as number[], undurable: [] as number[] };
        for (let round = 0; round <= rounds; round += 1) {
          const [durable, bare, undurable] = [
            await measure(writers, ours(true, `d${writers}x${round}`)),
            await measure(writers, plain.append),
            await measure(writers, ours(false, `u${writers}x${round}`)),
          ];
          // The first round warms up.
          if (round === 0) continue;
          times.ours.push(durable);
          times.bare.push(bare);
          times.undurable.push(undurable);
        }
        const server = `of it the server ${median(times.undurable).toFixed(2)} ms`;
        figures.push({
          what: `durable append, ${writers} writer${writers > 1 ? 's' : ''}, p50 (${server})`,
          unit: 'ms',
          ours: median(times.ours),
          limit: median(times.bare),
          target: { atMost: 1.3 },
        });
      }
      return figures;
    } finally {
      plain.close();
      await nats.connection.close();
      await sync.close();
      await server.stop();
    }
  });
}

/** The p50 of one append while `writers` of them go on, in ms. */
async function measure(writers: number, append: Append): Promise<number> {
  const times: number[] = [];
  const deadline = performance.now() + roundMs;
  const write = async (writer: number) => {
    for (let n = 0; performance.now() < deadline; n += 1) {
      const begin = performance.now();
      await append(writer, n);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return median(times);
}

/** The simplest durable log: append, and one sync for everybody who waits. */
function openPlainFile(file: string): { append: Append; close(): void } {
  const fd = openSync(file, 'a');
  const bytes = Buffer.alloc(eventBytes, 'x');
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const flush = (): Promise<void> => {
    if (!running) {
      running = syncData(fd).finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running.then(() => {
      next = undefined;
      return flush();
    });
    return next;
  };
  return {
    append: async () => {
      writeSync(fd, bytes);
      await flush();
    },
    close: () => closeSync(fd),
  };
}

if (import.meta.main) await printed(run);
