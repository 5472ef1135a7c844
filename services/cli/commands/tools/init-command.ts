import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { print?: boolean; allTools?: boolean; pr?: boolean; force?: boolean; branch?: string; name?: string };

export const initCommand: CommandUnit = (command, does) => {
  command
    .argument('[repository]', 'path or git URL; the folder that you stand in unless told')
    .option('--print', 'print the document, and write nothing; so it is for a URL')
    .option(
      '--pr',
      'offer the file as a pull request of its forge (CRAFTING_GITEA_TOKEN and the like), and write nothing',
    )
    .option('--all-tools', 'keep the commands of tools that are not installed here: the farm has them')
    .option('--force', 'write over a .crafting-table.json that is there')
    .option('--branch <branch>', 'the branch to look at (default: the one that is checked out)')
    .option('--name <name>', 'the name of the project (default: that of the repository)')
    .action(
      does(async (cli, repository: string | undefined, options: Options) => {
        const { initProject } = await import('../../init/init-project.ts');
        const { print = false, pr = false, force = false, allTools = false, branch = null, name = null } = options;
        return initProject({ repository: repository ?? '.', print, pr, force, branch, name, allTools }, cli);
      }),
    );
  withExamples(command, [
    'init',
    'init --print',
    'init --pr',
    'init https://git.example.org/team/shop.git > shop.json',
  ]);
};
