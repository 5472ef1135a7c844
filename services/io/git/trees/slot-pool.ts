import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { unlessAborted } from '../mirrors/joined-run.ts';
import * as files from './slot-files.ts';
import { cleanTree, type Origin, showCommit, type TreeDeps, type TreeFacts } from './slot-tree.ts';
import { printTree, trustedAfterMs } from './tree-print.ts';

type PoolDeps = TreeDeps & {
  dir: string;
  asideDir: string;
  idlePerMirror: number;
  idleInAll: number;
  now: () => number;
  onTrouble: (what: string, error: unknown) => void;
};

const removeTimeoutMs = 600_000;

type Idle = { paths: files.SlotPaths; key: string; sha: string; usedAt: number };
/** A tree as a job gets it: what it holds, and its print when that can tell. */
type Shown = { facts: TreeFacts; print: string | undefined };
type Cleaning = { key: string; done: Promise<boolean>; awaited: boolean };

/** A slot that is ours until it is let go. */
export type HeldSlot = { paths: files.SlotPaths; release(): void };

/** The working trees of a workspace: handed out one job at a time, cleaned in between, and never before they are clean. */
export function createSlotPool(deps: PoolDeps) {
  const idle = new Set<Idle>();
  const cleanings = new Set<Cleaning>();
  const work = new Set<Promise<unknown>>();

  const inBackground = <T>(task: Promise<T>): Promise<T> => {
    work.add(task);
    task.finally(() => work.delete(task)).catch(() => {});
    return task;
  };

  const removeAside = async (dir: string): Promise<void> => {
    const run = (command: string, args: string[]) =>
      deps.processes.run({ command, args, cwd: deps.asideDir, env: deps.env, timeoutMs: removeTimeoutMs });
    if ((await run('rm', ['-rf', '--', dir])).code === 0) return;
    // Folders that a job made unreadable, and a process that was still writing.
    await run('find', ['-P', dir, '-type', 'd', '!', '-perm', '-0700', '-exec', 'chmod', 'u+rwx', '{}', ';']);
    const last = await run('rm', ['-rf', '--', dir]);
    if (last.code !== 0) deps.onTrouble('a used workspace cannot be removed', new Error(last.stderr));
  };

  const removeAll = async (dirs: readonly string[]): Promise<void> => {
    for (const dir of dirs) await removeAside(dir).catch((error) => deps.onTrouble('removing a workspace', error));
  };

  // A rename takes the slot away at once; the files go later.
  const discard = async (slot: files.SlotPaths): Promise<void> => {
    const aside = path.join(deps.asideDir, randomBytes(8).toString('hex'));
    await mkdir(deps.asideDir, { recursive: true });
    const moved = await rename(slot.dir, aside).then(
      () => true,
      () => false,
    );
    if (moved) void inBackground(removeAll([aside]));
  };

  const trim = async (): Promise<void> => {
    const oldestFirst = [...idle].sort((a, b) => a.usedAt - b.usedAt);
    const kept = new Map<string, number>();
    let total = 0;
    for (const slot of oldestFirst.reverse()) {
      const ofMirror = (kept.get(slot.key) ?? 0) + 1;
      if (ofMirror > deps.idlePerMirror || total >= deps.idleInAll) await dropIdle(slot);
      else {
        kept.set(slot.key, ofMirror);
        total += 1;
      }
    }
  };

  const dropIdle = async (slot: Idle): Promise<void> => {
    idle.delete(slot);
    if (await files.claim(slot.paths)) await discard(slot.paths);
  };

  /** The jobs that leave a small tree as it was, linters above all, are spared git: two processes each. */
  const cleaned = async (paths: files.SlotPaths, origin: Origin, { facts, print }: Shown): Promise<TreeFacts> => {
    if (print !== undefined && print === printTree(paths.tree) && (await files.isUntouched(paths, facts))) return facts;
    const fresh = await cleanTree(deps, paths, origin, facts);
    // So that the print before the next job can tell.
    await wait(trustedAfterMs + 1);
    return fresh;
  };

  const clean = async (paths: files.SlotPaths, origin: Origin, shown: Shown): Promise<boolean> => {
    const { facts } = shown;
    try {
      const usedAt = deps.now();
      await files.unclaim(paths, { ...(await cleaned(paths, origin, shown)), usedAt });
      idle.add({ paths, key: origin.key, sha: facts.sha, usedAt });
      await trim();
      return true;
    } catch (error) {
      deps.onTrouble('a workspace could not be cleaned and is thrown away', error);
      await discard(paths);
      return false;
    }
  };

  const startCleaning = (paths: files.SlotPaths, origin: Origin, shown: Shown): Promise<boolean> => {
    const cleaning: Cleaning = { key: origin.key, done: clean(paths, origin, shown), awaited: false };
    cleanings.add(cleaning);
    return inBackground(cleaning.done.finally(() => cleanings.delete(cleaning)));
  };

  const hold = (paths: files.SlotPaths, origin: Origin, facts: TreeFacts, freed: () => void): HeldSlot => {
    const shown = { facts, print: printTree(paths.tree) };
    let held = true;
    return {
      paths,
      release() {
        if (!held) return;
        held = false;
        startCleaning(paths, origin, shown).then(freed, freed);
      },
    };
  };

  const takeIdle = async (
    key: string,
    sha: string,
  ): Promise<{ paths: files.SlotPaths; facts: TreeFacts } | undefined> => {
    for (;;) {
      const candidates = [...idle].filter((slot) => slot.key === key).sort((a, b) => b.usedAt - a.usedAt);
      const slot = candidates.find((each) => each.sha === sha) ?? candidates[0];
      if (slot === undefined) return undefined;
      idle.delete(slot);
      if (!(await files.claim(slot.paths))) continue;
      const facts = await files.readState(slot.paths);
      if (facts !== undefined) return { paths: slot.paths, facts };
      await discard(slot.paths);
    }
  };

  // Waiting for a tree that is being cleaned is much cheaper than writing a new one, if nobody else waits for it.
  const takeSoonIdle = async (key: string, sha: string, signal: AbortSignal | undefined) => {
    for (;;) {
      const ready = await takeIdle(key, sha);
      const soon = [...cleanings].find((each) => each.key === key && !each.awaited);
      if (ready !== undefined || soon === undefined) return ready;
      soon.awaited = true;
      await unlessAborted(soon.done, signal);
    }
  };

  return {
    /** A tree that shows a commit which the mirror has. `freed` is called when the slot is clean again, or gone. */
    async take(origin: Origin, sha: string, freed: () => void, signal?: AbortSignal): Promise<HeldSlot> {
      const found = await takeSoonIdle(origin.key, sha, signal);
      const paths = found?.paths ?? (await files.makeSlot(path.join(deps.dir, origin.key)));
      try {
        return hold(paths, origin, await showCommit(deps, paths, origin, sha, found?.facts), freed);
      } catch (error) {
        await discard(paths);
        throw error;
      }
    },

    /** Takes in the clean slots on disk; throws away what dead processes held and what had been put aside. */
    async sweep(): Promise<void> {
      const known = new Set([...idle].map((slot) => slot.paths.dir));
      for (const key of await names(deps.dir)) {
        for (const number of await names(path.join(deps.dir, key))) {
          const paths = files.slotPaths(path.join(deps.dir, key, number));
          const holder = await files.claimOf(paths);
          if (known.has(paths.dir) || holder === 'living') continue;
          const state = holder === 'none' ? await files.readState(paths) : undefined;
          if (state !== undefined) idle.add({ paths, key, sha: state.sha, usedAt: state.usedAt });
          else if (holder === 'dead' || (await files.claim(paths))) await discard(paths);
        }
      }
      await trim();
      const aside = await names(deps.asideDir);
      // Behind the first job's back, and one at a time.
      void inBackground(removeAll(aside.map((name) => path.join(deps.asideDir, name))));
    },

    /** Throws away the trees that nobody used since a time. */
    async dropUnusedSince(time: number): Promise<void> {
      for (const slot of [...idle]) if (slot.usedAt <= time) await dropIdle(slot);
    },

    /** Whether any process has a tree of a mirror in use. */
    async inUse(key: string): Promise<boolean> {
      for (const number of await names(path.join(deps.dir, key))) {
        const paths = files.slotPaths(path.join(deps.dir, key, number));
        if ((await files.claimOf(paths)) === 'living') return true;
      }
      return false;
    },

    /** Waits until nothing is cleaned or removed any more. */
    async idle(): Promise<void> {
      while (work.size > 0) await Promise.allSettled(work);
    },
  };
}

async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
