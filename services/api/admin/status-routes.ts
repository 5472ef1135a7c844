import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import { consumerLags } from '../../io/nats/consumer-lag.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { type LiveRunner, liveRunners } from '../live/live-runners.ts';
import {
  forgeRefused,
  lateDigest,
  nextScheduled,
  recent,
  rememberedSlots,
  runningJobs,
  shownJobs,
  shownQueue,
} from './status-facts.ts';

const Count = Type.Integer({ minimum: 0 });

export const StatusAnswer = success({
  version: Type.String(),
  time: Type.String(),
  admin: Type.Boolean({ description: 'whether all is shown, or what belongs to the token' }),
  log: Type.Object({
    end: nullable(Count),
    seq: Type.Integer({ description: 'the last event in the read models' }),
    stopped: nullable(Type.String()),
    rebuilding: nullable(Type.Object({ seq: Count, target: Count })),
    durability: Type.String(),
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
    }),
    { description: 'for the admin' },
  ),
  consumers: Type.Array(Type.Object({ name: Type.String(), behind: Count, in_flight: Count }), {
    description: 'for the admin',
  }),
  notices_pending: nullable(Count),
  running: Type.Array(
    Type.Object({
      job_id: Type.String(),
      project: Type.String(),
      subproject: Type.String(),
      recipe: Type.String(),
      branch: Type.String(),
      purpose: Type.String(),
      runner: nullable(Type.String()),
      elapsed_ms: Count,
      cancelling: Type.Boolean(),
    }),
  ),
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
    Type.Object({ project: Type.String(), recipe: Type.String(), at: Type.String(), in_ms: Count }),
  ),
  forge_refused: Type.Array(Type.Object({ project: Type.String(), repository: Type.String(), reason: Type.String() }), {
    description: "projects that want the forge told, for which the farm's token is not granted",
  }),
  digest_overdue: nullable(Type.Object({ date: Type.String(), projects: Count, reason: Type.String() })),
});

/** Everything about the farm at this moment that fits on one screen. */
export const statusRoutes: Routes = (app, deps) => {
  const live = liveRunners(deps.leases);
  const nextSlot = rememberedSlots();
  app.get(
    '/status',
    {
      schema: {
        summary: 'What runs, waits and came last: yours, or all of it and who runs it as admin',
        response: { 200: StatusAnswer },
      },
    },
    async (request) => {
      const { owner } = callerOf(request);
      const [end, runners, consumers] = await Promise.all([
        deps.log.end().catch(() => null),
        live().catch(() => []),
        owner === null ? consumerLags(deps.nats).catch(() => []) : [],
      ]);
      return { ok: true as const, ...statusOf(owner, { end, runners, consumers, nextSlot }, deps) };
    },
  );
};

type Asked = {
  readonly end: number | null;
  readonly runners: readonly LiveRunner[];
  readonly nextSlot: ReturnType<typeof rememberedSlots>;
  readonly consumers: { name: string; behind: number; in_flight: number }[];
};

function statusOf(owner: string | null, { end, runners, consumers, nextSlot }: Asked, deps: ApiDeps) {
  const { models, clock, version, durability } = deps;
  const nowMs = clock.now();
  const running = runningJobs(deps);
  const { stopped, rebuilding, seq } = models.status();
  const busyOn = (name: string) => running.filter(({ job }) => job.runner === name).length;
  const { notices, jobs } = models.query();
  const pending = Object.values(notices.pending()).reduce((sum, one) => sum + one, 0);
  return {
    version,
    time: new Date(nowMs).toISOString(),
    admin: owner === null,
    log: {
      end,
      seq,
      stopped,
      rebuilding: rebuilding && { seq: rebuilding.seq, target: rebuilding.target },
      durability,
    },
    slots: { all: runners.reduce((sum, one) => sum + one.slots, 0), busy: running.length },
    jobs: jobs.activeOf(owner),
    runners: owner === null ? runners.map((one) => ({ ...one, busy: busyOn(one.name) })) : [],
    consumers,
    notices_pending: owner === null ? pending : null,
    running: shownJobs(running, owner, nowMs),
    queue: shownQueue(owner, { running, runners, nowMs }, deps),
    ...recent(owner, deps),
    schedules: nextScheduled(owner, { nowMs, nextSlot }, deps),
    forge_refused: forgeRefused(owner, deps),
    digest_overdue: lateDigest(owner, nowMs, deps),
  };
}
