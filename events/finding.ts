import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from './define.ts';
import { Count, closed, JobId, Name, nullable, oneOf, Recipe, Time, text } from './fields.ts';

export const findingKinds = ['lint', 'cve', 'test_fail', 'recipe_fail'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** `critical|high|medium|low|info` for a cve, `error|warn|info` for the rest. */
export const severities = ['critical', 'high', 'medium', 'low', 'error', 'warn', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Lines and columns count from 1, columns in UTF-16 code units; an offset counts UTF-16 code units from 0. */
const Position = Type.Union([
  closed({ line: Type.Integer({ minimum: 1 }), column: Type.Integer({ minimum: 1 }) }),
  closed({ offset: Count }),
]);

/** A machine-applicable replacement that the tool itself offers; `end` is exclusive. */
export const Edit = closed({
  file: text(1024, 1),
  start: Position,
  end: Position,
  text: text(16_384),
  safe: Type.Boolean(),
});

/** What one tool said about one place. `file` is relative to the repository's root, with forward slashes. */
export const Observation = closed({
  kind: oneOf(findingKinds),
  severity: oneOf(severities),
  tool: text(64, 1),
  tool_severity: nullable(text(64)),
  tool_code: nullable(text(512)),
  file: nullable(text(1024)),
  line: nullable(Type.Integer({ minimum: 1 })),
  column: nullable(Type.Integer({ minimum: 1 })),
  end_line: nullable(Type.Integer({ minimum: 1 })),
  code: nullable(text(512)),
  message: text(8192),
  suggested_fix: nullable(text(4096)),
  fingerprint: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  package: nullable(text(256)),
  installed_version: nullable(text(128)),
  fixed_version: nullable(text(256)),
  aliases: Type.Array(text(128), { maxItems: 32 }),
  url: nullable(text(2048)),
  /** Other tools that said the same in the same run: it is one finding. Absent where there are none. */
  also: Type.Optional(
    Type.Array(closed({ tool: text(64, 1), code: nullable(text(512)) }), { minItems: 1, maxItems: 8 }),
  ),
  edits: Type.Array(Edit, { maxItems: 64 }),
  raw_json: text(8192),
});

/** An observation in one job, tied to the finding that it is a sighting of. */
export const Occurrence = closed({
  ...Observation.properties,
  identity: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  finding_id: Count,
  is_new: Type.Boolean(),
});

export type Edit = Static<typeof Edit>;
export type Observation = Static<typeof Observation>;
export type Occurrence = Static<typeof Occurrence>;

const Identity = Type.String({ pattern: '^[0-9a-f]{32}$' });

const Place = {
  identity: Identity,
  project: Name,
  job_id: JobId,
  branch: text(255, 1),
  /** The sequence of the job's JobEnqueued: runs are ordered by when they were asked for, not by when they were read. */
  run_seq: Count,
};

/** What makes this finding the same one in later runs: the parts of the key, and which of several equal ones it is. */
export const WhyIdentity = closed({
  parts: Type.Record(Type.String({ maxLength: 32 }), nullable(text(1024))),
  ordinal: Count,
});
export type WhyIdentity = Static<typeof WhyIdentity>;

/** New to the project; its sequence in the log is the finding's `id`. */
export const FindingDetected = defineEvent(
  'FindingDetected',
  'finding',
  closed({
    ...Place,
    identity_version: Type.Integer({ minimum: 1 }),
    why_identity: Type.Optional(WhyIdentity),
    subproject: text(512, 1),
    recipe: Recipe,
    on_default_branch: Type.Boolean(),
    /** It was there when the recipe was looked at first: the line from which `new` counts. */
    baseline: Type.Optional(Type.Boolean()),
    finding: Observation,
  }),
);

/** Gone, by proof: a complete run of the same tool that could have seen it did not. */
export const FindingResolved = defineEvent('FindingResolved', 'finding', closed({ ...Place, reason: text(512, 1) }));

/** Nobody looks for it any more: its recipe was taken out of the project. Whether it is gone is not known. */
export const FindingUnwatched = defineEvent('FindingUnwatched', 'finding', closed({ ...Place, reason: text(512, 1) }));

/** It was resolved and is seen again, or was seen elsewhere and comes to the default branch: then it is the `first` time. */
export const FindingReopened = defineEvent(
  'FindingReopened',
  'finding',
  closed({
    ...Place,
    first: Type.Optional(Type.Boolean()),
    baseline: Type.Optional(Type.Boolean()),
    /** A test that is known to fail and pass on one commit: it is suppressed for a time, and no news. */
    set_aside: Type.Optional(Type.Boolean()),
  }),
);

/** Many findings that one request spoke of; absent where it spoke of one. */
const Batch = Type.Optional(Type.String({ pattern: '^[0-9a-f-]{36}$' }));

/** Someone decided to live with it. */
export const FindingSuppressed = defineEvent(
  'FindingSuppressed',
  'finding',
  closed({
    identity: Identity,
    project: Name,
    by: Name,
    reason: text(1024, 1),
    until: nullable(Time),
    batch: Batch,
  }),
);

/** The decision was taken back. */
export const FindingUnsuppressed = defineEvent(
  'FindingUnsuppressed',
  'finding',
  closed({ identity: Identity, project: Name, by: Name, reason: text(1024), batch: Batch }),
);

/** Somebody is to look after it, or nobody any more. */
export const FindingAssigned = defineEvent(
  'FindingAssigned',
  'finding',
  closed({
    identity: Identity,
    project: Name,
    by: Name,
    /** A name of a token or of a person; null for nobody. */
    assignee: nullable(text(128, 1)),
    /** Who it was before. */
    before: nullable(text(128, 1)),
    batch: Batch,
  }),
);
