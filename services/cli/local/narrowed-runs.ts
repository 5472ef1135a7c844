import { posix } from 'node:path';
import type { Tool } from '../../../parsers/tools/define.ts';
import { tools } from '../../../parsers/tools/registry.ts';
import { isNarrowable, narrowCommand } from '../../patcher/rules/drafting/narrow-command.ts';
import type { LocalRun } from './local-plan.ts';

/**
 * What is to be run after these files changed (by path from the root): recipes of the deepest subproject that holds one
 * of them. One linter that can look at single files looks at these alone; anything else is run whole.
 */
export function narrowedRuns(runs: readonly LocalRun[], files: readonly string[]): LocalRun[] {
  const paths = [...new Set(runs.map(({ subproject }) => subproject))];
  const owned = Map.groupBy(files, (file) => ownerOf(file, paths));
  return runs.flatMap((run) => {
    const own = owned.get(run.subproject) ?? [];
    return own.length === 0 ? [] : narrowed(run, own);
  });
}

function ownerOf(file: string, subprojects: readonly string[]): string | null {
  const holding = subprojects.filter((path) => path === '.' || file.startsWith(`${path}/`));
  return holding.sort((a, b) => b.length - a.length)[0] ?? null;
}

function narrowed(run: LocalRun, files: readonly string[]): LocalRun[] {
  const linter = linterOf(run);
  if (linter === undefined || files.some((file) => decides(linter, file))) return [run];
  const command = narrowCommand(run.command, linter.name, files, run.subproject);
  return command === null ? [] : [{ ...run, command }];
}

/** The linter that is all of this command, and judges each file by itself. */
function linterOf({ command }: LocalRun): Tool | undefined {
  return tools.find(({ name, narrowing }) => narrowing !== undefined && !wide.has(name) && isNarrowable(command, name));
}

/** What these say of a file depends on others, and the other way round. */
const wide = new Set(['mypy']);

/** A file that decides what the tool says about others: its settings, and lists of what it passes over. */
function decides({ settings = {} }: Tool, file: string): boolean {
  const name = posix.basename(file);
  const named = [...(settings.files ?? []), ...(settings.lists ?? []), ...Object.keys(settings.tables ?? {})];
  return [...named, ...(settings.builds ?? [])].some((pattern) => posix.matchesGlob(name, posix.basename(pattern)));
}
