import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, Name, nullable, oneOf, Sha256, text } from '../fields.ts';
import { forgeKinds, PatchId } from '../patches/patch.ts';

/** `<project>-<number of the issue>`: one issue is one piece of work, in however many rounds. */
const WorkId = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}-[0-9]{1,10}$' });

const Work = { work_id: WorkId, project: Name };

/** Who somebody is on the forge. */
const Login = text(255, 1);
const IssueNumber = Type.Integer({ minimum: 1 });
const Round = Type.Integer({ minimum: 1 });
/** A comment's id on the forge, which counts up. */
const CommentId = Type.Integer({ minimum: 1 });

export const workVerbs = ['fix', 'explain'] as const;
export type WorkVerb = (typeof workVerbs)[number];
export const workTriggers = ['label', 'comment', 'api'] as const;

/** Somebody who may wants an agent to work on an issue. Text of the forge is never here: it is read when it is needed. */
export const IssueTargeted = defineEvent(
  'IssueTargeted',
  'work',
  closed({
    ...Work,
    owner: Name,
    forge: oneOf(forgeKinds),
    repository: text(512, 1),
    issue: IssueNumber,
    issue_url: text(2048, 1),
    title: text(255),
    agent: Name,
    verb: oneOf(workVerbs),
    trigger: oneOf(workTriggers),
    /** A login of the forge, or for `api` the name of a token. */
    by: Login,
    /** Why `by` may: a sentence. */
    because: text(512, 1),
    comment_id: nullable(CommentId),
    budget_tokens: nullable(Type.Integer({ minimum: 1 })),
    /** What was asked for beside the issue, by the API or after the command. */
    instructions: nullable(text(4096)),
  }),
);

/** The label is gone, or the issue closed, after a round was over: another label starts another one. */
export const IssueUntargeted = defineEvent('IssueUntargeted', 'work', closed({ ...Work, reason: text(64, 1) }));

/** The one live claim of an issue: nobody else works on it until the round has ended. */
export const IssueClaimed = defineEvent(
  'IssueClaimed',
  'work',
  closed({
    ...Work,
    round: Round,
    targeted_seq: Count,
    base: closed({ branch: text(255, 1), sha: Commit }),
  }),
);

export const commandVerbs = ['fix', 'explain', 'stop', 'retry', 'budget'] as const;
export type CommandVerb = (typeof commandVerbs)[number];

/** A member wrote `/crafting-table ...`; `refused` says why nothing came of it. */
export const WorkCommanded = defineEvent(
  'WorkCommanded',
  'work',
  closed({
    ...Work,
    comment_id: CommentId,
    by: Login,
    /** Null for words that nobody could follow. */
    verb: nullable(oneOf(commandVerbs)),
    tokens: nullable(Type.Integer({ minimum: 1 })),
    refused: nullable(text(512, 1)),
  }),
);

/** `pull`: said of the pull request; `review`: of a line, in a thread; `summary`: with a whole review. */
export const commentKinds = ['pull', 'review', 'summary'] as const;

/** Where a comment stands. Its text stays on the forge. */
export const SeenComment = closed({
  kind: oneOf(commentKinds),
  id: CommentId,
  thread: nullable(text(128)),
  by: Login,
  /** Only what members say is answered. */
  member: Type.Boolean(),
  path: nullable(text(1024)),
  line: nullable(Type.Integer()),
});
export type SeenComment = Static<typeof SeenComment>;

/** People said something about the pull request. */
export const ReviewCommented = defineEvent(
  'ReviewCommented',
  'work',
  closed({ ...Work, round: Round, comments: Type.Array(SeenComment, { minItems: 1, maxItems: 100 }) }),
);

const turnReasons = ['issue', 'review', 'sent_back', 'conflict', 'resumed'] as const;
export type TurnReason = (typeof turnReasons)[number];
const Comments = Type.Array(closed({ kind: oneOf(commentKinds), id: CommentId }), { maxItems: 500 });

/** A bottle is asked for: the first of a round, or one that goes on where the last one was frozen. */
export const WorkTurnAsked = defineEvent(
  'WorkTurnAsked',
  'work',
  closed({
    ...Work,
    round: Round,
    turn: Type.Integer({ minimum: 1 }),
    why: oneOf(turnReasons),
    bottle_id: JobId,
    session: nullable(Sha256),
    base_sha: Commit,
    /** Those that it is to answer. */
    comments: Comments,
    prompt_digest: Sha256,
  }),
);

/** Somebody of the farm wants the agent to go on with a pull request that waits, and says how. */
export const WorkResumed = defineEvent(
  'WorkResumed',
  'work',
  closed({ ...Work, round: Round, by: Name, instructions: text(4096, 1) }),
);

/** What a bottle left is proposed: an attempt like any other takes it through policy, proof and pull request. */
export const WorkProposed = defineEvent(
  'WorkProposed',
  'work',
  closed({
    ...Work,
    round: Round,
    turn: Type.Integer({ minimum: 1 }),
    bottle_id: JobId,
    patch_id: PatchId,
  }),
);

/** What was asked in a review was answered, each in its thread. */
export const ReviewAnswered = defineEvent(
  'ReviewAnswered',
  'work',
  closed({ ...Work, round: Round, turn: Type.Integer({ minimum: 1 }), comments: Comments }),
);

/** The one comment that says how the work stands, edited ever after. */
export const WorkStatusPosted = defineEvent('WorkStatusPosted', 'work', closed({ ...Work, comment_id: CommentId }));

export const workOutcomes = ['merged', 'closed', 'explained', 'failed', 'stopped'] as const;
export type WorkOutcome = (typeof workOutcomes)[number];

/** A round is over: its frozen state is deleted, and the issue may be claimed again. */
export const WorkEnded = defineEvent(
  'WorkEnded',
  'work',
  closed({
    ...Work,
    round: Round,
    outcome: oneOf(workOutcomes),
    reason: text(64, 1),
    detail: text(8192),
    closed_by: nullable(Login),
    commit: nullable(Commit),
    bottles: Type.Array(JobId, { maxItems: 500 }),
  }),
);
