import { realpath } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { askedLine } from '../../../recipes/toolchains/asked-versions.ts';
import { readConfig } from '../../config.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { counted } from '../../floor/text/counted.ts';
import { printable } from '../../floor/text/printable.ts';
import { openProcesses } from '../../io/process/open-processes.ts';
import type { Cli } from '../define.ts';
import { nothingRan } from '../exit-codes.ts';
import { liveLines } from './live-lines.ts';
import { localEnvironment } from './local-environment.ts';
import { inLists, localOrder } from './local-order.ts';
import { type LocalPlan, type LocalRun, localPlan, nothingFound } from './local-plan.ts';
import { type HereDeps, type LocalFinding, type LocalResult, runRecipeHere } from './run-recipe-here.ts';
import { type CheckoutHere, checkoutHere, gitIn } from './tree/checkout-here.ts';
import { copyIndex } from './tree/staged-copy.ts';
import { uninstalled } from './tree/tree-copy.ts';

/** Which recipes of the checkout are meant. */
export type LocalChoice = {
  /** Names of recipes; none: every one that there is. */
  readonly recipes: readonly string[];
  /** A path from the present folder or from the root; null: all. */
  readonly subproject: string | null;
  /** A registration document; null: `.crafting-table.json` in the root, else what is detected. */
  readonly project: string | null;
  /** Where somebody stands; the folder of the process. */
  readonly cwd?: string;
};

/** What recipes of a checkout need to run without a service. */
export type LocalStage = {
  readonly checkout: CheckoutHere;
  readonly plan: LocalPlan;
  readonly deps: Omit<HereDeps, 'onOutput'>;
  readonly slots: number;
};

/**
 * Opens what recipes of the checkout need, and ends all that they started. Wrong use is answered with 2, nothing to run
 * with 8; each is said on standard error.
 */
export async function withLocalStage(choice: LocalChoice, cli: Cli, use: Use): Promise<number> {
  return orInWords(cli, async () => {
    const checkout = await checkoutHere(choice.cwd ?? process.cwd(), cli.env);
    return onStage({ checkout, tree: checkout, linked: [] }, choice, cli, use);
  });
}

/** The same in a copy of what is staged, which is taken away at the end. Outside of git that is wrong use. */
export async function withStagedStage(choice: LocalChoice, cli: Cli, use: Use): Promise<number> {
  return orInWords(cli, async () => {
    const { cwd = process.cwd(), project } = choice;
    const checkout = await checkoutHere(cwd, cli.env);
    if (!checkout.isGit)
      throw new AppError('invalid', '--staged needs a git repository: without one nothing is staged.');
    const copy = await copyIndex(checkout, gitIn(checkout.root, cli.env));
    try {
      const { root, files, linked } = copy;
      const there = {
        cwd: resolve(root, relative(checkout.root, await realpath(cwd))),
        // A document that is named is meant as it lies where somebody stands.
        project: project === null ? null : resolve(cwd, project),
      };
      return await onStage({ checkout, tree: { ...checkout, root, files }, linked }, { ...choice, ...there }, cli, use);
    } finally {
      await copy.remove();
    }
  });
}

type Use = (stage: LocalStage) => Promise<number>;

/** The tree in which the recipes run, and the checkout that it stands for. */
type Place = { readonly checkout: CheckoutHere; readonly tree: CheckoutHere; readonly linked: readonly string[] };

async function onStage(
  { checkout, tree, linked }: Place,
  { cwd = process.cwd(), recipes, subproject, project: document }: LocalChoice,
  cli: Cli,
  use: Use,
): Promise<number> {
  const { containment, maxLogBytes, slots } = readConfig(cli.env);
  const environment = localEnvironment(cli.env);
  const plan = await localPlan({ root: tree.root, cwd, recipes, subproject, document, env: environment });
  const runs = plan.runs.map((run) => uninstalled(run, { linked }));
  const processes = await openProcesses(containment === 'auto' ? {} : { containment });
  const deps = {
    checkout: tree,
    project: plan.project,
    processes,
    environment,
    maxOutputBytes: maxLogBytes,
    signal: cli.signal,
    installed: new Set<string>(),
  };
  try {
    return await use({ checkout, plan: { ...plan, runs }, deps, slots });
  } finally {
    await processes.close();
  }
}

async function orInWords(cli: Cli, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    cli.printError(printable(error.message));
    return error.reason === nothingFound ? nothingRan : 2;
  }
}

/** Says what was found in a checkout and what of it cannot be run here. */
export function announce({ checkout, plan }: LocalStage, say: (line: string) => void): void {
  const { document, found, runs, skipped, toolchains, complete } = plan;
  say(printable(`Checkout    ${checkout.root}${document === null ? '' : `, recipes of ${document}`}`));
  if (document === null) for (const { path, language } of found) say(printable(`Found       ${path} (${language})`));
  for (const one of toolchains.filter(({ met }) => met !== true)) say(printable(`Toolchain   ${askedLine(one)}`));
  for (const { path, recipe, why } of skipped) say(printable(`Skipped     ${recipe} of ${path}: ${why}`));
  if (!complete) say('Only the upper part of the repository was looked at: it is very deep or very large.');
  if (runs.length > 1) say(`Running     ${runs.length} recipes`);
}

export type Progress = {
  readonly say: (line: string) => void;
  /** Columns of the terminal on which output is shown as it comes; null: it is not shown. */
  readonly columns: number | null;
};

/** Runs recipes, as many at once as do not meet; answers the results in the order in which they were asked for. */
export async function runHere(
  runs: readonly LocalRun[],
  { deps, slots }: Pick<LocalStage, 'deps' | 'slots'>,
  { say, columns }: Progress,
): Promise<LocalResult[]> {
  const lists = localOrder(runs);
  const together = Math.min(slots, lists.length) > 1;
  const results = new Map<LocalRun, LocalResult>();
  await inLists(lists, slots, async (run) => {
    if (deps.signal.aborted) return;
    const title = printable(`${run.recipe} ${run.subproject}`);
    say(`  started   ${title}`);
    const live =
      columns === null
        ? { write: () => {}, end: () => {} }
        : liveLines(say, { prefix: together ? `${title} | ` : '', columns });
    const result = await runRecipeHere(run, { ...deps, onOutput: live.write });
    live.end();
    results.set(run, result);
    const { status, duration_ms } = result.job;
    const count = result.findings.length;
    say(`  ${status.padEnd(9)} ${title}  ${counted(count, 'finding')}, ${(duration_ms / 1000).toFixed(1)} s`);
  });
  return runs.flatMap((run) => results.get(run) ?? []);
}

/** Several recipes may see the same thing: it is one finding, told by the first of them. */
export function findingsOf(results: readonly LocalResult[]): LocalFinding[] {
  const all = results.flatMap(({ findings }) => findings);
  return [...new Map(all.toReversed().map((finding) => [finding.identity, finding])).values()].reverse();
}

/** Says that somebody interrupted, and answers the exit code for that. */
export function interrupted(cli: Cli): number {
  cli.printError('interrupted: everything that the recipes had started is ended');
  return 130;
}
