import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { recipeNames } from '../../../events/fields.ts';
import { shellWord } from '../../../recipes/shell-word.ts';
import { AppError } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { checkoutHere, type Git, gitIn } from './tree/checkout-here.ts';

const mark = '# Written by crafting-table; `crafting-table hook remove` takes it away.';
const refusal = `code=$?
echo 'The commit is refused by crafting-table. git commit --no-verify passes this check over.' >&2
exit $code`;
const launcher = resolve(import.meta.dirname, '../launch.mjs');

export type Installation = {
  readonly cwd?: string;
  /** Also into a folder that other repositories share. */
  readonly global?: boolean;
};

/**
 * Lets git check what is staged before each commit of the repository that somebody stands in. Throws AppError('conflict')
 * when there is a hook of somebody else, 'invalid' outside of git and for a folder that other repositories share.
 */
export async function installHook(
  recipes: readonly string[],
  cli: Cli,
  { cwd = process.cwd(), global = false }: Installation = {},
): Promise<number> {
  for (const recipe of recipes)
    if (!recipeNames.some((name) => name === recipe))
      throw new AppError('invalid', `A recipe is one of ${recipeNames.join(', ')}; found ${JSON.stringify(recipe)}.`);
  const { file, isOwn } = await hookFile(cli, cwd);
  if (!isOwn && !global)
    throw new AppError(
      'invalid',
      `core.hooksPath names ${resolve(file, '..')}, outside of this repository: a hook there runs for every one that uses it. Say --global if that is meant.`,
    );
  const line = hookLine(recipes);
  if (!(await isOurs(file)))
    throw new AppError(
      'conflict',
      `${file} is a hook of somebody else and is left alone. Add this line to it:\n${line} || exit`,
    );
  await mkdir(resolve(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${mark}\n${line} && exit\n${refusal}\n`, { mode: 0o755 });
  cli.print(
    printable(
      `${file}: ${recipes.join(' and ')} of what is staged, before each commit. git commit --no-verify passes it over.`,
    ),
  );
  return 0;
}

/** Takes our hook away. Throws AppError('conflict') when it is somebody else's. */
export async function removeHook(cli: Cli, cwd = process.cwd()): Promise<number> {
  const { file } = await hookFile(cli, cwd);
  if (!(await isOurs(file))) throw new AppError('conflict', `${file} is a hook of somebody else and is left alone.`);
  await rm(file, { force: true });
  cli.print(printable(`${file} is removed.`));
  return 0;
}

function hookLine(recipes: readonly string[]): string {
  return `${shellWord(process.execPath)} ${shellWord(launcher)} run --local ${recipes.join(' ')} --staged`;
}

async function isOurs(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new AppError('invalid', `${file} cannot be read: ${error.message}.`, { cause: error });
  });
  return text === null || text.includes(mark);
}

/** Where git looks for it: the folder of core.hooksPath, or the repository's own; and whether that is of this repository. */
async function hookFile(cli: Cli, cwd: string): Promise<{ file: string; isOwn: boolean }> {
  const { root, isGit } = await checkoutHere(cwd, cli.env);
  if (!isGit) throw new AppError('invalid', 'A hook needs a git repository: there is none here.');
  const git = gitIn(root, cli.env);
  let path: string | null = null;
  for (const scope of ['--local', '--global', '--system'] as const) path ??= await hooksPath(git, scope);
  const own = resolve(root, (await git('rev-parse', '--git-common-dir')).trim());
  const folder = path === null ? join(own, 'hooks') : resolve(root, path.replace(/^~(?=\/)/, homedir()));
  const isOwn = [root, own].some((outer) => folder.startsWith(outer + sep));
  return { file: join(folder, 'pre-commit'), isOwn };
}

/** As the files say it: for our own calls of git it is switched off. */
async function hooksPath(git: Git, scope: '--local' | '--global' | '--system'): Promise<string | null> {
  return git('config', scope, '--get', 'core.hooksPath').then(
    (text) => text.trim() || null,
    () => null,
  );
}
