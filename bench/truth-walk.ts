import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../services/config.ts';
import { openLog } from '../services/io/log.ts';
import { start } from '../services/start.ts';
import { startGitHttpServer } from '../test/support/git-http-server.ts';
import { randomOf, type TruthCommit } from './truth-history.ts';

/** How the jobs of a history are started; `random`: by hand, for the commits in a random order. */
export const truthWays = ['hand', 'schedule', 'poll', 'push', 'rerun', 'random'] as const;
export type TruthWay = (typeof truthWays)[number];

/** What a walk showed: how often the open findings were held against the reader's, and where they differ. */
export type TruthTally = {
  checks: number;
  /** Checks after which every finding stood as the reader says. */
  exact: number;
  closedWithoutProof: number;
  /** Findings that were open two complete runs after their cause was gone. */
  stale: number;
  /** Defects that were two findings in the course of the walk: what only moved was taken for new. */
  split: number;
  /** What the first run showed, and how much of that the reader says, too. */
  first: { shown: number; right: number };
  readonly words: string[];
};

export const newTally = (): TruthTally => ({
  ...{ checks: 0, exact: 0, closedWithoutProof: 0, stale: 0, split: 0, words: [] },
  first: { shown: 0, right: 0 },
});

type Json = Record<string, unknown>;
const secret = 'a-webhook-secret';
const minute = 60_000;
const patienceMs = 180_000;

/** A farm in this process whose time is moved by hand, so that a poll of a minute takes none. */
export async function openTruthFarm(dir: string) {
  // Jobs of a farm that root started are another user, and look for the mark of a rerun there.
  chmodSync(dir, 0o711);
  let aheadMs = 0;
  const works = new Set<() => Promise<void>>();
  const clock = {
    now: () => Date.now() + aheadMs,
    every: (_ms: number, work: () => Promise<void>) => {
      works.add(work);
      return { stop: async () => void works.delete(work) };
    },
  };
  const config = readConfig({
    CRAFTING_DATA_DIR: join(dir, 'data'),
    CRAFTING_PORT: '0',
    CRAFTING_ALLOW_LOCAL_REPOS: '1',
    CRAFTING_SANDBOX: 'none',
    CRAFTING_RATE_LIMIT: '1000000',
    CRAFTING_FORGE_WEBHOOK_SECRET: secret,
    CRAFTING_ROLES: 'api,parser,projector,runner,scheduler',
  });
  const farm = await start(config, await openLog({ level: 'silent', format: 'json' }), { clock });
  const bearer = readFileSync(farm.adminBearerFile ?? '', 'utf8').trim();
  const endings: (() => unknown)[] = [];
  const context = { after: (ending: () => unknown) => void endings.push(ending) } as unknown as TestContext;
  const git = await startGitHttpServer(context, dir);
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    // A reader that runs for long leaves idle connections to be closed by the farm.
    const authorization = { authorization: `Bearer ${bearer}`, connection: 'close' };
    const answer = await fetch(`${farm.url}${path}`, { method, body: sent, headers: { ...authorization, ...headers } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Json;
  };
  return {
    ask,
    forward: async (ms: number) => {
      aheadMs += ms;
      await Promise.all([...works].map((work) => work().catch(() => {})));
    },
    /** The newest job of a project when it has ended; another one than `before`. */
    jobAfter: async (name: string, before: string | undefined): Promise<Json> => {
      for (const until = Date.now() + patienceMs; Date.now() < until; await pause(10)) {
        const { jobs } = (await ask('GET', `/jobs?project=${name}&limit=1`)) as { jobs: Json[] };
        const ended = ['succeeded', 'failed', 'cancelled'].includes(String(jobs[0]?.['status']));
        if (jobs[0] && ended && jobs[0]['job_id'] !== before) return jobs[0];
      }
      throw new Error(`${name}: a job did not come about or did not end`);
    },
    /** Where a repository below the folder is served. */
    addressOf: (name: string) => `${git.url}/${name}/.git`,
    close: async () => {
      await farm.close();
      for (const ending of endings) await ending();
    },
  };
}

export type TruthFarm = Awaited<ReturnType<typeof openTruthFarm>>;

/** The repository of a walk: commits of whole trees on `main`. */
export function truthRepository(dir: string) {
  mkdirSync(dir, { recursive: true });
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'maintenance.auto=false'];
  const git = (...args: string[]) =>
    execFileSync('git', [...who, ...args], { cwd: dir })
      .toString()
      .trim();
  git('init', '--quiet', '--initial-branch=main');
  return {
    dir,
    git,
    commit: ({ tree }: Pick<TruthCommit, 'tree'>): string => {
      for (const name of readdirSync(dir)) if (name !== '.git') rmSync(join(dir, name), { recursive: true });
      for (const [path, text] of Object.entries(tree)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'change');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** Walks a history on a farm, each commit started in its way, and holds what is open against what the reader says. */
export async function walkTruth(
  farm: TruthFarm,
  { dir, name, history, wayOf, seed = 1 }: TruthPlan,
): Promise<TruthTally> {
  const repository = truthRepository(join(dir, name));
  const broken = join(dir, `${name}.broken`);
  const tally = newTally();
  const ids = new Map<string, Set<number>>();
  const gone = new Map<string, number>();
  const commands = { lint: `if [ -e ${broken} ]; then exit 3; fi; perl truth.pl # eslint -f json` };
  const enqueue = (body: Json) => farm.ask('POST', `/projects/${name}/jobs`, { recipe: 'lint', ...body });
  const jobAfter = async (act: () => Promise<unknown>): Promise<Json> => {
    const { jobs } = (await farm.ask('GET', `/jobs?project=${name}&limit=1`)) as { jobs: Json[] };
    await act();
    return farm.jobAfter(name, jobs[0]?.['job_id'] as string | undefined);
  };
  const startBy = async (way: TruthWay, sha: string): Promise<void> => {
    if (way === 'hand') await jobAfter(() => enqueue({}));
    if (way === 'random') await jobAfter(() => enqueue({ sha }));
    if (way === 'schedule') await jobAfter(() => farm.ask('POST', `/schedules/${name}/lint/run`));
    if (way === 'poll') await jobAfter(() => farm.forward(minute));
    if (way === 'push') await jobAfter(() => tellPush(farm, farm.addressOf(name), sha));
    if (way !== 'rerun') return;
    writeFileSync(broken, '');
    const { job_id } = await jobAfter(() => enqueue({}));
    rmSync(broken);
    await jobAfter(() => farm.ask('POST', `/jobs/${job_id}/rerun`));
  };
  const check = async (expected: ReadonlySet<string>, moved: boolean, at: number): Promise<void> => {
    const { findings } = (await farm.ask('GET', `/findings?project=${name}&kind=lint&limit=500`)) as {
      findings: Json[];
    };
    const open = new Set<string>();
    for (const { id, message, state } of findings) {
      const key = String(message);
      ids.set(key, (ids.get(key) ?? new Set()).add(Number(id)));
      if (state === 'open') open.add(key);
    }
    const wrong: string[] = [];
    if (tally.checks === 0) {
      const right = [...open].filter((key) => expected.has(key)).length;
      tally.first = { shown: open.size, right };
    }
    for (const key of expected) {
      gone.delete(key);
      if (open.has(key)) continue;
      tally.closedWithoutProof += 1;
      wrong.push(`${key} is not open`);
    }
    for (const key of open) {
      if (expected.has(key)) continue;
      const runs = (gone.get(key) ?? 0) + (moved ? 1 : 0);
      gone.set(key, runs);
      // Its line stands there unchanged while the settings may have changed: one run may doubt, the second may not.
      if (runs < 2 && key.startsWith('use-')) continue;
      if (runs >= 2) tally.stale += 1;
      wrong.push(`${key} is open`);
    }
    tally.checks += 1;
    if (wrong.length === 0) tally.exact += 1;
    else tally.words.push(`${name}, commit ${at}: ${wrong.join(', ')}`);
  };

  const [first, ...rest] = history;
  if (!first) return tally;
  repository.commit(first);
  await farm.ask('POST', '/projects', {
    name,
    git_url: farm.addressOf(name),
    subprojects: [{ path: '.', language: 'javascript', ...commands }],
    // A time that does not come: it is used by hand, as a slot is.
    schedule: {
      lint: '0 0 29 2 *',
      jitter_secs: 0,
      ...(history.some((_, at) => watches(wayOf(at))) ? { poll: 1, on_push: ['lint'] } : {}),
    },
  });
  await farm.forward(0);
  await startBy('hand', '');
  await check(first.defects, true, 0);
  let proven = 0;
  const shas = [''];
  if (wayOf(1) === 'random') for (const commit of rest) shas.push(repository.commit(commit));
  for (const at of orderOf(history.length, wayOf, seed)) {
    const commit = history[at] as TruthCommit;
    if (wayOf(at) !== 'random') shas[at] = repository.commit(commit);
    await startBy(wayOf(at), shas[at] ?? '');
    const moved = !commit.crashes && at >= proven;
    if (moved) proven = at;
    await check((history[proven] as TruthCommit).defects, moved, at);
  }
  for (const [key, found] of ids) {
    if (found.size === 1) continue;
    tally.split += 1;
    tally.words.push(`${name}: ${key} was the findings ${[...found].join(', ')}`);
  }
  return tally;
}

export type TruthPlan = {
  /** A folder for the repository and marks of the walk. */
  readonly dir: string;
  readonly name: string;
  readonly history: readonly TruthCommit[];
  readonly wayOf: (commit: number) => TruthWay;
  readonly seed?: number;
};

const watches = (way: TruthWay) => way === 'poll' || way === 'push';

function orderOf(length: number, wayOf: TruthPlan['wayOf'], seed: number): number[] {
  const order = Array.from({ length: length - 1 }, (_, at) => at + 1);
  if (wayOf(1) !== 'random') return order;
  const random = randomOf(seed);
  const weights = new Map(order.map((at) => [at, random()]));
  return order.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
}

async function tellPush(farm: TruthFarm, url: string, sha: string): Promise<void> {
  const repository = { full_name: 'made-up/repository', clone_url: url };
  const body = JSON.stringify({ ref: 'refs/heads/main', after: sha, repository });
  await farm.ask('POST', '/forge/webhook', body, {
    'x-gitea-event': 'push',
    'x-gitea-delivery': crypto.randomUUID(),
    'x-gitea-signature': createHmac('sha256', secret).update(body).digest('hex'),
  });
}
