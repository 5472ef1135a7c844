import { Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import {
  Compiled,
  Dependencies,
  exitReasons,
  priorities,
  RecipeSnapshot,
  RunFailure,
  TestCounts,
} from '../../../events/jobs/job.ts';
import { jobStatuses } from '../../../projections/jobs/jobs.ts';
import { JobCoverage } from '../../documents/figure-schema.ts';

const Text = Type.String();
const Milliseconds = nullable(Type.Integer());
const Time = Type.String({ description: 'ISO 8601, UTC' });

/** A job as it is sent. */
export const Job = Type.Object(
  {
    job_id: Text,
    project: Text,
    subproject: Text,
    recipe: Text,
    command: Text,
    language: Text,
    branch: Text,
    sha: nullable(Text),
    status: oneOf(jobStatuses),
    reason: nullable(oneOf(exitReasons)),
    detail: nullable(Text),
    exit_code: nullable(Type.Integer()),
    signal: nullable(Text),
    priority: oneOf(priorities),
    purpose: Text,
    enqueued_at: Time,
    started_at: nullable(Time),
    finished_at: nullable(Time),
    duration_ms: nullable(Type.Integer()),
    timings: Type.Object(
      {
        wait_ms: Milliseconds,
        fetch_ms: Milliseconds,
        tree_ms: Milliseconds,
        install_ms: Milliseconds,
        run_ms: Milliseconds,
        read_ms: Milliseconds,
      },
      {
        description:
          'where its time went: waiting for a slot, the commit, the tree, the install or what was kept of one, the command, reading its log',
      },
    ),
    dependencies: nullable(Dependencies),
    compiled: nullable(Compiled),
    findings_count: Type.Integer(),
    new_findings_count: Type.Integer(),
    resolved_findings_count: Type.Integer(),
    not_observed: nullable(Text),
    not_observed_count: Type.Integer(),
    on_default_branch: nullable(Type.Boolean()),
    baseline_findings_count: Type.Integer(),
    failure: nullable(RunFailure),
    retry_at: nullable(Time),
    tools: Type.Array(Type.Object({ tool: Text, parser: Text, complete: Type.Boolean(), findings: Type.Integer() })),
    problems: Type.Array(Text, {
      description: 'what of its output and files could not be read, such as a coverage report that breaks off',
    }),
    tests: nullable(TestCounts),
    coverage: nullable(JobCoverage),
    log_bytes: Type.Integer(),
    truncated: Type.Boolean(),
    runner: nullable(Text),
    containment: nullable(Text),
    sandbox: nullable(Text),
    requested_by: Text,
    cancel_requested_by: nullable(Text),
    rerun_of: nullable(Text),
    patch_id: nullable(Text),
    cause: Text,
    /** Why a queued job does not begin: what it needs and no runner has. */
    waiting_for: Type.Optional(Text),
    recipe_snapshot: RecipeSnapshot,
    recipe_snapshot_json: Text,
  },
  { title: 'Job' },
);
