import type { ForgeKind } from '../../../events/patches/patch.ts';

/** A pull request as it stands. */
export type PullRequest = {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The branch that it brings, and the commit at its tip; null when the branch is gone. */
  readonly head: string;
  readonly headSha: string | null;
  readonly base: string;
  readonly mergeCommit: string | null;
  /** False when it conflicts with its base; null while the forge does not know. */
  readonly mergeable: boolean | null;
  readonly comments: number;
};

/** `draft`: it is not to be merged yet. People may say otherwise since: what they made ready stays so when its text changes. */
export type PullRequestText = { readonly title: string; readonly body: string; readonly draft?: boolean };

export type NewPullRequest = PullRequestText & {
  readonly head: string;
  readonly base: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  /** Who is asked to review it: names of users, or `organisation/team`. */
  readonly reviewers?: readonly string[];
};

/** What changed of late in a repository: numbers of pull requests, each with a mark that differs when it does. */
export type RecentPulls = {
  /** Sent with the next question; null where the forge knows no such thing. */
  readonly etag: string | null;
  readonly marks: ReadonlyMap<number, string>;
  /** Whether older ones are left out of `marks`. */
  readonly more: boolean;
};

/** How a job shows on its commit. The newest one of a context is the one that people see. */
export type CommitStatus = {
  readonly sha: string;
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly description: string;
  readonly url: string | null;
};

/**
 * Where pull requests live; one value is one repository. Methods throw AppError: `unauthorized`, `forbidden`, `not_found`
 * (no such repository), `rate_limited` (with retryAfterSecs), `unavailable`, `timeout`, `invalid` (the forge refuses what it
 * was sent; its words are in the message). No message holds a token.
 */
export type Forge = {
  readonly kind: ForgeKind;
  /** `owner/name` */
  readonly repository: string;
  /** The newest pull request from this branch into that one, an open one before all others, or null. One call where there is one. */
  findPull(head: string, base: string): Promise<PullRequest | null>;
  readPull(number: number): Promise<PullRequest | null>;
  /**
   * Opens one; when there is one for this head and base already (409, or 422 on GitHub), answers that one. What becomes of labels,
   * assignees and reviewers is no reason to have no pull request. `unavailable`: the forge has not seen the push yet.
   */
  openPull(pull: NewPullRequest): Promise<PullRequest>;
  updatePull(number: number, text: PullRequestText): Promise<PullRequest>;
  comment(number: number, body: string): Promise<void>;
  /** Closes it without merging it. */
  closePull(number: number): Promise<PullRequest>;
  /** The pull requests of the repository in any state, the last changed first. One call. Null: as when `etag` was given. */
  recentPulls(etag: string | null): Promise<RecentPulls | null>;
  /** Says how a job stands on its commit; `not_found` also when the forge does not have that commit. */
  setStatus(status: CommitStatus): Promise<void>;
};
