import type { JobEnqueuedData } from '../events/jobs/job.ts';
import type { Draft } from '../events/registry.ts';

/** Jobs that are under way at the same time. */
const together = 8;
export const historyProjects = 40;
export const historyOwners = 4;

/** The ids sort in the order of the jobs, as real ones do. */
export function historyJobId(n: number): string {
  return `01jbench${String(n).padStart(18, '0')}`;
}

/** What is asked for in the n-th job of the history. */
export function historyJob(n: number): JobEnqueuedData {
  const project = `project-${n % historyProjects}`;
  const subproject = {
    path: `packages/part-${n % 7}`,
    language: 'javascript',
    lint: 'npx eslint -f json .',
    test: 'npm test',
    timeout_secs: 1800,
  };
  return {
    job_id: historyJobId(n),
    project,
    owner: `owner-${n % historyOwners}`,
    subproject: subproject.path,
    recipe: 'test',
    command: subproject.test,
    language: 'javascript',
    timeout_secs: 1800,
    env: {},
    branch: 'main',
    sha: null,
    priority: 'normal',
    purpose: 'requested',
    requested_by: `owner-${n % historyOwners}`,
    credential_ref: null,
    concurrency: {},
    supersede: false,
    retry_lost: false,
    rerun_of: null,
    snapshot: { project, git_url: `https://git.example.org/${project}.git`, default_branch: 'main', subproject },
  };
}

/** The events of that many jobs, four each, a few jobs under way at the same time. */
export function* jobHistory(jobs: number): Generator<Draft> {
  for (let first = 0; first < jobs; first += together) {
    const group = Array.from({ length: Math.min(together, jobs - first) }, (_, at) => first + at);
    for (const step of [enqueued, started, exited, parsed]) for (const n of group) yield step(n);
  }
}

function enqueued(n: number): Draft {
  return { type: 'JobEnqueued', id: historyJobId(n), data: historyJob(n) };
}

function started(n: number): Draft {
  const { job_id, project } = historyJob(n);
  return {
    type: 'RecipeStarted',
    id: job_id,
    data: { job_id, project, runner: 'runner-1', lease: 'lease-1', containment: 'pid-namespace' },
  };
}

function exited(n: number): Draft {
  const { job_id, project } = historyJob(n);
  return {
    type: 'RecipeExited',
    id: job_id,
    data: {
      job_id,
      project,
      reason: 'exited',
      exit_code: n % 10 === 0 ? 1 : 0,
      signal: null,
      detail: null,
      duration_ms: 1234,
      sha: '0123456789abcdef0123456789abcdef01234567',
      log_bytes: 4096,
      log_digest: '0'.repeat(64),
      log_first_seq: n,
      log_last_seq: n,
      truncated: false,
      workdir: null,
    },
  };
}

function parsed(n: number): Draft {
  const { job_id, project } = historyJob(n);
  const tools = [{ tool: 'eslint', parser: 'eslint', complete: true, findings: 0 }];
  return {
    type: 'FindingsParsed',
    id: job_id,
    data: { job_id, project, total: 0, new: 0, resolved: 0, by_kind: {}, by_severity: {}, tools, not_observed: null },
  };
}
