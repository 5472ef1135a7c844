import type { CommandUnit } from '../../define.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Found = {
  readonly path: string;
  readonly role: string;
  readonly decides_verdict: boolean;
  readonly why: string;
  readonly by: string;
};
type Answer = { readonly roles: readonly Found[]; readonly base: string | null; readonly settings: readonly string[] };

const columns: readonly Column<Found>[] = [
  { head: 'path', of: ({ path }) => path, shrinksTo: 20 },
  { head: 'role', of: ({ role }) => role.replaceAll('_', ' ') },
  { head: 'a patch may', of: ({ decides_verdict }) => (decides_verdict ? 'not change what it says' : 'change it') },
  { head: 'because', of: ({ why, by }) => `${why} (${by})`, shrinksTo: 30 },
];

export const rolesCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<project>', 'its name')
    .argument('<paths...>', 'paths relative to the root of its repository')
    .action(
      does(async (cli, project: string, paths: readonly string[], options: OutputOptions) => {
        const query = paths.map((path) => `path=${encodeURIComponent(path)}`).join('&');
        const answer = await (await cli.client()).get<Answer>(
          `/projects/${encodeURIComponent(project)}/roles?${query}`,
        );
        if (outputOf(options) === 'json') {
          printJson(cli, answer);
          return 0;
        }
        cli.print(fitTable(cli, columns, answer.roles));
        const read = answer.settings.length === 0 ? 'no settings of runners' : answer.settings.join(', ');
        cli.printError(
          answer.base === null
            ? 'by conventions and recipes alone: no settings of runners were read'
            : `with ${read} at ${answer.base.slice(0, 12)}`,
        );
        return 0;
      }),
    );
  withExamples(command, ['roles shop src/cart.js tests/conftest.py package.json', 'roles shop Makefile --json']);
};
