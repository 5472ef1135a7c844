import type { Observation } from '../../events/finding.ts';
import type { JobEnqueuedData, RecipeExitedData, RunFailure } from '../../events/jobs/job.ts';
import { withoutMarks } from '../../parsers/engine/text-lines.ts';
import { fingerprint } from '../../parsers/fingerprint.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';
import type { LogStream } from '../io/log-stream.ts';
import { testReportName } from '../jobs/rules/test-report.ts';
import { causeOf } from './rules/find-cause.ts';

type JobLog = {
  readonly job: JobEnqueuedData;
  readonly exit: RecipeExitedData;
  /** What scripts of the command start, each once, and whose exit code is that of the job. */
  readonly started?: readonly string[];
  /** Programs of known tools that scripts of the command start. */
  readonly leads?: readonly string[];
};

/** What the log of a job says; `failure` is null for one that exited with 0, or was cancelled. */
export type ParsedJob = ParsedLog & { readonly failure: RunFailure | null };

const nothing: ParsedLog = {
  findings: [],
  tools: [],
  tests: null,
  skipped: new Set(),
  looked: new Set(),
  figures: null,
  coverage: null,
  problems: [],
  unproven: null,
  built: false,
  unsettled: false,
};

/**
 * Reads the log of a job that has ended and says what its tools said. `files` lists the files of its commit, or null when
 * it cannot: they are asked for, and the log read once more, only where they tell what a printed path means.
 */
export async function parseJob(
  { job, exit, started = [], leads = [] }: JobLog,
  logs: LogStream,
  files: () => Promise<readonly string[] | null>,
): Promise<ParsedJob> {
  // A tool or an agent at work on a draft says nothing about the project.
  if (job.purpose === 'draft' || job.purpose === 'agent') return { ...nothing, failure: null };
  const last = lastBytes();
  const first = await readJobLog({ job, exit, started, leads }, logs, { heard: last.write });
  const tree = first.unsettled ? await files() : null;
  const parsed = tree === null ? first : await readJobLog({ job, exit, started, leads }, logs, { tree });
  return { ...parsed, ...judgedEnd({ job, exit }, parsed.findings, last.text()) };
}

type JobEnd = {
  readonly job: Pick<JobEnqueuedData, 'recipe' | 'retry'>;
  readonly exit: Pick<RecipeExitedData, 'reason' | 'detail' | 'exit_code'>;
};

/** Why a run failed, and what of its findings is the project's: what is around the code and its tools is none. */
export function judgedEnd(
  { job, exit }: JobEnd,
  findings: readonly Observation[],
  lastLines: string,
): Pick<ParsedJob, 'failure' | 'findings'> {
  const failure = failureOf({ job, exit }, findings, lastLines);
  if (failure?.cause === 'environment')
    return { failure, findings: findings.filter(({ kind }) => kind !== 'recipe_fail') };
  const found = recipeFailure(exit, job.recipe);
  return { failure, findings: found ? [...findings, found] : [...findings] };
}

type Reading = { readonly tree?: readonly string[]; readonly heard?: (bytes: Uint8Array) => void };

async function readJobLog(
  { job, exit, started = [], leads = [] }: JobLog,
  logs: LogStream,
  { tree, heard }: Reading,
): Promise<ParsedLog> {
  const { job_id, language, recipe, command, subproject } = job;
  const roots = exit.workdir ? [exit.workdir] : [];
  const reader = readLog({ language, recipe, command, subproject, roots, started, leads, ...(tree ? { tree } : {}) });
  if (exit.log_bytes > 0) {
    await logs.read(job_id, { firstSeq: exit.log_first_seq, lastSeq: exit.log_last_seq }, ({ pipe, bytes }) => {
      reader.write(pipe, bytes);
      heard?.(bytes);
    });
  }
  if (exit.reports)
    await logs.readReports(job_id, exit.reports, ({ name, bytes }) => {
      if (name !== testReportName) reader.report(name, bytes);
    });
  return reader.end({ exitCode: exit.exit_code, reason: exit.reason });
}

function failureOf(
  { job, exit: { reason, detail, exit_code: exitCode } }: JobEnd,
  findings: readonly Observation[],
  lastLines: string,
): RunFailure | null {
  if (reason === 'cancelled' || (reason === 'exited' && exitCode === 0)) return null;
  const isExplained = findings.length > 0 && findings.every(({ kind }) => kind !== 'recipe_fail');
  return causeOf({ reason, detail, exitCode, lastLines, isExplained, retry: job.retry ?? 0 });
}

const keptBytes = 65_536;

/** Keeps the end of a log. */
export function lastBytes() {
  let kept = Buffer.alloc(0);
  return {
    write: (bytes: Uint8Array) => {
      kept = Buffer.concat([kept, bytes.subarray(-keptBytes)]).subarray(-keptBytes);
    },
    text: () => withoutMarks(kept.toString('utf8')),
  };
}

const failures: Partial<Record<RecipeExitedData['reason'], string>> = {
  timeout: 'did not end in time',
  log_limit: 'printed more than a log may hold',
  workspace_failed: 'could not be started',
  orphaned: 'lost its runner',
  runner_lost: 'lost its runner and is run again',
};

/** The finding for a recipe that did not end by itself; a cancelled one is nobody's defect. */
export function recipeFailure(
  { reason, detail }: Pick<RecipeExitedData, 'reason' | 'detail'>,
  recipe: string,
): Observation | null {
  const what = failures[reason];
  if (!what) return null;
  const finding = {
    kind: 'recipe_fail',
    severity: 'error',
    tool: 'recipe',
    tool_severity: null,
    tool_code: null,
    file: null,
    line: null,
    column: null,
    end_line: null,
    code: reason,
    message: `The ${recipe} recipe ${what}${detail ? `: ${detail}` : '.'}`.slice(0, 8192),
    suggested_fix: null,
    package: null,
    installed_version: null,
    fixed_version: null,
    aliases: [],
    url: null,
    edits: [],
    raw_json: JSON.stringify({ reason, detail }),
  } as const satisfies Omit<Observation, 'fingerprint' | 'aliases' | 'edits'> & {
    aliases: readonly [];
    edits: readonly [];
  };
  return { ...finding, aliases: [], edits: [], fingerprint: fingerprint(finding) };
}
