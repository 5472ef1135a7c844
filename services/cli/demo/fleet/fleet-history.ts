import { createHash } from 'node:crypto';
import type { RecipeName } from '../../../../events/fields.ts';
import type { JobEnqueuedData, RecipeExitedData } from '../../../../events/jobs/job.ts';
import type { Draft } from '../../../../events/registry.ts';
import type { EffectOf } from '../../../define.ts';
import type { EventLog } from '../../../io/event-log.ts';
import type { LogStream } from '../../../io/log-stream.ts';
import { appendChanges, appendOccurrences, type Reading } from '../../../parser/append-findings.ts';
import { lastWordOf } from '../../../parser/last-word.ts';
import { parseJob } from '../../../parser/parse-job.ts';
import {
  type Comparison,
  compareFindings,
  type KnownFinding,
  type Run,
} from '../../../parser/rules/compare-findings.ts';
import { completeTools } from '../../../parser/rules/doubt/complete-tools.ts';
import { type Identified, identifyFindings } from '../../../parser/rules/identify-findings.ts';
import { derivedJobs, slotId } from '../../../scheduler/rules/derived-jobs.ts';
import { printed } from './fleet-ecosystems.ts';
import { aliveIn, type FleetProject, filesOf, type Standing, sourcesIn } from './fleet-project.ts';

const ownName = 'crafting-table';
const workdir = '/run/crafting-table/tree';

export type FleetLog = {
  readonly log: EventLog;
  readonly logs: LogStream;
  /** The commit at which a project was in a round: a real one for the last, which runs and proposals go on from. */
  readonly commitAt: (project: string, round: number) => string;
  /** Milliseconds since 1970, at the moment of the history. */
  readonly now: () => number;
  /** Takes a defect out of the sources as a merge does, and answers the commit; runs from then on do not see it. */
  readonly merge: (project: FleetProject, defect: Standing) => Promise<string>;
};

/** A finding as a history knows it: what the read model of the farm would say of it at that time. */
export type FleetFinding = KnownFinding & {
  readonly file: string | null;
  readonly line: number | null;
  readonly code: string | null;
  readonly recipe: RecipeName;
  readonly lastJob: string;
};

/** What is known of a project while its history is told. */
export type FleetState = {
  readonly project: FleetProject;
  readonly known: Map<string, FleetFinding>;
  /** The newest run that proved something, by recipe and tool. */
  readonly proven: Map<string, number>;
  /** Jobs by recipe, the last one. */
  readonly jobs: Map<string, { readonly job_id: string; readonly sha: string }>;
};

export const commitOf = (...parts: (string | number)[]) => createHash('sha1').update(parts.join('\n')).digest('hex');

/** Uses a slot of a schedule, and runs its jobs to their last word by the rules of scheduler and parser. */
export async function runSlot(state: FleetState, recipe: RecipeName, round: number, deps: FleetLog): Promise<void> {
  const { document } = state.project;
  // As its schedule says: the nights of a fleet begin when the last of its times is over.
  const slot = `${new Date(deps.now()).toISOString().slice(0, 10)}T${document.schedule[recipe] ?? '02:15'}:00.000Z`;
  const id = slotId(document.name, recipe, slot);
  const jobs = derivedJobs(document, [recipe], { id, by: ownName });
  const data = { project: document.name, recipe, slot, why: 'time' as const, missed: 0, by: ownName };
  const fired = await append(deps, {
    type: 'ScheduleFired',
    id,
    data: { ...data, jobs: jobs.map(({ job_id }) => job_id) },
  });
  for (const job of jobs) await runJob(state, { job, round, cause: fired }, deps);
}

type Running = { readonly job: JobEnqueuedData; readonly round: number; readonly cause: { readonly eventId: string } };

async function runJob(state: FleetState, { job, round, cause }: Running, deps: FleetLog): Promise<void> {
  const { job_id, project, recipe } = job;
  const sha = deps.commitAt(project, round);
  const { seq, eventId } = await append(deps, { type: 'JobEnqueued', id: job_id, data: job }, cause.eventId);
  const started = {
    job_id,
    project,
    runner: 'fleet-1',
    lease: 'fleet',
    containment: 'pid-namespace',
    sandbox: 'bwrap',
  };
  await append(deps, { type: 'RecipeStarted', id: job_id, data: started }, eventId);
  const startedMs = deps.now();
  const tree = `${workdir}/${state.project.path}`;
  const { log, exit: code } = printed(state.project.ecosystem, recipe, {
    alive: aliveIn(state.project, recipe, round),
    tree,
    files: filesOf(state.project),
  });
  const output = deps.logs.writer(job_id);
  await output.write('stdout', Buffer.from(log));
  const kept = await output.end();
  // What it took is what lies between its events.
  const duration = deps.now() - startedMs;
  const exit: RecipeExitedData = {
    ...{ job_id, project, reason: 'exited', exit_code: code, signal: null, detail: null, duration_ms: duration, sha },
    ...{ log_bytes: kept.bytes, log_digest: kept.digest, log_first_seq: kept.firstSeq, log_last_seq: kept.lastSeq },
    ...{ truncated: false, workdir },
    timings: { fetch_ms: 0, tree_ms: 0, install_ms: 0, run_ms: duration },
  };
  const exited = await append(deps, { type: 'RecipeExited', id: job_id, data: exit }, eventId);
  await readJob(state, { job, exit, seq, exitedId: exited.eventId, round }, deps);
  state.jobs.set(recipe, { job_id, sha });
}

type Ended = {
  readonly job: JobEnqueuedData;
  readonly exit: RecipeExitedData;
  readonly seq: number;
  readonly exitedId: string;
  readonly round: number;
};

/** Reads the stored log as the role parser does; what it would ask read models and git is known of the history. */
async function readJob(state: FleetState, { job, exit, seq, exitedId, round }: Ended, deps: FleetLog): Promise<void> {
  const sources = sourcesIn(state.project, round);
  const parsed = await parseJob({ job, exit }, deps.logs, async () => [...sources.keys()]);
  const { known, proven } = state;
  const seen = identifyFindings(parsed.findings, job, {
    sourceLine: (file, line) => sources.get(file)?.[line - 1],
    earlierPaths: () => [],
    seenIn: (identity) => known.get(identity)?.file,
    seenRun: (identity) => known.get(identity)?.seenRun ?? 0,
  });
  const open = [...known.values()].filter(({ recipe, state: now }) => recipe === job.recipe && now === 'open');
  const succeeded = exit.exit_code === 0;
  const endedAt = new Date(deps.now()).toISOString();
  const run: Run = {
    ...{ jobId: job.job_id, seq, reread: false, endedAt, offBranch: null, trial: false, succeeded, unproven: null },
    completeTools: completeTools({ ...parsed, succeeded }, new Set(open.map(({ tool }) => tool))),
  };
  const provenRun = (tool: string) => proven.get(`${job.recipe} ${tool}`) ?? 0;
  const hasLine = (tool: string) => provenRun(tool) > 0;
  const comparison = compareFindings(seen, run, {
    known: (identity) => known.get(identity),
    open,
    provenRun,
    provenRuns: [...proven].flatMap(([key, at]) => (key.startsWith(`${job.recipe} `) ? [at] : [])),
    hasLine,
    newerThan: (other) => other < seq,
    executedToo: () => false,
    doubt: () => null,
  });
  const effect: EffectOf = (ordinal) => ({ ...causeOf(exitedId), consumer: 'parser', ordinal });
  const log = quick(deps);
  const reading: Reading = { job, runSeq: seq, onDefaultBranch: true, number: 1, endedAt, effect, log };
  const ids = await appendChanges(comparison, reading);
  remember(state, { seen, comparison, ids, job, seq });
  const occurrences = seen.map(({ observation, identity }) => ({
    ...observation,
    identity,
    finding_id: known.get(identity)?.id ?? 0,
    is_new: comparison.news.has(identity),
  }));
  await appendOccurrences(
    occurrences.map((occurrence) => ({ occurrence, newest: true })),
    reading,
  );
  const shown = occurrences.map(({ kind, severity, is_new: isNew }) => ({ kind, severity, suppressed: false, isNew }));
  const word = lastWordOf(
    { exit, endedAt, parsed, occurrences, shown, comparison, run, coverage: null, hasLine },
    reading,
  );
  await append(deps, word, exitedId);
  for (const tool of run.completeTools) proven.set(`${job.recipe} ${tool}`, seq);
}

type Told = {
  readonly seen: readonly Identified[];
  readonly comparison: Comparison;
  readonly ids: ReadonlyMap<string, number>;
  readonly job: JobEnqueuedData;
  readonly seq: number;
};

/** What the read model would know from now on. */
function remember({ known }: FleetState, { seen, comparison, ids, job, seq }: Told): void {
  for (const { identity, observation } of seen) {
    const before = known.get(identity);
    known.set(identity, {
      ...{ identity, kind: observation.kind, tool: observation.tool, file: observation.file, recipe: job.recipe },
      ...{ line: observation.line, code: observation.code },
      ...{ id: before?.id ?? ids.get(identity) ?? 0, firstSeenJob: before?.firstSeenJob ?? job.job_id },
      ...{ seenRun: seq, goneRun: before?.goneRun ?? 0, lastJob: job.job_id, suppressedUntil: null },
      state: before?.state === 'suppressed' ? 'suppressed' : 'open',
    });
  }
  for (const identity of comparison.resolved) {
    const before = known.get(identity);
    if (before) known.set(identity, { ...before, state: 'resolved', goneRun: seq });
  }
}

/** Appends with a place in the chain of causes. Nobody relies on a made-up history: it is on disk when all of it is. */
export async function append({ log }: FleetLog, draft: Draft, causedBy?: string) {
  const ordinal = `${draft.type} ${draft.id}`;
  const cause = causedBy === undefined ? {} : { cause: { ...causeOf(causedBy), consumer: 'fleet', ordinal } };
  return log.append(draft, { durable: false, ...cause });
}

const causeOf = (eventId: string) => ({ eventId, correlationId: eventId });

function quick({ log }: FleetLog): EventLog {
  return { ...log, append: (draft, options) => log.append(draft, { ...options, durable: false }) };
}
