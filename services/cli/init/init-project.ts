import { randomUUID } from 'node:crypto';
import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { recipeNames } from '../../../events/fields.ts';
import { askedLine } from '../../../recipes/toolchains/asked-versions.ts';
import { AppError } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { usualDocument } from '../local/local-plan.ts';
import { type FoundProject, findProject } from './find-project.ts';

export type InitOptions = {
  readonly repository: string;
  readonly branch: string | null;
  readonly name: string | null;
  /** Prints the document, and writes nothing. */
  readonly print: boolean;
  readonly force: boolean;
  /** Offers the file as a pull request, and writes nothing here. */
  readonly pr?: boolean;
  /** Keeps commands of tools that this machine has not. */
  readonly allTools: boolean;
};

/** Writes what detection found as `.crafting-table.json`, or prints it where there is no checkout to write into. */
export async function initProject(options: InitOptions, cli: Cli): Promise<number> {
  const found = await findProject(options, cli);
  const text = `${JSON.stringify(found.document, null, 2)}\n`;
  const { folder } = found;
  if (options.pr) {
    tell(found, cli.print);
    const { proposeRecipes } = await import('./propose-recipes.ts');
    return proposeRecipes({ found, text, force: options.force }, cli);
  }
  const isPrinted = options.print || folder === null;
  const say = isPrinted ? cli.printError : cli.print;
  tell(found, say);
  if (isPrinted) {
    cli.write(text);
    return 0;
  }
  const file = join(folder, usualDocument);
  await written(file, text, options.force);
  const place = relative(process.cwd(), file) || file;
  say(`\nWrote       ${printable(place)}`);
  for (const [at, step] of nextSteps(found).entries()) say(`${at === 0 ? 'Next        ' : '            '}${step}`);
  return 0;
}

/** What was found, where, and what is not run. */
export function tell(
  { document, sha, off, missing, problems, unknown, toolchains, complete }: FoundProject,
  say: (line: string) => void,
): void {
  say(printable(`Repository  ${document.git_url}, branch ${document.default_branch} at ${sha.slice(0, 10)}`));
  if (!complete) say('            only its upper part was looked at: it is very deep or very large');
  for (const one of document.subprojects ?? []) {
    if (one.enabled === false) continue;
    say(printable(`Found       ${one.path} (${one.language})`));
    for (const recipe of recipeNames)
      if (one[recipe] !== undefined)
        say(printable(`  ${recipe.padEnd(10)}${shortened(one[recipe])}${sourceOf(one.found_in?.[recipe])}`));
  }
  for (const { path, language, why } of off) say(printable(`Off         ${path} (${language}): ${why}`));
  for (const { path, why } of problems) say(printable(`Not read    ${path}: ${why}`));
  for (const { command, where } of unknown)
    say(printable(`Unknown     ${shortened(command)}  (${where}): no recipe runs it; add it to one if it should`));
  for (const one of toolchains) say(printable(`Toolchain   ${askedLine(one)}`));
  for (const { path, recipe, why } of missing) say(printable(`Missing     ${recipe} of ${path}: ${why}`));
}

function shortened(command: string): string {
  return command.length > 100 ? `${command.slice(0, 99)}…` : command;
}

function sourceOf(found: string | undefined): string {
  return found === undefined ? '' : `  (${found})`;
}

function nextSteps({ document, unreachable, off }: FoundProject): string[] {
  return [
    'crafting-table run --local                      # try it here, without a server',
    ...(off.length > 0
      ? [`"enabled": false takes a folder out; ${off.length} of them are so until you say otherwise`]
      : []),
    ...(unreachable === null ? [] : [`before a farm can fetch it: ${printable(unreachable)}`]),
    `git add ${usualDocument} && git commit -m "Say how this repository is checked"`,
    `crafting-table projects add ${usualDocument}    # ${printable(document.name)} on a farm`,
  ];
}

/** Puts a new file in the place of what was there: where that is a link, what it leads to stays as it is. */
async function written(file: string, text: string, force: boolean): Promise<void> {
  if (!force && (await lstat(file).catch(() => null)) !== null)
    throw new AppError(
      'conflict',
      `${usualDocument} is there already; --force writes over it, --print shows the new one.`,
    );
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, text, { flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    throw new AppError('conflict', `${usualDocument} is a folder; take it away first.`, { cause: error });
  }
}
