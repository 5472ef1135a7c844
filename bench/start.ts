import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const starts = 7;
const main = join(import.meta.dirname, '..', 'services', 'main.ts');

/**
 * From spawning the service until /healthz answers 200, with a warm compile cache and a data folder that has been used
 * before; in turn with an empty node process. Then, after 5 s of idling, the memory of the service and of everything
 * that it started (nats-server with its guard, launcher).
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const port = await freePort();
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: join(dir, 'compile-cache'),
      MALLOC_ARENA_MAX: '1',
      CRAFTING_DATA_DIR: join(dir, 'data'),
      CRAFTING_PORT: String(port),
      CRAFTING_LOG_LEVEL: 'warn',
    };
    const ours: number[] = [];
    const empty: number[] = [];
    let memory = { rss: 0, pss: 0, said: '' };
    for (let turn = 0; turn <= starts; turn += 1) {
      const begin = performance.now();
      const service = spawn(process.execPath, ['--max-semi-space-size=4', main], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      while (!(await answers(port))) await wait(3);
      // The first start fills the compile cache and the data folder.
      if (turn > 0) ours.push(performance.now() - begin);
      if (turn === starts) memory = await memoryOf(service.pid ?? 0);
      const gone = once(service, 'exit');
      service.kill('SIGTERM');
      await gone;
      const emptyAt = performance.now();
      await once(spawn(process.execPath, ['-e', '0'], { env }), 'exit');
      empty.push(performance.now() - emptyAt);
    }
    console.log(`start: an empty node process takes ${median(empty).toFixed(0)} ms`);
    console.log(`memory: ${memory.said}`);
    return [
      {
        what: 'start to the first 200 of /healthz, warm',
        unit: 'ms',
        ours: median(ours),
        limit: null,
        target: { atMost: 600 },
      },
      { what: 'idle memory, RSS of all processes', unit: 'MB', ours: memory.rss, limit: null, target: { atMost: 150 } },
      { what: 'idle memory, PSS (shared pages once)', unit: 'MB', ours: memory.pss, limit: null, target: null },
    ];
  });
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, path: '/healthz', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Resident and proportional memory of a process and its descendants, in MB; what belongs to whom in words. */
export async function memoryOf(root: number) {
  await wait(5_000);
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const stat = textOf(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const descends = (pid: number): boolean => pid === root || (parents.has(pid) && descends(parents.get(pid) ?? 0));
  const parts = [...parents.keys()].filter(descends).map((pid) => {
    const rollup = textOf(`/proc/${pid}/smaps_rollup`);
    const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
    return { name: textOf(`/proc/${pid}/comm`).trim(), rss: megabytes('Rss'), pss: megabytes('Pss') };
  });
  return {
    rss: parts.reduce((sum, part) => sum + part.rss, 0),
    pss: parts.reduce((sum, part) => sum + part.pss, 0),
    said: parts.map(({ name, rss, pss }) => `${name} ${rss.toFixed(0)} MB RSS, ${pss.toFixed(0)} PSS`).join('; '),
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) await printed(run);
