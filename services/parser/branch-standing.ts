import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import { isAppError, messageOf } from '../floor/app-error.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import { followsBranch } from '../jobs/rules/follows-branch.ts';
import type { Queries } from '../projector/read-models.ts';

type StandingDeps = {
  readonly workspaces: Pick<Workspaces, 'isAncestor' | 'branchTip'>;
  readonly logger: Log;
  readonly query: () => Queries;
};

/** A run whose place among the others is asked for; `seq` is that of its JobEnqueued. */
type PlacedRun = {
  readonly job: JobEnqueuedData;
  readonly seq: number;
  readonly remote: Remote;
  /** The commit on which it ran; null when it came to none. */
  readonly sha: string | null;
};

type BranchStanding = {
  /** Why the run says nothing about the default branch, or null when it does. `hasProof`: some run has proved something. */
  offBranch(hasProof: boolean): Promise<string | null>;
  /** Whether the run is newer than others, which are named by their `seq`. What cannot be compared is not older. */
  newerThan(seqs: readonly number[]): Promise<(seq: number) => boolean>;
};

/**
 * Places a run on the default branch. Runs are ordered by their commits: on an ancestor it is older, whenever it was asked
 * for and whenever it ended. Of two runs on one commit the one that was asked for later is newer.
 */
export function placeRun({ job, seq, remote, sha }: PlacedRun, deps: StandingDeps): BranchStanding {
  const { workspaces, logger } = deps;
  const branch = job.snapshot.default_branch;
  let asked: Promise<string | null> | undefined;
  const tip = () => {
    asked ??= workspaces.branchTip(remote, branch).catch((error) => {
      logger.warn({ job_id: job.job_id, error: messageOf(error) }, 'the branch could not be asked for');
      return null;
    });
    return asked;
  };
  /** A commit that the remote has no more is in no history; whether one is that cannot be compared is not known: null. */
  const isAncestor = (older: string, newer: string): Promise<boolean | null> =>
    older === newer
      ? Promise.resolve(true)
      : workspaces.isAncestor(remote, older, newer).catch((error) => {
          if (isAppError(error, 'not_found')) return false;
          logger.warn({ job_id: job.job_id, error: messageOf(error) }, 'commits could not be compared');
          return null;
        });
  /** Whether the branch holds one commit, and the other one no more: it was rewritten, or one was merged beside the other. */
  const holdsOnly = async (one: string, other: string): Promise<boolean> => {
    const now = await tip();
    return now !== null && (await isAncestor(one, now)) === true && (await isAncestor(other, now)) === false;
  };
  /** `isLater`: this run was asked for after the other one. */
  const isNewerCommit = async (own: string, other: string, isLater: boolean): Promise<boolean> => {
    // What was asked for later on an older commit says that the branch may have been put back to it.
    if (await isAncestor(other, own)) return isLater || !(await holdsOnly(other, own));
    return (isLater || (await isAncestor(own, other)) === false) && holdsOnly(own, other);
  };
  return {
    offBranch: async (hasProof) => {
      if (job.branch !== branch) return 'the job ran on another branch';
      const wasTip = followsBranch(job);
      if (job.sha === null || (wasTip && job.rerun_of === null)) return null;
      if (sha === null) return 'its commit is not there';
      const now = await tip();
      if (now === null) return wasTip ? null : `it is not known whether its commit is on ${branch}`;
      if (sha === now) return null;
      if (!(await isAncestor(sha, now))) return `its commit is not on ${branch}`;
      return wasTip || hasProof ? null : `its commit is not the newest on ${branch}`;
    },
    newerThan: async (seqs) => {
      const known = new Map<number, boolean>();
      const byCommit = new Map<string, boolean>();
      for (const other of new Set(seqs)) {
        const commit = other === 0 ? null : deps.query().jobs.commitOf(other);
        if (sha === null || commit === null || commit === sha) {
          known.set(other, other < seq);
          continue;
        }
        const key = `${commit} ${other < seq}`;
        const newer = byCommit.get(key) ?? (await isNewerCommit(sha, commit, other < seq));
        byCommit.set(key, newer);
        known.set(other, newer);
      }
      return (other) => known.get(other) ?? other < seq;
    },
  };
}
