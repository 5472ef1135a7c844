import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const hookCommand: CommandUnit = (command, does) => {
  command
    .command('install')
    .description('check what is staged before each commit')
    .argument('[recipes...]', 'lint unless told')
    .option('--global', 'also where core.hooksPath is a folder that other repositories share')
    .action(
      does(async (cli, recipes: string[], { global = false }: { global?: boolean }) => {
        const { installHook } = await import('../../local/pre-commit-hook.ts');
        return installHook(recipes.length > 0 ? recipes : ['lint'], cli, { global });
      }),
    );
  command
    .command('remove')
    .description('take it away again')
    .action(
      does(async (cli) => {
        const { removeHook } = await import('../../local/pre-commit-hook.ts');
        return removeHook(cli);
      }),
    );
  withExamples(command, ['hook install', 'hook install lint test', 'hook remove', 'run --local lint --staged']);
};
