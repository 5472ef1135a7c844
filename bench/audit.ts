import { readFileSync } from 'node:fs';
import { checkLog } from '../services/checkpoints/check-log.ts';
import { makeCheckpoint } from '../services/checkpoints/make-checkpoint.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, printed } from './figure.ts';
import { appendAll, perSecond, withStore } from './filled-store.ts';
import { jobHistory } from './job-history.ts';

/** `npm run bench -- audit --million` takes a million events. */
const eventCount = process.argv.includes('--million') ? 1_000_000 : 200_000;

/** The log held against its checkpoints: how long that takes, and how long it takes to vouch for all of it at once. */
export async function run(): Promise<Figure[]> {
  return inFolder((dir) =>
    withStore(dir, async (store) => {
      const { end } = await appendAll(store, jobHistory(eventCount / 4));
      const signedAt = performance.now();
      await makeCheckpoint('hourly', { ...store, dataDir: dir });
      const signing = perSecond(end, signedAt);
      const before = process.cpuUsage();
      const waitedBefore = waitedForCore();
      const checkedAt = performance.now();
      const report = await checkLog(store.nats, null, { dataDir: dir, heads: [] });
      if (!report.ok || report.covered < end) throw new Error(`the log is not whole: ${JSON.stringify(report.fault)}`);
      const checking = perSecond(report.events, checkedAt);
      const { user, system } = process.cpuUsage(before);
      const waited = waitedForCore() - waitedBefore;
      console.log(`audit: ${report.events} events, ${report.checkpoints} checkpoints`);
      const figure = { unit: 's', limit: null } as const;
      return [
        {
          ...figure,
          what: `audit verify of a million events (measured on ${end})`,
          ours: 1e6 / checking,
          target: { atMost: 60 },
        },
        {
          ...figure,
          what: 'processor time of that, without the server',
          ours: (user + system) / report.events,
          target: { atMost: 60 },
        },
        { ...figure, what: 'of the first, waiting for a core', ours: waited / (report.events / 1e6), target: null },
        { ...figure, what: 'checkpoints for a million events at once', ours: 1e6 / signing, target: null },
      ];
    }),
  );
}

/** Seconds that this thread could have run and had no core to; 0 where the system does not say. */
function waitedForCore(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e9;
  } catch {
    return 0;
  }
}

if (import.meta.main) await printed(run);
