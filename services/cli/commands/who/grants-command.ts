import type { CommandUnit } from '../../define.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';

type Grant = {
  readonly team: string;
  readonly repositories: string;
  readonly by: string;
  readonly added_at: string;
};

const columns: readonly Column<Grant>[] = [
  { head: 'repositories', of: ({ repositories }) => repositories },
  { head: 'team', of: ({ team }) => team },
  { head: 'by', of: ({ by }) => by },
  { head: 'since', of: ({ added_at }) => added_at.slice(0, 19).replace('T', ' ') },
];

export const grantsCommand: CommandUnit = (grants, does) => {
  withOutput(grants.command('list', { isDefault: true }))
    .description("whose projects may use the farm's forge tokens")
    .action(
      does(async (cli, options: OutputOptions) => {
        const found = await (await cli.client()).get<{ grants: Grant[] }>('/admin/grants');
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { grants: found.grants });
        else if (output === 'ndjson') for (const grant of found.grants) cli.print(jsonText(grant));
        else if (found.grants.length === 0)
          cli.printError(
            'Nothing is granted: the forge tokens are used for projects of admins and proven credentials.',
          );
        else cli.print(fitTable(cli, columns, found.grants));
        return 0;
      }),
    );
  grants
    .command('add')
    .description('statuses, branches and pull requests may go there in the name of a team')
    .argument('<repositories>', 'owner/name, owner/* or *')
    .requiredOption('--to <team>', 'whose projects')
    .action(
      does(async (cli, repositories: string, { to: team }: { to: string }) => {
        await (await cli.client()).post('/admin/grants', { team, repositories });
        cli.print(`projects of ${team} may use the farm's forge token for ${repositories}`);
        return 0;
      }),
    );
  grants
    .command('remove')
    .description('take it back: nothing more is sent')
    .argument('<repositories>', 'as it is listed')
    .requiredOption('--from <team>', 'whose projects')
    .action(
      does(async (cli, repositories: string, { from: team }: { from: string }) => {
        const query = new URLSearchParams({ team, repositories });
        await (await cli.client()).delete(`/admin/grants?${query}`);
        cli.print(`projects of ${team} may no more use the farm's forge token for ${repositories}`);
        return 0;
      }),
    );
  withExamples(grants, ['grants add "acme/*" --to payments', 'grants list', 'grants remove "acme/*" --from payments']);
};
