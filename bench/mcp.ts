import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed, quantile } from './figure.ts';

const projects = 25;
const calls = 1_500;
const starts = 15;
const runFile = promisify(execFile);
const program = (path: string) => join(import.meta.dirname, '..', 'services', path);

/**
 * One tool call after the other over /mcp, against the same GETs over HTTP by the same client. Then the command line, with
 * a warm compile cache: its version against an empty node process, its list of projects against curl asking for the same
 * and an empty node process. All in turn.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const farm = await startBenchFarm({ dir: join(dir, 'data'), withoutGit: true, env: { CRAFTING_ROLES: 'api' } });
    try {
      const job = await register(farm);
      return [
        await compared(farm, 'crafting_table_list_projects', { limit: projects }, `/projects?limit=${projects}`),
        await compared(farm, 'crafting_table_get_job', { job_id: job }, `/jobs/${job}`),
        ...(await commandLine(farm, dir)),
      ];
    } finally {
      await farm.close();
    }
  });
}

/** Registers projects; answers a job of one, which nobody runs. */
async function register(farm: BenchFarm): Promise<string> {
  for (let n = 0; n < projects; n += 1) {
    const subprojects = [{ path: '.', language: 'shell', test: 'true' }];
    await askFor(farm, 'POST', '/projects', { name: `bench-${n}`, git_url: '/nowhere', subprojects });
  }
  return (await askFor<{ job_id: string }>(farm, 'POST', '/projects/bench-0/jobs', { recipe: 'test' })).job_id;
}

type Told = { readonly result?: { readonly isError?: boolean; readonly content: readonly unknown[] } };

async function compared(farm: BenchFarm, name: string, args: object, path: string): Promise<Figure> {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
  const tool = async () => {
    const { status, body } = await farm.ask('POST', '/mcp', call);
    const { result } = JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? body) as Told;
    if (status !== 200 || !result || result.isError) throw new Error(`${name}: ${status} ${body}`);
  };
  const plain = async () => {
    const { status, body } = await farm.ask('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    JSON.parse(body);
  };
  const first = await timed(tool);
  const [ours, limit] = [[] as number[], [] as number[]];
  for (let n = 0; n < calls; n += 1) {
    ours.push(await timed(tool));
    limit.push(await timed(plain));
  }
  // The first tenth warms up.
  const [warm, warmPlain] = [ours, limit].map((times) => times.slice(calls / 10)) as [number[], number[]];
  console.log(`mcp ${name}: the first call ${first.toFixed(0)} ms, p95 ${quantile(warm, 0.95).toFixed(1)} ms`);
  return {
    what: `tool call ${name} over /mcp, p50, against the GET`,
    unit: 'ms',
    ours: median(warm),
    limit: median(warmPlain),
    target: { atMost: 4 },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function commandLine({ url, bearer }: BenchFarm, dir: string): Promise<Figure[]> {
  const cwd = join(dir, 'home');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'header'), `Authorization: Bearer ${bearer}`, { mode: 0o600 });
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
    CRAFTING_TABLE_BASE_URL: url,
    CRAFTING_TABLE_TOKEN: bearer,
  };
  const node = (...args: string[]) => runFile(process.execPath, args, { env, cwd });
  const cli = (word: string) => node(program('cli/main.ts'), word);
  const bare = () => node('-e', '0');
  const curl = () => runFile('curl', ['-sSf', '-o', 'answer', '-H', '@header', `${url}/projects`], { env, cwd });
  const [version, empty, list, curled] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let turn = 0; turn <= starts; turn += 1) {
    const times = [
      await timed(() => cli('--version')),
      await timed(bare),
      await timed(() => cli('projects')),
      await timed(curl),
    ];
    // The first turn fills the compile cache.
    if (turn === 0) continue;
    for (const [at, all] of [version, empty, list, curled].entries()) all.push(times[at] ?? Number.NaN);
  }
  const least = median(empty) + median(curled);
  return [
    {
      what: 'crafting-table --version, against an empty node',
      unit: 'ms',
      ours: median(version),
      limit: median(empty),
      target: { atMost: 3 },
    },
    {
      what: 'crafting-table projects, against an empty node and curl',
      unit: 'ms',
      ours: median(list),
      limit: least,
      target: { atMost: 4 },
    },
  ];
}

if (import.meta.main) await printed(run);
