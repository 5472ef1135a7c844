import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openProcesses } from '../services/io/process/open-processes.ts';
import type { Containment } from '../services/io/process/run-request.ts';
import { type Figure, median, printed } from './figure.ts';

const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const rounds = 5;
const jobsARound = 100;
const outputBytes = 100 * 1024 * 1024;

type Way = { name: string; run(command: string): Promise<number>; close(): Promise<void> };

/** What it costs to start a recipe, and to take its output, beside what plain node and plain pipes cost. */
export async function run(): Promise<Figure[]> {
  const levels: Containment[] = ['pid-namespace', 'subreaper', 'process-group'];
  const ways = [plain, ...(await Promise.all(levels.map(contained)))];
  try {
    return [...(await measureStarts(ways)), ...(await measureOutput(ways))];
  } finally {
    for (const way of ways) await way.close();
  }
}

const plain: Way = {
  name: 'node spawn',
  async run(command) {
    const child = spawn('/bin/sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    child.stderr.resume();
    await once(child, 'close');
    return bytes;
  },
  async close() {},
};

async function contained(containment: Containment): Promise<Way> {
  const processes = await openProcesses({ containment });
  const order = { cwd: '/', env, timeoutMs: 60_000, maxOutputBytes: 2 * outputBytes, onOutput() {} };
  return {
    name: containment,
    run: async (command) => (await processes.run({ ...order, command })).outputBytes,
    close: () => processes.close(),
  };
}

/** Rounds alternate between the ways, so that a busy moment of the machine hits all of them. */
async function measureStarts(ways: readonly Way[]): Promise<Figure[]> {
  for (const way of ways) for (let n = 0; n < 10; n++) await way.run('true');
  const samples = ways.map(() => ({ one: [] as number[], rate: [] as number[], busy: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) {
      const sample = samples[index];
      for (let n = 0; n < jobsARound / 2; n++) {
        const begin = performance.now();
        const idle = performance.eventLoopUtilization();
        await way.run('true');
        sample?.busy.push(performance.eventLoopUtilization(idle).active);
        sample?.one.push(performance.now() - begin);
      }
      const begin = performance.now();
      const line = async () => {
        for (let n = 0; n < jobsARound / 4; n++) await way.run('true');
      };
      await Promise.all([line(), line(), line(), line()]);
      sample?.rate.push((jobsARound * 1000) / (performance.now() - begin));
    }
  }
  const bare = samples[0];
  return ways.slice(1).flatMap(({ name }, index) => {
    const sample = samples[index + 1];
    const figure = (what: string, unit: string, of: 'one' | 'busy' | 'rate'): Figure => ({
      what: `sh -c true, ${name}: ${what}; limit: node spawn`,
      unit,
      ours: median(sample?.[of] ?? []),
      limit: median(bare?.[of] ?? []),
      target: null,
    });
    return [
      figure('one', 'ms', 'one'),
      figure('of it the main thread is busy', 'ms', 'busy'),
      figure('4 at once', 'a second', 'rate'),
    ];
  });
}

async function measureOutput(ways: readonly Way[]): Promise<Figure[]> {
  const source = `head -c ${outputBytes} /dev/zero | tr '\\0' x`;
  const rows = [{ name: 'sh, to wc -c', run: () => plain.run(`${source} | wc -c`) }];
  for (const way of ways) rows.push({ name: way.name, run: () => way.run(source) });
  const rates = rows.map((): number[] => []);
  for (let round = 0; round < 3; round++) {
    for (const [index, row] of rows.entries()) {
      const begin = performance.now();
      await row.run();
      rates[index]?.push(outputBytes / 1e3 / (performance.now() - begin));
    }
  }
  return ways.slice(1).map(({ name }, index) => ({
    what: `100 MB of output taken, ${name}; limit: | wc -c`,
    unit: 'MB/s',
    ours: median(rates[index + 2] ?? []),
    limit: median(rates[0] ?? []),
    target: null,
  }));
}

if (import.meta.main) await printed(run);
