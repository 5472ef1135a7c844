import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses } from '../mirrors/git-processes.ts';

/** What differs between two commits. Paths are relative to the repository's root. */
export type CommitChanges = {
  /** Every path that was added, removed, changed or moved, under its old and its new name. */
  readonly changed: ReadonlySet<string>;
  /** New path -> old path of files that git takes for moved: at least half of their content is the same. */
  readonly renamed: ReadonlyMap<string, string>;
  /** What is there only now, and what is no longer there, moved files left out. */
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
};

type ChangeDeps = { processes: GitProcesses; env: Record<string, string>; timeoutMs: number };

/** Compares two commits of a bare repository. */
export async function readCommitChanges(
  deps: ChangeDeps,
  gitDir: string,
  from: string,
  to: string,
): Promise<CommitChanges> {
  const result = await deps.processes.run({
    command: 'git',
    args: ['diff', '--no-ext-diff', '--no-textconv', '--name-status', '-z', '--find-renames=50%', from, to, '--'],
    cwd: gitDir,
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
  });
  if (result.code !== 0) throw localFailure('comparing commits', result);
  return parseNameStatus(result.stdout);
}

/** Whether a commit of a bare repository is in the history of another one of it, or the same. */
export async function isAncestor(deps: ChangeDeps, gitDir: string, older: string, newer: string): Promise<boolean> {
  const result = await deps.processes.run({
    command: 'git',
    args: ['merge-base', '--is-ancestor', older, newer],
    cwd: gitDir,
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
  });
  if (result.code !== 0 && result.code !== 1) throw localFailure('comparing commits', result);
  return result.code === 0;
}

/** Understands `git diff --name-status -z`: a status, then one path, or two for a move. */
function parseNameStatus(output: string): CommitChanges {
  const changed = new Set<string>();
  const renamed = new Map<string, string>();
  const added = new Set<string>();
  const removed = new Set<string>();
  const words = output.split('\0');
  for (let at = 0; at + 1 < words.length; ) {
    const status = words[at] ?? '';
    const [first = '', second = ''] = words.slice(at + 1, at + 3);
    changed.add(first);
    const moved = /^[RC]/.test(status);
    if (moved) changed.add(second);
    if (status.startsWith('R')) renamed.set(second, first);
    if (status === 'A') added.add(first);
    if (status === 'D') removed.add(first);
    at += moved ? 3 : 2;
  }
  return { changed, renamed, added, removed };
}
