import path from 'node:path';
import { bytesBelow, freeOldest } from '../../disk/freeable.ts';
import { namesIn } from '../../files/names-in.ts';
import { unlessAborted } from '../mirrors/joined-run.ts';
import {
  discard,
  dropIdle,
  inBackground,
  type Pool,
  type PoolDeps,
  removeAll,
  startCleaning,
  trim,
} from './slot-cleaning.ts';
import * as files from './slot-files.ts';
import { type Origin, showCommit, type TreeFacts } from './slot-tree.ts';
import { printTree } from './tree-print.ts';

/** A slot that is ours until it is let go. */
export type HeldSlot = { paths: files.SlotPaths; release(): void };

/** The working trees of a workspace: handed out one job at a time, cleaned in between, and never before they are clean. */
export function createSlotPool(deps: PoolDeps) {
  const pool: Pool = { deps, idle: new Set(), cleanings: new Set(), work: new Set() };
  return {
    /** A tree that shows a commit which the mirror has. `freed` is called when the slot is clean again, or gone. */
    take: (origin: Origin, sha: string, freed: () => void, signal?: AbortSignal): Promise<HeldSlot> =>
      take(pool, { origin, sha, freed, signal }),
    /** Takes in the clean slots on disk; throws away what dead processes held and what had been put aside. */
    sweep: (): Promise<void> => sweep(pool),
    /** Throws away the trees that nobody used since a time. */
    async dropUnusedSince(time: number): Promise<void> {
      for (const slot of [...pool.idle]) if (slot.usedAt <= time) await dropIdle(pool, slot);
    },
    /** Throws away idle trees, the one that was used longest ago first, until it is enough; answers how many bytes. */
    freeLeastUsed: async (bytes: number, unusedSince: number): Promise<number> => {
      const slots = [...pool.idle].map((slot) => ({
        usedAt: slot.usedAt,
        bytes: () => bytesBelow(slot.paths.dir),
        free: () => dropIdle(pool, slot),
      }));
      const freed = await freeOldest(slots, bytes, unusedSince);
      while (pool.work.size > 0) await Promise.allSettled(pool.work);
      return freed;
    },
    /** Whether any process has a tree of a mirror in use. */
    async inUse(key: string): Promise<boolean> {
      for (const number of await namesIn(path.join(deps.dir, key))) {
        const paths = files.slotPaths(path.join(deps.dir, key, number));
        if ((await files.claimOf(paths)) === 'living') return true;
      }
      return false;
    },
    /** Whether there is any tree that borrows from a mirror. */
    hasTrees: async (key: string): Promise<boolean> => (await namesIn(path.join(deps.dir, key))).length > 0,
    /** Waits until nothing is cleaned or removed any more. */
    async idle(): Promise<void> {
      while (pool.work.size > 0) await Promise.allSettled(pool.work);
    },
  };
}

type Taking = {
  readonly origin: Origin;
  readonly sha: string;
  readonly freed: () => void;
  readonly signal: AbortSignal | undefined;
};

async function take(pool: Pool, { origin, sha, freed, signal }: Taking): Promise<HeldSlot> {
  const { deps } = pool;
  const found = await takeSoonIdle(pool, origin.key, sha, signal);
  const paths = found?.paths ?? (await files.makeSlot(path.join(deps.dir, origin.key)));
  try {
    const facts = await showCommit(deps, paths, origin, sha, found?.facts);
    const shown = { facts, print: printTree(paths.tree) };
    let held = true;
    return {
      paths,
      release() {
        if (!held) return;
        held = false;
        startCleaning(pool, paths, origin, shown).then(freed, freed);
      },
    };
  } catch (error) {
    await discard(pool, paths);
    throw error;
  }
}

type Found = { paths: files.SlotPaths; facts: TreeFacts };

/** Waiting for a tree that is being cleaned is much cheaper than writing a new one, if nobody else waits for it. */
async function takeSoonIdle(
  pool: Pool,
  key: string,
  sha: string,
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  for (;;) {
    const ready = await takeIdle(pool, key, sha);
    const soon = [...pool.cleanings].find((each) => each.key === key && !each.awaited);
    if (ready !== undefined || soon === undefined) return ready;
    soon.awaited = true;
    await unlessAborted(soon.done, signal);
  }
}

async function takeIdle(pool: Pool, key: string, sha: string): Promise<Found | undefined> {
  for (;;) {
    const candidates = [...pool.idle].filter((slot) => slot.key === key).sort((a, b) => b.usedAt - a.usedAt);
    const slot = candidates.find((each) => each.sha === sha) ?? candidates[0];
    if (slot === undefined) return undefined;
    pool.idle.delete(slot);
    if (!(await files.claim(slot.paths))) continue;
    const facts = await files.readState(slot.paths);
    if (facts !== undefined) return { paths: slot.paths, facts };
    await discard(pool, slot.paths);
  }
}

async function sweep(pool: Pool): Promise<void> {
  const { deps, idle } = pool;
  const known = new Set([...idle].map((slot) => slot.paths.dir));
  for (const key of await namesIn(deps.dir)) {
    for (const number of await namesIn(path.join(deps.dir, key))) {
      const paths = files.slotPaths(path.join(deps.dir, key, number));
      const holder = await files.claimOf(paths);
      if (known.has(paths.dir) || holder === 'living') continue;
      const state = holder === 'none' ? await files.readState(paths) : undefined;
      if (state !== undefined) idle.add({ paths, key, sha: state.sha, usedAt: state.usedAt });
      else if (holder === 'dead' || (await files.claim(paths))) await discard(pool, paths);
    }
  }
  await trim(pool);
  const aside = await namesIn(deps.asideDir);
  // Behind the first job's back, and one at a time.
  void inBackground(
    pool,
    removeAll(
      pool,
      aside.map((name) => path.join(deps.asideDir, name)),
    ),
  );
}
