import type { LeftBottle, RecipeExitedData } from '../../events/jobs/job.ts';
import { withStepMarks } from '../../parsers/engine/steps.ts';
import type { Compiled } from '../dependencies/compiled-outputs.ts';
import type { Brought, Dependencies } from '../dependencies/open-dependencies.ts';
import { AppError, isAppError, messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { type Redactor, redactorOf } from '../floor/text/redactor.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Checkout } from '../io/git/trees/checkout.ts';
import { resolveInside } from '../io/git/trees/inside-tree.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { LogStream, Report, SavedReports } from '../io/log-stream.ts';
import type { Processes } from '../io/process/open-processes.ts';
import type { Confinement, RunResult } from '../io/process/run-request.ts';
import type { Vault } from '../io/sealing/vault.ts';

import { askAgain } from '../jobs/ask-again.ts';
import { endJob } from '../jobs/end-job.ts';
import { type FindSecrets, secretsInLog } from '../jobs/find-secrets.ts';
import { installOf } from '../jobs/rules/install-of.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { traceParentOf } from '../observe/rules/trace-ids.ts';
import { type AgentDeps, runAgentOf } from './agents/run-agent.ts';
import { checkOutThawed, thawedFor } from './agents/thaw-job.ts';
import { type CellDeps, type PreparedCell, planCell, prepareCell } from './home/job-cell.ts';
import { bringJobCompiled, bringJobDependencies, withLaid } from './home/job-dependencies.ts';
import { diffOf, draftOf } from './home/job-patch.ts';
import { jobSecrets } from './home/job-secrets.ts';
import { jobEnvironment } from './home/recipe-environment.ts';
import { failureOf, type Outcome, outcomeOf } from './outcome.ts';
import { collectReports } from './reports/collect-reports.ts';
import { isReviewed, refuseStranger } from './reviewed-commit.ts';

export type RunJobDeps = CellDeps & {
  /** Whether traces are sent: a job is then told where its own spans belong. */
  readonly isTraced?: boolean;
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly workspaces: Workspaces;
  readonly processes: Processes;
  /** Keeps what installs made; without, every job installs. */
  readonly dependencies?: Dependencies;
  readonly vault: Vault;
  /** How the secrets of a job are found; in the log, unless told. */
  readonly findSecrets?: FindSecrets;
  readonly logger: Log;
  readonly clock: Clock;
  /** What agents need; a runner without it runs none. */
  readonly agents?: AgentDeps | null;
  /** Which runner this is. */
  readonly runner?: string;
  /** False for a runner that may not ask for jobs: the service does it for those that it loses. */
  readonly mayAsk?: boolean;
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * Why a job is stopped from outside. `lost`: another runner has ended it, nothing may be said about it any more;
 * `handed_back`: this runner was told to stop, and another one is to run the job.
 */
export type StopReason = 'cancelled' | 'handed_back' | 'shutdown' | 'lost';

type Held = {
  checkout?: Checkout;
  cell?: PreparedCell;
  brought?: Brought<RunResult>;
  compiled?: Compiled | null;
  unannounce?: () => void;
};

/** Runs a claimed job from its workspace to its one end. Whatever goes wrong on the way, its workspace is given back. */
export async function runJob(job: OpenJob, signal: AbortSignal, deps: RunJobDeps): Promise<void> {
  const held: Held = {};
  try {
    await runToEnd(job, signal, { deps, held });
  } finally {
    held.unannounce?.();
    await held.cell?.release();
    await held.brought?.release();
    held.compiled?.release();
    await held.checkout?.release();
  }
}

async function runToEnd(job: OpenJob, signal: AbortSignal, { deps, held }: { deps: RunJobDeps; held: Held }) {
  const { data } = job;
  const startedAt = performance.now();
  const remote = await remoteOf(job, deps);
  const given = await jobSecrets(job, remote, {
    ...deps,
    findSecrets: deps.findSecrets ?? secretsInLog(deps.log),
  }).catch((error) => toFailure(error));
  const plan = planCell(data, deps, given instanceof AppError ? undefined : given);
  const credentials = remote instanceof AppError || !remote.credential ? [] : [remote.credential.password];
  const redactor = redactorOf([...credentials, ...Object.values(plan.secrets)]);
  const output = deps.logs.writer(data.job_id);
  const pipes = { stdout: redactor.stream(), stderr: redactor.stream() };
  let inLine = false;
  const write = (pipe: 'stdout' | 'stderr', bytes: Buffer) => {
    if (bytes.length > 0) inLine = bytes.at(-1) !== 10;
    return output.write(pipe, bytes);
  };
  const say = (text: string) =>
    write('stderr', Buffer.from(`${inLine ? '\n' : ''}[crafting-table] ${redactor.text(text)}\n`));
  const lost = () => signal.reason === 'lost';
  let outcome: Outcome;
  let spent: RecipeExitedData['timings'];
  let reports: SavedReports | undefined;
  let left: LeftBottle | undefined;
  try {
    if (remote instanceof AppError) throw remote;
    if (given instanceof AppError) throw given;
    const { branch } = data;
    const sha = data.sha ?? data.short_sha;
    const diff = await diffOf(data, deps.log);
    const { submodules = false, lfs = false } = data.snapshot;
    const wanted = {
      remote,
      branch,
      submodules,
      lfs,
      ...(sha ? { sha } : {}),
      ...(diff === undefined ? {} : { diff }),
    };
    const { checkout, thawed } = await checkOutThawed({ ...wanted, signal }, await thawedFor(data, deps.agents), deps);
    held.checkout = checkout;
    held.unannounce = announceWorkspace(job, checkout, deps);
    await refuseStranger(data, { remote, sha: checkout.sha }, deps.workspaces);
    const cwd = await resolveInside(checkout.dir, data.subproject);
    const reviewed = await isReviewed(data, { remote, sha: checkout.sha }, deps.workspaces);
    // Said by the way: a log that cannot be written is noticed by the job's own output.
    const mention = (text: string) => void Promise.resolve(say(text)).catch(() => {});
    const cell = await prepareCell(data, plan, { checkout, cwd, isReviewed: reviewed, say: mention }, deps);
    held.cell = cell;
    for (const note of cell.notes) await say(note);
    const endBy = performance.now() + data.timeout_secs * 1000;
    const emit = (pipe: 'stdout' | 'stderr', chunk: Buffer) => write(pipe, pipes[pipe].write(chunk));
    const order = () => ({
      ...cell.order,
      cwd,
      env: {
        ...deps.environment,
        ...cell.base,
        ...jobEnvironment(data, checkout.sha),
        ...traceEnvironment(job, deps),
        ...data.env,
        ...cell.env,
      },
      signal,
      timeoutMs: Math.max(1, endBy - performance.now()),
    });
    const install = installOf(data.snapshot.subproject, data.recipe);
    const preparedAt = performance.now();
    const scene = { ...deps, data, plan, checkout, cell, isReviewed: reviewed, order, signal, say, write: emit };
    if (install !== null) held.brought = await bringJobDependencies(install, scene, deps.dependencies);
    const { brought } = held;
    if (!brought?.result) held.compiled = await bringJobCompiled(scene, deps.dependencies);
    const broughtAt = performance.now();
    const laid = (confine: Confinement | undefined) => withLaid(confine, [brought, held.compiled]);
    const agent = await runAgentOf({ ...scene, job, thawed, withLaid: laid }, deps);
    left = agent?.left;
    const result =
      agent?.result ??
      brought?.result ??
      (await deps.processes.run({
        ...order(),
        ...laid(cell.order.confine),
        command: withStepMarks(data.command),
        onOutput: emit,
      }));
    const { fetchMs, treeMs } = checkout.times;
    spent = {
      fetch_ms: fetchMs,
      tree_ms: treeMs,
      install_ms: Math.round(broughtAt - preparedAt),
      run_ms: brought?.result && !agent ? 0 : Math.round(performance.now() - broughtAt),
    };
    held.unannounce();
    const watched = await cell.watched();
    await cell.release();
    if (result.reason === 'exited') await held.compiled?.keep();
    for (const pipe of ['stdout', 'stderr'] as const) await write(pipe, pipes[pipe].end());
    const ended = outcomeOf(result, signal, data.timeout_secs, cell.order.maxOutputBytes);
    outcome = { ...ended, detail: left?.why ?? ended.detail };
    if (outcome.detail && !lost()) await say(outcome.detail);
    reports = await keepReports(job, { checkout, cwd, watched }, { deps, redact: redactor, say });
  } catch (error) {
    outcome = failureOf(error, signal);
    if (!lost()) await say(outcome.detail ?? 'the job could not be run');
    if (!isAppError(error))
      deps.logger.error({ job_id: data.job_id, error: messageOf(error) }, 'a job failed in an unforeseen way');
  }
  const summary = await output.end();
  if (lost()) {
    deps.logger.warn(
      { job_id: data.job_id },
      'this runner had lost its lease: the job is stopped, others said its end',
    );
    return;
  }
  if (outcome.reason === 'orphaned' && data.retry_lost) outcome = { ...outcome, reason: 'runner_lost' };
  if (outcome.reason === 'runner_lost' && deps.mayAsk !== false)
    await askAgain(job, deps.log, signal.reason === 'handed_back');
  const { sha = null, dir = null } = held.checkout ?? {};
  const workdir = dir === null ? null : (deps.sandbox.treeSeenAt ?? dir);
  const detail = outcome.detail === null ? null : redactor.text(outcome.detail).slice(0, 2048);
  const durationMs = Math.round(performance.now() - startedAt);
  const end = {
    ...outcome,
    detail,
    sha,
    workdir,
    duration_ms: durationMs,
    ...(reports ? { reports } : {}),
    ...(spent ? { timings: spent } : {}),
    ...(left && outcome.reason !== 'runner_lost' ? { bottle: left } : {}),
    ...dependenciesOf(held),
  };
  if (!(await endJob(job, end, summary, deps.log)))
    deps.logger.warn({ job_id: data.job_id }, 'the job was ended by somebody else: this runner had lost its lease');
}

/** What the end of a job says of its install. */
function dependenciesOf({ brought, compiled }: Held): Pick<RecipeExitedData, 'dependencies' | 'compiled'> {
  const { source: from, reason: why, key: kept } = compiled ?? {};
  const found = from === undefined ? {} : { compiled: { source: from, reason: why ?? null, key: kept ?? null } };
  if (!brought) return found;
  const { source, reason, key, waitedMs, bytes } = brought;
  return { ...found, dependencies: { source, reason: reason?.slice(0, 512) ?? null, key, waited_ms: waitedMs, bytes } };
}

type Keeping = { deps: RunJobDeps; redact: Redactor; say: (text: string) => void | Promise<void> };

/** Keeps the result files that the subproject names, or what a drafting job changed; secrets taken out. */
async function keepReports(
  { data }: OpenJob,
  { checkout, cwd, watched }: { checkout: Checkout; cwd: string; watched: Report | null },
  { deps, redact, say }: Keeping,
): Promise<SavedReports | undefined> {
  const { reports = [], coverage = [] } = data.snapshot.subproject;
  const patterns = [...reports, ...coverage];
  const found: Report[] = await draftOf(data, checkout);
  if (patterns.length > 0 && found.length === 0) {
    const notes: string[] = [];
    found.push(...(await collectReports(patterns, { root: checkout.dir, cwd }, (note) => notes.push(note))));
    for (const note of notes) await say(note);
  }
  if (watched !== null) found.push(watched);
  if (found.length === 0) return undefined;
  const clean = found.map(({ name, bytes }) => {
    const stream = redact.stream();
    return { name, bytes: Buffer.concat([stream.write(Buffer.from(bytes)), stream.end()]) };
  });
  return deps.logs.saveReports(data.job_id, clean);
}

function toFailure(error: unknown): AppError {
  if (isAppError(error)) return error;
  return new AppError('internal', 'The secrets of the job cannot be read.', { cause: error });
}

async function remoteOf({ data }: OpenJob, { vault }: RunJobDeps): Promise<Remote | AppError> {
  const { git_url: url } = data.snapshot;
  if (!data.credential_ref) return { url };
  try {
    return { url, credential: JSON.parse(await vault.get(data.credential_ref)) };
  } catch (error) {
    return isAppError(error)
      ? error
      : new AppError('internal', 'The credential of the repository cannot be read.', { cause: error });
  }
}

/** A job that ends sooner says its commit with its end. */
const announceAfterMs = 150;

/** Says where a job stands that runs on for a while; nobody waits for it. Answers how to leave it unsaid. */
function announceWorkspace(
  { data, eventId, correlationId }: OpenJob,
  { sha }: Checkout,
  { log, logger }: RunJobDeps,
): () => void {
  const { job_id, project } = data;
  const announce = () => {
    const cause = { eventId, correlationId, consumer: 'runner', ordinal: 'workspace' };
    log
      .append(
        { type: 'WorkspacePrepared', id: job_id, data: { job_id, project, sha } },
        { expect: 0, cause, durable: false },
      )
      .catch((error) => logger.debug({ job_id, error: messageOf(error) }, 'workspace not announced'));
  };
  const timer = setTimeout(announce, announceAfterMs);
  return () => clearTimeout(timer);
}

/** A proof runs as it always does: its environment names no trace. */
function traceEnvironment({ data, correlationId }: OpenJob, { isTraced = false }: RunJobDeps): Record<string, string> {
  return isTraced && data.purpose !== 'verify' ? { TRACEPARENT: traceParentOf(correlationId, data.job_id) } : {};
}
