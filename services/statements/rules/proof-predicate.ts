import { type Static, Type } from '@sinclair/typebox';
import { Commit, Count, closed, JobId, Name, nullable, oneOf, Recipe, Sha256, text } from '../../../events/fields.ts';
import { MutatedLine, proofConditions, proofStages, TestCounts } from '../../../events/jobs/job.ts';
import { Evidence, PatchCost } from '../../../events/patches/patch.ts';
import { patchMethods } from '../../../events/projects/project.ts';

/** The type of our own predicate, and the name of its schema. */
export const proofType = 'urn:crafting-table:proof:v1';
/** The standard one beside it (in-toto/attestation, spec/predicates/test-result.md). */
export const testResultType = 'https://in-toto.io/attestation/test-result/v0.1';
export const statementV1 = 'https://in-toto.io/Statement/v1';

const Identity = Type.String({ pattern: '^[0-9a-f]{32}$' });
const Identities = Type.Array(Identity, { maxItems: 1000 });
/** The most of a list that a statement names one by one. */
export const mostNamed = 1000;

const Log = closed({ sha256: nullable(Sha256), bytes: Count, truncated: Type.Boolean() });

/** One run of the proof, as its job ended. `log`: of what it printed, in stored order. */
const Run = closed({
  job_id: JobId,
  stage: oneOf(['seen', ...proofStages]),
  recipe: Recipe,
  round: Type.Integer({ minimum: 1 }),
  command: text(8192),
  reason: nullable(text(64)),
  exit_code: nullable(Type.Integer()),
  duration_ms: nullable(Count),
  tests: nullable(TestCounts),
  runner: nullable(text(64)),
  sandbox: nullable(text(32)),
  log: Log,
});

/** What is needed to prove the same once more. */
const Plan = closed({
  language: text(32),
  timeout_secs: Type.Integer({ minimum: 1 }),
  /** Names of the variables that the project sets; their values are not told. */
  variables: Type.Array(text(128), { maxItems: 256 }),
  commands: Type.Record(Type.String({ maxLength: 16 }), text(8192)),
  /** What brings the dependencies, and before which recipes; null: before all of them. */
  install: nullable(text(8192)),
  install_for: nullable(Type.Array(Recipe, { maxItems: 4 })),
  reports: Type.Array(text(512), { maxItems: 64 }),
  conditions: oneOf(proofConditions),
  others: Type.Array(Recipe, { maxItems: 4 }),
  rounds: Count,
  sources: Type.Array(text(1024), { maxItems: 500 }),
  has_judges: Type.Boolean(),
  is_whole: Type.Boolean(),
  fast: nullable(text(8192)),
  mutants: Type.Array(MutatedLine, { maxItems: 32 }),
  can_disguise: Type.Boolean(),
  touched: Type.Array(text(1024), { maxItems: 500 }),
  /** Of each target, the identities of findings that differ from it in their ordinal alone. */
  siblings: Type.Record(Type.String({ maxLength: 32 }), Identities),
});

const Tool = closed({ program: text(128), version: text(256) });

/** What a proof of a patch states: what was run on what, by what, and what came of it. */
export const ProofPredicate = closed(
  {
    attempt: closed({ id: text(64), project: Name, subproject: text(512), recipe: Recipe, number: Count }),
    base: closed({ commit: Commit, branch: text(255), repository: nullable(text(512)) }),
    diff: closed({
      sha256: Sha256,
      bytes: Count,
      files: Type.Array(closed({ path: text(1024), status: text(32), added: Count, removed: Count }), {
        maxItems: 500,
      }),
    }),
    commit: Commit,
    findings: closed({
      targets: Evidence.properties.targets,
      before: Identities,
      after: Identities,
      appeared: Count,
      /** Whether there were more than are named. */
      truncated: Type.Boolean(),
    }),
    verdict: Type.Literal('proven'),
    runs: Type.Array(Run, { maxItems: 200 }),
    tests: nullable(
      closed({
        reporter: text(64),
        executed: Count,
        /** SHA-256 of all names, sorted, a line each. */
        digest: Sha256,
        names: Type.Array(text(1024), { maxItems: mostNamed }),
        truncated: Type.Boolean(),
      }),
    ),
    mutants: nullable(
      Type.Array(closed({ file: text(1024), line: Count, what: text(256), end: text(16) }), { maxItems: 32 }),
    ),
    disguised: nullable(Type.Boolean()),
    not_run: Type.Array(closed({ recipe: Recipe, why: text(512) }), { maxItems: 16 }),
    notes: Type.Array(text(512), { maxItems: 32 }),
    plan: Plan,
    policy: closed({ product: text(64), digest: Sha256 }),
    method: oneOf(patchMethods),
    agent: nullable(closed({ adapter: text(32), model: nullable(text(128)) })),
    /** All turns together, those that failed as well; and each of them. */
    cost: PatchCost,
    turns: Type.Array(closed({ turn: Count, method: oneOf(patchMethods), end: text(64), cost: PatchCost }), {
      maxItems: 100,
    }),
    environment: closed({
      product: text(64),
      platform: text(64),
      system: text(128),
      /** The digest of the image in which the service runs; null where nobody says it. */
      image: nullable(text(256)),
      tools: Type.Array(Tool, { maxItems: 32 }),
    }),
    requested_at: text(64),
    verified_at: text(64),
  },
  { $id: proofType, title: 'ProofOfPatch' },
);
export type ProofPredicate = Static<typeof ProofPredicate>;
export type StatedRun = ProofPredicate['runs'][number];

const Subject = Type.Array(
  Type.Object({
    name: Type.String({ maxLength: 1024 }),
    digest: Type.Object({ sha256: Type.Optional(Sha256), gitCommit: Type.Optional(Commit) }),
  }),
  { minItems: 1, maxItems: 8 },
);

/** An in-toto Statement v1 that holds a proof. */
export const ProofStatement = Type.Object({
  _type: Type.Literal(statementV1),
  subject: Subject,
  predicateType: Type.Literal(proofType),
  predicate: ProofPredicate,
});
export type ProofStatement = Static<typeof ProofStatement>;

/** The same with the standard predicate. */
export const TestResultStatement = Type.Object({
  _type: Type.Literal(statementV1),
  subject: Subject,
  predicateType: Type.Literal(testResultType),
  predicate: Type.Object({
    result: oneOf(['PASSED', 'WARNED', 'FAILED']),
    configuration: Type.Array(
      Type.Object({ name: Type.String(), digest: Type.Object({ sha256: Type.Optional(Sha256) }) }),
    ),
    url: Type.Optional(Type.String()),
    passedTests: Type.Optional(Type.Array(Type.String())),
    warnedTests: Type.Optional(Type.Array(Type.String())),
    failedTests: Type.Optional(Type.Array(Type.String())),
  }),
});
export type TestResultStatement = Static<typeof TestResultStatement>;
