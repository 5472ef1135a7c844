import { AppError } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { groupedFindings } from '../print/grouped-findings.ts';
import { paint } from '../print/paint.ts';
import { localColumns } from './local-report.ts';
import { announce, findingsOf, type LocalChoice, type LocalStage, runHere, withLocalStage } from './local-stage.ts';
import { narrowedRuns } from './narrowed-runs.ts';
import type { LocalResult } from './run-recipe-here.ts';
import { gitIn } from './tree/checkout-here.ts';
import { type TreeWatch, watchTree } from './tree/tree-watch.ts';

/**
 * Runs the recipes of a checkout once, and then again what each save touches, until it is interrupted: then 0. A linter
 * that can look at single files looks at the saved ones alone. 2 for wrong use, 8 when nothing can be run here.
 */
export function watchLocal(choice: LocalChoice, cli: Cli): Promise<number> {
  return withLocalStage(choice, cli, async (stage) => {
    const { checkout } = stage;
    if (!checkout.isGit)
      throw new AppError('invalid', 'watch needs a git repository: it watches the files that git knows.');
    const saves = watchTree(checkout, gitIn(checkout.root, cli.env), cli.signal);
    try {
      announce(stage, cli.print);
      show(await runHere(stage.plan.runs, stage, quiet), cli);
      await followSaves(saves, stage, cli);
    } finally {
      saves.close();
    }
    return 0;
  });
}

const quiet = { say: () => {}, columns: null };
const shownNames = 3;

async function followSaves(saves: TreeWatch, stage: LocalStage, cli: Cli): Promise<void> {
  cli.print('\nWatching. Ctrl-C ends it.');
  for (let files = await saves.next(); files.length > 0; files = await saves.next()) {
    const runs = narrowedRuns(stage.plan.runs, files);
    if (runs.length === 0) continue;
    const more = files.length > shownNames ? ` and ${files.length - shownNames} more` : '';
    cli.print(`\n${paint(cli, 'bold', printable(`changed   ${files.slice(0, shownNames).join(', ')}${more}`))}`);
    show(await runHere(runs, stage, quiet), cli);
  }
}

function show(results: readonly LocalResult[], cli: Cli): void {
  if (cli.signal.aborted) return;
  const findings = findingsOf(results);
  if (findings.length > 0) cli.print(groupedFindings(cli, localColumns, findings));
  for (const { job } of results) {
    const { recipe, subproject, status, duration_ms } = job;
    const words = `${status.padEnd(9)} ${recipe} ${printable(subproject)}, ${(duration_ms / 1000).toFixed(1)} s`;
    cli.print(paint(cli, status === 'succeeded' ? 'green' : 'red', words));
  }
}
