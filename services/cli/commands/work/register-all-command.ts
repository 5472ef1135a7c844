import type { CommandUnit } from '../../define.ts';
import type { RegisterOptions } from '../../farm/register-all.ts';
import { withExamples } from '../../print/output-options.ts';

export const registerAllCommand: CommandUnit = (command, does) => {
  command
    .option('--dir <folder>', 'the folder; without it the documents that come with the farm')
    .option(
      '--mode <mode>',
      'merge: create and update; reconcile: also remove what this set brought and has no more',
      'merge',
    )
    .option('--set <name>', 'the name under which the farm remembers what this set brought', 'recipes')
    .option('--renew-credentials', 'send the credential of projects that have not changed too')
    .option('--json', 'print the report as JSON')
    .action(
      does(async (cli, options: RegisterOptions) => {
        const { registerAll } = await import('../../farm/register-all.ts');
        return registerAll(cli.env, options, cli.print);
      }),
    );
  withExamples(command, ['register-all', 'register-all --dir ./projects --set shop --mode reconcile']);
};
