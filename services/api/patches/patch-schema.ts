import { type Static, Type } from '@sinclair/typebox';
import { nullable, oneOf, recipeNames } from '../../../events/fields.ts';
import { Evidence, forgeKinds, PatchCost, PatchFailure, ProposedBottle } from '../../../events/patches/patch.ts';
import { patchMethods } from '../../../events/projects/project.ts';
import { type PatchDoc, patchStatuses } from '../../../projections/patches/patch-document.ts';

const Text = Type.String();
const Time = Type.String({ description: 'ISO 8601, UTC' });

/** An attempt as it is sent. `seqs` name the newest event of each step, so that every claim leads back to the log. */
export const PatchAttempt = Type.Object(
  {
    id: Text,
    finding_id: Type.Integer(),
    identity: Text,
    bottle: nullable(ProposedBottle),
    members: Type.Array(Type.Object({ finding_id: Type.Integer(), identity: Text })),
    job_id: Text,
    project: Text,
    subproject: Text,
    recipe: oneOf(recipeNames),
    attempt_number: Type.Integer(),
    status: oneOf(patchStatuses),
    open: Type.Boolean(),
    methods: Type.Array(oneOf(patchMethods)),
    verify_only: Type.Boolean(),
    method: nullable(oneOf(patchMethods)),
    base: Type.Object({ branch: Text, sha: Text }),
    branch: Text,
    commit: nullable(Text),
    branch_removed: Type.Boolean(),
    forge: oneOf(forgeKinds),
    repository: nullable(Text),
    pr_number: nullable(Type.Integer()),
    pr_url: nullable(Text),
    title: nullable(Text),
    comments: Type.Integer(),
    conflicted: Type.Boolean(),
    refreshed: Type.Boolean(),
    taken_over: nullable(Text),
    explanation: nullable(Text),
    confidence: nullable(Type.Number()),
    cost: nullable(PatchCost),
    files: Type.Array(Type.Object({ path: Text, status: Text, added: Type.Integer(), removed: Type.Integer() })),
    targets: Type.Array(Text),
    turn: Type.Integer(),
    sent_back: Type.Array(
      Type.Object({
        turn: Type.Integer(),
        method: oneOf(patchMethods),
        step: Text,
        reason: Text,
        detail: Text,
        duration_ms: Type.Integer(),
        cost: nullable(PatchCost),
      }),
    ),
    sessions: Type.Array(
      Type.Object({ session_id: Text, adapter: Text, model: nullable(Text), closed: Type.Boolean() }),
    ),
    agent_turns: Type.Integer(),
    verify_jobs: Type.Array(Text),
    evidence: nullable(Evidence),
    approval: nullable(
      Type.Object({
        digest: Text,
        requested_at: Time,
        expires_at: Time,
        by: nullable(Text),
        at: nullable(Time),
        reason: Text,
        answer: nullable(oneOf(['approved', 'declined'])),
      }),
    ),
    failure: nullable(PatchFailure),
    requested_by: Text,
    reconsidered: nullable(Type.Object({ by: Text, reason: Text, at: Time, seq: Type.Integer() })),
    requested_at: Time,
    drafted_at: nullable(Time),
    verified_at: nullable(Time),
    pushed_at: nullable(Time),
    pr_opened_at: nullable(Time),
    ended_at: nullable(Time),
    updated_at: Time,
    seqs: Type.Record(Text, Type.Integer()),
    waits_for: Type.Optional(
      Type.String({
        description:
          'of one that is looked at: what has to happen before it begins, where that is a place among the open ones',
      }),
    ),
    diff: Type.Optional(nullable(Text)),
  },
  { title: 'PatchAttempt' },
);

/** Fails to compile when the read model and what is sent drift apart. */
export type SentPatch = Static<typeof PatchAttempt> extends Omit<PatchDoc, 'seqs'> ? true : never;
