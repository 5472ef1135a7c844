import { readConfig } from '../config.ts';
import { isAppError } from '../floor/app-error.ts';
import { printable } from '../floor/printable.ts';
import { openProcesses } from '../io/process/open-processes.ts';
import type { Cli } from './define.ts';
import { nothingRan } from './exit-codes.ts';
import { changedFiles } from './local/changed-files.ts';
import { checkoutHere, gitIn } from './local/checkout-here.ts';
import { liveLines } from './local/live-lines.ts';
import { localEnvironment } from './local/local-environment.ts';
import { localFix } from './local/local-fix.ts';
import { inLists, localOrder } from './local/local-order.ts';
import { type LocalPlan, type LocalRun, localPlan, nothingFound } from './local/local-plan.ts';
import { type LocalReport, localJson, localSarif, localTable } from './local/local-report.ts';
import {
  type HereDeps,
  type LocalFinding,
  type LocalResult,
  passesHere,
  runRecipeHere,
} from './local/run-recipe-here.ts';
import { jsonText, printJson } from './print/output-options.ts';

export type LocalOptions = {
  /** Names of recipes; none: every one that there is. */
  readonly recipes: readonly string[];
  /** A path from the present folder or from the root; null: all. */
  readonly subproject: string | null;
  /** A registration document; null: `.crafting-table.json` in the root, else what is detected. */
  readonly project: string | null;
  readonly output: 'table' | 'json' | 'ndjson' | 'sarif';
  /** Writes the edits that the tools offer and call safe. */
  readonly fix?: boolean;
  /** Only findings in files that differ from this commit. */
  readonly changed?: string | null;
  /** Where somebody stands; the folder of the process. */
  readonly cwd?: string;
};

/**
 * Runs the recipes of the checkout that somebody stands in, on the work tree as it is and without any server. Exit code 0
 * when all succeeded, 1 when a recipe failed or a finding is at least an error, 2 for wrong use, 8 when nothing that is
 * found can be run here, 130 when interrupted.
 * `fail_on` of a subproject says in its place what fails.
 */
export async function runLocal(options: LocalOptions, cli: Cli): Promise<number> {
  try {
    return await runHere(options, cli);
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    cli.printError(printable(error.message));
    return error.reason === nothingFound ? nothingRan : 2;
  }
}

async function runHere({ cwd = process.cwd(), ...options }: LocalOptions, cli: Cli): Promise<number> {
  const startedAt = performance.now();
  const { containment, maxLogBytes, slots } = readConfig(cli.env);
  const checkout = await checkoutHere(cwd, cli.env);
  const { root } = checkout;
  const environment = localEnvironment(cli.env);
  const { recipes, subproject, project: document } = options;
  const plan = await localPlan({ root, cwd, recipes, subproject, document, env: environment });
  const { changed: base = null } = options;
  // Before anything runs: what the recipes themselves write is nobody's change.
  const changed = base === null ? null : await changedFiles(checkout, base, gitIn(root, cli.env));
  const say = options.output === 'table' ? cli.print : cli.printError;
  announce(plan, root, say);
  const processes = await openProcesses(containment === 'auto' ? {} : { containment });
  let results: LocalResult[];
  try {
    const deps = {
      checkout,
      project: plan.project,
      processes,
      environment,
      maxOutputBytes: maxLogBytes,
      signal: cli.signal,
      installed: new Set<string>(),
    };
    results = await runAll(plan.runs, { deps, slots, say, options }, cli);
  } finally {
    await processes.close();
  }
  if (cli.signal.aborted) {
    cli.printError('interrupted: everything that the recipes had started is ended');
    return 130;
  }
  const all = distinct(results.flatMap(({ findings }) => findings));
  const findings = all.filter(({ file }) => changed === null || file === null || changed.has(file));
  const fix = options.fix ? await localFix(root, findings, results) : null;
  const jobs = results.map(({ job }) => job);
  const duration_ms = Math.round(performance.now() - startedAt);
  const unchanged = all.length - findings.length;
  const report = {
    project: plan.project,
    checkout,
    jobs,
    findings,
    unchanged,
    skipped: plan.skipped,
    fix,
    duration_ms,
  };
  show(report, options.output, cli);
  return exitCodeOf(results, new Set(findings.map(({ identity }) => identity)));
}

function announce(
  { document, found, runs, skipped, complete }: LocalPlan,
  root: string,
  say: (line: string) => void,
): void {
  say(printable(`Checkout    ${root}${document === null ? '' : `, recipes of ${document}`}`));
  if (document === null) for (const { path, language } of found) say(printable(`Found       ${path} (${language})`));
  for (const { path, recipe, why } of skipped) say(printable(`Skipped     ${recipe} of ${path}: ${why}`));
  if (!complete) say('Only the upper part of the repository was looked at: it is very deep or very large.');
  if (runs.length > 1) say(`Running     ${runs.length} recipes`);
}

type Running = {
  readonly deps: Omit<HereDeps, 'onOutput'>;
  readonly slots: number;
  readonly say: (line: string) => void;
  readonly options: Pick<LocalOptions, 'output'>;
};

/** Runs everything; answers the results in the order in which they were asked for. */
async function runAll(
  runs: readonly LocalRun[],
  { deps, slots, say, options }: Running,
  cli: Cli,
): Promise<LocalResult[]> {
  const lists = localOrder(runs);
  const isLive = options.output === 'table' && cli.terminal.isTTY;
  const together = Math.min(slots, lists.length) > 1;
  const results = new Map<LocalRun, LocalResult>();
  await inLists(lists, slots, async (run) => {
    if (cli.signal.aborted) return;
    const title = printable(`${run.recipe} ${run.subproject}`);
    say(`  started   ${title}`);
    const live = isLive
      ? liveLines(say, { prefix: together ? `${title} | ` : '', columns: cli.terminal.columns })
      : { write: () => {}, end: () => {} };
    const result = await runRecipeHere(run, { ...deps, onOutput: live.write });
    live.end();
    results.set(run, result);
    const { status, duration_ms } = result.job;
    const count = result.findings.length;
    say(
      `  ${status.padEnd(9)} ${title}  ${count} finding${count === 1 ? '' : 's'}, ${(duration_ms / 1000).toFixed(1)} s`,
    );
  });
  return runs.flatMap((run) => results.get(run) ?? []);
}

/** Several recipes may see the same thing: it is one finding, told by the first of them. */
function distinct(findings: readonly LocalFinding[]): LocalFinding[] {
  return [...new Map(findings.toReversed().map((finding) => [finding.identity, finding])).values()].reverse();
}

function show(report: LocalReport, output: LocalOptions['output'], cli: Cli): void {
  if (output === 'json') printJson(cli, localJson(report));
  else if (output === 'sarif') printJson(cli, localSarif(report));
  else if (output === 'ndjson') for (const finding of report.findings) cli.print(jsonText(finding));
  else cli.print(localTable(report, cli));
}

const grave = new Set(['critical', 'high', 'error']);

/**
 * A run that failed over nothing but what stands in files that did not change is not held against who changed others.
 * Where a subproject says by `fail_on` what fails, that alone does.
 */
function exitCodeOf(results: readonly LocalResult[], shown: ReadonlySet<string>): number {
  const failed = results.some(({ run, job, findings, isUncovered }) => {
    const own = findings.filter(({ identity }) => shown.has(identity));
    const excused = findings.length > 0 && own.length === 0;
    if (excused) return false;
    const { reason, exit_code: exitCode, tools } = job;
    if (isUncovered) return true;
    if (run.failOn !== undefined) return !passesHere(run, { reason, exitCode, findings: own, tools });
    return job.status !== 'succeeded' || own.some(({ severity }) => grave.has(severity));
  });
  return failed ? 1 : 0;
}
