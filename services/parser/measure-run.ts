import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import type { Draft } from '../../events/registry.ts';
import { isAppError, messageOf } from '../floor/app-error.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { Queries } from '../projector/read-models.ts';
import type { ParsedJob } from './parse-job.ts';
import { type ChangedLines, type CoverageFigures, coverageFigures } from './rules/coverage-figures.ts';

/** The run that was measured; `sha` is null when it came to no commit. */
type MeasuredRun = {
  readonly job: JobEnqueuedData;
  readonly remote: Remote;
  readonly sha: string | null;
  readonly parsed: ParsedJob;
  /** It proves a draft: what it says is not the project's. */
  readonly trial: boolean;
  readonly onDefaultBranch: boolean;
};

type MeasureDeps = {
  readonly workspaces: Pick<Workspaces, 'addedLines' | 'branchTip'>;
  readonly logger: Log;
  readonly query: () => Queries;
};

/** What ran of the code; null when no report said so. */
export async function measureCoverage(run: MeasuredRun, deps: MeasureDeps): Promise<CoverageFigures | null> {
  const { coverage } = run.parsed;
  return coverage === null ? null : coverageFigures(coverage, await changedLines(run, deps));
}

/**
 * What changed: on the default branch since the commit that was measured before, on another one since it left the default
 * branch. Null where that is not known, or nothing changed.
 */
async function changedLines(run: MeasuredRun, deps: MeasureDeps): Promise<ChangedLines | null> {
  const { job, remote, sha, trial } = run;
  if (sha === null || trial) return null;
  try {
    const other = run.onDefaultBranch
      ? deps.query().coverage.measuredBefore(job, sha)
      : await deps.workspaces.branchTip(remote, job.snapshot.default_branch);
    if (other === null || other === sha) return null;
    const added = await deps.workspaces.addedLines(remote, other, sha);
    return added === null || added.base === sha ? null : added;
  } catch (error) {
    // A commit that the remote has no more is nothing to compare with.
    if (!isAppError(error, 'not_found'))
      deps.logger.warn({ job_id: job.job_id, error: messageOf(error) }, 'commits could not be compared for coverage');
    return null;
  }
}

type Measured = {
  readonly coverage: CoverageFigures | null;
  readonly parsed: ParsedJob;
  readonly job: JobEnqueuedData;
  readonly sha: string | null;
  readonly runSeq: number;
  readonly onDefaultBranch: boolean;
  readonly number: number;
};

/** The events that keep it. */
export function measuredDrafts(measured: Measured): Draft<'CoverageMeasured' | 'TestsMeasured'>[] {
  const { coverage, parsed, job, sha, runSeq, onDefaultBranch, number } = measured;
  const { job_id, project, subproject, recipe, branch } = job;
  const place = {
    job_id,
    project,
    reading: number,
    run_seq: runSeq,
    subproject,
    recipe,
    branch,
    sha,
    on_default_branch: onDefaultBranch,
  };
  const drafts: Draft<'CoverageMeasured' | 'TestsMeasured'>[] = [];
  if (coverage !== null) drafts.push({ type: 'CoverageMeasured', id: job_id, data: { ...place, ...coverage } });
  if (parsed.figures !== null) {
    const { formats, suites, slowest, flaky_tests, ...sums } = parsed.figures;
    const lists = {
      formats: formats.slice(0, 16),
      suites: suites.slice(0, 500),
      slowest: slowest.slice(0, 50),
      flaky_tests: flaky_tests.slice(0, 200),
    };
    drafts.push({ type: 'TestsMeasured', id: job_id, data: { ...place, ...sums, ...lists } });
  }
  return drafts;
}
