import type { Recorded } from '../../events/registry.ts';
import type { ParsedLog } from '../../parsers/read-log.ts';
import { AppError } from '../app-error.ts';
import { compareFindings, type KnownFinding, type Run } from '../decisions/compare-findings.ts';
import { identifyFindings } from '../decisions/identify-findings.ts';
import { type Consumer, defineConsumer, done, type EffectOf } from '../define.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Remote } from '../io/git/remote-url.ts';
import type { Workspaces } from '../io/git/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { Vault } from '../io/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { appendChanges, appendOccurrences, appendOnce, finished } from './append-findings.ts';
import { parseJob } from './parse-job.ts';
import { readSourceLines } from './source-lines.ts';

export type ParserDeps = {
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly models: ReadModels;
  readonly workspaces: Workspaces;
  readonly vault: Vault;
  readonly logger: Log;
};

/** Reads the log of every job that has ended, and says what is new, gone and back. Its last word makes the job terminal. */
export function parser(deps: ParserDeps): Consumer {
  const inTurn = turnsByKey();
  return defineConsumer({
    name: 'parser',
    maxInFlight: 16,
    on: {
      RecipeExited: (event, effect) =>
        inTurn(event.data.project, async () => {
          if (!(await deps.models.applied(event.seq, 10_000)))
            throw new AppError('unavailable', 'The read model lags behind.');
          await settleJob(event, effect, deps);
          return done;
        }),
    },
  });
}

/** Jobs of one project are compared one after the other: each must see what the one before it found. */
function turnsByKey() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    const settled = mine.catch(() => {});
    last.set(key, settled);
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return mine;
  };
}

async function settleJob(event: Recorded<'RecipeExited'>, effect: EffectOf, deps: ParserDeps): Promise<void> {
  const { log, models, logs } = deps;
  const { job_id, log_bytes } = event.data;
  const enqueued = await log.last('JobEnqueued', job_id);
  if (!enqueued) throw new AppError('internal', `Job ${job_id} ended but was never enqueued.`);
  const job = enqueued.data;
  const prepared = log_bytes > 0 ? await log.last('WorkspacePrepared', job_id) : null;
  const parsed = await parseJob({ job, exit: event.data, workdir: prepared?.data.workdir ?? null }, logs);
  const sourceLine = await readSourceLines(
    parsed.findings,
    { remote: await remoteOf(enqueued, deps), sha: event.data.sha },
    deps,
  );
  const seen = identifyFindings(parsed.findings, job, sourceLine);
  const { findings } = models.query();
  const known = (identity: string): KnownFinding | undefined => {
    const found = findings.known(identity);
    return found && { id: found.id, state: found.state, firstSeenJob: JSON.parse(found.doc).first_seen_job };
  };
  const comparison = compareFindings(seen, runOf(event, enqueued, parsed), {
    known,
    open: findings.openOf(job.project, job.subproject, job.recipe),
  });
  const ids = await appendChanges({ event, enqueued, comparison }, effect, log);
  const isNew = new Set(comparison.detected.map(({ identity }) => identity));
  const occurrences = seen.map(({ observation, identity }) => ({
    ...observation,
    identity,
    finding_id: ids.get(identity) ?? known(identity)?.id ?? 0,
    is_new: isNew.has(identity),
  }));
  await appendOccurrences({ event, occurrences }, effect, log);
  const appended = await appendOnce(log, finished(event, { parsed, occurrences, comparison }), effect('parsed'));
  await models.applied(appended, 10_000);
}

async function remoteOf({ data }: Recorded<'JobEnqueued'>, { vault }: ParserDeps): Promise<Remote> {
  const url = data.snapshot.git_url;
  const credential = data.credential_ref ? await vault.get(data.credential_ref).catch(() => null) : null;
  return credential ? { url, credential: JSON.parse(credential) } : { url };
}

function runOf(
  { data }: Recorded<'RecipeExited'>,
  { data: job, seq }: Recorded<'JobEnqueued'>,
  parsed: ParsedLog,
): Run {
  const unproven =
    data.reason !== 'exited'
      ? `the job ended by ${data.reason}`
      : data.truncated
        ? 'the log was cut'
        : (parsed.problems[0] ?? null);
  return {
    jobId: data.job_id,
    enqueuedSeq: seq,
    onDefaultBranch: job.branch === job.snapshot.default_branch && job.sha === null && job.purpose !== 'verify',
    completeTools: new Set(parsed.tools.filter(({ complete }) => complete).map(({ tool }) => tool)),
    succeeded: data.reason === 'exited' && data.exit_code === 0,
    unproven: unproven?.slice(0, 512) ?? null,
  };
}
