import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import {
  Commit,
  Count,
  closed,
  Environment,
  JobId,
  Name,
  nullable,
  oneOf,
  Recipe,
  Sha256,
  Time,
  text,
} from '../fields.ts';
import { findingKinds, Occurrence, severities } from '../finding.ts';
import { Concurrency, confinementFields, Subproject } from '../projects/project.ts';
import { ResolvedManifest } from './agent-manifest.ts';
import { BottleEgress, bottleEnds, StoredDiff } from './bottle.ts';

export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/**
 * The one reason why a job ended. `orphaned`: its runner died; `runner_lost`: the same, and another job retries it;
 * `remote_unavailable`: its repository could not be reached, however often it was asked;
 * `limit_exceeded`: it used up more than it may; `sandbox_missing`: the runner cannot shut it in as its project demands.
 */
export const exitReasons = [
  'exited',
  'timeout',
  'cancelled',
  'orphaned',
  'workspace_failed',
  'log_limit',
  'runner_lost',
  'limit_exceeded',
  'sandbox_missing',
  'remote_unavailable',
] as const;
export type ExitReason = (typeof exitReasons)[number];

/** The recipe as it was when the job was asked for; later edits of the project do not reach it. */
export const RecipeSnapshot = closed({
  project: Name,
  git_url: text(2048, 1),
  default_branch: text(255, 1),
  subproject: Subproject,
  /** The commit whose `.crafting-table.json` says the recipe; absent when the project's document does. */
  recipes_commit: Type.Optional(Commit),
  ...confinementFields,
});

/**
 * `verify`: proves a draft of the patch loop; `draft`: a tool makes one; `agent`: an agent program is at work. None of these moves
 * what is known of the project.
 */
const jobPurposes = ['requested', 'scheduled', 'verify', 'draft', 'agent'] as const;

/** Whether a job runs, or makes, a change that is nobody's word yet. */
export function isTrial(purpose: string): boolean {
  return purpose === 'verify' || purpose === 'draft' || purpose === 'agent';
}

/** What ties a job to a bottle. `session`: the frozen state from which its agent goes on. */
export const JobBottle = closed({ bottle_id: JobId, manifest: ResolvedManifest, session: nullable(Sha256) });
export type JobBottle = Static<typeof JobBottle>;

/** What is left of a bottle when its job ends. */
export const LeftBottle = closed({
  ended: oneOf(bottleEnds),
  why: nullable(text(2048)),
  diff: nullable(StoredDiff),
  session: nullable(Sha256),
  turns: nullable(Count),
  egress: Type.Optional(BottleEgress),
});
export type LeftBottle = Static<typeof LeftBottle>;

/**
 * What the runs of a proof are for. `base`: the base commit as it is; `full`: the recipe that saw the finding, on the draft;
 * `fast`: the same on its files alone; `whole`: with the files that judge, too; `again`: once more, since a test may pass by
 * luck; `disguised`: without what tells code that it is tested; `mutant`: with one line made wrong; `other`: another recipe.
 */
export const proofStages = ['base', 'fast', 'full', 'whole', 'again', 'disguised', 'mutant', 'other'] as const;
export type ProofStage = (typeof proofStages)[number];

/**
 * What a proof may use. `strict`: no network, empty caches, shut in by namespaces; `registries`: the same with the package
 * registries; `open`: what any job of the project has.
 */
export const proofConditions = ['strict', 'registries', 'open'] as const;
export type ProofConditions = (typeof proofConditions)[number];

/** One line of a draft, made wrong on purpose: a test has to notice. `line` counts in the patched file. */
export const MutatedLine = closed({
  file: text(1024, 1),
  line: Type.Integer({ minimum: 1 }),
  text: text(4096),
  what: text(256, 1),
});
export type MutatedLine = Static<typeof MutatedLine>;

/**
 * What ties a job to a patch attempt. The stages of a proof run on the base commit with the diff of the PatchDrafted at that
 * sequence applied, `base` without; `draft` runs on the base commit, and what it changed is kept as a report of that name.
 */
const JobPatch = closed({
  patch_id: text(64, 1),
  stage: oneOf(['draft', ...proofStages]),
  drafted_seq: Count,
  /** Which of several runs of the stage it is, from 1. */
  round: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  /** The files of the draft that are applied; absent: all of them. */
  only: Type.Optional(Type.Array(text(1024, 1), { maxItems: 500 })),
  mutant: Type.Optional(MutatedLine),
  disguised: Type.Optional(Type.Boolean()),
  conditions: Type.Optional(oneOf(proofConditions)),
});

/** The report under which a job of stage `draft` leaves what it changed, as a git diff. */
export const draftReport = 'crafting-table-draft.diff';

const Job = { job_id: JobId, project: Name };

/** A recipe is to run. */
export const JobEnqueued = defineEvent(
  'JobEnqueued',
  'job',
  closed({
    ...Job,
    owner: Name,
    subproject: text(512, 1),
    recipe: Recipe,
    command: text(8192, 1),
    language: text(32, 1),
    timeout_secs: Type.Integer({ minimum: 1, maximum: 86_400 }),
    env: Environment,
    branch: text(255, 1),
    sha: nullable(Commit),
    /** The beginning of a commit's id, when that is how the commit was named; `sha` is null then. */
    short_sha: Type.Optional(Type.String({ pattern: '^[0-9a-f]{7,39}$' })),
    /** Where the branch was seen to stand when the job was asked for; absent when a runner is to look, or nobody looked. */
    tip: Type.Optional(Commit),
    priority: oneOf(priorities),
    purpose: oneOf(jobPurposes),
    requested_by: Name,
    credential_ref: nullable(text(64)),
    concurrency: Concurrency,
    supersede: Type.Boolean(),
    retry_lost: Type.Boolean(),
    rerun_of: nullable(JobId),
    /** How often the job was tried again by itself, because what is around it had failed. */
    retry: Type.Optional(Count),
    snapshot: RecipeSnapshot,
    patch: Type.Optional(JobPatch),
    bottle: Type.Optional(JobBottle),
  }),
);

/** Someone wants it to end. */
export const JobCancelRequested = defineEvent('JobCancelRequested', 'job', closed({ ...Job, by: Name }));

/** A runner took it, under a lease. */
export const RecipeStarted = defineEvent(
  'RecipeStarted',
  'job',
  closed({
    ...Job,
    runner: text(64, 1),
    lease: text(64, 1),
    containment: text(32, 1),
    /** What the job cannot reach: the level of the sandbox. */
    sandbox: Type.Optional(text(32, 1)),
  }),
);

/** The branch is resolved and a clean workspace stands at that commit. Said of jobs that run on for a while. */
export const WorkspacePrepared = defineEvent('WorkspacePrepared', 'job', closed({ ...Job, sha: Commit }));

/** What brought the dependencies of a job. `bytes` are those that are kept, `waited_ms` for another job's install. */
export const Dependencies = closed({
  source: oneOf(['cache', 'install', 'failed']),
  reason: nullable(text(512)),
  key: nullable(Sha256),
  waited_ms: Count,
  bytes: Count,
});
export type Dependencies = Static<typeof Dependencies>;

/** What other jobs had compiled for a job. */
export const Compiled = closed({
  source: oneOf(['cache', 'none']),
  reason: nullable(text(512)),
  key: nullable(Sha256),
});
export type Compiled = Static<typeof Compiled>;

/** The one end of a job. The sequences are those of its first and last chunk in the log stream, 0 for none. */
export const RecipeExited = defineEvent(
  'RecipeExited',
  'job',
  closed({
    ...Job,
    reason: oneOf(exitReasons),
    exit_code: nullable(Type.Integer()),
    signal: nullable(text(32)),
    detail: nullable(text(2048)),
    duration_ms: Count,
    sha: nullable(Commit),
    log_bytes: Count,
    log_digest: nullable(Sha256),
    log_first_seq: Count,
    log_last_seq: Count,
    truncated: Type.Boolean(),
    /** The result files that it left, and where they lie in the log stream. */
    reports: Type.Optional(closed({ count: Count, first_seq: Count, last_seq: Count })),
    /** Where its time went on the runner, in ms: until the commit was there, the tree, the install or what was kept, the command. */
    timings: Type.Optional(closed({ fetch_ms: Count, tree_ms: Count, install_ms: Count, run_ms: Count })),
    /** Where its dependencies came from. `reason`: why they were installed; null when they were kept. */
    dependencies: Type.Optional(Dependencies),
    /** Whether it found packages compiled that do not stand in its tree; `reason`: why not. */
    compiled: Type.Optional(Compiled),
    /** The folder of the runner that stood for the repository's root: tools print absolute paths. */
    workdir: nullable(text(1024)),
    /** What an agent left; absent where none was at work, or came to nothing. */
    bottle: Type.Optional(LeftBottle),
  }),
);

/** The stored log of a finished job is to be read again, with the parsers of today. */
export const LogRereadRequested = defineEvent(
  'LogRereadRequested',
  'job',
  closed({ ...Job, by: Name, reading: Type.Integer({ minimum: 2 }) }),
);

/** Part `part` of `parts` (from 1) of what the log held, at most 500 occurrences. */
export const FindingsObserved = defineEvent(
  'FindingsObserved',
  'job',
  closed({
    ...Job,
    /** 1 (or absent) when the job ended, more each time its stored log was read again: the newest reading counts. */
    reading: Type.Optional(Type.Integer({ minimum: 1 })),
    run_seq: Count,
    on_default_branch: Type.Boolean(),
    /** Whether no run on a newer commit saw these. Absent in events of a time when the order of the runs decided that. */
    newest: Type.Optional(Type.Boolean()),
    part: Type.Integer({ minimum: 1 }),
    parts: Type.Integer({ minimum: 1 }),
    occurrences: Type.Array(Occurrence, { maxItems: 500 }),
  }),
);

/** Tests of one run. `executed` = passed + failed; skipped ones were not executed. */
export const TestCounts = closed({ executed: Count, passed: Count, failed: Count, skipped: Count });
export type TestCounts = Static<typeof TestCounts>;

const counts = <const Words extends readonly string[]>(words: Words) =>
  closed(Object.fromEntries(words.map((word) => [word, Type.Optional(Count)])));

/**
 * Why a job failed. `code`: what it was run on; `tool`: it crashed; `environment`: what is around both, such as a package
 * registry that cannot be reached. Trouble of the environment is no finding of the project.
 */
export const RunFailure = closed({
  cause: oneOf(['code', 'tool', 'environment']),
  kind: oneOf([
    'findings',
    'crash',
    'limit',
    'remote',
    'registry',
    'disk',
    'timeout',
    'tool_missing',
    'no_branch',
    'runner',
    'sandbox',
    'coverage',
  ]),
  detail: nullable(text(512)),
});
export type RunFailure = Static<typeof RunFailure>;

/** All of the log has been read: the last event of every job, once more for each time its stored log is read again. */
export const FindingsParsed = defineEvent(
  'FindingsParsed',
  'job',
  closed({
    ...Job,
    total: Count,
    new: Count,
    resolved: Count,
    /** How many were closed before and are back. */
    reopened: Type.Optional(Count),
    by_kind: counts(findingKinds),
    by_severity: counts(severities),
    tools: Type.Array(closed({ tool: text(64, 1), parser: text(64, 1), complete: Type.Boolean(), findings: Count }), {
      maxItems: 64,
    }),
    /** Why nothing that was open could be closed by this run, or null when it could. */
    not_observed: nullable(text(512)),
    /** What of its output and files could not be read, in words for people. */
    problems: Type.Optional(Type.Array(text(512, 1), { maxItems: 20 })),
    /** What the test tools counted, summed up; absent when none of them said so. */
    tests: Type.Optional(TestCounts),
    /** How many open findings were not seen and could not be closed either. */
    not_observed_count: Type.Optional(Count),
    /** On the default branch: the tools of which this run proves all that it did not see to be gone. */
    proves: Type.Optional(
      closed({
        run_seq: Count,
        subproject: text(512, 1),
        recipe: Recipe,
        tools: Type.Array(text(64, 1), { maxItems: 64 }),
        /** No run on a newer commit proved it for these tools. Absent where the order of the runs decides. */
        newest: Type.Optional(Type.Boolean()),
      }),
    ),
    /**
     * The tools for which this run draws, or helps to draw, the line from which `new` counts, and how many of its findings
     * lie before it.
     */
    baseline: Type.Optional(
      closed({
        subproject: text(512, 1),
        recipe: Recipe,
        tools: Type.Array(text(64, 1), { maxItems: 64 }),
        findings: Count,
      }),
    ),
    /** Why it failed. */
    failure: Type.Optional(RunFailure),
    /** When it is tried again, unless somebody runs the same before. */
    retry: Type.Optional(closed({ at: Time, subproject: text(512, 1), recipe: Recipe, branch: text(255, 1) })),
    /** Whether the job succeeded, by the exit code and what the subproject's `fail_on` makes of its findings. */
    passed: Type.Optional(Type.Boolean()),
    /** Whether the run spoke for the default branch. Absent in events of a time when its branch alone decided that. */
    on_default_branch: Type.Optional(Type.Boolean()),
    reading: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
);

export type JobEnqueuedData = Static<typeof JobEnqueued.data>;
export type RecipeExitedData = Static<typeof RecipeExited.data>;
export type FindingsParsedData = Static<typeof FindingsParsed.data>;
