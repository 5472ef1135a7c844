import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const single = 200;
const warmUp = 60;
const burst = 500;
const posters = 16;
const slotCounts = (process.env['BENCH_SLOTS'] ?? '2,4,8').split(',');
/** How often the service is asked whether the burst is over, in ms: an index-only count, a few microseconds of its time. */
const glance = 20;

/**
 * A job of `true`, from the first byte of its POST until the read model shows it succeeded, over HTTP from another
 * process. One in flight: its end is learnt from the event stream (SSE), then looked up. 500 at once: /healthz is asked
 * every 20 ms how many are open.
 */
export async function run(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const withoutGit of [true, false]) {
    const how = withoutGit ? 'without git' : 'small repository';
    const [soon, many] = withoutGit ? [12, 300] : [20, 120];
    const measured = [];
    for (const slots of slotCounts) {
      const one = await inFolder((dir) => measure(dir, withoutGit, slots));
      console.log(
        `jobs ${how}, ${slots} slots: one in flight p50 ${one.p50.toFixed(1)} ms, ${burst} at once ${one.rate.toFixed(0)} jobs/s (here and now, node spawn of sh -c true takes ${one.spawnMs.toFixed(1)} ms)`,
      );
      measured.push(one);
    }
    const best = measured.reduce((a, b) => (b.rate > a.rate ? b : a));
    const p50 = median(measured.map((one) => one.p50));
    figures.push(
      { what: `job true, ${how}, one in flight, p50`, unit: 'ms', ours: p50, limit: null, target: { atMost: soon } },
      {
        what: `jobs true, ${how}, 500 at once, ${best.slots} slots`,
        unit: 'jobs/s',
        ours: best.rate,
        limit: null,
        target: { atLeast: many },
      },
    );
  }
  return figures;
}

async function measure(dir: string, withoutGit: boolean, slots: string) {
  const farm = await startBenchFarm({ dir: join(dir, 'data'), withoutGit, env: { CRAFTING_SLOTS: slots } });
  try {
    const git_url = makeRepository(join(dir, 'origin'));
    const subprojects = [{ path: '.', language: 'shell', test: 'true' }];
    await askFor(farm, 'POST', '/projects', { name: 'bench', git_url, subprojects });
    const ends = await followEnds(farm);
    const times: number[] = [];
    for (let n = 0; n < warmUp + single; n += 1) {
      const asked = performance.now();
      await ends.endOf(await post(farm));
      if (n >= warmUp) times.push(performance.now() - asked);
    }
    ends.stop();
    const rates: number[] = [];
    for (let n = 0; n < 3; n += 1) rates.push(await postMany(farm));
    await checkAllSucceeded(farm);
    return { slots, p50: median(times), rate: median(rates), spawnMs: await spawnTime() };
  } finally {
    await farm.close();
  }
}

/** How fast the machine is at this moment: what these figures are to be read by. 1.9 ms where they were promised. */
async function spawnTime(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 30; n += 1) {
    const begin = performance.now();
    await once(spawn('/bin/sh', ['-c', 'true'], { stdio: ['ignore', 'pipe', 'pipe'] }), 'close');
    times.push(performance.now() - begin);
  }
  return median(times);
}

async function post(farm: BenchFarm): Promise<string> {
  return (await askFor<{ job_id: string }>(farm, 'POST', '/projects/bench/jobs', { recipe: 'test' })).job_id;
}

async function postMany(farm: BenchFarm): Promise<number> {
  const begin = performance.now();
  let left = burst;
  const poster = async () => {
    while (left > 0) {
      left -= 1;
      await post(farm);
    }
  };
  await Promise.all(Array.from({ length: posters }, poster));
  while (Object.keys((await askFor<{ jobs: object }>(farm, 'GET', '/healthz')).jobs).length > 0) await wait(glance);
  return (burst * 1000) / (performance.now() - begin);
}

async function checkAllSucceeded(farm: BenchFarm): Promise<void> {
  for (const status of ['failed', 'cancelled']) {
    const { jobs } = await askFor<{ jobs: object[] }>(farm, 'GET', `/jobs?status=${status}&limit=1`);
    if (jobs.length > 0) throw new Error(`a job ${status}: ${JSON.stringify(jobs[0])}`);
  }
}

/** Learns of ends from the event stream, and believes them when the read model shows them. */
async function followEnds(farm: BenchFarm) {
  const ended = new Set<string>();
  const waiting = new Map<string, () => void>();
  const stream = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${farm.bearer}`, accept: 'text/event-stream' };
    get(`${farm.url}/events?entity=job`, { headers }, resolve).on('error', reject);
  });
  createInterface({ input: stream }).on('line', (line) => {
    const id = line.startsWith('data:') && line.includes('"FindingsParsed"') && /"subject":"([^"]+)"/.exec(line)?.[1];
    if (!id) return;
    ended.add(id);
    waiting.get(id)?.();
  });
  return {
    stop: () => stream.destroy(),
    endOf: async (id: string) => {
      if (!ended.has(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
      while ((await askFor<{ job: { status: string } }>(farm, 'GET', `/jobs/${id}`)).job.status !== 'succeeded');
    },
  };
}

function makeRepository(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], { cwd: dir });
  git('init', '--quiet', '--initial-branch=main');
  for (let n = 0; n < 20; n += 1) writeFileSync(join(dir, `file-${n}.txt`), `text ${n}\n`.repeat(50));
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
  return dir;
}

if (import.meta.main) await printed(run);
