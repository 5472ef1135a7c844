import type { ForgeKind } from '../../../../events/patches/patch.ts';

/** Where something is said: GitLab numbers issues and merge requests apart. */
export type Place = 'issue' | 'pull';

/** An issue, or with `place` pull a pull request, as people see it. All of its texts are those of strangers. */
export type TalkIssue = {
  readonly number: number;
  readonly place: Place;
  readonly title: string;
  readonly body: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly author: string;
  readonly url: string;
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  /** ISO 8601. */
  readonly updatedAt: string;
};

/**
 * Something that somebody said. `issue` and `pull`: below an issue or a pull request; `review`: at a line of a diff; `summary`: with
 * a whole review. `thread` is where an answer goes, null where there are no threads. Ids count up within a kind.
 */
export type TalkComment = {
  readonly kind: 'issue' | 'pull' | 'review' | 'summary';
  readonly id: number;
  readonly thread: string | null;
  readonly author: string;
  readonly body: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly url: string;
  readonly path: string | null;
  readonly line: number | null;
};

export type Said = { readonly id: number; readonly url: string };

/** By whom labels were put, and people assigned: login names by what the forge itself recorded, the newest of each. */
type TalkMarks = {
  readonly labelled: ReadonlyMap<string, string>;
  /** The assignee in lower case -> who assigned them. */
  readonly assigned: ReadonlyMap<string, string>;
};

/**
 * What is said about one repository on a forge. Methods throw the AppErrors of `Forge`; no message holds a token. Texts are cut at
 * 65,536 characters and threads at 1,000 comments.
 */
export type Talk = {
  readonly kind: ForgeKind;
  /** `owner/name` */
  readonly repository: string;
  /** The login under which the farm speaks; null where the forge does not tell an app its own. */
  me(): Promise<string | null>;
  /** Whether somebody is a member of an organisation (on GitLab: at least a reporter of a group). */
  isMember(organisation: string, login: string): Promise<boolean>;
  read(place: Place, number: number): Promise<TalkIssue | null>;
  /** Issues that changed since then, whether open or closed, the last changed first; at most 500. */
  changedIssues(since: string): Promise<readonly TalkIssue[]>;
  marks(issue: number): Promise<TalkMarks>;
  /** What was said below an issue or a pull request, without reviews; oldest first. */
  comments(place: Place, number: number): Promise<readonly TalkComment[]>;
  /** What reviews of a pull request said, and its comments, oldest first. */
  reviews(number: number): Promise<readonly TalkComment[]>;
  say(place: Place, number: number, body: string): Promise<Said>;
  /** AppError('not_found') when the comment was deleted. */
  edit(place: Place, number: number, comment: number, body: string): Promise<void>;
  /** Answers a comment of a pull request in its thread; where it has none, below the pull request. */
  answer(pull: number, comment: Pick<TalkComment, 'kind' | 'id' | 'thread'>, body: string): Promise<Said>;
  describe(place: Place, number: number, body: string): Promise<void>;
};
