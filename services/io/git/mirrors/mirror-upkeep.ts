import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bytesBelow, freeOldest, type Used } from '../../disk/freeable.ts';
import { ownerLives } from '../trees/process-owner.ts';
import { isMirrorDamage } from './mirror-damage.ts';
import * as folder from './mirror-folder.ts';
import { isDue, removeOld, usedLast } from './mirror-marks.ts';
import { type MirrorState, type MirrorStore, stateOf } from './mirror-store.ts';

/** How long a damaged mirror lies there for whoever wants to know why. */
const asideForMs = 24 * 3_600_000;

type InUse = (key: string) => Promise<boolean>;

/** Removes what dead processes left: half-made mirrors, locks of fetches. */
export async function sweepMirrors({ deps }: MirrorStore): Promise<void> {
  for (const name of await namesIn(deps.dir)) {
    const owner = /\.tmp-(\d+_\d+)-/.exec(name)?.[1];
    const dir = path.join(deps.dir, name);
    if (owner === undefined) await folder.unlockMirror(dir);
    else if (!ownerLives(owner)) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Removes the damaged mirrors that lie aside, and then those that nobody has used since a time, the least used first; they
 * are cloned again when they are needed. Answers how many bytes that freed.
 */
export async function freeMirrors(
  store: MirrorStore,
  bytes: number,
  unusedSince: number,
  inUse: InUse,
): Promise<number> {
  const names = await namesIn(store.deps.dir);
  const found = await Promise.all(names.map((name) => freeable(store, name, unusedSince, inUse)));
  return freeOldest(
    found.filter((one) => one !== null),
    bytes,
    unusedSince,
  );
}

/** Collects garbage in mirrors that nobody used for a time in ms, once after each time of use. */
export async function collectMirrors(store: MirrorStore, quietMs: number, inUse: InUse): Promise<void> {
  const { dir, now } = store.deps;
  for (const name of await namesIn(dir)) {
    if (name.includes(folder.asideMark)) await removeOld(path.join(dir, name), now() - asideForMs);
    const key = keyIn(name);
    if (key === undefined || !(await isDue(path.join(dir, name), now() - quietMs))) continue;
    const state = stateOf(store, key);
    if (!(await inUse(key)) && state.users === 0) await collect(store, state);
  }
}

const namesIn = (dir: string): Promise<string[]> => readdir(dir).catch(() => []);
const keyIn = (name: string): string | undefined => /^([0-9a-f]{24})\.git$/.exec(name)?.[1];

/** Null for what is not known, or is half made. */
async function freeable(store: MirrorStore, name: string, unusedSince: number, inUse: InUse): Promise<Used | null> {
  const dir = path.join(store.deps.dir, name);
  const bytes = () => bytesBelow(dir);
  if (name.includes(folder.asideMark))
    return { usedAt: 0, bytes, free: () => removeOld(dir, Number.POSITIVE_INFINITY) };
  const key = keyIn(name);
  const usedAt = key === undefined ? null : await usedLast(dir);
  if (key === undefined || usedAt === null) return null;
  const state = stateOf(store, key);
  const free = async () => {
    const again = await usedLast(dir);
    if (again === null || again > unusedSince || (await inUse(key)) || state.users > 0) return false;
    await closed(state, async () => {
      state.ready = false;
      await folder.dropMirror(state.dir);
    });
    return true;
  };
  return { usedAt: Math.min(usedAt, store.deps.now()), bytes, free };
}

// Closes the mirror in the same turn in which nobody was found to use it.
function collect({ deps }: MirrorStore, state: MirrorState): Promise<void> {
  return closed(state, async () => {
    try {
      await folder.collectMirror(deps, state.dir);
    } catch (error) {
      if (!isMirrorDamage(error)) throw error;
      deps.onTrouble('the mirror of a repository is damaged and moved aside', error);
      await folder.setAside(state.dir);
      return;
    }
    await writeFile(path.join(state.dir, '.collected'), '');
  });
}

function closed(state: MirrorState, task: () => Promise<void>): Promise<void> {
  const work = state.queue(task);
  state.present.clear();
  state.closed = work
    .catch(() => {})
    .finally(() => {
      state.closed = undefined;
    });
  return work;
}
