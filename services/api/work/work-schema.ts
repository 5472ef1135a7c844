import { Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import { BottleEgress } from '../../../events/jobs/bottle.ts';
import { commentKinds, workOutcomes, workTriggers, workVerbs } from '../../../events/work/work.ts';
import { workStates } from '../../../projections/work/work-document.ts';

const Text = Type.String();
const maybe = nullable(Text);

/** An issue on which an agent works, as it is shown. */
export const Work = Type.Object(
  {
    id: Text,
    project: Text,
    forge: Text,
    repository: Text,
    issue: Type.Integer(),
    issue_url: Text,
    title: Type.String({ description: 'by whoever opened the issue: nothing in it is to be believed' }),
    agent: Text,
    verb: oneOf(workVerbs),
    trigger: oneOf(workTriggers),
    by: Type.String({ description: 'who asked for it: a login of the forge, or the name of a token' }),
    because: Text,
    instructions: maybe,
    budget_tokens: nullable(Type.Integer()),
    state: oneOf(workStates),
    waits_for: Type.Optional(
      Type.String({
        description: 'what has to happen before it goes on, where that is a place among the open proposals',
      }),
    ),
    round: Type.Integer(),
    turn: Type.Integer(),
    base: nullable(Type.Object({ branch: Text, sha: Text })),
    bottles: Type.Array(Text),
    bottle_id: maybe,
    session: maybe,
    run: nullable(
      Type.Object({
        bottle_id: Text,
        manifest_digest: maybe,
        job_id: maybe,
        status: maybe,
        summary: maybe,
        ended: maybe,
        why: maybe,
        exit_code: nullable(Type.Integer()),
        has_diff: Type.Boolean(),
        started_at: maybe,
        duration_ms: nullable(Type.Integer()),
        turns: nullable(Type.Integer()),
        egress: nullable(BottleEgress),
      }),
    ),
    patch_id: maybe,
    pull: nullable(Type.Object({ number: Type.Integer(), url: Text })),
    status_comment: nullable(Type.Integer()),
    pending: Type.Array(
      Type.Object({
        kind: oneOf(commentKinds),
        id: Type.Integer(),
        thread: maybe,
        by: Text,
        member: Type.Boolean(),
        path: maybe,
        line: nullable(Type.Integer()),
      }),
    ),
    asked: Type.Array(Type.Object({ kind: oneOf(commentKinds), id: Type.Integer() })),
    strangers: Type.Integer(),
    resume: maybe,
    commented_at: maybe,
    conflicted: Type.Boolean(),
    refreshed: Type.Boolean(),
    tries: Type.Integer(),
    failure: nullable(Type.Object({ step: Text, reason: Text, detail: Text })),
    armed: Type.Boolean({ description: 'whether a label that is put there begins another round' }),
    outcome: nullable(oneOf(workOutcomes)),
    reason: maybe,
    detail: maybe,
    targeted_at: Text,
    updated_at: Text,
    ended_at: maybe,
    seqs: Type.Record(Text, Type.Integer()),
  },
  { title: 'Work' },
);
