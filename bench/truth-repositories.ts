import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLog } from '../parsers/read-log.ts';
import { newTally, type TruthFarm, type TruthTally } from './truth-walk.ts';

/** A public repository, fetched by whoever runs this: the last `commits` of its first parents up to `commit`. */
export type TruthRepository = {
  readonly url: string;
  readonly commit: string;
  readonly commits: number;
  readonly language: string;
  /** `TOOLS` stands for the folder of this checkout's own programs. */
  readonly lint: string;
  readonly needs: string;
};

const tools = join(import.meta.dirname, '..', 'node_modules', '.bin');

export function readRepositories(): TruthRepository[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'truth-repositories.json'), 'utf8'));
}

/** Walks the history of a repository and holds what is open against what its tool says; null when that cannot be had. */
export async function walkRepository(
  farm: TruthFarm,
  dir: string,
  { url, commit, commits, language, lint, needs }: TruthRepository,
): Promise<TruthTally | null> {
  const command = lint.replaceAll('TOOLS', tools);
  const name = (url.split('/').at(-1) ?? 'repository').toLowerCase();
  const own = join(dir, `${name}-reader`);
  const served = join(dir, name);
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, maxBuffer: 1 << 26 })
      .toString()
      .trim();
  if (spawnSync('sh', ['-c', `command -v ${needs.replaceAll('TOOLS', tools)}`]).status !== 0)
    return left(url, `${needs} is not installed`);
  if (spawnSync('git', ['clone', '--quiet', url, own], { stdio: 'inherit' }).status !== 0)
    return left(url, 'it could not be cloned');
  git(dir, 'clone', '--quiet', own, served);
  const shas = git(own, 'rev-list', '--first-parent', '--reverse', `--max-count=${commits}`, commit).split('\n');
  git(served, 'checkout', '--quiet', '-B', 'main', shas[0] ?? commit);
  await farm.ask('POST', '/projects', {
    name,
    git_url: farm.addressOf(name),
    subprojects: [{ path: '.', language, lint: command, timeout_secs: 600 }],
    schedule: { poll: 1, on_push: ['lint'] },
  });
  await farm.forward(0);
  const tally = newTally();
  const goneFor = new Map<string, number>();
  for (const [at, sha] of shas.entries()) {
    git(served, 'reset', '--quiet', '--hard', sha);
    git(own, 'checkout', '--quiet', '--force', '--detach', sha);
    const before = await newestJob(farm, name);
    if (at === 0) await farm.ask('POST', `/projects/${name}/jobs`, { recipe: 'lint' });
    else await farm.forward(60_000);
    await farm.jobAfter(name, before);
    hold(tally, await openOf(farm, name), saidBy(own, { language, command }), {
      goneFor,
      what: `${name} ${sha.slice(0, 10)}`,
    });
  }
  return tally;
}

async function newestJob(farm: TruthFarm, name: string): Promise<string | undefined> {
  const { jobs } = (await farm.ask('GET', `/jobs?project=${name}&limit=1`)) as { jobs: { job_id: string }[] };
  return jobs[0]?.job_id;
}

type Place = { file: string | null; line: number | null; code: string | null; message: string };
const keyOf = ({ file, line, code, message }: Place) => `${file}:${line} ${code} ${message.slice(0, 80)}`;

async function openOf(farm: TruthFarm, name: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await farm.ask('GET', `/findings?project=${name}&state=open&limit=500${more}`);
    found.push(...(page['findings'] as Place[]).map(keyOf));
    cursor = (page['next_cursor'] as string | null | undefined) ?? null;
  }
  return found.sort();
}

/** What the tool says of a checkout that the farm has nothing to do with. */
function saidBy(cwd: string, { language, command }: { language: string; command: string }): string[] {
  const ran = spawnSync('/bin/sh', ['-c', command], { cwd, maxBuffer: 1 << 28, env: { ...process.env, CI: 'true' } });
  const reader = readLog({ language, recipe: 'lint', command, subproject: '.', roots: [cwd] });
  reader.write('stdout', ran.stdout);
  reader.write('stderr', ran.stderr);
  return reader.end({ exitCode: ran.status, reason: 'exited' }).findings.map(keyOf).sort();
}

function hold(
  tally: TruthTally,
  open: readonly string[],
  said: readonly string[],
  { goneFor, what }: { goneFor: Map<string, number>; what: string },
): void {
  const missing = without(said, open);
  const extra = without(open, said);
  const doubted = new Map(extra.map((key) => [key, (goneFor.get(key) ?? 0) + 1]));
  goneFor.clear();
  for (const [key, runs] of doubted) goneFor.set(key, runs);
  const stale = [...doubted].filter(([, runs]) => runs >= 2).length;
  if (tally.checks === 0) tally.first = { shown: open.length, right: open.length - extra.length };
  tally.checks += 1;
  tally.closedWithoutProof += missing.length;
  tally.stale += stale;
  if (missing.length + stale === 0) tally.exact += 1;
  else tally.words.push(`${what}: not open ${missing.slice(0, 3).join('; ')}; open ${extra.slice(0, 3).join('; ')}`);
}

/** Those of one list that another does not hold, each as often as it is there. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const key of other) left.set(key, (left.get(key) ?? 0) + 1);
  return list.filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function left(url: string, why: string): null {
  process.stderr.write(`  ${url} is left out: ${why}.\n`);
  return null;
}
