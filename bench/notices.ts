import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed, quantile } from './figure.ts';

const goodOnes = 4;
const burst = 250;
const paced = 60;
/** Four targets hear 1,000 notices a minute when a job is asked for every 240 ms; here it is twice as often. */
const gapMs = 120;
const rounds = 3;

/**
 * Four webhooks that hear and, in turn, none or one that takes connections and never answers. 250 jobs at once make 1,000 notices:
 * how many a minute arrive. Then one job every 120 ms: how long after its POST was answered the last of the four has heard of it.
 * Jobs are only asked for: there is no runner.
 */
export async function run(): Promise<Figure[]> {
  const alone = { rates: [] as number[], times: [] as number[] };
  const besideDead = { rates: [] as number[], times: [] as number[] };
  for (let round = 0; round < rounds; round += 1)
    for (const arm of [alone, besideDead]) {
      const { rate, times } = await inFolder((dir) => measure(join(dir, 'data'), arm === besideDead));
      arm.rates.push(rate);
      arm.times.push(...times);
    }
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(besideDead.times, share));
  console.log(
    `notices beside a dead target: ${median(besideDead.rates).toFixed(0)} a minute, heard after p50 ${p50?.toFixed(1)} ms, p95 ${p95?.toFixed(1)} ms`,
  );
  return [
    {
      what: '1,000 notices to 4 webhooks beside a dead one',
      unit: 'notices/min',
      ours: median(besideDead.rates),
      limit: null,
      target: { atLeast: 1_000 },
    },
    {
      what: 'the same, against no dead one',
      unit: 'notices/min',
      ours: median(besideDead.rates),
      limit: median(alone.rates),
      target: { atLeast: 0.7 },
    },
    {
      what: 'heard by all 4 beside a dead one, p95',
      unit: 'ms',
      ours: quantile(besideDead.times, 0.95),
      limit: quantile(alone.times, 0.95),
      target: { atMost: 1.5 },
    },
  ];
}

type Receiver = { readonly url: string; readonly heard: Map<string, number>; close(): void };

async function receiver(answers: boolean): Promise<Receiver> {
  const heard = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { job_id: string } };
      heard.set(data.job_id, performance.now());
      if (answers) response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard, close };
}

async function measure(dir: string, withDead: boolean) {
  const good = await Promise.all(Array.from({ length: goodOnes }, () => receiver(true)));
  const dead = withDead ? await receiver(false) : null;
  const env = { CRAFTING_NOTIFY_ALLOW: '127.0.0.0/8', CRAFTING_ROLES: 'api,notifier' };
  const farm = await startBenchFarm({ dir, withoutGit: true, env });
  try {
    const webhooks = [...(dead ? [dead] : []), ...good].map(({ url }) => ({ url, on: ['JobEnqueued'] }));
    const subprojects = [{ path: '.', language: 'shell', test: 'true' }];
    const project = { name: 'bench', git_url: '/nowhere', subprojects, notify: { webhooks } };
    await askFor(farm, 'POST', '/projects', project);
    const heardBy = (id: string) => good.every(({ heard }) => heard.has(id));
    await whenHeard(await Promise.all(Array.from({ length: 20 }, () => post(farm))), heardBy);
    const begin = performance.now();
    const ids = await Promise.all(Array.from({ length: burst }, () => post(farm)));
    await whenHeard(ids, heardBy);
    const last = Math.max(...good.flatMap(({ heard }) => ids.map((id) => heard.get(id) ?? 0)));
    const rate = (burst * goodOnes * 60_000) / (last - begin);
    const times: number[] = [];
    for (let n = 0; n < paced; n += 1) {
      const next = wait(gapMs);
      const id = await post(farm);
      const answered = performance.now();
      await whenHeard([id], heardBy);
      times.push(Math.max(0, ...good.map(({ heard }) => (heard.get(id) ?? 0) - answered)));
      await next;
    }
    return { rate, times };
  } finally {
    await farm.close();
    for (const one of [...good, ...(dead ? [dead] : [])]) one.close();
  }
}

async function post(farm: BenchFarm): Promise<string> {
  return (await askFor<{ job_id: string }>(farm, 'POST', '/projects/bench/jobs', { recipe: 'test' })).job_id;
}

async function whenHeard(ids: readonly string[], heardBy: (id: string) => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!ids.every(heardBy)) {
    if (performance.now() > deadline) throw new Error('not everybody has heard');
    await wait(1);
  }
}

if (import.meta.main) await printed(run);
