import type { Occurrence } from '../../../events/finding.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { derivedJobId } from '../../jobs/rules/job-id.ts';
import { openTestReport, testReportName } from '../../jobs/rules/test-report.ts';
import type { PatcherDeps } from '../attempt-steps.ts';
import type { PatchedRun } from '../rules/drafting/compare-patched.ts';
import { testsInText } from '../rules/proof/tests-in-text.ts';

/** What it takes to read what a run said. */
type RunReading = Pick<PatcherDeps, 'models' | 'log' | 'logs'>;

export function jobOf(id: string, { models }: Pick<PatcherDeps, 'models'>): JobDoc | null {
  const found = models.query().jobs.find(id);
  return found ? (JSON.parse(found.doc) as JobDoc) : null;
}

/** The job of this id, or the one that retries it because its runner was lost. */
export function latestJob(id: string, deps: Pick<PatcherDeps, 'models'>): JobDoc | null {
  const job = jobOf(id, deps);
  if (job?.reason !== 'runner_lost') return job;
  return latestJob(derivedJobId(id, 'retry'), deps) ?? job;
}

/** What a job that was read showed. */
export function runOfJob(job: JobDoc, deps: Pick<PatcherDeps, 'models'>): PatchedRun {
  const { job_id: jobId, command, reason, exit_code, duration_ms, tests, tools, detail, failure, sandbox } = job;
  return {
    ...{ jobId, command, reason, exitCode: exit_code, durationMs: duration_ms, tests, tools, detail, failure, sandbox },
    occurrences: [...seenIn(jobId, deps)],
  };
}

/** The same, with what the runners of its tests reported. */
export async function reportedRun(job: JobDoc, deps: RunReading): Promise<PatchedRun> {
  const exited = await deps.log.last('RecipeExited', job.job_id);
  const pieces: Uint8Array[] = [];
  if (exited?.data.reports)
    await deps.logs.readReports(job.job_id, exited.data.reports, ({ name, bytes }) => {
      if (name === testReportName) pieces.push(bytes);
    });
  const text = Buffer.concat(pieces).toString('utf8');
  const report = text === '' ? testsInText(await outputOf(job, deps)) : openTestReport(text);
  return { ...runOfJob(job, deps), report };
}

/** Of what a run printed so much is looked through for the names of tests, in characters. */
const mostOutput = 4 * 1024 * 1024;

async function outputOf({ job_id, log_bytes }: JobDoc, { logs }: RunReading): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  if (log_bytes > 0)
    await logs.read(job_id, {}, ({ bytes }) => {
      size += bytes.length;
      if (size <= mostOutput) pieces.push(Buffer.from(bytes));
    });
  return Buffer.concat(pieces).toString('utf8');
}

function* seenIn(jobId: string, { models }: Pick<PatcherDeps, 'models'>): Generator<Occurrence> {
  const { occurrences } = models.query();
  for (let after = -1; ; ) {
    const page = occurrences.page(jobId, after, 500);
    for (const { doc } of page) yield doc;
    const last = page.at(-1);
    if (!last || page.length < 500) return;
    after = last.ordinal;
  }
}
