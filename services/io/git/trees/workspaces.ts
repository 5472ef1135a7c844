import type { Freeable } from '../../disk/freeable.ts';
import { collectMirrors, freeMirrors } from '../mirrors/mirror-upkeep.ts';
import type { Remote } from '../mirrors/remote-url.ts';
import { type AddedLines, readAddedLines } from '../patches/apply/added-lines.ts';
import { type CommitChanges, isAncestor, readCommitChanges } from '../patches/commit-changes.ts';
import { type LineAuthor, type LineRange, readLineAuthors } from '../patches/line-authors.ts';
import { createPatchedTrees, type PatchedTrees } from '../patches/patched-trees.ts';
import { type Checkout, type CheckoutRequest, checkOut } from './checkout.ts';
import { freeLargeFiles } from './large-files/large-file-cleaning.ts';
import {
  counted,
  enter,
  readied,
  sweepRoom,
  type WorkspaceOptions,
  type WorkspaceRoom,
  withCommits,
  workspaceRoom,
} from './workspace-room.ts';

export type { Remote };

export type Workspaces = PatchedTrees & {
  /** AppError: not_found (repository, branch, commit), unavailable, timeout, invalid (patch_apply: the diff does not fit). */
  checkout(request: CheckoutRequest): Promise<Checkout>;
  /** What differs between two commits. AppError('not_found') when the remote has one of them no more. */
  readChanges(remote: Remote, from: string, to: string): Promise<CommitChanges>;
  /** The lines of `sha` that its newest common ancestor with `other` has not; null where there is none. AppError as `readChanges`. */
  addedLines(remote: Remote, other: string, sha: string): Promise<AddedLines | null>;
  /** Whether one commit is in the history of another, or the same. AppError('not_found') as `readChanges`. */
  isAncestor(remote: Remote, older: string, newer: string): Promise<boolean>;
  /** Who wrote lines of a file. Throws AppError as `readChanges`, for a file that is not there, and after some seconds. */
  lineAuthors(remote: Remote, sha: string, range: LineRange): Promise<LineAuthor[]>;
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

/** Opens the mirrors and trees of a folder; nothing is touched before the first call. */
export function openWorkspaces(options: WorkspaceOptions): Workspaces {
  const room = workspaceRoom(options);
  const { reading, pushing, mirrors } = room;
  const within: WithCommits = (remote, shas, work) => withCommits(room, remote, shas, work);
  return {
    ...createPatchedTrees({ reading, pushing, mirrors, enter: (remote) => enter(room, remote), withCommits: within }),
    checkout: (request) => counted(room, checkOut(room, request)),
    readChanges: (remote, from, to) =>
      within(remote, [from, to], (mirror) => readCommitChanges(reading, mirror, from, to)),
    addedLines: (remote, other, sha) =>
      within(remote, [other, sha], (mirror) => readAddedLines(reading, mirror, other, sha)),
    isAncestor: (remote, older, newer) =>
      within(remote, [older, newer], (mirror) => isAncestor(reading, mirror, older, newer)),
    lineAuthors: (remote, sha, range) =>
      within(remote, [sha], (mirror) => readLineAuthors(reading, mirror, sha, range)),
    sweep: async () => {
      if (room.opening === undefined) return readied(room);
      await room.opening;
      await sweepRoom(room);
    },
    gc: () => collect(room),
    freeables: freeablesOf(room),
    close: async () => {
      room.closed = true;
      room.remoteProcesses.stop();
      room.stop.abort();
      await Promise.allSettled(room.underway);
      await room.pool.idle();
    },
  };
}

type WithCommits = <T>(remote: Remote, shas: readonly string[], work: (mirror: string) => Promise<T>) => Promise<T>;

async function collect(room: WorkspaceRoom): Promise<void> {
  const { pool, mirrors, mirrorsDir, now } = room;
  await readied(room);
  await pool.dropUnusedSince(now() - dayMs);
  await collectMirrors(mirrors, collectAfterMs, (key) => pool.inUse(key));
  await freeLargeFiles(mirrorsDir, Number.POSITIVE_INFINITY, { unusedSince: now() - collectAfterMs, now: now() });
  await pool.idle();
}

function freeablesOf({ dir, pool, mirrors, mirrorsDir, now }: WorkspaceRoom): readonly Freeable[] {
  return [
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
        freeMirrors(mirrors, bytes, Math.min(since, now() - mirrorIdleMs), (key) => pool.hasTrees(key)),
    },
  ];
}
