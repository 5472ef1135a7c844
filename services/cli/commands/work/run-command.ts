import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit, Output } from '../../define.ts';
import type { RunOptions } from '../../farm/run-project.ts';
import { outputOf, withExamples } from '../../print/output-options.ts';

type Options = RunOptions & {
  follow?: boolean;
  local?: boolean;
  fix?: boolean;
  changed?: string | true;
  staged?: boolean;
  project?: string;
  output?: Output | 'sarif';
  json?: boolean;
};

const words = ['build', 'test', 'lint', 'audit'];

export const runCommand: CommandUnit = (command, does) => {
  command
    .argument('[project]', 'its name; with --local a recipe')
    .argument('[recipes...]', `${words.join(', ')}; without any, all that there are`)
    .option('--subproject <path>', 'only in this one')
    .option('--branch <branch>', 'another branch than the default one')
    .option('--sha <commit>', 'at this commit')
    .addOption(
      command.createOption('--priority <priority>', 'its place in the queue').choices(['high', 'normal', 'low']),
    )
    .option('-f, --follow', 'show the log while it grows, and end with the exit code of the job')
    .option('--local', 'here, on the work tree as it is, without a service')
    .option('--project <file>', 'with --local: the document that says the recipes')
    .option('--fix', 'with --local: write the edits that the tools themselves offer and call safe')
    .option('--changed [commit]', 'with --local: only findings in files that differ from this commit (HEAD)')
    .option('--staged', 'with --local: only what is staged; a linter looks at these files alone')
    .addOption(
      command
        .createOption('-o, --output <format>', 'how to print the result; sarif with --local')
        .choices(['table', 'json', 'ndjson', 'sarif']),
    )
    .option('--json', 'the same as -o json')
    .action(
      does((cli, project: string | undefined, recipes: string[], options: Options) =>
        options.local
          ? here(cli, [...(project ? [project] : []), ...recipes], options)
          : there(cli, project, recipes, options),
      ),
    );
  withExamples(command, [
    'run shop test --follow',
    'run shop lint --subproject web --branch next',
    'run --local',
    'run --local lint test --changed',
  ]);
};

async function there(cli: Cli, project: string | undefined, recipes: string[], options: Options): Promise<number> {
  const { local: _local, follow = false, fix, changed, staged, project: document, output, json, ...rest } = options;
  if (fix || changed || staged || document !== undefined || output === 'sarif')
    throw new AppError('invalid', '--fix, --changed, --staged, --project and -o sarif go with --local.');
  if (project === undefined)
    throw new AppError(
      'invalid',
      'Say which project: crafting-table run PROJECT [RECIPE]; or --local for this checkout.',
    );
  const { runProject } = await import('../../farm/run-project.ts');
  const showing = { follow, output: outputOf({ ...(output ? { output } : {}), ...(json ? { json } : {}) }) };
  return runProject(cli, { project, recipes }, rest, showing);
}

async function here(cli: Cli, recipes: string[], options: Options): Promise<number> {
  const {
    subproject = null,
    project = null,
    fix = false,
    changed,
    staged = false,
    json,
    branch,
    sha,
    priority,
    follow,
  } = options;
  if (branch ?? sha ?? priority ?? follow)
    throw new AppError(
      'invalid',
      '--branch, --sha, --priority and --follow do not go with --local: it runs what lies here.',
    );
  const output = options.output ?? (json ? 'json' : 'table');
  const base = changed === true ? 'HEAD' : (changed ?? null);
  const { runLocal } = await import('../../local/run-local.ts');
  return runLocal({ recipes, subproject, project, output, fix, staged, changed: base }, cli);
}
