import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, Name, nullable, oneOf, Sha256, Time, text } from '../fields.ts';
import { BottleBudget, ResolvedManifest } from './agent-manifest.ts';

/** A bottle is one run of an agent program for one piece of work: a ULID in lower case, or derived from its cause. */
const BottleId = JobId;

const Bottle = { bottle_id: BottleId, project: Name };

const workKinds = ['issue', 'finding', 'manual'] as const;

/** What a bottle works on. `issue` and `pulls` are what its agent may write to on the forge. */
export const BottleWork = closed({
  kind: oneOf(workKinds),
  /** `owner/name` on the project's forge. */
  repository: Type.Optional(text(512, 1)),
  issue: Type.Optional(Type.Integer({ minimum: 1 })),
  pulls: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 16 })),
  /** A commit to begin from; the tip of the default branch unless told. */
  ref: Type.Optional(Commit),
  /** The attempt and its turn that asked for it. */
  patch_id: Type.Optional(text(64, 1)),
  turn: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type BottleWork = Static<typeof BottleWork>;

/** An agent is to work on something. */
export const AgentRunRequested = defineEvent(
  'AgentRunRequested',
  'bottle',
  closed({
    ...Bottle,
    owner: Name,
    subproject: nullable(text(512, 1)),
    /** The name of a manifest. */
    agent: Name,
    prompt: text(131_072, 1),
    /** The frozen state of an earlier bottle, from which it goes on. */
    session: nullable(Sha256),
    work: BottleWork,
    budget: Type.Optional(BottleBudget),
    requested_by: Name,
  }),
);

/** It runs, in this job, by this manifest. */
export const AgentRunStarted = defineEvent(
  'AgentRunStarted',
  'bottle',
  closed({
    ...Bottle,
    job_id: JobId,
    runner: text(64, 1),
    manifest: ResolvedManifest,
    /** SHA-256 of the manifest as canonical JSON. */
    manifest_digest: Sha256,
    /** The bottle from which it went on. */
    session: nullable(Sha256),
  }),
);

const sidecarMethods = [
  'read_issue',
  'read_comments',
  'post_comment',
  'update_description',
  'report_progress',
  'signal_done',
] as const;
export type SidecarMethod = (typeof sidecarMethods)[number];

/** Its agent asked for something, or said something: in words, such as `read #318`. */
export const BottleCalled = defineEvent(
  'BottleCalled',
  'bottle',
  closed({
    ...Bottle,
    job_id: JobId,
    /** From 1, in one job. */
    call: Type.Integer({ minimum: 1 }),
    method: nullable(oneOf(sidecarMethods)),
    words: text(1024, 1),
    refused: Type.Boolean(),
  }),
);

export const doneStatuses = ['success', 'partial', 'failed'] as const;
export type DoneStatus = (typeof doneStatuses)[number];

/** Its agent says that the work is done. Said once in a job. */
export const AgentRunDone = defineEvent(
  'AgentRunDone',
  'bottle',
  closed({ ...Bottle, job_id: JobId, status: oneOf(doneStatuses), summary: text(8192) }),
);

/** Somebody wants it to end. */
export const AgentRunStopRequested = defineEvent(
  'AgentRunStopRequested',
  'bottle',
  closed({ ...Bottle, by: Name, reason: text(1024) }),
);

/**
 * How a run ended. `done`: its agent said so; `done_unreported`: it ended, or said nothing for too long, without saying so;
 * `cut_off`, `frozen`, `killed`: the egress plane ended it; `stopped`: somebody did; `failed`: it could not run.
 */
export const bottleEnds = ['done', 'done_unreported', 'cut_off', 'killed', 'frozen', 'failed', 'stopped'] as const;
export type BottleEnd = (typeof bottleEnds)[number];

/** A diff as it is stored: by the SHA-256 of its text. */
export const StoredDiff = closed({ digest: Sha256, files: Count, bytes: Count });
export type StoredDiff = Static<typeof StoredDiff>;

/** Where a run went by its gateway, the most asked hosts first; `refused`: requests that were not let through. */
export const BottleEgress = closed({
  hosts: Type.Array(closed({ host: text(300, 1), requests: Count }), { maxItems: 50 }),
  requests: Count,
  refused: Count,
});
export type BottleEgress = Static<typeof BottleEgress>;

/** The one end of a bottle's run. */
export const AgentRunEnded = defineEvent(
  'AgentRunEnded',
  'bottle',
  closed({
    ...Bottle,
    /** Absent when it never came to a job. */
    job_id: Type.Optional(JobId),
    ended: oneOf(bottleEnds),
    /** In words, where it did not simply end. */
    why: nullable(text(2048)),
    exit_code: nullable(Type.Integer()),
    /** The commit on which it worked. */
    sha: nullable(Commit),
    /** What it changed, as git prints it; null when that is nothing. */
    diff: nullable(StoredDiff),
    /** Its frozen state; null when there is none. */
    session: nullable(Sha256),
    started_at: nullable(Time),
    duration_ms: Count,
    /** Of its agent, where the program says so. */
    turns: nullable(Count),
    /** Absent where it had no gateway, or its runner was lost. */
    egress: Type.Optional(BottleEgress),
  }),
);

/** Its frozen state and its diff are deleted. */
export const BottleDestroyed = defineEvent(
  'BottleDestroyed',
  'bottle',
  closed({ ...Bottle, by: Name, reason: text(512) }),
);

export type AgentRunRequestedData = Static<typeof AgentRunRequested.data>;
export type AgentRunEndedData = Static<typeof AgentRunEnded.data>;
