import { createHash } from 'node:crypto';
import type { Clock } from '../floor/clock.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { LogStream, LogSummary } from '../io/log-stream.ts';
import { askAgain } from './ask-again.ts';
import { endJob } from './end-job.ts';
import type { OpenJob } from './rules/job-queue.ts';

type Deps = {
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly logger: Log;
  readonly clock: Clock;
  /** False for whoever may not ask for jobs. */
  readonly mayAsk?: boolean;
};

const nothing: LogSummary = { firstSeq: 0, lastSeq: 0, bytes: 0, digest: null };
const plain = { exit_code: null, signal: null, truncated: false, sha: null, workdir: null };

/** Ends a job that no runner has taken. */
export async function endUnstarted(job: OpenJob, detail: string, { log }: Deps): Promise<void> {
  await endJob(job, { ...plain, reason: 'cancelled', detail, duration_ms: 0 }, nothing, log);
}

/** Ends a job whose runner died; when its project wants that, the same job is asked for again first. */
export async function endOrphan(job: OpenJob, { log, logs, logger, clock, mayAsk = true }: Deps): Promise<void> {
  const { data } = job;
  logger.warn({ job_id: data.job_id, runner: job.runner }, 'the runner of a job died, the job is ended');
  if (data.retry_lost && mayAsk) await askAgain(job, log);
  const writer = logs.writer(data.job_id);
  const line = '[crafting-table] runner restart, job orphaned\n';
  await writer.write('stderr', Buffer.from((await endsInLine(logs, data.job_id)) ? `\n${line}` : line));
  const { lastSeq } = await writer.end();
  const summary = await summarise(logs, data.job_id, lastSeq);
  const durationMs = job.startedAt ? Math.max(0, clock.now() - Date.parse(job.startedAt)) : 0;
  const reason = data.retry_lost ? 'runner_lost' : 'orphaned';
  const detail = 'runner restart, job orphaned';
  await endJob(job, { ...plain, reason, exit_code: -1, detail, duration_ms: durationMs }, summary, log);
}

/** Whether a log breaks off in the middle of a line: what is said about the job stands on a line of its own. */
async function endsInLine(logs: LogStream, jobId: string): Promise<boolean> {
  const last = await logs.lastSeq(jobId);
  let end: number | undefined;
  if (last > 0)
    await logs.read(jobId, { firstSeq: last, lastSeq: last }, ({ bytes }) => {
      end = bytes.at(-1);
    });
  return end !== undefined && end !== 10;
}

async function summarise(logs: LogStream, jobId: string, lastSeq: number): Promise<LogSummary> {
  const digest = createHash('sha256');
  let firstSeq = 0;
  let bytes = 0;
  await logs.read(jobId, { lastSeq }, (chunk) => {
    firstSeq ||= chunk.seq;
    bytes += chunk.bytes.length;
    digest.update(chunk.bytes);
  });
  return { firstSeq, lastSeq, bytes, digest: bytes > 0 ? digest.digest('hex') : null };
}
