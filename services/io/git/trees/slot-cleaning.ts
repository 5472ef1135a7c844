import { randomBytes } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as files from './slot-files.ts';
import { cleanTree, type Origin, type TreeDeps, type TreeFacts } from './slot-tree.ts';
import { printTree, trustedAfterMs } from './tree-print.ts';

export type PoolDeps = TreeDeps & {
  dir: string;
  asideDir: string;
  idlePerMirror: number;
  idleInAll: number;
  now: () => number;
  onTrouble: (what: string, error: unknown) => void;
};

type Idle = { paths: files.SlotPaths; key: string; sha: string; usedAt: number };
/** A tree as a job gets it: what it holds, and its print when that can tell. */
type Shown = { facts: TreeFacts; print: string | undefined };
type Cleaning = { key: string; done: Promise<boolean>; awaited: boolean };

/** The slots of a workspace at one moment: those that are clean, those on their way there, and what is removed meanwhile. */
export type Pool = {
  readonly deps: PoolDeps;
  readonly idle: Set<Idle>;
  readonly cleanings: Set<Cleaning>;
  readonly work: Set<Promise<unknown>>;
};

const removeTimeoutMs = 600_000;

/** Keeps a task in sight, so that closing can wait for it. */
export function inBackground<T>({ work }: Pool, task: Promise<T>): Promise<T> {
  work.add(task);
  task.finally(() => work.delete(task)).catch(() => {});
  return task;
}

export async function removeAll(pool: Pool, dirs: readonly string[]): Promise<void> {
  for (const dir of dirs)
    await removeAside(pool, dir).catch((error) => pool.deps.onTrouble('removing a workspace', error));
}

async function removeAside({ deps }: Pool, dir: string): Promise<void> {
  const run = (command: string, args: string[]) =>
    deps.processes.run({ command, args, cwd: deps.asideDir, env: deps.env, timeoutMs: removeTimeoutMs });
  if ((await run('rm', ['-rf', '--', dir])).code === 0) return;
  // Folders that a job made unreadable, and a process that was still writing.
  await run('find', ['-P', dir, '-type', 'd', '!', '-perm', '-0700', '-exec', 'chmod', 'u+rwx', '{}', ';']);
  const last = await run('rm', ['-rf', '--', dir]);
  if (last.code !== 0) deps.onTrouble('a used workspace cannot be removed', new Error(last.stderr));
}

/** Throws a slot away: a rename takes it out of sight at once, the files go later. */
export async function discard(pool: Pool, slot: files.SlotPaths): Promise<void> {
  const { asideDir } = pool.deps;
  const aside = path.join(asideDir, randomBytes(8).toString('hex'));
  await mkdir(asideDir, { recursive: true });
  const moved = await rename(slot.dir, aside).then(
    () => true,
    () => false,
  );
  if (moved) void inBackground(pool, removeAll(pool, [aside]));
}

/** Answers false when the slot was taken meanwhile. */
export async function dropIdle(pool: Pool, slot: Idle): Promise<boolean> {
  if (!pool.idle.delete(slot) || !(await files.claim(slot.paths))) return false;
  await discard(pool, slot.paths);
  return true;
}

/** Throws away the slots that were used longest ago, down to as many as may lie idle. */
export async function trim(pool: Pool): Promise<void> {
  const { idle, deps } = pool;
  const kept = new Map<string, number>();
  let total = 0;
  for (const slot of [...idle].sort((a, b) => a.usedAt - b.usedAt).reverse()) {
    const ofMirror = (kept.get(slot.key) ?? 0) + 1;
    if (ofMirror > deps.idlePerMirror || total >= deps.idleInAll) await dropIdle(pool, slot);
    else {
      kept.set(slot.key, ofMirror);
      total += 1;
    }
  }
}

/** Cleans a slot that was used, behind the next job's back. Resolves with whether it can be used again. */
export function startCleaning(pool: Pool, paths: files.SlotPaths, origin: Origin, shown: Shown): Promise<boolean> {
  const cleaning: Cleaning = { key: origin.key, done: clean(pool, paths, origin, shown), awaited: false };
  pool.cleanings.add(cleaning);
  return inBackground(
    pool,
    cleaning.done.finally(() => pool.cleanings.delete(cleaning)),
  );
}

async function clean(pool: Pool, paths: files.SlotPaths, origin: Origin, shown: Shown): Promise<boolean> {
  const { deps, idle } = pool;
  try {
    const usedAt = deps.now();
    await files.unclaim(paths, { ...(await cleaned(deps, paths, origin, shown)), usedAt });
    idle.add({ paths, key: origin.key, sha: shown.facts.sha, usedAt });
    await trim(pool);
    return true;
  } catch (error) {
    deps.onTrouble('a workspace could not be cleaned and is thrown away', error);
    await discard(pool, paths);
    return false;
  }
}

/** The jobs that leave a small tree as it was, linters above all, are spared git: two processes each. */
async function cleaned(
  deps: PoolDeps,
  paths: files.SlotPaths,
  origin: Origin,
  { facts, print }: Shown,
): Promise<TreeFacts> {
  if (print !== undefined && print === printTree(paths.tree) && (await files.isUntouched(paths, facts))) return facts;
  const fresh = await cleanTree(deps, paths, origin, facts);
  // So that the print before the next job can tell.
  await wait(trustedAfterMs + 1);
  return fresh;
}
