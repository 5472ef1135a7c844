import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type RecipeName, recipeNames } from '../events/fields.ts';
import type { Subproject } from '../events/projects/project.ts';
import type { JobDoc } from '../projections/jobs/jobs.ts';
import { baseEnvironment } from '../services/runner/home/recipe-environment.ts';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import type { Figure } from './figure.ts';

/**
 * A public repository, fetched by whoever runs this (`BENCH_MIRRORS=DIR` clones `DIR/owner+name/repo` instead); two commits of
 * it, the older one first.
 */
type Repository = { url: string; commits: [string, string]; needs: string; subproject: Subproject };
type Round = { seconds: number; findings: string; jobs: JobDoc[] };

/** The second commit of a repository, all its recipes: with what the first one's jobs left, and with installs of its own. */
export async function run(): Promise<Figure[]> {
  const file = join(import.meta.dirname, 'dependency-repositories.json');
  const all: Repository[] = JSON.parse(readFileSync(file, 'utf8'));
  const only = process.env['BENCH_ONLY'];
  const figures: Figure[] = [];
  for (const repository of all.filter(({ url }) => only === undefined || url.includes(only)))
    figures.push(...(await inFolder((dir) => compare(repository, dir))));
  return figures;
}

async function compare(repository: Repository, dir: string): Promise<Figure[]> {
  const { url, needs } = repository;
  const name = (url.split('/').at(-1) ?? 'repository').toLowerCase();
  const served = join(dir, name);
  if (spawnSync('sh', ['-c', `command -v ${needs}`]).status !== 0) return left(url, `${needs} is not installed`);
  const mirrors = process.env['BENCH_MIRRORS'];
  const from = mirrors === undefined ? url : join(mirrors, url.split('/').slice(-2).join('+'), 'repo');
  if (spawnSync('git', ['clone', '--quiet', from, served], { stdio: 'inherit' }).status !== 0)
    return left(url, 'it could not be cloned');
  const today = await walk(join(dir, 'today'), { ...repository, served, name, keeps: false });
  const kept = await walk(join(dir, 'kept'), { ...repository, served, name, keeps: true });
  const isSame = today.findings === kept.findings;
  process.stderr.write(`${name}: findings ${isSame ? 'are identical' : 'DIFFER'}\n`);
  if (!isSame) process.stderr.write(`${today.findings}\n---\n${kept.findings}\n`);
  for (const { recipe, status, exit_code, timings, dependencies, compiled } of kept.jobs)
    process.stderr.write(
      `  ${recipe} ${status} (${exit_code}) ${JSON.stringify(timings)} ${dependencies?.source ?? ''} ${dependencies?.reason ?? ''} ${compiled?.source ?? ''} ${compiled?.reason ?? ''}\n`,
    );
  const what = `second commit of ${name}, all recipes`;
  return [
    { what, unit: 's', ours: kept.seconds, limit: today.seconds, target: { atMost: 0.25 } },
    { what: `${name}: findings that differ`, unit: 'lists', ours: isSame ? 0 : 1, limit: null, target: { atMost: 0 } },
  ];
}

type Walk = Repository & { served: string; name: string; keeps: boolean };

async function walk(dir: string, { served, name, commits, subproject, keeps }: Walk): Promise<Round> {
  const env = baseEnvironment({ inherited: process.env, extraPath: [] });
  const farm = await startBenchFarm({ dir, env: { ...env, CRAFTING_INSTALL_CACHE_MB: keeps ? '10240' : '0' } });
  try {
    const git = (...args: string[]) => execFileSync('git', ['-C', served, ...args], { stdio: 'pipe' });
    git('checkout', '--quiet', '-B', 'main', commits[0]);
    const document = { name, git_url: served, subprojects: [subproject], schedule: {} };
    await askFor(farm, 'POST', '/projects', document);
    await all(farm, name, subproject);
    git('reset', '--quiet', '--hard', commits[1]);
    const since = performance.now();
    const jobs = await all(farm, name, subproject);
    const seconds = (performance.now() - since) / 1000;
    for (const { job_id, recipe, exit_code } of jobs.filter(({ status }) => status === 'failed')) {
      const { log_tail: tail } = await askFor<{ log_tail: string[] }>(farm, 'GET', `/jobs/${job_id}`);
      process.stderr.write(`${name}: ${recipe} ended with ${exit_code}:\n  ${tail.slice(-5).join('\n  ')}\n`);
    }
    const { findings } = await askFor<{ findings: Record<string, unknown>[] }>(
      farm,
      'GET',
      `/findings?project=${name}&limit=500`,
    );
    const lines = findings.map(({ tool, code, file, line, message, state }) =>
      [tool, code, file, line, message, state].join(' | '),
    );
    return {
      seconds,
      jobs,
      findings: [...lines, ...jobs.map(({ recipe, exit_code }) => `${recipe} ${exit_code}`)].sort().join('\n'),
    };
  } finally {
    await farm.close();
  }
}

/** Runs every recipe of the subproject, as many at once as the farm has slots. */
async function all(farm: BenchFarm, name: string, subproject: Subproject): Promise<JobDoc[]> {
  const recipes = recipeNames.filter((recipe: RecipeName) => subproject[recipe] !== undefined);
  const ids: string[] = [];
  for (const recipe of recipes)
    ids.push((await askFor<{ job_id: string }>(farm, 'POST', `/projects/${name}/jobs`, { recipe })).job_id);
  const ended = ['succeeded', 'failed', 'cancelled'];
  for (;;) {
    const jobs = await Promise.all(ids.map((id) => askFor<{ job: JobDoc }>(farm, 'GET', `/jobs/${id}`)));
    if (jobs.every(({ job }) => ended.includes(job.status))) return jobs.map(({ job }) => job);
    await wait(100);
  }
}

function left(url: string, why: string): Figure[] {
  process.stderr.write(`${url} is left out: ${why}\n`);
  return [];
}
