import type { Change } from '../../../floor/changed-file.ts';
import { type MirrorStore, tip } from '../mirrors/mirror-store.ts';
import { checkBranchName } from '../mirrors/ref-name.ts';
import type { Remote } from '../mirrors/remote-url.ts';
import { readCommitFiles } from './commit-files.ts';
import { type CommitDraft, writePatchCommit } from './commit-writer.ts';
import { type MergeQuestion, mergesCleanly } from './merge-check.ts';
import { readPatchedBlobs } from './patched-blobs.ts';
import {
  checkPush,
  type PushDeps,
  type PushRequest,
  type PushResult,
  pushBranch,
  type RemovalRequest,
  removeBranch,
} from './push/branch-push.ts';
import { inQuarantine, type QuarantineDeps } from './quarantine.ts';
import { type ChangeResult, changeCommitTree } from './tree-change.ts';

/** What can be done with the tree of a commit without a working tree. */
export type PatchedTrees = {
  /**
   * Files of a commit by path, as they are after a diff if there is one; those missing or above 4 MiB are absent.
   * AppError('invalid', named patch_apply) when the diff does not fit exactly.
   */
  readBlobs(remote: Remote, sha: string, paths: readonly string[], diff?: string): Promise<Map<string, Buffer>>;
  /** The paths of all files of a commit. AppError('too_large') over 64 MiB of names. */
  listFiles(remote: Remote, sha: string): Promise<string[]>;
  /** Changes the tree of a commit; nothing of it is kept. A diff is applied the way it was meant, if that is clear. */
  changeTree(remote: Remote, baseSha: string, change: Change): Promise<ChangeResult>;
  /** Writes a commit that adds a diff to another commit; the same input gives the same id. AppError as `readBlobs`. */
  commitPatch(draft: CommitDraft & { remote: Remote }): Promise<string>;
  /** Moves a branch of the remote, or says where it is instead. AppError('forbidden', named git_push_refused) and as checkout. */
  push(request: PushRequest): Promise<PushResult>;
  /** Removes a branch of the remote that is where it is expected to be; `found` is where it is instead. AppError as `push`. */
  removeBranch(request: RemovalRequest): Promise<{ removed: true } | { removed: false; found: string | null }>;
  /** The commit of a branch, fresh from the remote; null when there is no such branch. */
  branchTip(remote: Remote, branch: string): Promise<string | null>;
  /** The commit of a branch or, for want of one, of the tag of that name; null when there is neither. */
  refTip(remote: Remote, ref: string): Promise<string | null>;
  /** Whether a commit can be merged into a branch of the remote as it is now; null when git cannot tell, or there is none. */
  mergesInto(question: MergeQuestion): Promise<boolean | null>;
};

type TreeDeps = {
  reading: QuarantineDeps;
  pushing: Omit<PushDeps, 'tip'>;
  mirrors: MirrorStore;
  /** Counts a user of the remote's mirror in; the answer counts it out. */
  enter: (remote: Remote) => Promise<() => void>;
  /** Does something with the mirror once it has these commits, which the credential may see. */
  withCommits: <T>(remote: Remote, shas: readonly string[], work: (mirror: string) => Promise<T>) => Promise<T>;
};

/** The operations on patched trees over the mirrors of a workspace. */
export function createPatchedTrees({ reading, pushing, mirrors, enter, withCommits }: TreeDeps): PatchedTrees {
  const headOf = (remote: Remote, branch: string) => tip(mirrors, remote, `refs/heads/${branch}`);
  const trees: PatchedTrees = {
    readBlobs: (remote, sha, paths, diff) =>
      withCommits(remote, [sha], (mirror) => readPatchedBlobs(reading, mirror, sha, paths, diff)),

    listFiles: (remote, sha) => withCommits(remote, [sha], (mirror) => readCommitFiles(reading, mirror, sha)),

    changeTree: (remote, baseSha, change) =>
      withCommits(remote, [baseSha], (mirror) =>
        inQuarantine(reading, mirror, (quarantine) => changeCommitTree(quarantine, baseSha, change)),
      ),

    commitPatch: ({ remote, ...draft }) =>
      withCommits(remote, [draft.baseSha], (mirror) =>
        inQuarantine(reading, mirror, (quarantine) => writePatchCommit(quarantine, draft)),
      ),

    async push(request) {
      checkPush(request);
      return withCommits(request.remote, [request.commit], (mirror) =>
        pushBranch({ ...pushing, tip: headOf }, mirror, request),
      );
    },

    async removeBranch(request) {
      checkPush({ ...request, commit: request.expect });
      const { remote, branch, expect } = request;
      const now = await headOf(remote, branch);
      if (now !== expect) return { removed: false, found: now ?? null };
      return withCommits(remote, [expect], (mirror) => removeBranch({ ...pushing, tip: headOf }, mirror, request));
    },

    async branchTip(remote, branch) {
      checkBranchName(branch);
      return trees.refTip(remote, `refs/heads/${branch}`);
    },

    async refTip(remote, ref) {
      checkBranchName(ref);
      const leave = await enter(remote);
      try {
        return (await tip(mirrors, remote, ref)) ?? null;
      } finally {
        leave();
      }
    },

    async mergesInto({ remote, branch, commit }) {
      const head = await trees.branchTip(remote, branch);
      if (head === null) return null;
      return withCommits(remote, [head, commit], (mirror) =>
        inQuarantine(reading, mirror, (quarantine) => mergesCleanly(quarantine, head, commit)),
      );
    },
  };
  return trees;
}
