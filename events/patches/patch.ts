import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, Name, nullable, oneOf, Recipe, Sha256, text } from '../fields.ts';
import { proofConditions, proofStages, TestCounts } from '../jobs/job.ts';
import { patchMethods } from '../projects/project.ts';

const Identity = Type.String({ pattern: '^[0-9a-f]{32}$' });
/** `<finding id>-<attempt number>` */
export const PatchId = Type.String({ pattern: '^[0-9]{1,16}-[0-9]{1,6}$' });

export const Patch = { patch_id: PatchId, project: Name };

const Members = Type.Array(closed({ finding_id: Count, identity: Identity }), { minItems: 1, maxItems: 500 });

/** Where an attempt ended, in the order of its life. */
const patchSteps = ['context', 'draft', 'agent', 'apply', 'policy', 'verify', 'push', 'forge'] as const;
export type PatchStep = (typeof patchSteps)[number];

/** Why an attempt ended. `reason` is a stable word, `detail` the exact error, `next` what a person can do. */
export const PatchFailure = closed({
  step: oneOf(patchSteps),
  reason: text(64, 1),
  detail: text(8192),
  next: text(1024),
});
export type PatchFailure = Static<typeof PatchFailure>;

export const forgeKinds = ['gitea', 'github', 'gitlab', 'none'] as const;
export type ForgeKind = (typeof forgeKinds)[number];

/** What somebody asked an agent for, and what came of it. */
export const ProposedBottle = closed({
  bottle_id: JobId,
  /** SHA-256 of the diff. */
  digest: Sha256,
  title: text(256, 1),
  summary: text(8192),
  issue: nullable(Type.Integer({ minimum: 1 })),
});
export type ProposedBottle = Static<typeof ProposedBottle>;

/** An attempt begins. It may wait: a project has at most three open proposals. */
export const PatchRequested = defineEvent(
  'PatchRequested',
  'patch',
  closed({
    ...Patch,
    owner: Name,
    finding_id: Count,
    identity: Identity,
    attempt_number: Type.Integer({ minimum: 1 }),
    /** Every finding that it is to mend, the first one included. */
    members: Members,
    /** The run that saw them, whose result is what the patched tree is compared with. */
    job_id: JobId,
    subproject: text(512, 1),
    recipe: Recipe,
    base: closed({ branch: text(255, 1), sha: Commit }),
    methods: Type.Array(oneOf(patchMethods), { minItems: 1, maxItems: 4 }),
    by: Name,
    branch: text(255, 1),
    forge: oneOf(forgeKinds),
    /** `owner/name` on the forge. */
    repository: nullable(text(512)),
    /** It mends no finding: what the bottle left is proposed as it is, and `job_id` is the job in which that was made. */
    bottle: Type.Optional(ProposedBottle),
    /**
     * What somebody brought, for method `given`: `{diff, explanation}` sealed in the vault, since nobody has judged yet whether
     * it holds a secret; `digest` is the SHA-256 of the diff. Without `publish` it is proven and not pushed.
     */
    given: Type.Optional(closed({ ref: text(64, 1), digest: Sha256, publish: Type.Boolean() })),
  }),
);

/**
 * Its pull request conflicts by now, and the findings are still there in a newer run: it is drafted, proven and pushed once
 * more, from that run's commit. Appended under expected sequence 0: once in an attempt's life. With `bottle`: an agent went on
 * with it, as often as that happens; what its bottle left takes the place of the draft before.
 */
export const PatchRefreshRequested = defineEvent(
  'PatchRefreshRequested',
  'patch',
  closed({
    ...Patch,
    job_id: JobId,
    base: closed({ branch: text(255, 1), sha: Commit }),
    members: Members,
    bottle: Type.Optional(ProposedBottle),
  }),
);

/** A conversation with an agent was opened for it. */
export const PatchSessionOpened = defineEvent(
  'PatchSessionOpened',
  'patch',
  closed({ ...Patch, adapter: text(32, 1), session_id: text(128, 1), model: nullable(text(128)) }),
);

/** The agent is about to be asked, for the so many-th time. */
export const PatchTurnStarted = defineEvent(
  'PatchTurnStarted',
  'patch',
  closed({ ...Patch, turn: Type.Integer({ minimum: 1 }), session_id: text(128, 1), prompt_bytes: Count }),
);

/** What a turn, or all of them together, took. Tokens and money are null when the agent does not say. */
export const PatchCost = closed({
  turns: Count,
  duration_ms: Count,
  input_tokens: nullable(Count),
  output_tokens: nullable(Count),
  usd: nullable(Type.Number({ minimum: 0 })),
});
export type PatchCost = Static<typeof PatchCost>;

/** What a try came to was not good enough: its author is told why, or the next method has its turn. */
export const PatchSentBack = defineEvent(
  'PatchSentBack',
  'patch',
  closed({
    ...Patch,
    /** Tries are counted from 1 over all methods of one base commit. */
    turn: Type.Integer({ minimum: 1 }),
    method: oneOf(patchMethods),
    step: oneOf(patchSteps),
    reason: text(64, 1),
    detail: text(8192),
    duration_ms: Count,
    /** What this turn alone took. Absent in events of a time when it was forgotten. */
    cost: Type.Optional(PatchCost),
  }),
);

/** The conversation is over. */
export const PatchSessionClosed = defineEvent(
  'PatchSessionClosed',
  'patch',
  closed({ ...Patch, session_id: text(128, 1) }),
);

/** The most characters of a diff that fit into an event. */
export const maxDiffLength = 500_000;

/** There is a diff against the base commit, as git prints it. */
export const PatchDrafted = defineEvent(
  'PatchDrafted',
  'patch',
  closed({
    ...Patch,
    method: oneOf(patchMethods),
    turn: Type.Integer({ minimum: 1 }),
    base_sha: Commit,
    /** The identities that it mends: not every member of a group can always be mended together. */
    targets: Type.Array(Identity, { minItems: 1, maxItems: 500 }),
    diff: text(maxDiffLength, 1),
    files: Type.Array(closed({ path: text(1024, 1), status: text(32, 1), added: Count, removed: Count }), {
      minItems: 1,
      maxItems: 500,
    }),
    explanation: text(8192),
    confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
    cost: PatchCost,
  }),
);

/** `cost`: of all turns together, the last one included. */
const failed = closed({ ...Patch, failure: PatchFailure, cost: Type.Optional(PatchCost) });

/** No method had anything to offer. */
export const PatchDeclined = defineEvent('PatchDeclined', 'patch', failed);

/** The policy forbids what was drafted. */
export const PatchRefused = defineEvent('PatchRefused', 'patch', failed);

/** What was drafted does not fit the tree. */
export const PatchApplyFailed = defineEvent('PatchApplyFailed', 'patch', failed);

/** It is given up for a reason that lies outside of it. */
export const PatchAbandoned = defineEvent('PatchAbandoned', 'patch', failed);

const ProofRun = closed({
  job_id: JobId,
  stage: oneOf(proofStages),
  recipe: Recipe,
  round: Type.Integer({ minimum: 1 }),
  exit_code: nullable(Type.Integer()),
  duration_ms: nullable(Count),
});

/** All that a draft went through beside the run of the recipe that saw its finding. */
export const Proof = closed({
  conditions: oneOf(proofConditions),
  runs: Type.Array(ProofRun, { maxItems: 200 }),
  /** How often the test failed on the base and passed on the draft; null where no test is to be mended. */
  rounds: nullable(closed({ base_failed: Count, passed: Count })),
  /** Lines made wrong on purpose, and whether a test noticed; null: not asked for. A mutant that does not even run is `invalid`. */
  mutants: nullable(
    Type.Array(
      closed({
        file: text(1024, 1),
        line: Type.Integer({ minimum: 1 }),
        what: text(256, 1),
        end: oneOf(['killed', 'survived', 'invalid']),
      }),
      { maxItems: 32 },
    ),
  ),
  /** Whether it passes, too, where code cannot tell that it is tested; null: not asked for, or it could not be tried. */
  disguised: nullable(Type.Boolean()),
  /** Tests that ran on both sides, known by name; null where no runner named them. */
  tests: nullable(closed({ reporter: text(64, 1), executed: Count, digest: Sha256 })),
  /** Recipes of the subproject that prove nothing here, and why. */
  not_run: Type.Array(closed({ recipe: Recipe, why: text(512, 1) }), { maxItems: 16 }),
  /** What a reader has to know. */
  notes: Type.Array(text(512, 1), { maxItems: 32 }),
});
export type Proof = Static<typeof Proof>;

/** What the same recipe said before and after. */
export const Evidence = closed({
  before_job: JobId,
  after_job: JobId,
  command: text(8192),
  targets: Type.Array(
    closed({
      identity: Identity,
      code: nullable(text(512)),
      file: nullable(text(1024)),
      line: nullable(Count),
      gone: Type.Boolean(),
    }),
    { maxItems: 500 },
  ),
  identities_before: Count,
  identities_after: Count,
  /** Identities that were there before and are not any more, the targets among them; at most 500 of them. */
  gone: Type.Array(Identity, { maxItems: 500 }),
  /** What is new in the patched tree. */
  appeared: Type.Array(
    closed({
      tool: text(64),
      code: nullable(text(512)),
      file: nullable(text(1024)),
      line: nullable(Count),
      message: text(512),
    }),
    { maxItems: 50 },
  ),
  exit_before: nullable(Type.Integer()),
  exit_after: nullable(Type.Integer()),
  tests_before: nullable(TestCounts),
  tests_after: nullable(TestCounts),
  duration_before_ms: nullable(Count),
  duration_after_ms: nullable(Count),
  /** Absent in evidence of a time when one run was the proof. */
  proof: Type.Optional(Proof),
});
export type Evidence = Static<typeof Evidence>;

/** The same recipe on the patched tree no longer sees the targets, and nothing new. */
export const PatchVerified = defineEvent(
  'PatchVerified',
  'patch',
  closed({ ...Patch, drafted_seq: Count, evidence: Evidence }),
);

/** The most characters of a signed bundle that fit into an event. */
export const maxBundleLength = 480_000;

/** What was proven is stated and signed, so that it can be checked anywhere. */
export const ProofStated = defineEvent(
  'ProofStated',
  'patch',
  closed({
    ...Patch,
    verified_seq: Count,
    commit: Commit,
    key_id: Sha256,
    /** SHA-256 of `bundle`. */
    digest: Sha256,
    /** An in-toto bundle: one DSSE envelope a line. */
    bundle: text(maxBundleLength, 1),
  }),
);

/** The patched tree is not better. */
export const PatchVerifyFailed = defineEvent(
  'PatchVerifyFailed',
  'patch',
  closed({ ...Patch, failure: PatchFailure, evidence: nullable(Evidence), cost: Type.Optional(PatchCost) }),
);

/** A refusal, or the end of its attempts, is lifted from what an attempt was to mend. */
export const PatchReconsidered = defineEvent(
  'PatchReconsidered',
  'patch',
  closed({ ...Patch, by: Name, reason: text(1024) }),
);

/** Somebody ended an attempt: what it is at comes to nothing. */
export const PatchStopped = defineEvent(
  'PatchStopped',
  'patch',
  closed({ ...failed.properties, by: Name, reason: text(1024) }),
);

/** No attempt of any project takes another step, until that is lifted. */
export const PatchingPaused = defineEvent('PatchingPaused', 'patch', closed({ by: Name, reason: text(1024) }));

/** All attempts go on where they were. */
export const PatchingResumed = defineEvent('PatchingResumed', 'patch', closed({ by: Name, reason: text(1024) }));

export type PatchRequestedData = Static<typeof PatchRequested.data>;
export type PatchDraftedData = Static<typeof PatchDrafted.data>;
