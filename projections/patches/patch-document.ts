import type {
  Evidence,
  ForgeKind,
  PatchCost,
  PatchDraftedData,
  PatchFailure,
  PatchRequestedData,
  ProposedBottle,
} from '../../events/patches/patch.ts';
import type { PatchMethod } from '../../events/projects/project.ts';

export const patchStatuses = [
  'requested',
  'drafted',
  'declined',
  'apply_failed',
  'refused',
  'verifying',
  'verify_failed',
  'proven',
  'awaiting_approval',
  'not_approved',
  'pushed',
  'pr_opened',
  'merged',
  'closed',
  'superseded',
  'abandoned',
  'stopped',
] as const;
export type PatchStatus = (typeof patchStatuses)[number];

/** A try that was not good enough. */
type SentBack = {
  turn: number;
  method: PatchMethod;
  step: string;
  reason: string;
  detail: string;
  duration_ms: number;
  cost: PatchCost | null;
};

export type PatchApproval = {
  digest: string;
  requested_at: string;
  expires_at: string;
  /** Who answered; null until somebody does. */
  by: string | null;
  at: string | null;
  reason: string;
  answer: 'approved' | 'declined' | null;
};

/** An attempt as the API sends it, apart from its diff. Sequences are those of the newest event of that name, 0 for none. */
export type PatchDoc = {
  id: string;
  finding_id: number;
  identity: string;
  /** What a bottle left is proposed, and no finding is to be mended. */
  bottle: ProposedBottle | null;
  members: PatchRequestedData['members'];
  job_id: string;
  project: string;
  subproject: string;
  recipe: PatchRequestedData['recipe'];
  attempt_number: number;
  status: PatchStatus;
  /** Whether it still counts as one of the project's open proposals. */
  open: boolean;
  methods: PatchMethod[];
  /** It is proven and not pushed: whoever brought the diff wants to know what it is worth, and no more. */
  verify_only: boolean;
  method: PatchMethod | null;
  base: PatchRequestedData['base'];
  branch: string;
  commit: string | null;
  /** Its branch is not on the remote any more. */
  branch_removed: boolean;
  forge: ForgeKind;
  repository: string | null;
  pr_number: number | null;
  pr_url: string | null;
  title: string | null;
  comments: number;
  /** It conflicts with its base branch. */
  conflicted: boolean;
  /** It was drafted once more because it conflicted. */
  refreshed: boolean;
  /** The commit that somebody else pushed to its branch. */
  taken_over: string | null;
  explanation: string | null;
  confidence: number | null;
  cost: PatchCost | null;
  files: PatchDraftedData['files'];
  /** The identities that the draft mends. */
  targets: string[];
  /** The tries since the base commit was chosen. */
  turn: number;
  sent_back: SentBack[];
  sessions: { session_id: string; adapter: string; model: string | null; closed: boolean }[];
  agent_turns: number;
  verify_jobs: string[];
  evidence: Evidence | null;
  /** What a person was asked about before the push: the diff by its SHA-256. `by` and `at` are null until it is approved. */
  approval: PatchApproval | null;
  failure: PatchFailure | null;
  requested_by: string;
  reconsidered: { by: string; reason: string; at: string; seq: number } | null;
  requested_at: string;
  drafted_at: string | null;
  verified_at: string | null;
  pushed_at: string | null;
  pr_opened_at: string | null;
  ended_at: string | null;
  updated_at: string;
  seqs: {
    requested: number;
    refreshed: number;
    sent_back: number;
    turn: number;
    drafted: number;
    verified: number;
    pushed: number;
    pr: number;
  };
};

/** An attempt that has just begun. */
export function newPatch(data: PatchRequestedData, seq: number, time: string): PatchDoc {
  const { patch_id, finding_id, identity, members, job_id, project, subproject, recipe, attempt_number } = data;
  const { methods, base, branch, forge, repository, by, given } = data;
  return {
    id: patch_id,
    finding_id,
    identity,
    bottle: data.bottle ?? null,
    members,
    job_id,
    project,
    subproject,
    recipe,
    attempt_number,
    status: 'requested',
    open: true,
    methods,
    verify_only: given?.publish === false,
    method: null,
    base,
    branch,
    commit: null,
    branch_removed: false,
    forge,
    repository,
    pr_number: null,
    pr_url: null,
    title: null,
    comments: 0,
    conflicted: false,
    refreshed: false,
    taken_over: null,
    explanation: null,
    confidence: null,
    cost: null,
    files: [],
    targets: [],
    turn: 0,
    sent_back: [],
    sessions: [],
    agent_turns: 0,
    verify_jobs: [],
    evidence: null,
    approval: null,
    failure: null,
    requested_by: by,
    reconsidered: null,
    requested_at: time,
    drafted_at: null,
    verified_at: null,
    pushed_at: null,
    pr_opened_at: null,
    ended_at: null,
    updated_at: time,
    seqs: { requested: seq, refreshed: 0, sent_back: 0, turn: 0, drafted: 0, verified: 0, pushed: 0, pr: 0 },
  };
}
