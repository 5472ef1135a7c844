import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Draft } from '../events/registry.ts';
import { projections } from '../projections/registry.ts';
import { openReadStore } from '../services/io/read-store.ts';
import { openApplier } from '../services/projector/apply-events.ts';
import { sampleDraft } from '../test/events/stored-payloads.ts';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed, quantile } from './figure.ts';
import { historyJob, historyJobId, historyOwners, historyProjects, jobHistory } from './job-history.ts';

/** Jobs in the read model: `--few-jobs` for a quick look. */
const jobCount = process.argv.includes('--few-jobs') ? 20_000 : 1_000_000;
const rounds = 5;
const roundMs = 1_000;
const connections = 8;
/** Above every sequence that the farm itself appends to in this benchmark. */
const firstSeq = 1_000_000;

const runFile = promisify(execFile);

/**
 * One job and a page of 50, in requests a second, against a bare node:http server that sends the same bytes, headers
 * included; servers and load generator in processes of their own, in turn. Then pages over every filter, cursor and
 * owner with a million jobs in the read model: the p95 of single requests.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const data = join(dir, 'data');
    mkdirSync(data);
    fillReadModel(join(data, 'read-model.db'));
    const farm = await startBenchFarm({ dir: data, withoutGit: true });
    try {
      const one = `/jobs/${historyJobId(jobCount - 5)}`;
      return [
        await compare(farm, { what: 'GET /jobs/{id}', path: one, atLeast: 0.6, dir }),
        await compare(farm, { what: 'GET /jobs?limit=50', path: '/jobs?limit=50', atLeast: 0.3, dir }),
        ...(await pages(farm)),
      ];
    } finally {
      await farm.close();
    }
  });
}

/** Makes the read model that a history of so many jobs leaves, without the log: the farm then starts at an empty one. */
function fillReadModel(file: string): void {
  const began = performance.now();
  const store = openReadStore(file, projections, { building: true });
  const applier = openApplier(store, projections);
  let seq = firstSeq;
  for (const draft of historyWithProjects()) {
    seq += 1;
    const envelope = { seq, eventId: `event-${seq}`, time: new Date(1.8e12 + seq).toISOString(), source: '/bench' };
    applier.add({ ...draft, ...envelope, entityId: draft.id, causationId: null, correlationId: 'bench', actor: null });
    if (applier.pending() >= 2_000) applier.commit();
  }
  applier.commit();
  store.commit(() => {}, { seq: 0, eventId: '' });
  store.close();
  console.log(`http: ${jobCount} jobs in the read model after ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

/** Whose jobs are asked for by project has to be known: an unknown project answers 404. */
function* historyWithProjects(): Generator<Draft> {
  for (let n = 0; n < historyProjects; n += 1) {
    const { project, owner } = historyJob(n);
    yield sampleDraft('ProjectRegistered', project, { name: project, owner });
  }
  yield* jobHistory(jobCount);
}

type Comparison = { what: string; path: string; atLeast: number; dir: string };

async function compare(farm: BenchFarm, { what, path, atLeast, dir }: Comparison): Promise<Figure> {
  const { headers, body } = await farm.ask('GET', path);
  const file = join(dir, 'answer.json');
  const { connection: _, 'keep-alive': __, date: ___, ...constant } = headers;
  writeFileSync(file, JSON.stringify({ headers: constant, body }));
  const bare = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.ts'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface({ input: bare.stdout }), 'line');
    const targets = [
      { url: farm.url + path, pid: farm.pid, rates: [] as number[], costs: [] as number[] },
      { url: `${line}${path}`, pid: bare.pid ?? 0, rates: [] as number[], costs: [] as number[] },
    ] as const;
    for (let round = 0; round <= rounds; round += 1) {
      for (const { url, pid, rates, costs } of targets) {
        const before = cpuSeconds(pid);
        const { rate } = await load(url, farm.bearer);
        // The first round warms up.
        if (round === 0) continue;
        rates.push(rate);
        costs.push((cpuSeconds(pid) - before) / ((rate * roundMs) / 1000));
      }
    }
    const [ours, theirs] = targets;
    const [cost, bareCost] = [median(ours.costs) * 1e6, median(theirs.costs) * 1e6];
    console.log(
      `http ${what} (${body.length} bytes): ${cost.toFixed(0)} us of CPU a request, bare ${bareCost.toFixed(0)} us, ratio ${(bareCost / cost).toFixed(2)}`,
    );
    return { what, unit: 'req/s', ours: median(ours.rates), limit: median(theirs.rates), target: { atLeast } };
  } finally {
    const gone = once(bare, 'exit');
    bare.stdin.end();
    await gone;
  }
}

async function load(url: string, bearer: string): Promise<{ rate: number }> {
  const client = join(import.meta.dirname, 'load-client.ts');
  const { stdout } = await runFile(process.execPath, [client, url, bearer, String(connections), String(roundMs)]);
  return JSON.parse(stdout);
}

/** CPU time that a process has used, in seconds: tells how loaded the server was, whatever the load generator managed. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function pages(farm: BenchFarm): Promise<Figure[]> {
  const everyone = Array.from({ length: historyProjects }, (_, n) => historyJob(n));
  const callers = [{ bearer: farm.bearer, projects: everyone }];
  for (let n = 0; n < historyOwners; n += 1) {
    const minted = await askFor<{ bearer: string }>(farm, 'POST', '/admin/tokens', { name: `owner-${n}` });
    callers.push({ bearer: minted.bearer, projects: everyone.filter(({ owner }) => owner === `owner-${n}`) });
  }
  const times: { path: string; ms: number }[] = [];
  for (const { bearer, projects } of callers) {
    for (const status of ['', 'succeeded', 'failed', 'queued']) {
      for (const project of ['', ...[0, 1, -1].map((at) => projects.at(at)?.project)]) {
        for (const limit of [50, 500]) {
          for (const back of [0, 0.5, 0.99]) {
            const before = firstSeq + Math.round(4 * jobCount * (1 - back));
            const cursor = Buffer.from(JSON.stringify(before)).toString('base64url');
            const path = `/jobs?limit=${limit}&cursor=${cursor}${status && `&status=${status}`}${project && `&project=${project}`}`;
            const begin = performance.now();
            const answer = await farm.ask('GET', path, undefined, bearer);
            times.push({ path, ms: performance.now() - begin });
            if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
          }
        }
      }
    }
  }
  const slowest = times.reduce((a, b) => (b.ms > a.ms ? b : a));
  console.log(`http: ${times.length} different pages, slowest ${slowest.ms.toFixed(1)} ms ${slowest.path}`);
  const ms = times.map((one) => one.ms);
  return [
    {
      what: `list pages with ${jobCount} jobs, p95`,
      unit: 'ms',
      ours: quantile(ms, 0.95),
      limit: null,
      target: { atMost: 200 },
    },
  ];
}

if (import.meta.main) await printed(run);
