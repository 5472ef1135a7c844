import type { EventName, Recorded } from '../../events/registry.ts';
import { newRun, type WorkDoc, type WorkRun } from './work-document.ts';

type Change<N extends EventName> = (doc: WorkDoc, event: Recorded<N>) => WorkDoc;

const at = (doc: WorkDoc, name: keyof WorkDoc['seqs'], seq: number) => ({ ...doc.seqs, [name]: seq });

/** What events that name a work do to it. */
export const workChanges = {
  IssueUntargeted: (doc, { seq }) => ({ ...doc, armed: true, seqs: at(doc, 'untargeted', seq) }),
  IssueClaimed: (doc, { data, seq }) => ({
    ...{ ...doc, state: 'claimed', round: data.round, base: data.base },
    seqs: at(doc, 'claimed', seq),
  }),
  WorkCommanded: (doc, { data, seq }) => ({
    ...doc,
    budget_tokens: data.verb === 'budget' && data.refused === null ? data.tokens : doc.budget_tokens,
    seqs: at(doc, 'commanded', seq),
  }),
  ReviewCommented: (doc, { data, seq, time }) => ({
    ...doc,
    pending: [...doc.pending, ...data.comments.filter(({ member }) => member)],
    strangers: doc.strangers + data.comments.filter(({ member }) => !member).length,
    commented_at: data.comments.some(({ member }) => member) ? time : doc.commented_at,
    seqs: at(doc, 'commented', seq),
  }),
  WorkTurnAsked: (doc, { data, seq }) => {
    const asked = new Set(data.comments.map(({ kind, id }) => `${kind} ${id}`));
    return {
      ...{ ...doc, state: 'working', turn: data.turn, bottle_id: data.bottle_id },
      bottles: [...doc.bottles, data.bottle_id],
      run: newRun(data.bottle_id),
      asked: data.comments,
      pending: doc.pending.filter(({ kind, id }) => !asked.has(`${kind} ${id}`)),
      resume: null,
      instructions: data.why === 'resumed' ? doc.resume : doc.instructions,
      refreshed: doc.refreshed || data.why === 'conflict',
      conflicted: data.why === 'conflict' ? false : doc.conflicted,
      base: doc.base && { ...doc.base, sha: data.base_sha },
      seqs: at(doc, 'turn', seq),
    };
  },
  WorkResumed: (doc, { data, seq }) => ({ ...doc, resume: data.instructions, seqs: at(doc, 'resumed', seq) }),
  WorkProposed: (doc, { data, seq }) => ({
    ...{ ...doc, state: 'proposed', patch_id: data.patch_id },
    seqs: at(doc, 'proposed', seq),
  }),
  ReviewAnswered: (doc, { seq }) => ({
    ...{ ...doc, asked: [], tries: 0 },
    // Words alone were the answer: the pull request is as it was.
    state: doc.pull !== null && (doc.state === 'ran' || doc.state === 'refused') ? 'in_review' : doc.state,
    seqs: at(doc, 'answered', seq),
  }),
  WorkStatusPosted: (doc, { data, seq }) => ({
    ...{ ...doc, status_comment: data.comment_id },
    seqs: at(doc, 'status', seq),
  }),
  WorkEnded: (doc, { data, seq, time }) => ({
    ...{ ...doc, state: 'ended', outcome: data.outcome, reason: data.reason, detail: data.detail, ended_at: time },
    ...{ pending: [], asked: [], session: null },
    seqs: at(doc, 'ended', seq),
  }),
} as const satisfies { readonly [N in EventName]?: Change<N> };

const ofRun = (doc: WorkDoc, run: Partial<WorkRun>): WorkDoc =>
  doc.run ? { ...doc, run: { ...doc.run, ...run } } : doc;

/** What the events of its bottle do to a work. */
export const bottleChanges = {
  AgentRunStarted: (doc, { data: { manifest_digest, job_id } }) => ofRun(doc, { manifest_digest, job_id }),
  AgentRunDone: (doc, { data: { status, summary } }) => ofRun(doc, { status, summary }),
  AgentRunEnded: (doc, { data }) => {
    const { ended, why, exit_code, started_at, duration_ms, turns, egress = null } = data;
    const run = { ended, why, exit_code, started_at, duration_ms, turns, egress, has_diff: data.diff !== null };
    const next = { ...ofRun(doc, run), session: data.session ?? doc.session };
    return doc.state === 'working' ? { ...next, state: 'ran' } : next;
  },
} as const satisfies { readonly [N in EventName]?: Change<N> };

type Failing = { readonly data: { readonly failure: { step: string; reason: string; detail: string } } };

const refused = (doc: WorkDoc, { data: { failure } }: Failing): WorkDoc => ({
  ...doc,
  state: 'refused',
  tries: doc.tries + 1,
  failure: { step: failure.step, reason: failure.reason, detail: failure.detail },
});

type Shown = { readonly data: { readonly number: number; readonly url: string } };

const shown = (doc: WorkDoc, { data: { number, url } }: Shown): WorkDoc => ({
  ...{ ...doc, state: 'in_review', pull: { number, url }, tries: 0, failure: null },
});

/** What the events of its attempt do to a work that is not over. */
export const attemptChangesOfWork = {
  PatchVerified: (doc) => ({ ...doc, state: 'verified' }),
  PrOpened: shown,
  PrUpdated: shown,
  PrConflicted: (doc) => ({ ...doc, conflicted: true }),
  PrMerged: (doc, { seq }) => ({ ...doc, state: 'settled', reason: 'merged', seqs: at(doc, 'settled', seq) }),
  PrClosed: (doc, { seq }) => ({ ...doc, state: 'settled', reason: 'closed', seqs: at(doc, 'settled', seq) }),
  PatchDeclined: refused,
  PatchRefused: refused,
  PatchApplyFailed: refused,
  PatchAbandoned: refused,
  PatchVerifyFailed: refused,
  PatchStopped: refused,
  PatchApprovalDeclined: refused,
  PatchApprovalExpired: refused,
} as const satisfies { readonly [N in EventName]?: Change<N> };
