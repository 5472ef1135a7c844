import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { AppError } from '../../../floor/app-error.ts';
import type { Freeable } from '../../disk/freeable.ts';
import {
  certificatesKey,
  gitEnvironment,
  globalGitConfig,
  type Trusted,
  withSettings,
} from '../mirrors/git-environment.ts';
import { closing, missingCommit } from '../mirrors/git-failure.ts';
import { createGitProcesses } from '../mirrors/git-processes.ts';
import { unlessAborted } from '../mirrors/joined-run.ts';
import { createMirrorStore } from '../mirrors/mirror-store.ts';
import { refuseOwnFolder } from '../mirrors/own-folder.ts';
import type { Moved } from '../mirrors/redirects.ts';
import { checkBranchName, checkSha, checkShortSha, isSha } from '../mirrors/ref-name.ts';
import { checkRemote, type Remote } from '../mirrors/remote-url.ts';
import { type AddedLines, readAddedLines } from '../patches/apply/added-lines.ts';
import { type CommitChanges, isAncestor, readCommitChanges } from '../patches/commit-changes.ts';
import { createPatchedTrees, type PatchedTrees } from '../patches/patched-trees.ts';
import { inQuarantine, sweepQuarantines } from '../patches/quarantine.ts';
import { freeLargeFiles } from './large-file-cleaning.ts';
import { hideLargeFiles, type LargePlace, type ShownFile, showLargeFiles, takeAsUnchanged } from './large-files.ts';
import { readTreeChanges, showPatch } from './slot-patch.ts';
import { createSlotPool } from './slot-pool.ts';
import { showSubmodules } from './submodules.ts';
import { type TreeAdditions, treeAdditions, treeFiles } from './tree-additions.ts';

export type { Remote };

/** `dir` belongs to one machine; several processes on it may share it. Times are in milliseconds. */
export type WorkspaceOptions = {
  dir: string;
  allowLocal: boolean;
  /** Servers with certificates of their own, as PEM, which are trusted there beside the usual ones. */
  trusted?: readonly Trusted[];
  /** Folders of the farm beside `dir`: none of them may be named as a repository. */
  closed?: readonly string[];
  /** Clean trees kept for each repository; as many as the machine has cores unless told. */
  idlePerMirror?: number;
  /** Clean trees kept in all; four times that unless told. */
  idleInAll?: number;
  lookupTimeoutMs?: number;
  fetchTimeoutMs?: number;
  cleanTimeoutMs?: number;
  /** The pauses before a remote in trouble is asked again; two of them, 1 and 4 s, unless told. */
  retryPausesMs?: readonly number[];
  /** Mirrors with as many bytes of packs are pushed by git alone; 128 MiB unless told. */
  largestPacks?: number;
  /** Told of what went wrong in the background; secrets are taken out. */
  onTrouble?: (what: string, error: unknown) => void;
  now?: () => number;
};

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

export type Workspaces = PatchedTrees & {
  /** AppError: not_found (repository, branch, commit), unavailable, timeout, invalid (patch_apply: the diff does not fit). */
  checkout(request: CheckoutRequest): Promise<Checkout>;
  /** What differs between two commits. AppError('not_found') when the remote has one of them no more. */
  readChanges(remote: Remote, from: string, to: string): Promise<CommitChanges>;
  /** The lines of `sha` that its newest common ancestor with `other` has not; null where there is none. AppError as `readChanges`. */
  addedLines(remote: Remote, other: string, sha: string): Promise<AddedLines | null>;
  /** Whether one commit is in the history of another, or the same. AppError('not_found') as `readChanges`. */
  isAncestor(remote: Remote, older: string, newer: string): Promise<boolean>;
  /** Puts right what processes that died left behind. Runs by itself before the first checkout. */
  sweep(): Promise<void>;
  /** To be called hourly: drops trees unused for a day and LFS objects unused for a week, collects such mirrors. */
  gc(): Promise<void>;
  /** What can be had again: trees and LFS objects that are not in use, and mirrors. */
  readonly freeables: readonly Freeable[];
  /** Stops running fetches, waits for cleaning. Trees that are still held are thrown away at the next start. */
  close(): Promise<void>;
};

const dayMs = 24 * 3_600_000;
const collectAfterMs = 7 * dayMs;
/** A mirror that was used since stays even on a full disk: to have it again asks the remote for everything. */
const mirrorIdleMs = dayMs;
// A branch may move between the question and the fetch.
const lookups = 3;
/** A remote that took longer to fail is not asked again: a job waits for it. */
const triesForMs = 90_000;

/** Opens the mirrors and trees of a folder; nothing is touched before the first call. */
export function openWorkspaces(options: WorkspaceOptions): Workspaces {
  const dir = path.resolve(options.dir);
  const home = path.join(dir, 'home');
  const globalConfig = path.join(dir, 'gitconfig');
  const now = options.now ?? Date.now;
  // Apart, because closing stops what talks to remotes and waits for what cleans.
  const remoteProcesses = createGitProcesses();
  const processes = createGitProcesses();
  const { trusted = [] } = options;
  const caFile = (at: number) => path.join(dir, `ca-${at}.pem`);
  const env = withSettings(
    gitEnvironment(process.env, { home, ceiling: dir, globalConfig, allowLocal: options.allowLocal }),
    trusted.map(({ url }, at) => [certificatesKey(url), caFile(at)]),
  );
  const idlePerMirror = options.idlePerMirror ?? availableParallelism();
  const cleanTimeoutMs = options.cleanTimeoutMs ?? 300_000;
  const fetchTimeoutMs = options.fetchTimeoutMs ?? 600_000;
  const stop = new AbortController();
  const moved: Moved = new Map();
  const tries = { pausesMs: options.retryPausesMs ?? [1_000, 4_000], budgetMs: triesForMs, stopping: stop.signal };
  const mirrorsDir = path.join(dir, 'mirrors');
  const mirrors = createMirrorStore({
    processes: remoteProcesses,
    env,
    fetchTimeoutMs,
    moved,
    tips: { processes: remoteProcesses, env, home, timeoutMs: options.lookupTimeoutMs ?? 30_000 },
    tries,
    onTrouble: options.onTrouble ?? (() => {}),
    dir: mirrorsDir,
    now,
  });
  const pool = createSlotPool({
    processes,
    env,
    timeoutMs: cleanTimeoutMs,
    folderMode: 0o777 & ~process.umask(),
    dir: path.join(dir, 'slots'),
    asideDir: path.join(dir, 'aside'),
    idlePerMirror,
    idleInAll: options.idleInAll ?? idlePerMirror * 4,
    now,
    onTrouble: options.onTrouble ?? (() => {}),
  });
  const reading = { processes, env, timeoutMs: cleanTimeoutMs, draftsDir: path.join(dir, 'drafts') };
  const largestPacks = options.largestPacks ?? 128 * 1024 * 1024;
  const timeoutMs = fetchTimeoutMs;
  const pushing = { processes: remoteProcesses, env, timeoutMs, stopping: stop.signal, largestPacks, moved };
  const underway = new Set<Promise<unknown>>();
  let closed = false;
  let opening: Promise<void> | undefined;

  const sweep = async (): Promise<void> => {
    await mkdir(home, { recursive: true });
    const config = globalGitConfig(options.allowLocal);
    // Not written over while another process may be reading it.
    if ((await readFile(globalConfig, 'utf8').catch(() => undefined)) !== config) await writeFile(globalConfig, config);
    for (const [at, { ca }] of trusted.entries()) await writeFile(caFile(at), [...rootCertificates, ca].join('\n'));
    await mirrors.sweep();
    await pool.sweep();
    await sweepQuarantines(reading.draftsDir);
  };
  const ready = (): Promise<void> => {
    opening ??= sweep().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const own = [options.dir, ...(options.closed ?? [])];
  const enter = async (remote: Remote): Promise<() => void> => {
    if (closed) throw closing();
    checkRemote(remote, options);
    refuseOwnFolder(remote.url, own);
    await ready();
    return mirrors.use(remote);
  };

  const bringCommit = async ({ remote, branch, sha }: CheckoutRequest): Promise<string> => {
    if (sha !== undefined) {
      await mirrors.checkAccess(remote);
      const whole = isSha(sha) ? sha : await mirrors.resolve(remote, sha);
      if (whole !== undefined && (await mirrors.bring(remote, whole))) return whole;
      throw missingCommit(remote, sha);
    }
    for (let left = lookups; left > 0; left -= 1) {
      const tip = await mirrors.tip(remote, branch);
      if (tip === undefined) throw await mirrors.missingBranch(remote, branch);
      if (await mirrors.bring(remote, tip)) return tip;
    }
    throw new AppError('unavailable', `The branch ${JSON.stringify(branch)} of ${remote.url} moves too fast.`);
  };

  const counted = <T>(operation: Promise<T>): Promise<T> => {
    underway.add(operation);
    operation.finally(() => underway.delete(operation)).catch(() => {});
    return operation;
  };

  const checkout = async (request: CheckoutRequest): Promise<Checkout> => {
    const { remote, signal } = request;
    checkBranchName(request.branch);
    const startedAt = performance.now();
    let fetchedAt = startedAt;
    if (request.sha !== undefined) checkShortSha(request.sha);
    signal?.throwIfAborted();
    const leave = await enter(remote);
    try {
      const origin = { ...mirrors.mirrorOf(remote), url: remote.url };
      const { sha, slot } = await mirrors.healing(remote, async () => {
        const wanted = await unlessAborted(counted(bringCommit(request)), signal);
        fetchedAt = performance.now();
        return { sha: wanted, slot: await pool.take(origin, wanted, leave, signal) };
      });
      const { diff, submodules = false, lfs = false } = request;
      let large: ShownFile[] = [];
      try {
        if (diff !== undefined) await inQuarantine(reading, origin.dir, (q) => showPatch(q, slot.paths, sha, diff));
        const { tree, index } = slot.paths;
        const bringLarge = (at: LargePlace) =>
          counted(showLargeFiles({ ...reading, timeoutMs, tries, now }, at, signal));
        const filling = {
          ...reading,
          processes: remoteProcesses,
          mirrors,
          allowLocal: options.allowLocal,
          own,
          ...(lfs ? { bringLarge } : {}),
        };
        const place = { remote, sha, tree, index: `${index}.submodule` };
        if (submodules) await counted(showSubmodules(filling, place));
        if (lfs)
          large = await mirrors.healing(remote, () => bringLarge({ remote, mirror: origin.dir, sha, tree, index }));
        await takeAsUnchanged(reading, tree, large);
        if (closed) throw closing();
        signal?.throwIfAborted();
      } catch (error) {
        slot.release();
        throw error;
      }
      const listing = { slot: slot.paths, gitDir: origin.dir };
      return {
        dir: slot.paths.tree,
        sha,
        files: () => counted(treeFiles(reading, listing)),
        additions: () => counted(treeAdditions(reading, listing)),
        times: {
          fetchMs: Math.round(fetchedAt - startedAt),
          treeMs: Math.round(performance.now() - fetchedAt),
        },
        objects: path.join(origin.dir, 'objects'),
        changes: () =>
          counted(
            hideLargeFiles(slot.paths.tree, large).then(() =>
              inQuarantine(reading, origin.dir, (q) => readTreeChanges(q, slot.paths, sha)),
            ),
          ),
        release: async () => slot.release(),
      };
    } catch (error) {
      leave();
      throw error;
    }
  };

  /** Does something with the mirror once it has these commits, which this credential may see. */
  const withCommits = <T>(remote: Remote, shas: readonly string[], work: (dir: string) => Promise<T>): Promise<T> => {
    const bringAll = async (): Promise<T> => {
      shas.forEach(checkSha);
      const leave = await enter(remote);
      try {
        await mirrors.checkAccess(remote);
        return await mirrors.healing(remote, async () => {
          for (const sha of shas) if (!(await mirrors.bring(remote, sha))) throw missingCommit(remote, sha);
          return work(mirrors.mirrorOf(remote).dir);
        });
      } finally {
        leave();
      }
    };
    return counted(bringAll());
  };

  return {
    ...createPatchedTrees({ reading, pushing, mirrors, enter, withCommits }),
    checkout: (request) => counted(checkout(request)),
    readChanges: (remote, from, to) =>
      withCommits(remote, [from, to], (mirror) => readCommitChanges(reading, mirror, from, to)),
    addedLines: (remote, other, sha) =>
      withCommits(remote, [other, sha], (mirror) => readAddedLines(reading, mirror, other, sha)),
    isAncestor: (remote, older, newer) =>
      withCommits(remote, [older, newer], (mirror) => isAncestor(reading, mirror, older, newer)),

    async sweep() {
      if (opening === undefined) return ready();
      await opening;
      await sweep();
    },

    async gc() {
      await ready();
      await pool.dropUnusedSince(now() - dayMs);
      await mirrors.gc(collectAfterMs, (key) => pool.inUse(key));
      await freeLargeFiles(mirrorsDir, Number.POSITIVE_INFINITY, { unusedSince: now() - collectAfterMs, now: now() });
      await pool.idle();
    },

    freeables: [
      { name: 'work trees', dir, freeLeastUsed: (bytes, since) => pool.freeLeastUsed(bytes, since) },
      {
        name: 'LFS objects',
        dir,
        freeLeastUsed: (bytes, unusedSince) => freeLargeFiles(mirrorsDir, bytes, { unusedSince, now: now() }),
      },
      {
        name: 'mirrors',
        dir,
        freeLeastUsed: async (bytes, since) =>
          mirrors.freeLeastUsed(bytes, Math.min(since, now() - mirrorIdleMs), (key) => pool.hasTrees(key)),
      },
    ],

    async close() {
      closed = true;
      remoteProcesses.stop();
      stop.abort();
      await Promise.allSettled(underway);
      await pool.idle();
    },
  };
}
