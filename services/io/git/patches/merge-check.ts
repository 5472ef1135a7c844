import type { Remote } from '../mirrors/remote-url.ts';
import type { Quarantine } from './quarantine.ts';

/** Of `branch` the newest commit on the remote is meant; `commit` may be one that was only written here. */
export type MergeQuestion = { remote: Remote; branch: string; commit: string };

/**
 * Whether one commit can be merged into another without a conflict; nothing of the merge is kept. Null when git cannot
 * tell: it is older than 2.38, or the two have no common past.
 */
export async function mergesCleanly(quarantine: Quarantine, into: string, commit: string): Promise<boolean | null> {
  const { code } = await quarantine.try(['merge-tree', '--write-tree', '--no-messages', '--name-only', into, commit], {
    // Names of conflicting files may be many; the exit code tells all.
    onOutput: () => {},
  });
  return { 0: true, 1: false }[code ?? -1] ?? null;
}
