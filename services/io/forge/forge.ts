import type { ForgeKind } from '../../../events/patch.ts';

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

export type PullRequestText = { readonly title: string; readonly body: string };

export type NewPullRequest = PullRequestText & {
  readonly head: string;
  readonly base: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
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
  /** The newest pull request from this branch into that one, in any state, or null. One call. */
  findPull(head: string, base: string): Promise<PullRequest | null>;
  readPull(number: number): Promise<PullRequest | null>;
  /** Opens one; when there is one for this head and base already (409, or 422 on GitHub), answers that one. */
  openPull(pull: NewPullRequest): Promise<PullRequest>;
  updatePull(number: number, text: PullRequestText): Promise<PullRequest>;
  comment(number: number, body: string): Promise<void>;
  /** Says how a job stands on its commit; `not_found` also when the forge does not have that commit. */
  setStatus(status: CommitStatus): Promise<void>;
};
