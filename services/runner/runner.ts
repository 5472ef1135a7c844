import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Recorded } from '../../events/registry.ts';
import { messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import type { Follower } from '../io/event-log.ts';
import type { Bucket } from '../io/nats/bucket.ts';
import { keepLowWaterMark, readLowWaterMark } from '../jobs/low-water-mark.ts';
import { endOrphan, endUnstarted } from '../jobs/orphans.ts';
import { emptyQueue, type OpenJob, supersededBy } from '../jobs/rules/job-queue.ts';
import { canHold } from '../jobs/rules/plan-confinement.ts';
import { missingLabels } from '../jobs/rules/waiting-for.ts';
import { claimJob } from './claim-job.ts';
import { holdLease } from './lease.ts';
import { openReadiness } from './readiness.ts';
import { type RunJobDeps, runJob, type StopReason } from './run-job.ts';

export type RunnerDeps = RunJobDeps & {
  /** Which runner this is, across restarts. */
  readonly runner: string;
  readonly slots: number;
  readonly leases: Bucket;
  readonly hints: Bucket;
  readonly leaseTimes?: { renewMs: number; lostAfterMs: number };
  /** Labels that the operator gave, and how those of the toolchains are found. */
  readonly labels?: readonly string[];
  readonly findLabels?: () => Promise<readonly string[]>;
  readonly version?: string;
  /** Why the disk has no room for another job, as a sentence, or null. */
  readonly shortage?: () => string | null;
};

export type RunnerStatus = {
  readonly slots: number;
  readonly running: number;
  readonly queued: number;
  /** Why it takes no jobs, as a sentence; not there when it does. */
  readonly refusal?: string;
};

export type RunningRunner = {
  readonly status: () => RunnerStatus;
  /** Takes no more jobs; those that still run after `graceMs` are handed back. Resolves when none runs any more. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
};

const jobEvents = 'ct.job.>';

/**
 * Takes jobs and runs them. The queue is a fold over the jobs' events; a job is taken by appending its RecipeStarted,
 * which the log grants to one runner only, one job per free slot.
 */
export async function startRunner(deps: RunnerDeps): Promise<RunningRunner> {
  const { log, logger, runner, slots } = deps;
  const levels = { containment: deps.processes.containment, sandbox: deps.sandbox.level };
  const readiness = openReadiness({
    version: deps.version ?? version,
    hints: deps.hints,
    ...(deps.shortage ? { shortage: deps.shortage } : {}),
    labels: deps.labels ?? [],
    findLabels: deps.findLabels ?? (async () => []),
    logger,
    onLabels: () => {
      queue.reconsider();
      lease.announce().catch(() => {});
      plan();
    },
  });
  const queue = emptyQueue((job) => readiness.canRun(job) && !isForOthers(job));
  const running = new Map<string, { abort: (reason: StopReason) => void; done: Promise<void> }>();
  const ending = new Set<string>();
  /** Jobs that this runner took and could not bring to their end, because the log or its store did not answer. */
  const unended = new Set<string>();
  let caughtUp = false;
  let closing = false;
  let planned = false;

  /** A job that our sandbox cannot hold is refused in the open, unless somebody else is there who can run it. */
  const isForOthers = ({ data }: OpenJob) => {
    const { needs } = data.snapshot.subproject;
    return (
      !canHold(data, levels.sandbox) &&
      lease
        .others()
        .some(
          ({ sandbox, labels, draining }) =>
            !draining && canHold(data, sandbox) && missingLabels(needs, new Set(labels)).length === 0,
        )
    );
  };
  const stopJob = (jobId: string, reason: StopReason) => running.get(jobId)?.abort(reason);
  /** Ends a job that this runner does not run; once at a time, tried again at the next look. */
  const end = (job: OpenJob, how: Promise<void>) => {
    const id = job.data.job_id;
    ending.add(id);
    how
      .catch((error) =>
        logger.warn({ job_id: id, error: messageOf(error) }, 'a job could not be ended, will try again'),
      )
      .finally(() => ending.delete(id));
  };
  const sweep = () => {
    for (const job of queue.open()) {
      const id = job.data.job_id;
      if (ending.has(id) || running.has(id)) continue;
      if (job.state === 'queued' && job.cancelRequested) end(job, endUnstarted(job, 'cancelled', deps));
      if (job.state === 'running' && (unended.has(id) || lease.isLost(job.runner ?? '', job.lease ?? '')))
        end(job, endOrphan(job, deps));
    }
  };
  const start = (job: OpenJob) => {
    const id = job.data.job_id;
    queue.take(id);
    unended.delete(id);
    const controller = new AbortController();
    const done = claimJob(job, { log, runner, lease: lease.id, ...levels })
      .then((claimed) => (claimed ? runJob(job, controller.signal, deps) : undefined))
      .catch((error) => {
        unended.add(id);
        setTimeout(() => {
          queue.giveBack(id);
          plan();
        }, 500).unref();
        logger.error({ job_id: id, error: messageOf(error) }, 'a job could not be brought to its end');
      })
      .finally(() => {
        running.delete(id);
        plan();
      });
    running.set(id, { abort: (reason) => controller.abort(reason), done });
  };
  const dispatch = () => {
    planned = false;
    while (caughtUp && !closing && readiness.refusal() === null && running.size < slots) {
      const job = queue.next();
      if (!job) return;
      start(job);
    }
  };
  const plan = () => {
    if (planned) return;
    planned = true;
    setImmediate(dispatch);
  };
  const onEvent = (event: Recorded) => {
    const job = queue.evolve(event);
    if (!caughtUp || !job) return;
    react(event, job);
  };
  const react = (event: Recorded, job: OpenJob) => {
    if (event.type === 'JobEnqueued') {
      for (const older of supersededBy(job, queue.open()))
        if (!ending.has(older.data.job_id)) end(older, endUnstarted(older, `superseded by ${job.data.job_id}`, deps));
      plan();
    }
    if (event.type === 'JobCancelRequested') {
      if (running.has(job.data.job_id)) stopJob(job.data.job_id, 'cancelled');
      else if (job.state === 'queued' && !ending.has(job.data.job_id)) end(job, endUnstarted(job, 'cancelled', deps));
    }
    if (event.type === 'RecipeStarted' && event.data.lease !== lease.id) stopJob(job.data.job_id, 'lost');
    if (event.type === 'RecipeExited') {
      stopJob(job.data.job_id, 'lost');
      unended.delete(job.data.job_id);
      plan();
    }
  };

  const lease = await holdLease({
    bucket: deps.leases,
    runner,
    facts: () => ({ host: hostname(), slots, ...levels, labels: readiness.labels(), draining: closing }),
    log: logger,
    onLook: () => {
      if (caughtUp) sweep();
      queue.reconsider();
      readiness.look().then(plan, () => {});
    },
    ...deps.leaseTimes,
  });
  await readiness.look();
  const mark = await readLowWaterMark(deps.hints);
  const from = mark + 1;
  const target = await log.end(jobEvents);
  const { promise: atEnd, resolve: reachEnd, reject: cannotFollow } = Promise.withResolvers<void>();
  let seen = from - 1;
  /** All jobs of the past are known: from now on jobs are taken. */
  const begin = () => {
    reachEnd();
    caughtUp = true;
    sweep();
    plan();
  };
  const follower: Follower = await log.follow({
    from,
    filter: jobEvents,
    onEvent: (event) => {
      seen = event.seq;
      onEvent(event);
    },
    onDrained: () => {
      if (seen >= target) begin();
    },
    onStuck: (error) => {
      logger.error({ error: error.message }, 'runner cannot read the log any further');
      readiness.refuse(`This runner cannot read the log beyond sequence ${error.seq}; /readyz says what to do.`);
      reachEnd();
    },
    onPassed: (seq) => {
      readiness.refuse(null);
      seen = Math.max(seen, seq);
      if (seen >= target) begin();
    },
    onError: (error) => {
      logger.error({ error: messageOf(error) }, 'runner stopped following the log');
      readiness.refuse(`This runner cannot follow the log: ${messageOf(error)}`);
      cannotFollow(error);
    },
  });
  if (target >= from) await atEnd;
  else begin();
  /** A runner that may not ask for jobs may not tell others which of them they need not look at, either. */
  const keepMark = async () => {
    if (deps.mayAsk !== false) await keepLowWaterMark(deps.hints, Math.max(mark, queue.lowWaterMark()));
  };
  const markTimer = setInterval(keepMark, 60_000);
  markTimer.unref();
  const allDone = () => Promise.all([...running.values()].map(({ done }) => done));
  return {
    status: () => {
      const refusal = readiness.refusal();
      return { slots, running: running.size, queued: queue.queued(), ...(refusal === null ? {} : { refusal }) };
    },
    drain: async (graceMs) => {
      closing = true;
      lease.announce().catch(() => {});
      await Promise.race([allDone(), wait(graceMs, undefined, { ref: false })]);
      for (const { abort } of running.values()) abort('handed_back');
      await allDone();
    },
    close: async () => {
      closing = true;
      readiness.stop();
      clearInterval(markTimer);
      for (const { abort } of running.values()) abort('shutdown');
      await allDone();
      await follower.stop();
      await keepMark();
      await lease.stop();
    },
  };
}
