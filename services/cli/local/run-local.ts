import { AppError } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';
import { jsonText, printJson } from '../print/output-options.ts';
import { localFix } from './local-fix.ts';
import { type LocalReport, localJson, localSarif, localTable } from './local-report.ts';
import {
  announce,
  findingsOf,
  interrupted,
  type LocalChoice,
  type LocalStage,
  runHere,
  withLocalStage,
  withStagedStage,
} from './local-stage.ts';
import { localExitCode } from './local-verdict.ts';
import { narrowedRuns } from './narrowed-runs.ts';
import { changedFiles, stagedFiles } from './tree/changed-files.ts';
import { gitIn } from './tree/checkout-here.ts';

export type LocalOptions = LocalChoice & {
  readonly output: 'table' | 'json' | 'ndjson' | 'sarif';
  /** Writes the edits that the tools offer and call safe. */
  readonly fix?: boolean;
  /** Only findings in files that differ from this commit. */
  readonly changed?: string | null;
  /** Only what is staged, as the next commit will hold it; a tool that can look at single files looks at no others. */
  readonly staged?: boolean;
};

/**
 * Runs the recipes of the checkout that somebody stands in, without any server: on the work tree as it is, or with `staged`
 * on a copy of what the index holds. Exit codes: 0,
 * all succeeded; 1, a recipe failed or a finding is at least an error; 2, wrong use; 8, nothing that is found can be run
 * here; 130, interrupted. `fail_on` of a subproject says in its place what fails.
 */
export function runLocal(options: LocalOptions, cli: Cli): Promise<number> {
  const act = (stage: LocalStage) => runOn(stage, options, cli);
  return options.staged ? withStagedStage(options, cli, act) : withLocalStage(options, cli, act);
}

async function runOn(stage: LocalStage, options: LocalOptions, cli: Cli): Promise<number> {
  const startedAt = performance.now();
  const { checkout, plan } = stage;
  // Before anything runs: what the recipes themselves write is nobody's change.
  const changed = await chosenFiles(stage, options, cli);
  const runs = options.staged ? narrowedRuns(plan.runs, [...(changed ?? [])]) : plan.runs;
  const say = options.output === 'table' ? cli.print : cli.printError;
  if (options.staged && runs.length === 0) {
    say('Nothing that is staged is looked at by these recipes.');
    return 0;
  }
  announce(stage, say);
  const isLive = options.output === 'table' && cli.terminal.isTTY;
  const results = await runHere(runs, stage, { say, columns: isLive ? cli.terminal.columns : null });
  if (cli.signal.aborted) return interrupted(cli);
  const all = findingsOf(results);
  const findings = all.filter(({ file }) => changed === null || file === null || changed.has(file));
  const report = {
    project: plan.project,
    checkout,
    jobs: results.map(({ job }) => job),
    findings,
    unchanged: all.length - findings.length,
    skipped: plan.skipped,
    fix: options.fix ? await localFix(checkout.root, findings, results) : null,
    duration_ms: Math.round(performance.now() - startedAt),
  };
  show(report, options.output, cli);
  return localExitCode(results, new Set(findings.map(({ identity }) => identity)));
}

/** The files whose findings count; null: all. */
async function chosenFiles(
  { checkout }: LocalStage,
  { changed = null, staged = false }: LocalOptions,
  cli: Cli,
): Promise<Set<string> | null> {
  const git = gitIn(checkout.root, cli.env);
  if (!staged) return changed === null ? null : changedFiles(checkout, changed, git);
  if (changed !== null) throw new AppError('invalid', 'Say --staged or --changed, not both.');
  return stagedFiles(checkout, git);
}

function show(report: LocalReport, output: LocalOptions['output'], cli: Cli): void {
  if (output === 'json') printJson(cli, localJson(report));
  else if (output === 'sarif') printJson(cli, localSarif(report));
  else if (output === 'ndjson') for (const finding of report.findings) cli.print(jsonText(finding));
  else cli.print(localTable(report, cli));
}
