import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { forgeTalkState } from './forge-talk-state.ts';
import { git, readRef } from './git-repository.ts';

/** A pull request as the stand-in of a forge keeps it. */
export type StoredPull = {
  readonly repository: string;
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: 'open' | 'closed' | 'merged';
  labels: string[];
  assignees: string[];
  reviewers: string[];
  draft: boolean;
  comments: string[];
  /** The last tip that its branch was seen at, and whether the branch is there still. */
  headSha: string;
  headGone: boolean;
  mergeCommit: string | null;
  updated: string;
};

export type StoredStatus = {
  readonly repository: string;
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly target_url: string;
};

export type ForgeState = ReturnType<typeof forgeState>;

/**
 * What a forge knows. With a folder of bare repositories (`<owner>/<name>.git`) branches and merges are real; without one
 * every repository and branch is there.
 */
export function forgeState(repositories: string | undefined, knownLabels: readonly string[]) {
  const pulls: StoredPull[] = [];
  const talk = forgeTalkState();
  let following = false;
  const doubted = new Set<StoredPull>();
  const statuses: StoredStatus[] = [];
  const folder = (repository: string): string => path.join(repositories ?? '', `${repository}.git`);
  const run = (repository: string, ...args: string[]): string | null => {
    try {
      return git(folder(repository), ...args);
    } catch {
      return null;
    }
  };
  const tip = (repository: string, branch: string): string | null => {
    if (repositories === undefined) return createHash('sha1').update(branch).digest('hex');
    return readRef(folder(repository), `refs/heads/${branch}`);
  };
  /** Looks at the branch again. */
  const look = (pull: StoredPull): StoredPull => {
    const now = tip(pull.repository, pull.head);
    pull.headGone = now === null;
    if (now !== null && (pull.state === 'open' || following)) pull.headSha = now;
    return pull;
  };
  const change = (pull: StoredPull, fields: Partial<StoredPull>): StoredPull =>
    look(Object.assign(pull, fields, { updated: new Date().toISOString() }));
  const merged = new Map<string, string | null>();
  /** The tree of a merge. It is the same for the same two commits, however often somebody asks. */
  const mergedTree = ({ repository, head, base }: StoredPull): string | null => {
    const tips = [tip(repository, base), tip(repository, head)];
    if (tips.includes(null)) return null;
    const key = tips.join(' ');
    const known = merged.get(key);
    if (known !== undefined) return known;
    const tree = run(repository, 'merge-tree', '--write-tree', ...(tips as string[]));
    merged.set(key, tree);
    return tree;
  };

  let apart = false;
  /** Issues and pull requests share their numbers, but on GitLab. */
  const nextNumber = (repository: string, what: 'issue' | 'pull'): number => {
    const all = !apart ? [...pulls, ...talk.issues] : what === 'pull' ? pulls : talk.issues;
    return all.filter((one) => one.repository === repository).length + 1;
  };

  return {
    pulls,
    talk,
    nextNumber,
    numberApart: () => {
      apart = true;
    },
    statuses,
    hasCommit: (repository: string, sha: string) =>
      repositories === undefined || run(repository, 'cat-file', '-e', `${sha}^{commit}`) !== null,
    tip,
    change,
    labels: [...knownLabels],
    doubt: (pull: StoredPull) => void doubted.add(pull),
    followBranches: () => {
      following = true;
    },
    hasRepository: (repository: string) => repositories === undefined || existsSync(folder(repository)),
    find: (repository: string, number: number) => {
      const found = pulls.find((pull) => pull.repository === repository && pull.number === number);
      return found === undefined ? undefined : look(found);
    },
    /** All from this branch into that one, the oldest first. */
    between: (repository: string, head: string, base: string) =>
      pulls.filter((pull) => pull.repository === repository && pull.head === head && pull.base === base).map(look),
    /** All of a repository in some state, the last changed first. */
    recent: (repository: string, state: string) =>
      pulls
        .filter(
          (pull) =>
            pull.repository === repository && (state === 'all' || (pull.state === 'open') === (state === 'open')),
        )
        .map(look)
        .sort((one, other) => other.updated.localeCompare(one.updated) || other.number - one.number),
    open: (
      fields: Pick<StoredPull, 'repository' | 'head' | 'base' | 'title' | 'body'> & { draft?: boolean },
    ): StoredPull => {
      const number = nextNumber(fields.repository, 'pull');
      const pull: StoredPull = {
        draft: false,
        ...fields,
        number,
        state: 'open',
        labels: [],
        assignees: [],
        reviewers: [],
        comments: [],
        headSha: tip(fields.repository, fields.head) ?? '',
        headGone: false,
        mergeCommit: null,
        updated: new Date().toISOString(),
      };
      pulls.push(pull);
      return pull;
    },
    isMergeable: (pull: StoredPull) =>
      !doubted.has(pull) &&
      pull.state === 'open' &&
      !pull.headGone &&
      (repositories === undefined || mergedTree(pull) !== null),
    /** Merges as a person would, and gives the merge commit. */
    merge: (pull: StoredPull): StoredPull => {
      talk.closeFor(pull.repository, pull.body);
      if (repositories === undefined)
        return change(pull, { state: 'merged', mergeCommit: tip('', `merge ${pull.number}`) });
      const { repository, base, head } = look(pull);
      const tree = mergedTree(pull);
      if (tree === null) throw new Error(`${head} cannot be merged into ${base}`);
      const parents = ['-p', `refs/heads/${base}`, '-p', `refs/heads/${head}`];
      const commit = git(folder(repository), 'commit-tree', tree, ...parents, '-m', `Merge ${head}`);
      git(folder(repository), 'update-ref', `refs/heads/${base}`, commit);
      return change(pull, { state: 'merged', mergeCommit: commit });
    },
  };
}
