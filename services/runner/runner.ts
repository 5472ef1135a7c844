import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import type { Follower } from '../io/event-log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import { keepLowWaterMark, readLowWaterMark } from '../jobs/low-water-mark.ts';
import { emptyQueue } from '../jobs/rules/job-queue.ts';
import { holdLease, type Lease } from './lease.ts';
import { openReadiness } from './readiness.ts';
import type { RunJobDeps } from './run-job.ts';
import { allDone, isForOthers, onJobEvent, plan, type RunnerState, sweep } from './runner-state.ts';

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
  const state = newState(deps);
  state.lease = await holdLease({
    bucket: deps.leases,
    runner: deps.runner,
    facts: () => {
      const { levels, readiness, closing: draining } = state;
      return { host: hostname(), slots: deps.slots, ...levels, labels: readiness.labels(), draining };
    },
    log: deps.logger,
    onLook: () => {
      if (state.caughtUp) sweep(state);
      state.queue.reconsider();
      state.readiness.look().then(
        () => plan(state),
        () => {},
      );
    },
    ...deps.leaseTimes,
  });
  await state.readiness.look();
  const mark = await readLowWaterMark(deps.hints);
  const follower = await followJobs(state, mark + 1);
  /** A runner that may not ask for jobs may not tell others which of them they need not look at, either. */
  const keepMark = async () => {
    if (deps.mayAsk !== false) await keepLowWaterMark(deps.hints, Math.max(mark, state.queue.lowWaterMark()));
  };
  const markTimer = setInterval(keepMark, 60_000);
  markTimer.unref();
  return {
    status: () => {
      const { queue, readiness, running } = state;
      const refusal = readiness.refusal();
      const counts = { slots: deps.slots, running: running.size, queued: queue.queued() };
      return { ...counts, ...(refusal === null ? {} : { refusal }) };
    },
    drain: async (graceMs) => {
      state.closing = true;
      state.lease.announce().catch(() => {});
      await Promise.race([allDone(state), wait(graceMs, undefined, { ref: false })]);
      for (const { abort } of state.running.values()) abort('handed_back');
      await allDone(state);
    },
    close: async () => {
      state.closing = true;
      state.readiness.stop();
      clearInterval(markTimer);
      for (const { abort } of state.running.values()) abort('shutdown');
      await allDone(state);
      await follower.stop();
      await keepMark();
      await state.lease.stop();
    },
  };
}

/** Stands in until the lease is held: so far there is no job that anybody could ask about. */
const noLease: Lease = {
  id: '',
  isLost: () => false,
  others: () => [],
  announce: async () => {},
  stop: async () => {},
};

function newState(deps: RunnerDeps): RunnerState {
  const readiness = openReadiness({
    version: deps.version ?? version,
    hints: deps.hints,
    ...(deps.shortage ? { shortage: deps.shortage } : {}),
    labels: deps.labels ?? [],
    findLabels: deps.findLabels ?? (async () => []),
    logger: deps.logger,
    onLabels: () => {
      state.queue.reconsider();
      state.lease.announce().catch(() => {});
      plan(state);
    },
  });
  const state: RunnerState = {
    deps,
    levels: { containment: deps.processes.containment, sandbox: deps.sandbox.level },
    queue: emptyQueue((job) => readiness.canRun(job) && !isForOthers(state, job)),
    running: new Map(),
    ending: new Set(),
    unended: new Set(),
    readiness,
    lease: noLease,
    caughtUp: false,
    closing: false,
    planned: false,
  };
  return state;
}

/** Follows the events of jobs. Resolves once those of the past are known and jobs are taken, or cannot be read any further. */
async function followJobs(state: RunnerState, from: number): Promise<Follower> {
  const { log, logger } = state.deps;
  const { readiness } = state;
  const target = await log.end(jobEvents);
  const { promise: atEnd, resolve: reachEnd, reject: cannotFollow } = Promise.withResolvers<void>();
  let seen = from - 1;
  const begin = () => {
    reachEnd();
    state.caughtUp = true;
    sweep(state);
    plan(state);
  };
  const follower = await log.follow({
    from,
    filter: jobEvents,
    onEvent: (event) => {
      seen = event.seq;
      onJobEvent(state, event);
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
  return follower;
}
