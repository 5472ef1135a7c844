import type { CoverageDoc, CoverageLists } from '../../../../projections/jobs/coverage.ts';
import type { CommandUnit } from '../../define.ts';
import { changedColumns, coverageWords, fileColumns, type RunRow, runColumns } from '../../print/coverage-table.ts';
import { fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';

type Recipe = { readonly subproject: string; readonly recipe: string; readonly runs: readonly CoverageDoc[] };
type Answer = { readonly total: { readonly percent: number } | null; readonly recipes: readonly Recipe[] };
type Options = OutputOptions & { readonly job?: string; readonly history?: boolean };

const shownFiles = 20;

export const coverageCommand: CommandUnit = (command, does) => {
  withOutput(command)
    .argument('[project]', 'its name')
    .option('--job <job>', 'one job, with the files that lack most and the changed lines that did not run')
    .option('--history', 'every measurement, not only the last of each recipe')
    .action(
      does(async (cli, project: string | undefined, { job, history, ...options }: Options) => {
        const output = outputOf(options);
        const client = await cli.client();
        if (job !== undefined) {
          const path = `/jobs/${encodeURIComponent(job)}/coverage`;
          const { coverage } = await client.get<{ coverage: CoverageDoc & CoverageLists }>(path);
          if (output === 'json') printJson(cli, { coverage });
          else if (output === 'ndjson') for (const file of coverage.files) cli.print(jsonText(file));
          else {
            cli.print(coverageWords(coverage));
            cli.print(`\n${fitTable(cli, fileColumns, coverage.files.slice(0, shownFiles))}`);
            if (coverage.changed_files.length > 0)
              cli.print(`\n${fitTable(cli, changedColumns, coverage.changed_files.slice(0, shownFiles))}`);
          }
          return 0;
        }
        if (project === undefined) {
          cli.printError('Name a project, or a job with --job.');
          return 2;
        }
        const answer = await client.get<Answer>(`/projects/${encodeURIComponent(project)}/coverage`);
        const rows = answer.recipes.flatMap(({ runs }) =>
          runs.map((run, at): RunRow => ({ run, before: runs[at + 1] })).slice(0, history ? undefined : 1),
        );
        if (output === 'json') printJson(cli, answer);
        else if (output === 'ndjson') for (const { run } of rows) cli.print(jsonText(run));
        else if (rows.length === 0)
          cli.print(
            `No job of ${project} on its default branch left a coverage report yet: name them in \`coverage\`.`,
          );
        else {
          if (answer.total !== null) cli.print(`coverage ${answer.total.percent} %\n`);
          cli.print(fitTable(cli, runColumns, rows));
        }
        return 0;
      }),
    );
  withExamples(command, ['coverage shop', 'coverage shop --history', 'coverage --job 01m7yqtxktspcs1tbxettq4r8d']);
};
