import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import { closing, missingCommit } from '../mirrors/git-failure.ts';
import { unlessAborted } from '../mirrors/joined-run.ts';
import * as mirror from '../mirrors/mirror-store.ts';
import { checkBranchName, checkShortSha, isSha } from '../mirrors/ref-name.ts';
import type { Remote } from '../mirrors/remote-url.ts';
import { inQuarantine } from '../patches/quarantine.ts';
import {
  hideLargeFiles,
  type LargePlace,
  type ShownFile,
  showLargeFiles,
  takeAsUnchanged,
} from './large-files/large-files.ts';
import { readTreeChanges, showPatch } from './slot-patch.ts';
import type { HeldSlot } from './slot-pool.ts';
import { showSubmodules } from './submodules.ts';
import { type TreeAdditions, treeAdditions, treeFiles } from './tree-additions.ts';
import { counted, enter, type WorkspaceRoom } from './workspace-room.ts';

/**
 * Without `sha`, the newest commit of the branch on the remote, as it is when asked or later. `diff` is applied on top; it has to
 * fit exactly.
 */
export type CheckoutRequest = {
  remote: Remote;
  branch: string;
  sha?: string;
  diff?: string;
  submodules?: boolean;
  lfs?: boolean;
  signal?: AbortSignal;
};

/**
 * A tree of a job's own. `release` returns at once; cleaning goes on behind it, and the tree is not used again before it
 * is clean. All processes of the job must have ended by then. Submodules are empty folders,
 * and LFS files are pointers, unless they are asked for.
 */
export type Checkout = {
  dir: string;
  sha: string;
  /** Where the objects lie that the tree's own repository borrows; only read. */
  objects: string;
  /**
   * What differs from the commit, as a diff: tracked files and new ones that are not ignored. AppError('too_large') over
   * 4 MiB, AppError('invalid') for lines that are not UTF-8.
   */
  changes(): Promise<string>;
  /** The names of its files, tracked or not. */
  files(): Promise<string[]>;
  /** What lies in it beside its commit. */
  additions(): Promise<TreeAdditions>;
  /** How long it took to have the commit, and to write it down, in ms. */
  times: { readonly fetchMs: number; readonly treeMs: number };
  release(): Promise<void>;
};

// A branch may move between the question and the fetch.
const lookups = 3;

/** A clean tree of the commit that is asked for. AppError as `Workspaces.checkout`. */
export async function checkOut(room: WorkspaceRoom, request: CheckoutRequest): Promise<Checkout> {
  const { remote, signal } = request;
  checkBranchName(request.branch);
  const startedAt = performance.now();
  let fetchedAt = startedAt;
  if (request.sha !== undefined) checkShortSha(request.sha);
  signal?.throwIfAborted();
  const leave = await enter(room, remote);
  try {
    const origin = { ...mirror.mirrorOf(room.mirrors, remote), url: remote.url };
    const { sha, slot } = await mirror.healing(room.mirrors, remote, async () => {
      const wanted = await unlessAborted(counted(room, bringCommit(room, request)), signal);
      fetchedAt = performance.now();
      return { sha: wanted, slot: await room.pool.take(origin, wanted, leave, signal) };
    });
    const taken = { sha, slot, mirrorDir: origin.dir };
    try {
      const large = await fillTree(room, request, taken);
      const times = {
        fetchMs: Math.round(fetchedAt - startedAt),
        treeMs: Math.round(performance.now() - fetchedAt),
      };
      return checkoutOf(room, taken, { large, times });
    } catch (error) {
      slot.release();
      throw error;
    }
  } catch (error) {
    leave();
    throw error;
  }
}

async function bringCommit({ mirrors }: WorkspaceRoom, { remote, branch, sha }: CheckoutRequest): Promise<string> {
  if (sha !== undefined) {
    await mirror.checkAccess(mirrors, remote);
    const whole = isSha(sha) ? sha : await mirror.resolve(mirrors, remote, sha);
    if (whole !== undefined && (await mirror.bring(mirrors, remote, whole))) return whole;
    throw missingCommit(remote, sha);
  }
  for (let left = lookups; left > 0; left -= 1) {
    const tip = await mirror.tip(mirrors, remote, branch);
    if (tip === undefined) throw await mirror.branchMissing(mirrors, remote, branch);
    if (await mirror.bring(mirrors, remote, tip)) return tip;
  }
  throw new AppError('unavailable', `The branch ${JSON.stringify(branch)} of ${remote.url} moves too fast.`);
}

/** A slot with the tree of a commit in it. */
type Taken = { readonly sha: string; readonly slot: HeldSlot; readonly mirrorDir: string };

/** What a commit has not by itself: the diff on top, submodules and LFS files. Answers the last. */
async function fillTree(room: WorkspaceRoom, request: CheckoutRequest, taken: Taken): Promise<readonly ShownFile[]> {
  const { mirrors, reading, own, allowLocal, tries, now, fetchTimeoutMs: timeoutMs } = room;
  const { remote, signal, diff, submodules = false, lfs = false } = request;
  const { sha, slot, mirrorDir } = taken;
  const { tree, index } = slot.paths;
  if (diff !== undefined) await inQuarantine(reading, mirrorDir, (q) => showPatch(q, slot.paths, sha, diff));
  const bringLarge = (at: LargePlace) =>
    counted(room, showLargeFiles({ ...reading, timeoutMs, tries, now }, at, signal));
  const processes = room.remoteProcesses;
  const filling = { ...reading, processes, mirrors, allowLocal, own, ...(lfs ? { bringLarge } : {}) };
  const place = { remote, sha, tree, index: `${index}.submodule` };
  if (submodules) await counted(room, showSubmodules(filling, place));
  const large = lfs
    ? await mirror.healing(mirrors, remote, () => bringLarge({ remote, mirror: mirrorDir, sha, tree, index }))
    : [];
  await takeAsUnchanged(reading, tree, large);
  if (room.closed) throw closing();
  signal?.throwIfAborted();
  return large;
}

function checkoutOf(
  room: WorkspaceRoom,
  { sha, slot, mirrorDir }: Taken,
  { large, times }: { large: readonly ShownFile[]; times: Checkout['times'] },
): Checkout {
  const { reading } = room;
  const listing = { slot: slot.paths, gitDir: mirrorDir };
  const changes = async (): Promise<string> => {
    await hideLargeFiles(slot.paths.tree, large);
    return inQuarantine(reading, mirrorDir, (q) => readTreeChanges(q, slot.paths, sha));
  };
  return {
    dir: slot.paths.tree,
    sha,
    files: () => counted(room, treeFiles(reading, listing)),
    additions: () => counted(room, treeAdditions(reading, listing)),
    times,
    objects: path.join(mirrorDir, 'objects'),
    changes: () => counted(room, changes()),
    release: async () => slot.release(),
  };
}
