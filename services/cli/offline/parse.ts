import { type RecipeName, recipeNames } from '../../../events/fields.ts';
import { readLog } from '../../../parsers/read-log.ts';
import { parsers } from '../../../parsers/registry.ts';
import { AppError } from '../../floor/app-error.ts';

export type ParseOptions = {
  readonly language?: string;
  readonly recipe?: string;
  readonly tool?: string;
  readonly exitCode?: string;
  readonly subproject?: string;
  readonly root?: string | string[];
};

/**
 * Prints `{"findings": [...]}` of one log on standard input and nothing else. Without `--exit-code` the log alone
 * decides: a log that cannot be read is not taken for a failed recipe.
 */
export async function parseStdin(
  { language = '', recipe, tool, exitCode = '', subproject = '.', root = [] }: ParseOptions,
  print: (line: string) => void,
): Promise<number> {
  const known = recipeNames.find((name) => name === recipe);
  if (!known)
    throw new AppError(
      'invalid',
      `--recipe must be one of ${recipeNames.join(', ')}; found ${JSON.stringify(recipe ?? '')}.`,
    );
  if (exitCode !== '' && !/^-?\d{1,9}$/.test(exitCode))
    throw new AppError('invalid', `--exit-code must be a whole number; found ${JSON.stringify(exitCode)}.`);
  const chosen = tool === undefined ? parsers : parsersOf(tool);
  const reader = readLog(
    { language, recipe: known satisfies RecipeName, command: tool ?? '', subproject, roots: [root].flat() },
    chosen,
  );
  for await (const chunk of process.stdin) reader.write('stdout', chunk as Buffer);
  const { findings, problems } = reader.end({ exitCode: exitCode === '' ? null : Number(exitCode), reason: 'exited' });
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  print(JSON.stringify({ findings }, null, process.stdout.isTTY ? 2 : undefined));
  return 0;
}

function parsersOf(tool: string) {
  const chosen = parsers.filter((one) => one.name === tool || one.tool === tool);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(parsers.map((one) => one.name))].sort();
  throw new AppError('invalid', `--tool must be one of ${known.join(', ')}; found ${JSON.stringify(tool)}.`);
}
