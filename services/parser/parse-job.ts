import type { Observation } from '../../events/finding.ts';
import type { JobEnqueuedData, RecipeExitedData } from '../../events/job.ts';
import { fingerprint } from '../../parsers/fingerprint.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';
import type { LogStream } from '../io/log-stream.ts';

export type JobLog = { readonly job: JobEnqueuedData; readonly exit: RecipeExitedData };

/** Reads the log of a job that has ended and says what its tools said. */
export async function parseJob({ job, exit }: JobLog, logs: LogStream): Promise<ParsedLog> {
  // A tool at work on a draft says nothing about the project.
  if (job.purpose === 'draft') return { findings: [], tools: [], tests: null, problems: [] };
  const { job_id, language, recipe, command, subproject } = job;
  const reader = readLog({ language, recipe, command, subproject, roots: exit.workdir ? [exit.workdir] : [] });
  if (exit.log_bytes > 0) {
    await logs.read(job_id, { firstSeq: exit.log_first_seq, lastSeq: exit.log_last_seq }, ({ pipe, bytes }) =>
      reader.write(pipe, bytes),
    );
  }
  if (exit.reports) await logs.readReports(job_id, exit.reports, ({ name, bytes }) => reader.report(name, bytes));
  const parsed = reader.end({ exitCode: exit.exit_code, reason: exit.reason });
  const failure = recipeFailure(exit, recipe);
  return failure ? { ...parsed, findings: [...parsed.findings, failure] } : parsed;
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
