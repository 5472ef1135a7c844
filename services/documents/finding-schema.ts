import { Type } from '@sinclair/typebox';
import { closed, nullable, oneOf } from '../../events/fields.ts';
import { Observation } from '../../events/finding.ts';
import { findingStates } from '../../projections/findings.ts';

const Text = Type.String();

/** A finding as it is sent. */
export const Finding = Type.Object(
  {
    id: Type.Integer({ description: 'the same for every sighting of the same finding' }),
    job_id: Text,
    ...Observation.properties,
    identity: Text,
    project: Text,
    subproject: Text,
    state: oneOf(findingStates),
    is_new: Type.Boolean(),
    first_seen_job: Text,
    last_seen_job: Text,
    created_at: Text,
  },
  { title: 'Finding' },
);

export const Suppression = closed({
  reason: Type.String({ minLength: 1, maxLength: 1024 }),
  until: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
});
