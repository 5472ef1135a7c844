import type { TurnReason } from '../../../events/work/work.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';

/** What is to be done next about a work; `wait`: something else has to happen first, or so many ms to pass. */
type NextStep =
  | { readonly do: 'claim' | 'request' | 'take' | 'answer' }
  | { readonly do: 'ask'; readonly why: TurnReason }
  | { readonly do: 'end'; readonly outcome: 'merged' | 'closed' | 'failed' }
  | { readonly do: 'wait'; readonly ms: number | null };

type StepFacts = {
  readonly nowMs: number;
  /** How long a review has to be quiet before it is answered. */
  readonly quietMs: number;
  /** Whether somebody else has pushed to its branch: it is theirs then. */
  readonly takenOver: boolean;
  /** Whether the run of the newest turn was asked for. */
  readonly requested: boolean;
};

/** How often in a row an agent is told why what it left came to nothing. */
const mostTries = 3;

/** An agent that is told why can do better at these steps of an attempt; at others a person has to. */
const mendable: ReadonlySet<string> = new Set(['apply', 'policy', 'verify']);
const final: ReadonlySet<string> = new Set(['stopped', 'not_approved', 'approval_expired', 'same_draft', 'job_gone']);

const wait = (ms: number | null = null): NextStep => ({ do: 'wait', ms });

/** The state machine of a work. Pure: the same facts give the same step, whoever asks and however often. */
export function nextStep(work: WorkDoc, facts: StepFacts): NextStep {
  switch (work.state) {
    case 'targeted':
      return { do: 'claim' };
    case 'claimed':
      return { do: 'ask', why: 'issue' };
    case 'working':
      return facts.requested ? wait() : { do: 'request' };
    case 'ran':
      return { do: 'take' };
    case 'proposed':
    case 'verified':
    case 'ended':
      return wait();
    case 'refused':
      return afterRefusal(work);
    case 'in_review':
      return inReview(work, facts);
    case 'settled':
      return { do: 'end', outcome: work.reason === 'merged' ? 'merged' : 'closed' };
    default:
      return work.state satisfies never;
  }
}

function afterRefusal({ failure, tries, pull }: WorkDoc): NextStep {
  const canDoBetter = failure !== null && mendable.has(failure.step) && !final.has(failure.reason);
  if (canDoBetter && tries < mostTries) return { do: 'ask', why: 'sent_back' };
  // A pull request that people look at stays as it was, and they are told.
  return pull === null ? { do: 'end', outcome: 'failed' } : { do: 'answer' };
}

function inReview(work: WorkDoc, { nowMs, quietMs, takenOver }: StepFacts): NextStep {
  if (work.asked.length > 0) return { do: 'answer' };
  if (takenOver) return wait();
  if (work.resume !== null) return { do: 'ask', why: 'resumed' };
  if (work.pending.length > 0) {
    const left = Date.parse(work.commented_at ?? '') + quietMs - nowMs;
    return left > 0 ? wait(left) : { do: 'ask', why: 'review' };
  }
  return work.conflicted && !work.refreshed ? { do: 'ask', why: 'conflict' } : wait();
}
