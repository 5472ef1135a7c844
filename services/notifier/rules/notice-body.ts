import type { Recorded } from '../../../events/registry.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { JobBrief } from './brief.ts';

/** What a webhook is told of: an event, or a ping that is none. */
export type Notice = {
  readonly type: string;
  /** The event's own id, so that a receiver knows one that comes twice. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly project: string;
  readonly seq: number;
  readonly data: unknown;
  /** The job that it is about, as it stands when it is told. */
  readonly job?: Record<string, unknown>;
  /** What the job brought that nobody knew. */
  readonly news?: JobBrief;
};

const mostBytes = 256 * 1024;
/** References into the vault and the values of environments are nobody's business outside. */
const kept = (name: string) => !name.endsWith('_ref') && name !== 'env';

/** An event as it is told to a project's webhooks. Of several projects in it, the others are left out. */
export function noticeOf(
  { type, eventId, time, seq, data }: Recorded,
  project: string,
  job: JobDoc | null = null,
  news: JobBrief | null = null,
): Notice {
  const told = outside(data) as Record<string, unknown>;
  // Which host of the farm it is concerns its operator.
  if (type === 'FarmTroubled' || type === 'FarmRecovered') delete told.of;
  if (type === 'DigestOverdue') told.projects = data.projects.filter((name) => name === project);
  const notice = {
    type,
    id: eventId,
    time,
    project,
    seq,
    data: told,
    ...(job ? { job: shortOf(job) } : {}),
    ...(news ? { news } : {}),
  };
  if (Buffer.byteLength(JSON.stringify(notice)) <= mostBytes) return notice;
  return { ...notice, data: { ...scalarsOf(told), data_cut: true } };
}

/** A notice that says only that it arrives. */
export function pingOf(project: string, { id, time }: { id: string; time: string }): Notice {
  return { type: 'ping', id, time, project, seq: 0, data: {} };
}

/** What of a job a receiver needs to know without asking. */
function shortOf(job: JobDoc): Record<string, unknown> {
  const { job_id, subproject, recipe, branch, sha, status, reason, exit_code, duration_ms, purpose } = job;
  const { findings_count, new_findings_count, resolved_findings_count, baseline_findings_count, tests, failure } = job;
  const counts = {
    findings_count,
    new_findings_count,
    resolved_findings_count,
    baseline_findings_count,
    tests,
    failure,
  };
  return { job_id, subproject, recipe, branch, sha, status, reason, exit_code, duration_ms, purpose, ...counts };
}

function outside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outside);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => kept(name))
      .map(([name, field]) => [name, outside(field)]),
  );
}

function scalarsOf(data: Record<string, unknown>): Record<string, unknown> {
  const short = (field: unknown) =>
    typeof field === 'string' ? field.length <= 1024 : typeof field !== 'object' || field === null;
  return Object.fromEntries(Object.entries(data).filter(([, field]) => short(field)));
}
