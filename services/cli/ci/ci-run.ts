import { appendFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { counted } from '../../floor/text/counted.ts';
import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { localColumns, localSarif } from '../local/local-report.ts';
import {
  announce,
  findingsOf,
  interrupted,
  type LocalChoice,
  type LocalStage,
  runHere,
  withLocalStage,
} from '../local/local-stage.ts';
import { localExitCode } from '../local/local-verdict.ts';
import type { LocalFinding, LocalResult } from '../local/run-recipe-here.ts';
import { groupedFindings } from '../print/grouped-findings.ts';
import { jsonText } from '../print/output-options.ts';
import { type CiHost, ciHostOf, codeQuality, summaryMarkdown, workflowCommands } from './annotations.ts';
import { readBaseline, usualBaseline, writeBaseline } from './baseline.ts';

export type CiOptions = LocalChoice & {
  /** A file that lists what is known; null: `.crafting-table-baseline.json` in the root. */
  readonly baseline: string | null;
  /** Writes down what is known now, and fails for nothing that it holds. */
  readonly updateBaseline: boolean;
  /** Files to write; null: none. */
  readonly sarif: string | null;
  readonly codeQuality: string | null;
  readonly annotations: CiHost | 'auto';
};

/**
 * Runs the recipes of a checkout as a farm would, in whatever CI this is. Exit code 1 when a recipe failed for something
 * that the baseline does not know, else 0; 2 for wrong use, 8 when nothing can be run, 130 when interrupted.
 */
export function runCi(options: CiOptions, cli: Cli): Promise<number> {
  return withLocalStage(options, cli, async (stage) => {
    const { root } = stage.checkout;
    const cwd = options.cwd ?? process.cwd();
    const baseline = options.baseline === null ? join(root, usualBaseline) : resolve(cwd, options.baseline);
    const known = await readBaseline(baseline);
    if (known === null && options.baseline !== null && !options.updateBaseline)
      throw new AppError('invalid', `There is no baseline ${options.baseline}: --update-baseline writes it.`);
    announce(stage, cli.print);
    const results = await runHere(stage.plan.runs, stage, { say: cli.print, columns: null });
    if (cli.signal.aborted) return interrupted(cli);
    const findings = findingsOf(results);
    if (options.updateBaseline) {
      const count = await writeBaseline(baseline, findings);
      cli.print(printable(`${relative(cwd, baseline) || baseline}: ${counted(count, 'finding')} known from now on.`));
    }
    const passedOver = options.updateBaseline ? new Set(findings.map(identityOf)) : (known ?? new Set<string>());
    const fresh = findings.filter((one) => one.kind === 'recipe_fail' || !passedOver.has(one.identity));
    await tell({ stage, results, findings, fresh, known }, { ...options, cwd }, cli);
    return localExitCode(results, new Set(fresh.map(identityOf)));
  });
}

type Told = {
  readonly stage: LocalStage;
  readonly results: readonly LocalResult[];
  readonly findings: readonly LocalFinding[];
  readonly fresh: readonly LocalFinding[];
  readonly known: ReadonlySet<string> | null;
};

async function tell(told: Told, options: CiOptions & { cwd: string }, cli: Cli): Promise<void> {
  const { findings, fresh, known, results } = told;
  const host = options.annotations === 'auto' ? ciHostOf(cli.env) : options.annotations;
  cli.print(`\n${headline(told)}`);
  if (fresh.length > 0) cli.print(groupedFindings(cli, localColumns, fresh));
  for (const { job } of results)
    for (const words of job.problems) cli.print(printable(`note: ${job.recipe} of ${job.subproject}: ${words}`));
  const gone =
    known === null ? 0 : [...known].filter((identity) => !findings.some((one) => one.identity === identity)).length;
  if (gone > 0 && !options.updateBaseline)
    cli.print(
      `${counted(gone, 'finding')} of the baseline ${gone === 1 ? 'is' : 'are'} gone: --update-baseline takes ${gone === 1 ? 'it' : 'them'} out.`,
    );
  if (host === 'github' || host === 'gitea') for (const line of workflowCommands(fresh)) cli.print(line);
  const summary = cli.env['GITHUB_STEP_SUMMARY'];
  if (summary && host !== 'none') await appendFile(summary, summaryMarkdown(fresh, findings.length - fresh.length));
  const quality = options.codeQuality ?? (host === 'gitlab' ? 'gl-code-quality-report.json' : null);
  if (quality !== null) await written(resolve(options.cwd, quality), codeQuality(findings));
  if (options.sarif !== null)
    await written(
      resolve(options.cwd, options.sarif),
      localSarif({ findings, checkout: told.stage.checkout, known: known ?? new Set() }),
    );
}

function headline({ findings, fresh, known, results }: Told): string {
  const base = known === null ? '; there is no baseline, so each is new' : `, ${findings.length - fresh.length} known`;
  return `${counted(fresh.length, 'new finding')}${fresh.length === 0 && known === null ? '' : base}, ${counted(results.length, 'run')}`;
}

async function written(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${jsonText(value)}\n`).catch((cause) => {
    throw new AppError('invalid', `${path} cannot be written: ${messageOf(cause)}.`, { cause });
  });
}

const identityOf = ({ identity }: LocalFinding) => identity;
