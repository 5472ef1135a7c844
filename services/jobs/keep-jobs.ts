import type { Recorded } from '../../events/registry.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import { type LeaseWatch, watchLeases } from './lease-watch.ts';
import { readLowWaterMark } from './low-water-mark.ts';
import { endOrphan, endUnstarted } from './orphans.ts';
import { emptyQueue, type JobQueue, type OpenJob, supersededBy } from './rules/job-queue.ts';

export type KeeperDeps = {
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly logger: Log;
  readonly clock: Clock;
  readonly leases: Bucket;
  readonly hints: Bucket;
  readonly leaseTimes?: { readonly renewMs: number; readonly lostAfterMs: number };
};

/** The open jobs as a process without a runner sees them. */
export type JobKeeper = {
  readonly queue: JobQueue;
  readonly leases: LeaseWatch;
  /** Whether all jobs of the past are known. */
  readonly isReady: () => boolean;
  stop(): Promise<void>;
};

const usualTimes = { renewMs: 5_000, lostAfterMs: 20_000 };
const jobEvents = 'ct.job.>';

/**
 * Ends the jobs that no runner is going to end: those of dead runners, and queued ones that were cancelled or superseded. Runners
 * do that too and are faster; this is for the time when none is there. However many do it, a job has one end.
 */
export async function keepJobs(deps: KeeperDeps): Promise<JobKeeper> {
  const { log, logger, leaseTimes: { renewMs, lostAfterMs } = usualTimes } = deps;
  const queue = emptyQueue();
  const leases = watchLeases(deps.leases, lostAfterMs);
  const superseded = new Set<string>();
  const ending = new Set<string>();
  let isReady = false;

  const onEvent = (event: Recorded) => {
    const job = queue.evolve(event);
    if (event.type === 'RecipeExited' || event.type === 'RecipeStarted') superseded.delete(event.entityId);
    if (event.type === 'JobEnqueued' && job)
      for (const { data } of supersededBy(job, queue.open())) superseded.add(data.job_id);
  };
  const end = (job: OpenJob, how: (job: OpenJob) => Promise<void>) => {
    const id = job.data.job_id;
    if (ending.has(id)) return;
    ending.add(id);
    how(job)
      .catch((error) =>
        logger.warn({ job_id: id, error: messageOf(error) }, 'a job could not be ended, will try again'),
      )
      .finally(() => ending.delete(id));
  };
  const sweep = () => {
    for (const job of queue.open()) {
      if (job.state === 'running') {
        if (leases.isLost(job.runner ?? '', job.lease ?? '')) end(job, (one) => endOrphan(one, deps));
      } else if (job.cancelRequested) end(job, (one) => endUnstarted(one, 'cancelled', deps));
      else if (superseded.has(job.data.job_id)) end(job, (one) => endUnstarted(one, 'superseded by a newer job', deps));
    }
  };
  const look = async () => {
    await leases.look();
    if (isReady) sweep();
  };
  const from = (await readLowWaterMark(deps.hints)) + 1;
  const target = await log.end(jobEvents);
  let seen = from - 1;
  const reach = (seq: number) => {
    seen = Math.max(seen, seq);
    if (seen >= target) isReady = true;
  };
  isReady = target < from;
  const follower = await log.follow({
    from,
    filter: jobEvents,
    onEvent: (event) => {
      onEvent(event);
      reach(event.seq);
    },
    onStuck: () => {},
    onPassed: reach,
    onError: (error) => logger.error({ error: messageOf(error) }, 'jobs of dead runners are no longer looked for'),
  });
  const timer = setInterval(
    () => look().catch((error) => logger.debug({ error: messageOf(error) }, 'leases could not be looked at')),
    renewMs,
  );
  timer.unref();
  await look().catch(() => {});
  return {
    queue,
    leases,
    isReady: () => isReady,
    stop: async () => {
      clearInterval(timer);
      await follower.stop();
      while (ending.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}
