import type { JobDoc } from '../../../../projections/jobs/jobs.ts';
import { cutToFit } from '../../answers/answer-size.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import type { ToolAnswer } from '../../define.ts';

export type JobAnswer = {
  readonly job: JobDoc & { readonly waiting_for?: string };
  readonly log_tail: readonly string[];
};
type JobData = { job: object; log_tail: string[]; cut: string[] };

export const over: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);

const lastLines = 8;

/** What to do where a job is not found. */
export const noSuchJob = 'There is no such job, or it is not yours: crafting_table_list_jobs lists yours.';

/** A job in prose and whole; `note` stands before everything else. */
export function jobAnswer({ job, log_tail }: JobAnswer, note = ''): ToolAnswer<JobData> {
  const { recipe_snapshot_json: _again, ...facts } = job;
  const { document, cut } = cutToFit({ job: facts, log_tail: [...log_tail] }, ['log_tail']);
  const left = cut.length === 0 ? '' : ` Cut: ${cut.join('; ')}. crafting_table_get_log has the whole log.`;
  return {
    prose: `${note}${summaryOf(job, log_tail)}${left}`,
    data: { ...document, cut },
  };
}

function summaryOf(job: JobDoc, tail: readonly string[]): string {
  const place = [
    `subproject ${shown(job.subproject, 120)}`,
    `branch ${shown(job.branch, 120)}`,
    `commit ${job.sha ?? 'not resolved yet'}`,
  ];
  const lines = [
    ...place,
    ...(job.detail ? [`detail: ${shown(job.detail, 300)}`] : []),
    ...(job.not_observed ? [`not observed: ${shown(job.not_observed, 300)}`] : []),
    ...(job.status === 'succeeded' ? [] : tail.slice(-lastLines).map((line) => `log: ${shown(line, 200)}`)),
  ];
  return [
    `Job ${job.job_id}: ${job.recipe} of ${job.project} ${endOf(job)}.`,
    foundBy(job),
    fenced(lines),
    nextAfter(job),
  ]
    .filter(Boolean)
    .join('\n');
}

function endOf({ status, reason, exit_code, duration_ms }: JobDoc): string {
  if (!over.has(status)) return `is ${status}`;
  const why = [reason ?? '', exit_code === null ? '' : `exit code ${exit_code}`].filter(Boolean).join(', ');
  const time = duration_ms === null ? '' : ` after ${(duration_ms / 1000).toFixed(1)} s`;
  return `${status}${why && ` (${why})`}${time}`;
}

function foundBy({ status, tests, ...job }: JobDoc): string {
  if (!over.has(status)) return '';
  const before =
    job.baseline_findings_count > 0 ? ` ${job.baseline_findings_count} are known since this first look.` : '';
  const counted = tests ? ` Tests: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped.` : '';
  return `Findings: ${job.findings_count}, of which ${job.new_findings_count} new; ${job.resolved_findings_count} resolved.${before}${counted}`;
}

function nextAfter({ status, findings_count }: JobDoc): string {
  if (!over.has(status)) return 'Next: crafting_table_wait_for_job.';
  if (findings_count > 0) return 'Next: crafting_table_get_findings, crafting_table_draft_patch.';
  return status === 'failed' ? 'Next: crafting_table_get_log.' : '';
}
