import type { BottleEgress, DoneStatus } from '../../events/jobs/bottle.ts';
import type { EventData } from '../../events/registry.ts';
import type { SeenComment } from '../../events/work/work.ts';

/**
 * `targeted`: somebody who may asked for it; `claimed`: it is ours; `working`: an agent is at it; `ran`: its bottle has ended;
 * `proposed`: an attempt proves what it left; `verified`: that is proven; `refused`: it came to nothing; `in_review`: people look at
 * the pull request; `settled`: they took or closed it; `ended`: the round is over.
 */
export const workStates = [
  'targeted',
  'claimed',
  'working',
  'ran',
  'proposed',
  'verified',
  'refused',
  'in_review',
  'settled',
  'ended',
] as const;
type WorkState = (typeof workStates)[number];

type Targeted = EventData<'IssueTargeted'>;
type Ended = EventData<'AgentRunEnded'>;

/** The newest bottle of a work, as far as it has come. */
export type WorkRun = {
  bottle_id: string;
  /** SHA-256 of the resolved manifest; null before it runs. */
  manifest_digest: string | null;
  job_id: string | null;
  status: DoneStatus | null;
  summary: string | null;
  ended: Ended['ended'] | null;
  why: string | null;
  exit_code: number | null;
  has_diff: boolean;
  started_at: string | null;
  duration_ms: number | null;
  turns: number | null;
  /** Where it went by its gateway; null before its end, and without a gateway. */
  egress: BottleEgress | null;
};

/** An issue on which an agent works, as the API sends it. Sequences are those of the newest event of that name, 0 for none. */
export type WorkDoc = Omit<Targeted, 'work_id' | 'comment_id' | 'owner'> & {
  id: string;
  state: WorkState;
  /** Rounds and turns count from 1; 0 before the first. */
  round: number;
  turn: number;
  base: { branch: string; sha: string } | null;
  /** All of this round. */
  bottles: string[];
  bottle_id: string | null;
  /** The frozen state from which the next turn goes on. */
  session: string | null;
  run: WorkRun | null;
  patch_id: string | null;
  pull: { number: number; url: string } | null;
  status_comment: number | null;
  /** What members said and no turn was asked about yet, and what the turn that runs is to answer. */
  pending: SeenComment[];
  asked: Pick<SeenComment, 'kind' | 'id'>[];
  /** How many comments of people who are no members were left alone. */
  strangers: number;
  /** What somebody of the farm wants beside that; the next turn is asked about it. */
  resume: string | null;
  commented_at: string | null;
  conflicted: boolean;
  refreshed: boolean;
  /** How often in a row what an agent left came to nothing, and why the last time. */
  tries: number;
  failure: { step: string; reason: string; detail: string } | null;
  /** Whether a label that is there may begin a round. */
  armed: boolean;
  outcome: EventData<'WorkEnded'>['outcome'] | null;
  reason: string | null;
  detail: string | null;
  targeted_at: string;
  updated_at: string;
  ended_at: string | null;
  seqs: {
    targeted: number;
    untargeted: number;
    commanded: number;
    claimed: number;
    turn: number;
    proposed: number;
    commented: number;
    answered: number;
    status: number;
    resumed: number;
    settled: number;
    ended: number;
  };
};

const never = {
  ...{ targeted: 0, untargeted: 0, commanded: 0, claimed: 0, turn: 0, proposed: 0 },
  ...{ commented: 0, answered: 0, status: 0, resumed: 0, settled: 0, ended: 0 },
};

const ofARound = {
  ...{ turn: 0, base: null, bottles: [], bottle_id: null, session: null, run: null, patch_id: null, pull: null },
  ...{
    pending: [],
    asked: [],
    strangers: 0,
    resume: null,
    commented_at: null,
    conflicted: false,
    refreshed: false,
    tries: 0,
  },
  ...{ failure: null, outcome: null, reason: null, detail: null, ended_at: null },
};

/** A work that was asked for, once more or for the first time. */
export function targetedWork(
  { work_id: id, comment_id: _comment, owner: _owner, ...data }: Targeted,
  { before, seq, time }: { before: WorkDoc | undefined; seq: number; time: string },
): WorkDoc {
  return {
    ...{ ...data, id, ...ofARound, state: 'targeted', armed: false },
    ...{ round: before?.round ?? 0, status_comment: before?.status_comment ?? null },
    ...{ targeted_at: time, updated_at: time },
    seqs: { ...(before?.seqs ?? never), targeted: seq },
  };
}

export function newRun(bottle_id: string): WorkRun {
  return {
    ...{ bottle_id, manifest_digest: null, job_id: null, status: null, summary: null, ended: null, why: null },
    ...{ exit_code: null, has_diff: false, started_at: null, duration_ms: null, turns: null, egress: null },
  };
}
