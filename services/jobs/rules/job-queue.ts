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

/** What the steps of a queue take: jobs that are not over, in the order of the log, and where each of them stands. */
type State = {
  readonly canRun: (job: OpenJob) => boolean;
  readonly open: Map<string, OpenJob>;
  readonly unschedulable: Map<string, OpenJob>;
  /** By priority and project, the ids in the order of the log. */
  readonly waiting: Map<string, Map<string, Set<string>>>;
  /** How many run, by project and by group. */
  readonly running: Map<string, number>;
  readonly taken: Set<string>;
  queued: number;
  lastSeq: number;
};

/**
 * An empty queue. Equal events give equal answers: the clock plays no part. Jobs that `canRun` refuses wait as unschedulable, in
 * nobody's way, and count as queued.
 */
export function emptyQueue(canRun: (job: OpenJob) => boolean = () => true): JobQueue {
  const state: State = {
    canRun,
    open: new Map(),
    unschedulable: new Map(),
    waiting: new Map(priorities.map((priority) => [priority, new Map()])),
    running: new Map(),
    taken: new Set(),
    queued: 0,
    lastSeq: 0,
  };
  const { open } = state;
  return {
    evolve: (event) => evolve(state, event),
    next: (accepts = () => true) => next(state, accepts),
    take: (jobId) => {
      const job = open.get(jobId);
      if (!job || runs(state, job)) return;
      unwait(state, job);
      count(state, job, 1);
      state.taken.add(jobId);
    },
    giveBack: (jobId) => {
      const job = open.get(jobId);
      if (!job || !state.taken.delete(jobId)) return;
      count(state, job, -1);
      if (job.state === 'queued') wait(state, job);
    },
    reconsider: () => {
      for (const job of [...state.unschedulable.values()]) {
        if (!canRun(job)) continue;
        unwait(state, job);
        wait(state, job);
      }
    },
    open: () => open.values(),
    get: (jobId) => open.get(jobId),
    queued: () => state.queued,
    lowWaterMark: () => {
      const oldest = open.values().next().value;
      return oldest ? oldest.seq - 1 : state.lastSeq;
    },
  };
}

function evolve(state: State, event: Recorded): OpenJob | undefined {
  const { open, taken } = state;
  state.lastSeq = event.seq;
  if (event.type === 'JobEnqueued') {
    const { data, seq, eventId, correlationId } = event;
    const known = open.get(data.job_id);
    if (known) return known;
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
    wait(state, job);
    return job;
  }
  const job = open.get(event.entityId);
  if (!job) return undefined;
  if (event.type === 'JobCancelRequested') job.cancelRequested = true;
  if (event.type === 'RecipeStarted') {
    unwait(state, job);
    if (!runs(state, job)) count(state, job, 1);
    taken.delete(job.data.job_id);
    const { runner, lease } = event.data;
    Object.assign(job, { state: 'running', runner, lease, startedAt: event.time });
  }
  if (event.type === 'RecipeExited') remove(state, job);
  return job;
}

function next(state: State, accepts: (job: OpenJob) => boolean): OpenJob | undefined {
  for (const ofPriority of state.waiting.values()) {
    let best: OpenJob | undefined;
    for (const ids of ofPriority.values()) {
      const job = headOf(state, ids, accepts);
      if (job && isAllowed(state, job) && isBetter(state, job, best)) best = job;
    }
    if (best) return best;
  }
  return undefined;
}

function headOf({ open }: State, ids: Set<string>, accepts: (job: OpenJob) => boolean): OpenJob | undefined {
  for (const id of ids) {
    const job = open.get(id);
    if (job && !job.cancelRequested && accepts(job)) return job;
  }
  return undefined;
}

const projectKey = ({ data }: OpenJob) => `project ${data.project}`;

function count({ running }: State, job: OpenJob, by: 1 | -1): void {
  const { group } = job.data.concurrency;
  for (const key of [projectKey(job), ...(group ? [`group ${group}`] : [])])
    running.set(key, (running.get(key) ?? 0) + by);
}

function isAllowed({ running }: State, job: OpenJob): boolean {
  const { max_running, group, group_max_running } = job.data.concurrency;
  const fits = (key: string, most: number | null | undefined) =>
    (running.get(key) ?? 0) < (most ?? Number.POSITIVE_INFINITY);
  return fits(projectKey(job), max_running) && (!group || fits(`group ${group}`, group_max_running));
}

/** Within a priority the project with the fewest running jobs is served first, then the oldest job. */
function isBetter({ running }: State, one: OpenJob, other: OpenJob | undefined): boolean {
  if (!other) return true;
  const load = (job: OpenJob) => running.get(projectKey(job)) ?? 0;
  return load(one) < load(other) || (load(one) === load(other) && one.seq < other.seq);
}

function wait(state: State, job: OpenJob): void {
  state.queued += 1;
  if (!state.canRun(job)) {
    state.unschedulable.set(job.data.job_id, job);
    return;
  }
  const ofPriority = state.waiting.get(job.data.priority);
  const ofProject = ofPriority?.get(job.data.project) ?? new Set();
  ofPriority?.set(job.data.project, ofProject.add(job.data.job_id));
}

function unwait(state: State, job: OpenJob): void {
  if (state.unschedulable.delete(job.data.job_id)) state.queued -= 1;
  const ofPriority = state.waiting.get(job.data.priority);
  const ofProject = ofPriority?.get(job.data.project);
  if (!ofProject?.delete(job.data.job_id)) return;
  if (ofProject.size === 0) ofPriority?.delete(job.data.project);
  state.queued -= 1;
}

const runs = ({ taken }: State, job: OpenJob): boolean => job.state === 'running' || taken.has(job.data.job_id);

function remove(state: State, job: OpenJob): void {
  if (runs(state, job)) count(state, job, -1);
  unwait(state, job);
  state.taken.delete(job.data.job_id);
  state.open.delete(job.data.job_id);
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
