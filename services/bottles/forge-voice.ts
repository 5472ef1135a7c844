import type { BottleWork } from '../../events/jobs/bottle.ts';

/** An issue or a pull request as an agent may read it: text of strangers, to be fenced as data. */
type IssueText = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly author: string;
  readonly isPull: boolean;
  readonly url: string;
};

/** `at`: ISO 8601 UTC. `path` and `line` where it stands at a line of a diff. */
export type CommentText = {
  readonly author: string;
  readonly body: string;
  readonly at: string;
  readonly url: string;
  readonly path?: string;
  readonly line?: number;
};

/** `key` is the same for the same text to the same place by the same bottle: what was said under it is not said again. */
export type ForgeWrite = { readonly number: number; readonly body: string; readonly key: string };

/**
 * What the sidecar of a bottle asks a forge; one value is one repository. The sidecar judges what may be written to; whoever
 * speaks adds the provenance footer. Methods throw AppError: `not_found`, `rate_limited`, `unavailable`, `forbidden`, `invalid`.
 */
export type ForgeVoice = {
  readIssue(number: number): Promise<IssueText>;
  readComments(number: number): Promise<readonly CommentText[]>;
  postComment(write: ForgeWrite): Promise<{ readonly url: string | null }>;
  updateDescription(write: ForgeWrite): Promise<void>;
  /** The pull requests of the work's issue as they are now, which may be written to beside the issue. */
  pullsOf(issue: number): Promise<readonly number[]>;
};

/** Opens the forge of a project for a bottle; null where the project has none, or none that the farm may write to. */
export type OpenForgeVoice = (bottle: {
  readonly bottle_id: string;
  readonly project: string;
  readonly work: BottleWork;
}) => Promise<ForgeVoice | null>;
