import type { Occurrence } from '../../events/finding.ts';
import type { FindingsParsedData, JobEnqueuedData, RecipeExitedData, RunFailure } from '../../events/jobs/job.ts';
import type { Draft } from '../../events/registry.ts';
import type { ToolRun } from '../../parsers/define.ts';
import type { Reading } from './append-findings.ts';
import type { ParsedJob } from './parse-job.ts';
import type { Comparison, Run } from './rules/compare-findings.ts';
import { type CoverageFigures, coverageFault } from './rules/coverage-figures.ts';
import { pauseBefore } from './rules/find-cause.ts';
import { isOwnEnd, passes, type Shown } from './rules/judge-run.ts';

/** All that is known of a job when its log has been read and compared. */
type ReadRun = {
  readonly exit: RecipeExitedData;
  readonly parsed: ParsedJob;
  /** When the job ended, ISO 8601. */
  readonly endedAt: string;
  readonly occurrences: readonly Occurrence[];
  readonly shown: readonly Shown[];
  readonly comparison: Comparison;
  readonly run: Run;
  /** What ran of the code, where a report says so. */
  readonly coverage: CoverageFigures | null;
  /** Whether the line was drawn for a tool before this run. */
  readonly hasLine: (tool: string) => boolean;
};

/** Whether a run says anything about the default branch of its project. */
export const speaksForBranch = ({ offBranch, trial }: Run): boolean => offBranch === null && !trial;

/** The event that ends a job. */
export function lastWordOf(read: ReadRun, { job, number }: Reading): Draft<'FindingsParsed'> {
  const { parsed, occurrences, comparison, run } = read;
  const { job_id, project, subproject, recipe } = job;
  const isProof = run.unproven === null && comparison.notObservedCount === 0 && speaksForBranch(run);
  const tools = isProof ? [...run.completeTools].filter(comparison.current) : [];
  const wanted = job.snapshot.subproject;
  const isGood = passes({ recipe, failOn: wanted.fail_on, ...factsOf(read) });
  // What failed for another reason may have run no further than that.
  const fault = isGood && !run.trial ? coverageFault(read.coverage, { recipe, wanted }) : null;
  const passed = isGood && fault === null;
  const failure = fault === null ? parsed.failure : coverageFailure(fault);
  return {
    type: 'FindingsParsed',
    id: job_id,
    data: {
      job_id,
      project,
      reading: number,
      total: occurrences.length,
      new: comparison.news.size,
      resolved: comparison.resolved.length,
      reopened: comparison.reopened.filter((one) => !comparison.first.has(one) && !comparison.quiet.has(one)).length,
      by_kind: tally(occurrences.map(({ kind }) => kind)),
      by_severity: tally(occurrences.map(({ severity }) => severity)),
      tools: toolsOf(parsed, run.completeTools).slice(0, 64),
      not_observed: comparison.notObserved,
      not_observed_count: comparison.notObservedCount,
      ...(parsed.problems.length > 0 ? { problems: problemsOf(parsed) } : {}),
      ...(parsed.tests ? { tests: parsed.tests } : {}),
      on_default_branch: speaksForBranch(run) && !comparison.isOvertaken,
      ...(run.trial ? {} : { passed }),
      ...(passed || failure === null ? {} : { failure }),
      ...retryOf(read, job, number),
      ...baselineOf(read, { subproject, recipe }),
      ...(tools.length > 0
        ? { proves: { run_seq: run.seq, subproject, recipe, tools: tools.slice(0, 64), newest: true } }
        : {}),
    },
  };
}

/** Ends a job whose log could not be read, however often that was tried: it proves nothing, and nothing waits for it. */
export function unreadWord({ job_id, project }: RecipeExitedData, why: string): Draft<'FindingsParsed'> {
  const problem = `the log could not be read: ${why}`.slice(0, 512);
  const none = { total: 0, new: 0, resolved: 0, reopened: 0, by_kind: {}, by_severity: {}, tools: [] };
  const failure = { cause: 'environment', kind: 'crash', detail: problem } as const;
  const data = { job_id, project, reading: 1, ...none, not_observed: problem, problems: [problem], failure };
  return { type: 'FindingsParsed', id: job_id, data: { ...data, on_default_branch: false, passed: false } };
}

const problemsOf = ({ problems }: ParsedJob) =>
  problems
    .slice(0, 20)
    .map((words) => words.slice(0, 512))
    .filter((words) => words !== '');

/** The tools that were read, and those whose end the exit code proves. */
function toolsOf({ tools }: ParsedJob, complete: ReadonlySet<string>): ToolRun[] {
  const named = new Set(tools.map(({ tool }) => tool));
  const silent = [...complete].filter((tool) => !named.has(tool));
  return [
    ...tools.map((one) => ({ ...one, complete: one.complete || complete.has(one.tool) })),
    ...silent.map((tool) => ({ tool, parser: 'generic', complete: true, findings: 0 })),
  ];
}

const coverageFailure = (fault: string): RunFailure => ({
  cause: 'code',
  kind: 'coverage',
  detail: fault.slice(0, 512),
});

/** What is around a job may be well again later. A reading of an old log asks for nothing. */
function retryOf({ parsed: { failure }, run, endedAt }: ReadRun, job: JobEnqueuedData, reading: number) {
  if (failure?.cause !== 'environment' || run.trial || reading > 1) return {};
  const pause = pauseBefore(failure.kind, job.retry ?? 0);
  if (pause === null) return {};
  const { subproject, recipe, branch } = job;
  return { retry: { at: new Date(Date.parse(endedAt) + pause).toISOString(), subproject, recipe, branch } };
}

function factsOf({ exit: { reason, exit_code: exitCode }, parsed, run, shown }: ReadRun) {
  return { reason, exitCode, shown, isWhole: run.unproven === null && isOwnEnd(exitCode, parsed.tools) };
}

type LinePlace = Pick<NonNullable<FindingsParsedData['baseline']>, 'subproject' | 'recipe'>;

/** The line is drawn by the first complete run, or by the second one of a tool that never shows that it is complete. */
function baselineOf({ parsed, comparison, run, hasLine }: ReadRun, place: LinePlace) {
  if (!speaksForBranch(run) || comparison.isOvertaken || run.unproven !== null) return {};
  const tools = [...new Set(parsed.tools.map(({ tool }) => tool))].filter((tool) => !hasLine(tool)).slice(0, 64);
  return tools.length > 0 ? { baseline: { ...place, tools, findings: comparison.baseline.size } } : {};
}

function tally(words: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const word of words) sums[word] = (sums[word] ?? 0) + 1;
  return sums;
}
