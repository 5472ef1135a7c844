import { Type } from '@sinclair/typebox';
import type { Log } from 'sarif';
import { closed, nullable, oneOf } from '../../events/fields.ts';
import { Observation, WhyIdentity } from '../../events/finding.ts';
import { findingStates } from '../../projections/findings/findings.ts';

const Text = Type.String();

/** A finding as one job saw it. */
export const Finding = Type.Object(
  {
    id: Type.Integer({ description: 'the same for every sighting of the same finding' }),
    job_id: Text,
    ...Observation.properties,
    identity: Text,
    project: Text,
    subproject: Text,
    recipe: Text,
    state: oneOf(findingStates),
    is_new: Type.Boolean(),
    first_seen_job: Text,
    last_seen_job: Text,
    created_at: Text,
    log_line: Type.Optional(
      nullable(Type.Integer({ description: 'of the log, from 1; with log_lines=1, null where it was not recognised' })),
    ),
  },
  { title: 'Finding' },
);

/** A finding over all jobs. Runs are named by the sequence of the JobEnqueued of theirs, 0 for none. */
export const KnownFinding = Type.Object(
  {
    ...Finding.properties,
    why_identity: nullable(WhyIdentity),
    branch: Text,
    first_seen_at: Text,
    last_seen_at: Text,
    last_seen_seq: Type.Integer(),
    last_seen_run: Type.Integer(),
    resolved_at: nullable(Text),
    resolved_seq: nullable(Type.Integer()),
    resolved_run: Type.Integer(),
    suppression: nullable(Type.Object({ by: Text, reason: Text, until: nullable(Text) })),
    assignment: Type.Optional(
      nullable(Type.Object({ to: Text, by: Text, at: Text }, { description: 'who is to look after it' })),
    ),
    batch: Type.Optional(
      nullable(Type.Object({ id: Text, action: Text }, { description: 'the request over many that changed it last' })),
    ),
  },
  { title: 'KnownFinding' },
);

export const Suppression = closed({
  reason: Type.String({ minLength: 1, maxLength: 1024 }),
  until: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
});

/** A log as the standard describes it (docs.oasis-open.org/sarif/sarif/v2.1.0); here only as far as it is looked at. */
export const SarifLog = Type.Unsafe<Log>(
  Type.Object(
    { $schema: Text, version: Type.Literal('2.1.0'), runs: Type.Array(Type.Record(Text, Type.Unknown())) },
    { title: 'SarifLog' },
  ),
);
