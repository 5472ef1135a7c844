import { proofStages } from '../../events/jobs/job.ts';
import type { PatchCost, PatchFailure } from '../../events/patches/patch.ts';
import type { EventName, Recorded } from '../../events/registry.ts';
import type { PatchApproval, PatchDoc, PatchStatus } from './patch-document.ts';

/** What one event makes of the attempt that it is about. The same attempt comes back when it changes nothing. */
type AttemptChanges = { readonly [N in EventName]?: (doc: PatchDoc, event: Recorded<N>) => PatchDoc };

/** Turns before a draft end in it; only what was drafted can fail later. Of two words about one turn the first counts. */
const laterSteps = new Set(['verify', 'push', 'forge']);

/** Jobs on the draft itself; of the others one makes it, and one looks at the base commit. */
const ofDraft = new Set<string>(proofStages.filter((stage) => stage !== 'base'));

/** Whether a draft counts: of an attempt that is over, or for a turn that has ended, it does not. */
export function isNewDraft({ open, turn }: PatchDoc, drafted: { readonly turn: number }): boolean {
  return open && turn < drafted.turn;
}

/**
 * The life of an attempt, step by step: one line of it is what one event does to its state.
 * Long: a reducer, one step an event.
 */
export const attemptChanges = {
  PatchRefreshRequested: (doc, { seq, data: { job_id, base, members, bottle = doc.bottle } }) =>
    !doc.open && bottle === doc.bottle
      ? doc
      : {
          ...{
            ...doc,
            open: true,
            ended_at: null,
            bottle,
            job_id,
            base,
            members,
            refreshed: true,
            status: 'requested',
            turn: 0,
            sent_back: [],
          },
          ...{ failure: null, approval: null, seqs: { ...doc.seqs, refreshed: seq } },
        },
  PatchSessionOpened: (doc, { data: { session_id, adapter, model } }) => ({
    ...doc,
    sessions: [...doc.sessions, { session_id, adapter, model, closed: false }],
  }),
  PatchSessionClosed: (doc, { data: { session_id } }) => ({
    ...doc,
    sessions: doc.sessions.map((one) => (one.session_id === session_id ? { ...one, closed: true } : one)),
  }),
  PatchTurnStarted: (doc, { seq }) => ({
    ...doc,
    agent_turns: doc.agent_turns + 1,
    seqs: { ...doc.seqs, turn: seq },
  }),
  PatchSentBack: (doc, { seq, data }) => {
    const { turn, method, step, reason, detail, duration_ms, cost = null } = data;
    const seqs = { ...doc.seqs, sent_back: seq };
    const late = laterSteps.has(step) || doc.turn < turn;
    if (!doc.open || !late || doc.sent_back.some((one) => one.turn === turn)) return { ...doc, seqs };
    const sent_back = [...doc.sent_back, { turn, method, step, reason, detail, duration_ms, cost }];
    return { ...doc, seqs, turn, status: 'requested', sent_back };
  },
  PatchDrafted: (doc, { seq, time, data }) => {
    const { method, turn, files, targets, explanation, confidence, cost } = data;
    const seqs = { ...doc.seqs, drafted: seq };
    if (!isNewDraft(doc, data)) return { ...doc, seqs };
    const draft = { method, turn, files, targets, explanation, confidence, cost, drafted_at: time };
    return { ...doc, ...draft, seqs, approval: null, status: 'drafted' };
  },
  JobEnqueued: (doc, { data: { patch, job_id } }) =>
    patch === undefined
      ? doc
      : {
          ...doc,
          status: patch.stage === 'draft' || !doc.open ? doc.status : 'verifying',
          verify_jobs: ofDraft.has(patch.stage) ? [...doc.verify_jobs, job_id] : doc.verify_jobs,
        },
  PatchVerified: (doc, { seq, time, data: { evidence } }) => {
    const proven = { ...doc, evidence, verified_at: time, seqs: { ...doc.seqs, verified: seq } };
    return doc.verify_only && doc.open ? { ...proven, status: 'proven', open: false, ended_at: time } : proven;
  },
  PatchApprovalRequested: (doc, { time, data: { digest, expires_at, title } }) =>
    !doc.open || doc.approval !== null
      ? doc
      : {
          ...{ ...doc, status: 'awaiting_approval', title: doc.title ?? title },
          approval: { digest, requested_at: time, expires_at, by: null, at: null, reason: '', answer: null },
        },
  PatchApproved: (doc, { time, data: { digest, by, reason } }) =>
    isAsked(doc, digest) ? { ...doc, approval: { ...doc.approval, by, at: time, reason, answer: 'approved' } } : doc,
  PatchApprovalDeclined: (doc, event) => {
    const { digest, by, reason } = event.data;
    if (!isAsked(doc, digest)) return doc;
    const approval = { ...doc.approval, by, at: event.time, reason, answer: 'declined' as const };
    return ended({ ...doc, approval }, 'not_approved', event);
  },
  PatchApprovalExpired: (doc, event) => (isAsked(doc, event.data.digest) ? ended(doc, 'not_approved', event) : doc),
  PatchDeclined: (doc, event) => ended(doc, 'declined', event),
  PatchRefused: (doc, event) => ended(doc, 'refused', event),
  PatchApplyFailed: (doc, event) => ended(doc, 'apply_failed', event),
  PatchAbandoned: (doc, event) => ended(doc, 'abandoned', event),
  PatchStopped: (doc, event) => ended(doc, 'stopped', event),
  PatchVerifyFailed: (doc, event) =>
    ended({ ...doc, evidence: event.data.evidence ?? doc.evidence }, 'verify_failed', event),
  BranchPushed: (doc, { seq, time, data: { commit } }) => ({
    ...doc,
    status: !doc.open ? doc.status : doc.pr_number === null ? 'pushed' : 'pr_opened',
    commit,
    pushed_at: time,
    seqs: { ...doc.seqs, pushed: seq },
  }),
  BranchTakenOver: (doc, { data: { commit } }) => ({ ...doc, taken_over: commit }),
  PrOpened: (doc, event) => shown(doc, event),
  PrUpdated: (doc, event) => (doc.open ? shown({ ...doc, conflicted: false }, event) : doc),
  PrCommented: (doc, { data: { comments } }) => ({ ...doc, comments }),
  PrConflicted: (doc) => ({ ...doc, conflicted: true }),
  PrMerged: (doc, event) => over(doc, 'merged', event),
  PrClosed: (doc, event) => over(doc, 'closed', event),
  PrSuperseded: (doc, event) => (doc.open ? over(doc, 'superseded', event) : doc),
  BranchRemoved: (doc, { data: { commit } }) => (doc.commit === commit ? { ...doc, branch_removed: true } : doc),
  PatchReconsidered: (doc, { seq, time, data: { by, reason } }) => ({
    ...doc,
    reconsidered: { by, reason, at: time, seq },
  }),
} as const satisfies AttemptChanges;

/** Whether people are asked about this very diff, and nobody has answered yet. */
function isAsked(doc: PatchDoc, digest: string): doc is PatchDoc & { approval: PatchApproval } {
  return doc.status === 'awaiting_approval' && doc.approval?.digest === digest && doc.approval.by === null;
}

type Ended = {
  readonly time: string;
  readonly data: { readonly failure: PatchFailure; readonly cost?: PatchCost };
};

function ended(doc: PatchDoc, status: PatchStatus, { time, data: { failure, cost } }: Ended): PatchDoc {
  const spent = cost ? { ...doc, cost } : doc;
  // A pull request that could not be renewed stays as it is.
  if (doc.pr_number !== null) return { ...spent, status: doc.open ? 'pr_opened' : doc.status, failure };
  return { ...spent, status, failure, open: false, ended_at: time };
}

function over(doc: PatchDoc, status: PatchStatus, { seq, time }: { seq: number; time: string }): PatchDoc {
  return { ...doc, status, open: false, ended_at: time, seqs: { ...doc.seqs, pr: seq } };
}

type Shown = {
  readonly seq: number;
  readonly time: string;
  readonly data: { readonly number: number; readonly url: string; readonly title: string };
};

function shown(doc: PatchDoc, { data, seq, time }: Shown): PatchDoc {
  const { number, url, title } = data;
  const pull = { pr_number: number, pr_url: url, title, pr_opened_at: doc.pr_opened_at ?? time };
  return { ...doc, ...pull, status: 'pr_opened', open: true, ended_at: null, seqs: { ...doc.seqs, pr: seq } };
}
