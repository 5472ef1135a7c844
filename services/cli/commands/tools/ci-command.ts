import { ciHosts } from '../../ci/annotations.ts';
import type { CiOptions } from '../../ci/ci-run.ts';
import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = Partial<Omit<CiOptions, 'recipes' | 'cwd' | 'subproject' | 'project'>> & {
  subproject?: string;
  project?: string;
};

export const ciCommand: CommandUnit = (command, does) => {
  command
    .argument('[recipes...]', 'build, test, lint, audit; without any, all that there are')
    .option('--subproject <path>', 'only in this one')
    .option('--project <file>', 'the document that says the recipes')
    .option('--baseline <file>', 'what is known and fails nothing (.crafting-table-baseline.json in the root)')
    .option('--update-baseline', 'write down what is known now')
    .option('--sarif <file>', 'write all findings as SARIF 2.1.0')
    .option('--code-quality <file>', 'write all findings as a Code Quality report of GitLab')
    .addOption(
      command
        .createOption('--annotations <host>', 'whose annotations are printed; auto: by the variables of the CI')
        .choices(['auto', ...ciHosts])
        .default('auto'),
    )
    .action(
      does(async (cli, recipes: string[], options: Options) => {
        const { subproject = null, project = null, baseline = null, updateBaseline = false } = options;
        const { sarif = null, codeQuality = null, annotations = 'auto' } = options;
        const { runCi } = await import('../../ci/ci-run.ts');
        return runCi({ recipes, subproject, project, baseline, updateBaseline, sarif, codeQuality, annotations }, cli);
      }),
    );
  withExamples(command, [
    'ci',
    'ci lint test --sarif findings.sarif',
    'ci --update-baseline',
    'ci --code-quality gl-code-quality-report.json',
  ]);
};
