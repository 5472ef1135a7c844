import { isTrial, type JobEnqueuedData, type RecipeExitedData } from '../../events/jobs/job.ts';
import type { Recorded } from '../../events/registry.ts';
import { startsProgram } from '../../parsers/engine/command-words.ts';
import { skippedKey } from '../../parsers/engine/reading.ts';
import { toolNamed } from '../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../projections/findings/findings.ts';
import { type Consumer, defineConsumer, done, type EffectOf } from '../define.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { Vault } from '../io/sealing/vault.ts';
import { askAgain } from '../jobs/ask-again.ts';
import { environmentWords } from '../jobs/rules/cause-words.ts';
import { handedBackDetail } from '../jobs/rules/retry-job.ts';
import { isOnDraft, partFor } from '../patcher/rules/proof/draft-part.ts';
import type { ReadModels } from '../projector/read-models.ts';
import {
  appendChanges,
  appendFact,
  appendOccurrences,
  ownName,
  type Reading,
  type Sighting,
} from './append-findings.ts';
import { placeRun } from './branch-standing.ts';
import { closeLeft } from './close-left.ts';
import { gatherEvidence } from './evidence/evidence.ts';
import type { EvidenceDeps, Scene } from './evidence/evidence-scene.ts';
import {
  type EndedJob,
  gatherScripts,
  noScripts,
  startedBehind,
  toolsBy,
  whyNone,
} from './evidence/script-evidence.ts';
import { freshIn } from './fresh-findings.ts';
import { lastWordOf, speaksForBranch, unreadWord } from './last-word.ts';
import { measureCoverage, measuredDrafts } from './measure-run.ts';
import { type ParsedJob, parseJob } from './parse-job.ts';
import { compareFindings, type KnownFinding, type Run } from './rules/compare-findings.ts';
import { completeTools } from './rules/doubt/complete-tools.ts';
import { variablesOf } from './rules/doubt/environment-change.ts';
import { type Execution, executedToo } from './rules/doubt/executed-pass.ts';
import type { Shown } from './rules/judge-run.ts';

export type ParserDeps = {
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly models: ReadModels;
  readonly workspaces: Workspaces;
  readonly vault: Vault;
  readonly logger: Log;
};

const lag = 10_000;

/** Reads the log of every job that has ended, and says what is new, gone and back. Its last word makes the job terminal. */
export function parser(deps: ParserDeps): Consumer {
  const { log, models } = deps;
  const withLock = keyedLock();
  /** Jobs of one project are compared one after the other: each must see what the one before it found. */
  const inOrder = (event: Recorded, project: string, work: () => Promise<void>) =>
    withLock(project, async () => {
      if (!(await models.applied(event.seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
      await work();
      return done;
    });
  return defineConsumer({
    name: 'parser',
    maxInFlight: 16,
    on: {
      RecipeExited: (event, effect) =>
        inOrder(event, event.data.project, async () => {
          await retryLost(event.data, deps);
          await finishJob({ exit: event.data, endedAt: event.time, number: 1 }, effect, deps);
        }),
      ProjectUpdated: (event, effect) => inOrder(event, event.data.name, () => closeLeft(event, effect, deps)),
      LogRereadRequested: (event, effect) =>
        inOrder(event, event.data.project, async () => {
          const exited = await log.last('RecipeExited', event.data.job_id);
          if (exited)
            await finishJob({ exit: exited.data, endedAt: exited.time, number: event.data.reading }, effect, deps);
        }),
    },
    onAbandoned: async (event, effect, reason) => {
      if (event.type !== 'RecipeExited') return;
      const { data } = event as Recorded<'RecipeExited'>;
      await appendFact(log, unreadWord(data, reason), effect('parsed'));
    },
  });
}

/** A runner with an account of its own may not ask for the job again that it lost or handed back. */
async function retryLost({ reason, detail, job_id }: RecipeExitedData, { log }: ParserDeps): Promise<void> {
  const enqueued = reason === 'runner_lost' ? await log.last('JobEnqueued', job_id) : null;
  if (enqueued) await askAgain(enqueued, log, detail === handedBackDetail);
}

type Ended = { readonly exit: RecipeExitedData; readonly endedAt: string; readonly number: number };

/** Reads the log of an ended job and compares what it holds with what is known; appends nothing. */
async function readJob({ exit, endedAt, number }: Ended, deps: ParserDeps) {
  const { log, models, logs } = deps;
  const enqueued = models.enqueued(exit.job_id) ?? (await log.last('JobEnqueued', exit.job_id));
  if (!enqueued) throw new AppError('internal', `Job ${exit.job_id} ended but was never enqueued.`);
  const job = enqueued.data;
  const trial = isTrial(job.purpose);
  const diff = await patchOf(enqueued, log);
  const remote = await remoteOf(enqueued, deps);
  const { sha } = exit;
  const querying = { ...deps, query: models.query };
  const files = () => filesOf(remote, sha, deps);
  // What a draft changes may be its scripts.
  const behindCommand = trial ? {} : await startedBehind({ job, exit }, { remote, place: job, sha }, querying);
  const parsed = await parseJob({ job, exit, ...behindCommand }, logs, files);
  const succeeded = exit.reason === 'exited' && exit.exit_code === 0;
  const variables = variablesOf(job.snapshot.subproject, job.recipe);
  const ran = { command: job.command, variables, remote, sha, diff, tests: parsed.tests };
  const place = { place: job, seq: enqueued.seq, ...ran };
  const behind = await behindScripts({ job, exit, parsed }, place, succeeded && !trial, querying);
  const { findings, proofs } = models.query();
  const provenRun = (tool: string) => proofs.newest(job.project, job.subproject, job.recipe, tool);
  const standing = placeRun({ job, seq: enqueued.seq, remote, sha }, { ...deps, query: models.query });
  const provenRuns = proofs.all(job.project, job.subproject, job.recipe);
  const after = trial || provenRuns.length === 0 ? null : await standing.newerThan(provenRuns);
  const scene = {
    ...place,
    isOlder: after !== null && !provenRuns.every((run) => run === enqueued.seq || after(run)),
    scripts: behind.paths,
    likely: toolsBy(behind, 'likely'),
    scripted: new Set(behind.verdicts.keys()),
    looked: parsed.looked,
  };
  const { seen, open, doubt } = await gatherEvidence(parsed.findings, scene, querying);
  const ownTools = completeTools({ ...parsed, succeeded }, new Set(open.map(({ tool }) => tool)));
  const run: Run = {
    jobId: job.job_id,
    seq: enqueued.seq,
    reread: number > 1,
    endedAt,
    offBranch: trial ? null : await standing.offBranch(provenRuns.length > 0),
    trial,
    completeTools: new Set([...ownTools, ...toolsBy(behind, 'proved'), ...toolsBy(behind, 'likely')]),
    hasTool: (tool) =>
      parsed.tools.some((one) => one.tool === tool) || startsProgram(job.command, toolNamed(tool)?.programs ?? []),
    skipped: (tool, name) => parsed.skipped.has(skippedKey(tool, name)),
    whyUnsure: (tool) => whyNone(behind, tool),
    succeeded,
    unproven: unprovenBy(exit, parsed),
  };
  const known = (identity: string) => asKnown(findings.known(identity));
  const openNow = open.flatMap((doc) => asKnown(doc) ?? []);
  const met = [...openNow, ...seen.flatMap(({ identity }) => known(identity) ?? [])];
  const tools = [...met.map(({ tool }) => tool), ...seen.map(({ observation }) => observation.tool)];
  const others = [
    ...met.flatMap(({ seenRun, goneRun }) => [seenRun, goneRun]),
    ...[...tools, ...run.completeTools].map(provenRun),
    ...provenRuns,
  ];
  const newerThan = run.offBranch === null && !trial ? await standing.newerThan(others) : () => false;
  const comparison = compareFindings(seen, run, {
    known,
    open: openNow,
    provenRun,
    provenRuns,
    hasLine: (tool) => lineOf(job, tool, deps),
    isFresh: await freshIn(
      seen.filter(({ identity, observation }) => known(identity) === undefined && !lineOf(job, observation.tool, deps)),
      place,
      querying,
    ),
    newerThan,
    executedToo: (failed, passed) => {
      const runOf = (seq: number): Execution | null =>
        seq === enqueued.seq ? { ...job, sha, tests: parsed.tests } : models.query().jobs.at(seq);
      return executedToo(runOf(failed), runOf(passed));
    },
    doubt,
  });
  const onDefaultBranch = speaksForBranch(run) && !comparison.isOvertaken;
  const measuring = { job, remote, sha, parsed, trial, onDefaultBranch };
  return { job, exit, run, parsed, seen, comparison, newerThan, measuring };
}

/** What the exit code 0 says of tools that are behind scripts and do not tell of their end themselves. */
async function behindScripts(ended: EndedJob, scene: Scene, isAsked: boolean, deps: EvidenceDeps & ParserDeps) {
  const { job, parsed, exit } = ended;
  if (!isAsked || unprovenBy(exit, parsed) !== null) return noScripts;
  const open = deps.query().findings.lookedForOf(job.project, job.subproject, job.recipe);
  const told = completeTools({ ...parsed, succeeded: true }, new Set(open.map(({ tool }) => tool)));
  return gatherScripts(
    open.filter(({ kind, tool }) => kind !== 'recipe_fail' && !told.has(tool)),
    ended,
    scene,
    deps,
  );
}

async function finishJob(ended: Ended, effect: EffectOf, deps: ParserDeps): Promise<void> {
  const { log, models } = deps;
  if (await wasRead(ended, deps)) return;
  // Removed with its project: what it found belongs to nobody, and the name may be somebody else's by now.
  if (!models.query().jobs.find(ended.exit.job_id)) return;
  const { job, exit, run, parsed, seen, comparison, newerThan, measuring } = await readJob(ended, deps);
  const reading: Reading = {
    job,
    runSeq: run.seq,
    onDefaultBranch: speaksForBranch(run),
    number: ended.number,
    endedAt: ended.endedAt,
    effect,
    log,
  };
  const { findings } = models.query();
  const ids = await appendChanges(comparison, reading);
  const sightings = seen.map(({ observation, identity }): Sighting => {
    const before = findings.known(identity);
    const finding_id = ids.get(identity) ?? before?.id ?? 0;
    const seenRun = before?.last_seen_run ?? 0;
    return {
      occurrence: { ...observation, identity, finding_id, is_new: comparison.news.has(identity) },
      newest: reading.onDefaultBranch && (seenRun === run.seq || newerThan(seenRun)),
    };
  });
  await appendOccurrences(sightings, reading);
  const occurrences = sightings.map(({ occurrence }) => occurrence);
  const shown = occurrences.map(({ identity, kind, severity, is_new: isNew }): Shown => {
    const isSuppressed = (findings.known(identity)?.suppression ?? null) !== null;
    const suppressed =
      comparison.flaky.includes(identity) || (isSuppressed && !comparison.unsuppressed.includes(identity));
    return { kind, severity, suppressed, isNew: isNew || comparison.reopened.includes(identity) };
  });
  const hasLine = (tool: string) => lineOf(job, tool, deps);
  const coverage = await measureCoverage(measuring, { ...deps, query: models.query });
  for (const draft of measuredDrafts({ ...measuring, coverage, runSeq: run.seq, number: ended.number }))
    await appendFact(log, draft, effect(draft.type));
  const word = lastWordOf(
    { exit, endedAt: ended.endedAt, parsed, occurrences, shown, comparison, run, coverage, hasLine },
    reading,
  );
  await models.applied(await appendFact(log, word, effect('parsed')), lag);
}

const lineOf = ({ project, subproject, recipe }: JobEnqueuedData, tool: string, { models }: ParserDeps) =>
  models.query().proofs.hasLine(project, subproject, recipe, tool);

/** A late redelivery finds the last word there: what happened to the findings since then must not be compared again. */
async function wasRead({ exit, number }: Ended, { log, models }: ParserDeps): Promise<boolean> {
  const job = models.query().jobs.find(exit.job_id);
  if (!job || job.status === 'parsing') return false;
  return ((await log.last('FindingsParsed', exit.job_id))?.data.reading ?? 0) >= number;
}

/** What another reading of a job's log would change. */
export type Preview = {
  readonly job_id: string;
  readonly findings: number;
  readonly appear: readonly string[];
  readonly go: readonly string[];
};

/** Reads the stored log of an ended job with the parsers of today and says what that would change; appends nothing. */
export async function previewReading(jobId: string, deps: ParserDeps): Promise<Preview | null> {
  const exited = await deps.log.last('RecipeExited', jobId);
  if (!exited) return null;
  const { seen, comparison } = await readJob({ exit: exited.data, endedAt: exited.time, number: 2 }, deps);
  const { findings } = deps.models.query();
  const fresh = comparison.detected.filter(({ identity }) => findings.known(identity) === undefined);
  return {
    job_id: jobId,
    findings: seen.length,
    appear: fresh.map(({ identity }) => identity),
    go: [...comparison.resolved],
  };
}

/** The diff of the draft that a job was to prove: its lines are those of the patched tree. */
async function patchOf({ data: { patch } }: Recorded<'JobEnqueued'>, log: EventLog): Promise<string | undefined> {
  if (patch === undefined || !isOnDraft(patch)) return undefined;
  const drafted = await log.at(patch.drafted_seq);
  return drafted?.type === 'PatchDrafted' ? partFor(patch, drafted.data.diff) : undefined;
}

async function remoteOf({ data }: Recorded<'JobEnqueued'>, { vault }: ParserDeps): Promise<Remote> {
  const url = data.snapshot.git_url;
  const credential = data.credential_ref ? await vault.get(data.credential_ref).catch(() => null) : null;
  return credential ? { url, credential: JSON.parse(credential) } : { url };
}

/** Without them places are kept as they were printed. */
async function filesOf(remote: Remote, sha: string | null, { workspaces, logger }: ParserDeps) {
  if (sha === null) return null;
  return workspaces.listFiles(remote, sha).catch((error) => {
    logger.warn(
      { error: messageOf(error) },
      'the files of a commit could not be listed, printed paths stay as they are',
    );
    return null;
  });
}

function unprovenBy({ reason, truncated }: RecipeExitedData, { unproven, failure }: ParsedJob): string | null {
  if (failure?.cause === 'environment') return environmentWords(failure);
  if (reason !== 'exited') return `the job ended by ${reason}`;
  return truncated ? 'the log was cut' : (unproven?.slice(0, 512) ?? null);
}

function asKnown(doc: FindingDoc | undefined): KnownFinding | undefined {
  if (!doc) return undefined;
  const {
    id,
    identity,
    kind,
    tool,
    state,
    package: name,
    first_seen_job,
    last_seen_run,
    resolved_run,
    suppression,
  } = doc;
  return {
    id,
    identity,
    kind,
    tool,
    package: name,
    also: doc.also?.map((one) => one.tool) ?? [],
    // What nobody looked for any more is back like what was gone.
    state: state === 'unwatched' ? 'resolved' : state,
    firstSeenJob: first_seen_job,
    seenRun: last_seen_run,
    goneRun: resolved_run,
    suppressedUntil: suppression?.until ?? null,
    setAside: suppression === null ? undefined : suppression.by === ownName,
  };
}
