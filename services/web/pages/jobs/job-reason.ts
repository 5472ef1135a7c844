import type { Job } from '../../state/documents.ts';

const reasons: Readonly<Record<string, string>> = {
  timeout: 'It ran longer than it may.',
  cancelled: 'It was cancelled.',
  orphaned: 'Its runner went away while it ran.',
  workspace_failed: 'Its work tree could not be made.',
  log_limit: 'It wrote more than a log may hold.',
  runner_lost: 'Its runner was lost.',
  limit_exceeded: 'It used more than it may.',
  sandbox_missing: 'The sandbox that the project asks for is not on this runner.',
  remote_unavailable: 'The repository could not be reached.',
};

const causes: Readonly<Record<string, string>> = {
  code: 'The code',
  tool: 'The tool',
  environment: 'The environment',
};

/** Why a job is where it is, in one or two sentences. */
export function whyWords(job: Job): string {
  if (job.status === 'queued') return job.waiting_for ? `Waits: ${job.waiting_for}` : 'Waits for a free slot.';
  if (job.status === 'running') return 'It runs now.';
  if (job.status === 'parsing') return 'It has ended; its output is being read.';
  if (job.status === 'succeeded')
    return job.exit_code === 0
      ? 'The command ended with 0.'
      : `The command ended with ${job.exit_code}, which this recipe takes.`;
  const cause =
    job.failure &&
    `${causes[job.failure.cause] ?? job.failure.cause} is the cause (${job.failure.kind.replaceAll('_', ' ')}).`;
  const reason =
    job.reason === 'exited' || job.reason === null
      ? job.signal
        ? `The command was ended by ${job.signal}.`
        : `The command ended with ${job.exit_code}.`
      : (reasons[job.reason] ?? job.reason);
  return [reason, cause, job.failure?.detail, job.detail !== job.failure?.detail && job.detail]
    .filter(Boolean)
    .join(' ');
}
