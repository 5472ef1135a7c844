import { Type } from '@sinclair/typebox';
import { nullable } from '../../events/fields.ts';

const Count = Type.Integer({ minimum: 0 });

/** A job that runs. */
export const runningFields = {
  job_id: Type.String(),
  project: Type.String(),
  subproject: Type.String(),
  recipe: Type.String(),
  branch: Type.String(),
  purpose: Type.String(),
  runner: nullable(Type.String()),
  elapsed_ms: Count,
  cancelling: Type.Boolean(),
};

/** What `GET /status` answers. */
export const StatusAnswer = Type.Object({
  ok: Type.Literal(true),
  version: Type.String(),
  time: Type.String(),
  admin: Type.Boolean({ description: 'whether all is shown, or what belongs to the token' }),
  log: Type.Object({
    end: nullable(Count),
    seq: Type.Integer({ description: 'the last event in the read models' }),
    stopped: nullable(Type.String()),
    rebuilding: nullable(Type.Object({ seq: Count, target: Count })),
    durability: Type.String(),
    rolled_back: nullable(
      Type.String({ description: 'why the log is not the one that was vouched for; for the admin' }),
    ),
  }),
  slots: Type.Object({ all: Count, busy: Count }),
  jobs: Type.Object({ queued: Count, running: Count, parsing: Count }),
  runners: Type.Array(
    Type.Object({
      name: Type.String(),
      host: Type.String(),
      slots: Count,
      busy: Count,
      containment: Type.String(),
      sandbox: nullable(Type.String()),
      labels: Type.Array(Type.String()),
      claims: Type.Boolean({ description: 'it has a credential of its own: it runs no agents' }),
    }),
    { description: 'for the admin' },
  ),
  consumers: Type.Array(Type.Object({ name: Type.String(), behind: Count, in_flight: Count }), {
    description: 'for the admin',
  }),
  notices_pending: nullable(Count),
  projectors: Type.Array(
    Type.Object({
      host: Type.String(),
      pid: Count,
      stands_in: Type.Boolean({ description: 'no process of the host has the role `projector`' }),
      seq: Count,
      behind: nullable(Count),
      stopped: nullable(Type.String()),
      silent: Type.Boolean({ description: 'it said nothing for longer than usual: it may be gone' }),
      snapshot_seq: nullable(Count),
      snapshot_at: nullable(Type.String()),
    }),
    { description: 'who writes the read models of each host, as each said in the last seconds; for the admin' },
  ),
  /** Roles that no living process has; for admins. */
  roles_missing: Type.Array(Type.String()),
  no_new_work: nullable(Type.String({ description: 'why no new work is taken at the moment' })),
  disk: nullable(
    Type.Object(
      {
        free: Count,
        floor: Type.Integer({
          minimum: 0,
          description: 'below it no new work is taken; room is made below its double',
        }),
        forecast: nullable(
          Type.Object(
            { bytes_per_day: Count, days_left: nullable(Count) },
            {
              description:
                'how long the room above the floor lasts at the pace so far; null in the first day, and where the log is elsewhere',
            },
          ),
        ),
        freed: nullable(
          Type.Object({
            at: Type.String(),
            bytes: Count,
            what: Type.Array(Type.Object({ name: Type.String(), bytes: Count })),
          }),
        ),
      },
      {
        description:
          'the fullest disk of the process that answers, and what was freed on it last, in bytes; for the admin',
      },
    ),
  ),
  running: Type.Array(Type.Object(runningFields)),
  queue: Type.Array(
    Type.Object({
      priority: Type.String(),
      project: Type.String(),
      jobs: Count,
      waiting_ms: Count,
      why: Type.String(),
    }),
    { description: 'in the order in which it is served' },
  ),
  findings: Type.Array(
    Type.Object({
      id: Count,
      project: Type.String(),
      severity: Type.String(),
      tool: Type.String(),
      code: nullable(Type.String()),
      file: nullable(Type.String()),
      line: nullable(Count),
      message: Type.String(),
      first_seen_at: Type.String(),
    }),
  ),
  patches: Type.Array(
    Type.Object({
      id: Type.String(),
      project: Type.String(),
      status: Type.String(),
      title: nullable(Type.String()),
      pr_url: nullable(Type.String()),
      branch: Type.String(),
    }),
  ),
  schedules: Type.Array(
    Type.Object({
      project: Type.String(),
      recipe: Type.String(),
      timezone: Type.String({ description: 'in which the expression is meant' }),
      at: Type.String(),
      in_ms: Count,
    }),
  ),
  forge_refused: Type.Array(Type.Object({ project: Type.String(), repository: Type.String(), reason: Type.String() }), {
    description:
      "projects that want the forge told, for which the farm's token is not granted, or whose credential the forge does not take",
  }),
  digest_overdue: nullable(Type.Object({ date: Type.String(), projects: Count, reason: Type.String() })),
});
