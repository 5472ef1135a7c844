import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const pages = 200;
const eventsASecond = 20;
const seconds = Number(process.env['BENCH_FOLLOWERS_SECONDS'] ?? 30);

/** Another checkout of the farm, such as one before a change: measured in turn with ours, and the denominator of the ratio. */
const beside = process.env['BENCH_BESIDE'];
/** Each is measured so often, in turn, and the median is taken. */
const turns = beside === undefined ? 1 : 3;

/**
 * What open pages cost the service while events arrive: its computing (not the time that passes: the machine may be busy) with 200
 * of them, less that for the same events without any. A page of now holds one connection that follows `GET /events`.
 */
export async function run(): Promise<Figure[]> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn += 1) {
    ours.push(await costOfPages());
    if (beside !== undefined) theirs.push(await costOfPages(beside));
  }
  const share = median(ours);
  const what = `${pages} open pages, ${eventsASecond} events a second: computing of the service for the pages`;
  return [
    { what, unit: '% of a core', ours: share, limit: null, target: { atMost: 10 } },
    ...(beside === undefined
      ? []
      : [
          {
            what: `the same, against ${beside}`,
            unit: '% of a core',
            ours: share,
            limit: median(theirs),
            target: null,
          },
        ]),
    {
      what: 'the same for one event to one page',
      unit: 'µs',
      ours: (share * 10_000) / (pages * eventsASecond),
      limit: null,
      target: null,
    },
  ];
}

/** In percent of a core. */
async function costOfPages(checkout?: string): Promise<number> {
  return inFolder(async (dir) => {
    mkdirSync(join(dir, 'data'));
    const farm = await startBenchFarm({
      dir: join(dir, 'data'),
      withoutGit: true,
      ...(checkout === undefined ? {} : { checkout }),
    });
    try {
      const subprojects = [{ path: '.', language: 'javascript', test: 'true' }];
      await askFor(farm, 'POST', '/projects', { name: 'busy', git_url: dir, subprojects });
      const alone = await shareOfACore(farm, subprojects);
      const people = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          askFor<{ bearer: string }>(farm, 'POST', '/admin/tokens', { name: `person-${n}`, is_admin: true }),
        ),
      );
      const following = await Promise.all(
        Array.from({ length: pages }, (_, n) => follow(farm.url, people[n % people.length]?.bearer ?? '')),
      );
      const watched = await shareOfACore(farm, subprojects);
      const heardLeast = () => Math.min(...following.map(({ events }) => events()));
      for (let waited = 0; heardLeast() < eventsASecond * seconds && waited < 30_000; waited += 50) await wait(50);
      const heard = heardLeast();
      for (const { stop } of following) stop();
      if (heard < eventsASecond * seconds) throw new Error(`a page heard of ${heard} events only`);
      return (watched - alone) * 100;
    } finally {
      await farm.close();
    }
  });
}

/** Makes events at a steady pace, and answers what the service computed for each second of it, in seconds. */
async function shareOfACore(farm: BenchFarm, subprojects: unknown): Promise<number> {
  const [before, began] = [computedMs(farm.pid), performance.now()];
  for (let n = 0; n < eventsASecond * seconds; n += 1) {
    const late = began + (n * 1_000) / eventsASecond - performance.now();
    if (late > 0) await wait(late);
    await askFor(farm, 'PUT', '/projects/busy', { git_url: `/srv/git/${n}`, subprojects });
  }
  return (computedMs(farm.pid) - before) / (seconds * 1_000);
}

async function follow(url: string, bearer: string) {
  const abort = new AbortController();
  const { body, status } = await fetch(`${url}/events?follow=1&positions=1&from=now`, {
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/x-ndjson' },
    signal: abort.signal,
  });
  if (status !== 200) throw new Error(`a page was answered ${status}`);
  let events = 0;
  const read = async () => {
    for await (const part of body ?? []) events += Buffer.from(part).toString().split('"type"').length - 1;
  };
  read().catch(() => {});
  return { events: () => events, stop: () => abort.abort() };
}

/** What a process has computed so far, in ms. */
function computedMs(pid: number): number {
  const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) | /);
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

if (import.meta.main) await printed(run);
