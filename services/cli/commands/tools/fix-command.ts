import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { subproject?: string; project?: string; yes?: boolean; dryRun?: boolean; allowDirty?: boolean };

export const fixCommand: CommandUnit = (command, does) => {
  command
    .argument('[recipes...]', 'whose tools mend: build, test, lint, audit; lint unless told')
    .option('--subproject <path>', 'only in this one')
    .option('--project <file>', 'the document that says the recipes')
    .option('-y, --yes', 'write without being asked')
    .option('--dry-run', 'show the diff and write nothing; ends with 1 when there is one')
    .option('--allow-dirty', 'although there are changes that are not committed')
    .action(
      does(async (cli, given: string[], options: Options) => {
        const { subproject = null, project = null, yes = false, dryRun = false, allowDirty = false } = options;
        const { fixLocal } = await import('../../local/fix-local.ts');
        const recipes = given.length > 0 ? given : ['lint'];
        return fixLocal({ recipes, subproject, project, yes, dryRun, allowDirty }, cli);
      }),
    );
  withExamples(command, ['fix', 'fix --dry-run > mend.diff', 'fix lint --subproject web --yes']);
};
