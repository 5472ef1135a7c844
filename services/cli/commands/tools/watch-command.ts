import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { subproject?: string; project?: string };

export const watchCommand: CommandUnit = (command, does) => {
  command
    .argument('[recipes...]', 'build, test, lint, audit; lint unless told')
    .option('--subproject <path>', 'only in this one')
    .option('--project <file>', 'the document that says the recipes')
    .action(
      does(async (cli, given: string[], options: Options) => {
        const { subproject = null, project = null } = options;
        const { watchLocal } = await import('../../local/watch-local.ts');
        return watchLocal({ recipes: given.length > 0 ? given : ['lint'], subproject, project }, cli);
      }),
    );
  withExamples(command, ['watch', 'watch lint test --subproject web']);
};
