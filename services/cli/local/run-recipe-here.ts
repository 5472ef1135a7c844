import type { RecipeName } from '../../../events/fields.ts';
import type { Observation } from '../../../events/finding.ts';
import type { ExitReason } from '../../../events/jobs/job.ts';
import { withStepMarks } from '../../../parsers/engine/steps.ts';
import { withoutMarksIn } from '../../../parsers/engine/text-lines.ts';
import { type ParsedLog, readLog } from '../../../parsers/read-log.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { isAppError } from '../../floor/app-error.ts';
import { resolveInside } from '../../io/git/trees/inside-tree.ts';
import type { Processes } from '../../io/process/open-processes.ts';
import type { RunResult } from '../../io/process/run-request.ts';
import { environmentWords } from '../../jobs/rules/cause-words.ts';
import { judgedEnd, lastBytes, recipeFailure } from '../../parser/parse-job.ts';
import { coverageFault, coverageFigures } from '../../parser/rules/coverage-figures.ts';
import { identifyFindings } from '../../parser/rules/identify-findings.ts';
import { isOwnEnd, passes } from '../../parser/rules/judge-run.ts';
import { jobEnvironment } from '../../runner/home/recipe-environment.ts';
import { failureOf, type Outcome, outcomeOf } from '../../runner/outcome.ts';
import { freshReports } from './fresh-reports.ts';
import type { LocalRun } from './local-plan.ts';
import type { CheckoutHere } from './tree/checkout-here.ts';
import { treeSources } from './tree/tree-sources.ts';

/** What was found, under the identity that a farm gives it in a project of the same name. */
export type LocalFinding = Observation & {
  readonly identity: string;
  readonly subproject: string;
  readonly recipe: RecipeName;
};

/** How one run ended: the words of a job, as far as there are any without a farm. */
export type LocalJob = Pick<
  JobDoc,
  'subproject' | 'language' | 'command' | 'exit_code' | 'signal' | 'detail' | 'tests'
> & {
  readonly recipe: RecipeName;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly reason: ExitReason;
  readonly duration_ms: number;
  readonly tools: JobDoc['tools'];
  /** What could not be read, in words for people. */
  readonly problems: readonly string[];
};

export type LocalResult = {
  readonly run: LocalRun;
  readonly job: LocalJob;
  readonly findings: readonly LocalFinding[];
  /** It covers less than its subproject asks for. */
  readonly isUncovered: boolean;
  /** The texts of the files that the tools offer to edit, as they were when the run ended. */
  readonly edited: ReadonlyMap<string, string>;
};

export type HereDeps = {
  readonly checkout: CheckoutHere;
  readonly project: string;
  readonly processes: Processes;
  readonly environment: Readonly<Record<string, string>>;
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
  /** The subprojects whose dependencies are there: they are installed once. */
  readonly installed: Set<string>;
  readonly onOutput: (pipe: 'stdout' | 'stderr', bytes: Buffer) => void;
};

/** Between TERM and KILL: somebody sits there and waits. */
const graceMs = 3_000;
/** Of 64 KiB at most: the end of what an install printed. */
const mostChunks = 64;

/** Runs one recipe in the work tree as it is, and reads what it printed and left, as the farm does with a job. */
export async function runRecipeHere(run: LocalRun, deps: HereDeps): Promise<LocalResult> {
  const { checkout, signal } = deps;
  const startedAt = performance.now();
  const notes: string[] = [];
  const { language, recipe, command, subproject } = run;
  const tree = checkout.files;
  const reader = readLog({ language, recipe, command, subproject, roots: [checkout.root], ...(tree ? { tree } : {}) });
  const last = lastBytes();
  const write = (pipe: 'stdout' | 'stderr', bytes: Buffer) => {
    reader.write(pipe, bytes);
    last.write(bytes);
  };
  let outcome: Outcome;
  try {
    const cwd = await resolveInside(checkout.root, subproject);
    const reports = await freshReports(run.reports, { root: checkout.root, cwd });
    outcome = await execute(run, { ...deps, cwd, write });
    for (const { name, bytes } of await reports((note) => notes.push(note))) reader.report(name, bytes);
  } catch (error) {
    if (!isAppError(error) && !signal.aborted) throw error;
    outcome = failureOf(error, signal);
  }
  const duration_ms = Math.round(performance.now() - startedAt);
  const parsed = reader.end({ exitCode: outcome.exit_code, reason: outcome.reason });
  return resultOf(run, { outcome, parsed, notes, duration_ms, lastLines: last.text() }, deps);
}

type Execution = HereDeps & { cwd: string; write: (pipe: 'stdout' | 'stderr', bytes: Buffer) => void };

async function execute(run: LocalRun, { cwd, write, checkout, project, ...deps }: Execution): Promise<Outcome> {
  const { subproject, recipe, timeoutSecs } = run;
  const { processes, environment, maxOutputBytes, signal, installed, onOutput } = deps;
  const job = { job_id: 'local', project, subproject, recipe, branch: checkout.branch ?? '' };
  const order = {
    cwd,
    env: { ...environment, ...jobEnvironment(job, checkout.sha ?? ''), ...run.env },
    timeoutMs: timeoutSecs * 1000,
    graceMs,
    maxOutputBytes,
    signal,
  };
  const outcomeIn = (result: RunResult) => outcomeOf(result, signal, timeoutSecs, maxOutputBytes);
  if (run.install !== null && !installed.has(subproject)) {
    // What an install prints is read only when it fails: its warnings are no findings.
    const said: ['stdout' | 'stderr', Buffer][] = [];
    const keep = (pipe: 'stdout' | 'stderr', chunk: Buffer) => {
      if (said.push([pipe, chunk]) > mostChunks) said.shift();
      onOutput(pipe, chunk);
    };
    const outcome = outcomeIn(await processes.run({ ...order, command: run.install, onOutput: keep }));
    if (outcome.exit_code !== 0) {
      for (const [pipe, chunk] of said) write(pipe, chunk);
      return outcome;
    }
    installed.add(subproject);
  }
  /** What marks the steps is for the reader of the log, not for a terminal. */
  const plain = { stdout: withoutMarksIn(), stderr: withoutMarksIn() };
  const onChunk = (pipe: 'stdout' | 'stderr', chunk: Buffer) => {
    write(pipe, chunk);
    onOutput(pipe, plain[pipe].write(chunk));
  };
  return outcomeIn(await processes.run({ ...order, command: withStepMarks(run.command), onOutput: onChunk }));
}

type Judged = Pick<LocalJob, 'reason' | 'tools'> & {
  readonly exitCode: number | null;
  readonly findings: readonly LocalFinding[];
};

/** Whether a run passes by what its subproject says. Without a farm nothing is known before: each finding is new. */
export function passesHere({ recipe, failOn }: LocalRun, { reason, exitCode, findings, tools }: Judged): boolean {
  const shown = findings.map(({ kind, severity }) => ({ kind, severity, suppressed: false, isNew: true }));
  return passes({ recipe, failOn, reason, exitCode, shown, isWhole: isOwnEnd(exitCode, tools) });
}

/** Why it covers less than is asked for; nothing is known here of what was measured before. */
function faultOf({ recipe, asks }: LocalRun, { coverage }: ParsedLog): string | null {
  return coverageFault(coverage === null ? null : coverageFigures(coverage, null), { recipe, wanted: asks });
}

type Ended = {
  outcome: Outcome;
  parsed: ParsedLog;
  notes: readonly string[];
  duration_ms: number;
  lastLines: string;
};

function resultOf(
  run: LocalRun,
  { outcome, parsed, notes, duration_ms, lastLines }: Ended,
  deps: HereDeps,
): LocalResult {
  const { subproject, recipe, language, command } = run;
  const { exit_code, signal, reason, detail } = outcome;
  // Of a recipe that ended by itself the same is said as a farm says: what is around the code is no finding.
  const end = judgedEnd({ job: { recipe }, exit: { reason, detail, exit_code } }, parsed.findings, lastLines);
  const lost = reason === 'exited' ? null : recipeFailure({ reason, detail }, recipe);
  const around = reason === 'exited' && end.failure?.cause === 'environment' ? environmentWords(end.failure) : null;
  const sources = treeSources(deps.checkout.root);
  const seen = identifyFindings(
    lost ? [...parsed.findings, lost] : end.findings,
    { project: deps.project, subproject, recipe },
    { sourceLine: sources.line, earlierPaths: () => [], seenIn: () => undefined },
  );
  const findings = seen.map(({ observation, identity }) => ({ ...observation, identity, subproject, recipe }));
  const files = new Set(findings.flatMap(({ edits }) => edits.map(({ file }) => file)));
  const ended = passesHere(run, { reason, exitCode: exit_code, findings, tools: parsed.tools });
  // What failed for another reason may have run no further than that.
  const fault = ended ? faultOf(run, parsed) : null;
  const passed = ended && fault === null;
  const status = reason === 'cancelled' ? 'cancelled' : passed ? 'succeeded' : 'failed';
  const { tests, tools, problems } = parsed;
  return {
    run,
    job: {
      subproject,
      language,
      recipe,
      command,
      status,
      reason,
      detail: fault ?? around ?? detail,
      exit_code,
      signal,
      duration_ms,
      tests,
      tools,
      problems: [...problems, ...notes],
    },
    findings,
    isUncovered: fault !== null,
    edited: new Map(
      [...files].flatMap((file) => {
        const text = sources.text(file);
        return text === undefined ? [] : [[file, text] as const];
      }),
    ),
  };
}
