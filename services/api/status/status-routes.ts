import { statSync } from 'node:fs';
import { join } from 'node:path';
import { eventStream, logStream } from '../../../events/streams.ts';
import { rolledBack } from '../../checkpoints/kept-anchor.ts';
import { StatusAnswer } from '../../documents/status-answer.ts';
import { AppError } from '../../floor/app-error.ts';
import { diskForecast } from '../../floor/disk-forecast.ts';
import { consumerLags } from '../../io/nats/log/consumer-lag.ts';
import { type StreamSize, streamSizes } from '../../io/nats/stream-sizes.ts';
import { missingRoles, type RoleHolder, roleHolders } from '../../roles/role-leases.ts';
import { callerOf } from '../authenticate.ts';
import type { ApiDeps, Routes } from '../define.ts';
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

/** Everything about the farm at this moment that fits on one screen. */
export const statusRoutes: Routes = (app, deps) => {
  const live = liveRunners(deps.leases);
  const holders = roleHolders(deps.leases);
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
      const { owner, projects } = callerOf(request);
      if (projects !== null)
        throw new AppError('forbidden', 'The status is of a whole team; this bearer is narrowed to some projects.', {
          name: 'project_not_in_scope',
        });
      const [end, runners, consumers, living, rolled_back, streams] = await Promise.all([
        deps.log.end().catch(() => null),
        live().catch(() => []),
        owner === null ? consumerLags(deps.nats).catch(() => []) : [],
        owner === null ? holders().catch(() => []) : [],
        owner === null ? rolledBack({ log: deps.log, dataDir: deps.config.dataDir }).catch(() => null) : null,
        owner === null ? streamSizes(deps.nats).catch(() => []) : [],
      ]);
      return {
        ok: true as const,
        ...statusOf(owner, { end, runners, consumers, living, streams, nextSlot, rolled_back }, deps),
      };
    },
  );
};

/** A lease is some seconds old: a host that reads along is as far behind as its word is. */
function projectorsOf(living: readonly RoleHolder[], end: number | null) {
  return living.flatMap(({ host, pid, projector, silent = false }) => {
    if (!projector) return [];
    const { standsIn, seq, stopped, snapshot } = projector;
    const behind = end === null ? null : Math.max(0, end - seq);
    const at = snapshot && new Date(snapshot.at).toISOString();
    const last = { snapshot_seq: snapshot?.seq ?? null, snapshot_at: at };
    return [{ host, pid, stands_in: standsIn, seq, behind, stopped, silent, ...last }];
  });
}

type Asked = {
  readonly end: number | null;
  readonly runners: readonly LiveRunner[];
  readonly nextSlot: ReturnType<typeof rememberedSlots>;
  readonly living: readonly RoleHolder[];
  readonly streams: readonly StreamSize[];
  readonly consumers: { name: string; behind: number; in_flight: number }[];
  readonly rolled_back: string | null;
};

function statusOf(
  owner: string | null,
  { end, runners, consumers, living, streams, nextSlot, rolled_back }: Asked,
  deps: ApiDeps,
) {
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
      rolled_back,
    },
    slots: { all: runners.reduce((sum, one) => sum + one.slots, 0), busy: running.length },
    jobs: jobs.activeOf(owner),
    runners: owner === null ? runners.map((one) => ({ ...one, busy: busyOn(one.name) })) : [],
    consumers,
    projectors: projectorsOf(living, end),
    roles_missing: living.length === 0 ? [] : missingRoles(living),
    ...diskOf(owner, streams, deps),
    notices_pending: owner === null ? pending : null,
    running: shownJobs(running, owner, nowMs),
    queue: shownQueue(owner, { running, runners, nowMs }, deps),
    ...recent(owner, deps),
    schedules: nextScheduled(owner, { nowMs, nextSlot }, deps),
    forge_refused: forgeRefused(owner, deps),
    digest_overdue: lateDigest(owner, nowMs, deps),
  };
}

/** Where the disk lies is the admin's to know. */
function diskOf(owner: string | null, streams: readonly StreamSize[], deps: ApiDeps) {
  const { disk } = deps;
  const shortage = disk?.shortage() ?? null;
  const no_new_work = shortage === null ? null : owner === null ? shortage : 'the disk of the farm is nearly full';
  if (!disk || owner !== null) return { no_new_work, disk: null };
  const { free, floor } = disk.least();
  const last = disk.last?.() ?? null;
  const freed = last && { ...last, what: last.what.map((one) => ({ ...one })) };
  return { no_new_work, disk: { free, floor, forecast: forecastOf(free - floor, streams, deps), freed } };
}

function forecastOf(room: number, streams: readonly StreamSize[], { config, clock }: ApiDeps) {
  // Elsewhere the log grows on another disk than the one that is looked at here.
  if (config.natsUrl !== null) return null;
  const [events, logs] = [eventStream, logStream].map(({ name }) => streams.find(({ stream }) => stream === name));
  const models = statSync(join(config.dataDir, 'read-model.db'), { throwIfNoEntry: false })?.size ?? 0;
  const growth = {
    events: (events?.bytes ?? 0) + models,
    firstEventMs: events?.firstMs ?? null,
    logs: logs?.bytes ?? 0,
    firstLogMs: logs?.firstMs ?? null,
    retentionDays: config.logRetentionDays,
  };
  return diskForecast(growth, room, clock.now());
}
