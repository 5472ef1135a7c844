import { type JobEnqueuedData, priorities } from '../../../events/jobs/job.ts';
import type { Recorded } from '../../../events/registry.ts';
import { followsBranch } from './follows-branch.ts';

/** A job that has not ended. */
export type OpenJob = {
  readonly seq: number;
  readonly data: JobEnqueuedData;
  readonly correlationId: string;
  readonly eventId: string;
  state: 'queued' | 'running';
  runner: string | null;
  lease: string | null;
  startedAt: string | null;
  cancelRequested: boolean;
};

/** What follows from the jobs' events: which jobs are open, and how many run for whom. */
export type JobQueue = {
  /** Takes an event into account; answers the open job that it is about, if there is one. */
  evolve(event: Recorded): OpenJob | undefined;
  /** The job to run next under all limits, of those that `accepts`, or undefined. Does not mark it. */
  next(accepts?: (job: OpenJob) => boolean): OpenJob | undefined;
  /** Marks a job as taken before its RecipeStarted comes back. */
  take(jobId: string): void;
  /** Takes the mark back: somebody else got it, or the claim failed. */
  giveBack(jobId: string): void;
  /** Looks again which jobs this runner can run, after what it can do has changed. */
  reconsider(): void;
  open(): Iterable<OpenJob>;
  get(jobId: string): OpenJob | undefined;
  readonly queued: () => number;
  /** Every job enqueued up to this sequence has ended: a runner that starts need not look at earlier ones. */
  readonly lowWaterMark: () => number;
};

/**
 * An empty queue. Equal events give equal answers: the clock plays no part. Jobs that `canRun` refuses wait as unschedulable, in
 * nobody's way, and count as queued.
 */
export function emptyQueue(canRun: (job: OpenJob) => boolean = () => true): JobQueue {
  const open = new Map<string, OpenJob>();
  const unschedulable = new Map<string, OpenJob>();
  const waiting = new Map(priorities.map((priority) => [priority, new Map<string, Set<string>>()]));
  const running = new Map<string, number>();
  const taken = new Set<string>();
  let queued = 0;
  let lastSeq = 0;

  const keysOf = ({ data }: OpenJob) => [
    `project ${data.project}`,
    ...(data.concurrency.group ? [`group ${data.concurrency.group}`] : []),
  ];
  const count = (job: OpenJob, by: 1 | -1) => {
    for (const key of keysOf(job)) running.set(key, (running.get(key) ?? 0) + by);
  };
  const wait = (job: OpenJob) => {
    queued += 1;
    if (!canRun(job)) {
      unschedulable.set(job.data.job_id, job);
      return;
    }
    const ofPriority = waiting.get(job.data.priority);
    const ofProject = ofPriority?.get(job.data.project) ?? new Set();
    ofPriority?.set(job.data.project, ofProject.add(job.data.job_id));
  };
  const unwait = (job: OpenJob) => {
    if (unschedulable.delete(job.data.job_id)) queued -= 1;
    const ofPriority = waiting.get(job.data.priority);
    const ofProject = ofPriority?.get(job.data.project);
    if (!ofProject?.delete(job.data.job_id)) return;
    if (ofProject.size === 0) ofPriority?.delete(job.data.project);
    queued -= 1;
  };
  const runs = (job: OpenJob) => job.state === 'running' || taken.has(job.data.job_id);
  const remove = (job: OpenJob) => {
    if (runs(job)) count(job, -1);
    unwait(job);
    taken.delete(job.data.job_id);
    open.delete(job.data.job_id);
  };
  const allowed = ({ data: { project, concurrency } }: OpenJob) =>
    (running.get(`project ${project}`) ?? 0) < (concurrency.max_running ?? Number.POSITIVE_INFINITY) &&
    (!concurrency.group ||
      (running.get(`group ${concurrency.group}`) ?? 0) < (concurrency.group_max_running ?? Number.POSITIVE_INFINITY));

  const headOf = (ids: Set<string>, accepts: (job: OpenJob) => boolean) => {
    for (const id of ids) {
      const job = open.get(id);
      if (job && !job.cancelRequested && accepts(job)) return job;
    }
    return undefined;
  };
  /** Within a priority the project with the fewest running jobs is served first, then the oldest job. */
  const better = (one: OpenJob, other: OpenJob | undefined) => {
    if (!other) return true;
    const load = (job: OpenJob) => running.get(`project ${job.data.project}`) ?? 0;
    return load(one) - load(other) < 0 || (load(one) === load(other) && one.seq < other.seq);
  };

  return {
    evolve: (event) => {
      lastSeq = event.seq;
      if (event.type === 'JobEnqueued') {
        const { data, seq, eventId, correlationId } = event;
        if (open.has(data.job_id)) return open.get(data.job_id);
        const job: OpenJob = {
          seq,
          data,
          eventId,
          correlationId,
          state: 'queued',
          runner: null,
          lease: null,
          startedAt: null,
          cancelRequested: false,
        };
        open.set(data.job_id, job);
        wait(job);
        return job;
      }
      const job = open.get(event.entityId);
      if (!job) return undefined;
      if (event.type === 'JobCancelRequested') job.cancelRequested = true;
      if (event.type === 'RecipeStarted') {
        unwait(job);
        if (!runs(job)) count(job, 1);
        taken.delete(job.data.job_id);
        Object.assign(job, {
          state: 'running',
          runner: event.data.runner,
          lease: event.data.lease,
          startedAt: event.time,
        });
      }
      if (event.type === 'RecipeExited') remove(job);
      return job;
    },
    next: (accepts = () => true) => {
      for (const ofPriority of waiting.values()) {
        let best: OpenJob | undefined;
        for (const ids of ofPriority.values()) {
          const job = headOf(ids, accepts);
          if (job && allowed(job) && better(job, best)) best = job;
        }
        if (best) return best;
      }
      return undefined;
    },
    take: (jobId) => {
      const job = open.get(jobId);
      if (!job || runs(job)) return;
      unwait(job);
      count(job, 1);
      taken.add(jobId);
    },
    giveBack: (jobId) => {
      const job = open.get(jobId);
      if (!job || !taken.delete(jobId)) return;
      count(job, -1);
      if (job.state === 'queued') wait(job);
    },
    reconsider: () => {
      for (const job of [...unschedulable.values()]) {
        if (!canRun(job)) continue;
        unwait(job);
        wait(job);
      }
    },
    open: () => open.values(),
    get: (jobId) => open.get(jobId),
    queued: () => queued,
    lowWaterMark: () => {
      const oldest = open.values().next().value;
      return oldest ? oldest.seq - 1 : lastSeq;
    },
  };
}

/** No commit was asked for by name, by somebody who wants that one and no newer one. */
const isReplaceable = (data: JobEnqueuedData) => followsBranch(data) && (data.sha === null || data.rerun_of === null);

/** The queued jobs that a newer one makes pointless: same recipe of the same branch, at the branch's newest commit. */
export function supersededBy(newer: OpenJob, open: Iterable<OpenJob>): OpenJob[] {
  if (!newer.data.supersede || !isReplaceable(newer.data)) return [];
  return [...open].filter(
    ({ state, seq, data }) =>
      state === 'queued' &&
      seq < newer.seq &&
      isReplaceable(data) &&
      data.project === newer.data.project &&
      data.subproject === newer.data.subproject &&
      data.recipe === newer.data.recipe &&
      data.branch === newer.data.branch &&
      data.purpose === newer.data.purpose,
  );
}
