import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { Cli } from '../define.ts';
import { secondsOf } from '../farm/follow-job.ts';
import { coverageWords } from './coverage-table.ts';
import type { Column } from './fit-table.ts';
import { styleOf } from './paint.ts';
import { printFields } from './print-fields.ts';

/** Jobs as they are listed. */
export const jobColumns: readonly Column<JobDoc>[] = [
  { head: 'job', of: ({ job_id }) => job_id },
  { head: 'status', of: ({ status }) => status, style: styleOf },
  { head: 'recipe', of: ({ recipe }) => recipe },
  {
    head: 'of',
    of: ({ project, subproject }) => (subproject === '.' ? project : `${project}/${subproject}`),
    shrinksTo: 8,
  },
  { head: 'found', of: ({ findings_count }) => findings_count },
  { head: 'time', of: ({ duration_ms }) => secondsOf(duration_ms) },
  {
    head: 'asked for',
    of: ({ enqueued_at }) => enqueued_at.slice(0, 19).replace('T', ' '),
    shrinksTo: 10,
    isExtra: true,
  },
];

/** Everything that people ask about one job. */
export function showJob(cli: Cli, job: JobDoc): void {
  printFields(cli, [
    ['job', job.job_id],
    ['status', `${job.status}${job.reason && job.reason !== 'exited' ? `, ${job.reason}` : ''}`],
    ['detail', job.detail],
    ['project', job.project],
    ['subproject', `${job.subproject} (${job.language})`],
    ['recipe', `${job.recipe}: ${job.command}`],
    ['branch', `${job.branch}${job.sha ? ` at ${job.sha}` : ''}`],
    ['exit code', job.exit_code],
    ['asked for', `${job.enqueued_at} by ${job.requested_by}${job.rerun_of ? `, a rerun of ${job.rerun_of}` : ''}`],
    ['started', job.started_at && `${job.started_at}${job.runner ? ` on ${job.runner}` : ''}`],
    ['finished', job.finished_at && `${job.finished_at} after ${secondsOf(job.duration_ms)}`],
    ['time went to', timeWords(job)],
    ['dependencies', dependencyWords(job)],
    ['compiled', job.compiled && (job.compiled.reason ?? 'packages taken from the cache')],
    [
      'findings',
      `${job.findings_count}, ${job.new_findings_count} new, ${job.resolved_findings_count} gone${job.baseline_findings_count > 0 ? `, ${job.baseline_findings_count} known since this first look` : ''}`,
    ],
    ['tests', testWords(job)],
    ['coverage', job.coverage && coverageWords(job.coverage)],
    ['not read', job.problems.join('; ') || null],
    ['why it failed', job.failure && (job.failure.detail ?? job.failure.kind)],
    ['not observed', job.not_observed],
    ['tools', job.tools.map(({ tool, findings }) => `${tool} (${findings})`).join(', ')],
    ['log', `${job.log_bytes} bytes${job.truncated ? ', cut' : ''}`],
    ['patch', job.patch_id],
  ]);
}

const steps = [
  ['wait', 'wait_ms'],
  ['fetch', 'fetch_ms'],
  ['tree', 'tree_ms'],
  ['install', 'install_ms'],
  ['run', 'run_ms'],
  ['read', 'read_ms'],
] as const;

/** Where the time of a job went: `wait 0.2 s, fetch 0.1 s, …`; what was not measured is left out. */
function timeWords({ timings }: Pick<JobDoc, 'timings'>): string | null {
  const known = steps.flatMap(([word, key]) => {
    const ms = timings?.[key] ?? null;
    return ms === null ? [] : [`${word} ${secondsOf(ms)}`];
  });
  return known.join(', ') || null;
}

/** Where the dependencies of a job came from, and why. */
function dependencyWords({ dependencies }: Pick<JobDoc, 'dependencies'>): string | null {
  if (!dependencies) return null;
  const { source, reason, waited_ms: waited, bytes } = dependencies;
  const words = { cache: 'taken from the cache', install: 'installed', failed: 'the install failed' }[source];
  const more = [
    reason,
    waited > 0 ? `waited ${secondsOf(waited)} for another job's install` : null,
    bytes > 0 ? `${(bytes / 2 ** 20).toFixed(1)} MB` : null,
  ];
  return [words, ...more.filter((part) => part !== null)].join('; ');
}

function testWords({ tests }: JobDoc): string | null {
  if (!tests) return null;
  const { executed, failed, skipped } = tests;
  return `${executed} ran, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
