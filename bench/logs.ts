import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';

const bytes = 100 * 1024 * 1024;
const rounds = 5;
const ended = ['succeeded', 'failed', 'cancelled'];

type JobTimes = { status: string; exit_code: number | null; log_bytes: number; duration_ms: number | null };

/**
 * A recipe that prints 100 MiB of text lines, stored in the log stream and read by the parser: the time until the recipe
 * has ended with its whole log stored, and until the job is terminal; in turn with the same command through one pipe
 * into `cat > /dev/null`.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const text = join(dir, 'text');
    writeFileSync(
      text,
      'src/module/file.ts: compiled 1 of 1 in 12 ms, nothing to report here\n'
        .repeat(Math.ceil(bytes / 60))
        .slice(0, bytes),
    );
    mkdirSync(join(dir, 'data'));
    const farm = await startBenchFarm({ dir: join(dir, 'data'), withoutGit: true });
    try {
      const subprojects = [{ path: '.', language: 'shell', test: `head -c ${bytes} ${text}` }];
      await askFor(farm, 'POST', '/projects', { name: 'bench', git_url: dir, subprojects });
      const rates = { captured: [] as number[], terminal: [] as number[], pipe: [] as number[] };
      for (let round = 0; round < rounds; round += 1) {
        rates.pipe.push(await pipeRate(text));
        const { captured, terminal } = await jobRates(farm);
        rates.captured.push(captured);
        rates.terminal.push(terminal);
      }
      const limit = median(rates.pipe);
      const figure = (what: string, values: readonly number[], target: Figure['target']): Figure => ({
        what,
        unit: 'MB/s',
        ours: median(values),
        limit,
        target,
      });
      return [
        figure('100 MB of log until the recipe ended, all stored', rates.captured, { atLeast: 0.5 }),
        figure('100 MB of log until the job is terminal', rates.terminal, null),
      ];
    } finally {
      await farm.close();
    }
  });
}

async function pipeRate(text: string): Promise<number> {
  const begin = performance.now();
  const child = spawn('/bin/sh', ['-c', `head -c ${bytes} ${text} | cat > /dev/null`], { stdio: 'ignore' });
  await once(child, 'exit');
  return bytes / 1e3 / (performance.now() - begin);
}

async function jobRates(farm: BenchFarm): Promise<{ captured: number; terminal: number }> {
  const begin = performance.now();
  const { job_id } = await askFor<{ job_id: string }>(farm, 'POST', '/projects/bench/jobs', { recipe: 'test' });
  while (true) {
    // The tail of a running log would be read for the answer: the list has none.
    const { jobs } = await askFor<{ jobs: JobTimes[] }>(farm, 'GET', '/jobs?limit=1');
    const [job] = jobs;
    if (job && ended.includes(job.status)) {
      if (job.log_bytes !== bytes) throw new Error(`job ${job_id} has ${job.log_bytes} bytes of log`);
      return {
        captured: bytes / 1e3 / (job.duration_ms ?? Number.NaN),
        terminal: bytes / 1e3 / (performance.now() - begin),
      };
    }
    await wait(10);
  }
}

if (import.meta.main) await printed(run);
