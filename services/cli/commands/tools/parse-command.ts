import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const parseCommand: CommandUnit = (command, does) => {
  command
    .requiredOption('--language <language>', 'language of the subproject, such as rust')
    .requiredOption('--recipe <recipe>', 'build, test, lint or audit')
    .option('--tool <tool>', 'the tool that wrote the log')
    .option('--exit-code <code>', 'exit code of the recipe', '')
    .option('--subproject <path>', 'folder in which the recipe ran', '.')
    .option('--root <folder...>', 'absolute folder that stands for the root of the repository')
    .action(
      does(async ({ print }, options: Record<string, string>) => {
        const { parseStdin } = await import('../../offline/parse.ts');
        return parseStdin(options, print);
      }),
    );
  withExamples(command, ['parse --language python --recipe lint < ruff.json']);
};
