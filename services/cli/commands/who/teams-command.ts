import type { CommandUnit } from '../../define.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { type ShownToken, tokenColumns } from '../../print/token-columns.ts';

type Team = {
  readonly team: string;
  readonly title: string;
  readonly tokens: number;
  readonly projects: readonly string[];
  readonly offers: readonly { project: string; from: string }[];
};

const columns: readonly Column<Team>[] = [
  { head: 'team', of: ({ team }) => team },
  { head: 'title', of: ({ title }) => title },
  { head: 'tokens', of: ({ tokens }) => String(tokens) },
  { head: 'projects', of: ({ projects }) => projects.join(', '), shrinksTo: 18 },
  { head: 'offered to it', of: ({ offers }) => offers.map(({ project, from }) => `${project} of ${from}`).join(', ') },
];

export const teamsCommand: CommandUnit = (teams, does) => {
  withOutput(teams.command('list', { isDefault: true }), ['table', 'json'])
    .description('your team, or all of them as admin')
    .action(
      does(async (cli, options: OutputOptions) => {
        const found = await (await cli.client()).get<{ teams: Team[] }>('/teams');
        if (outputOf(options) === 'json') printJson(cli, { teams: found.teams });
        else cli.print(fitTable(cli, columns, found.teams));
        return 0;
      }),
    );
  teams
    .command('create')
    .description('make a team (admin)')
    .argument('<team>', 'its name')
    .option('--title <title>', 'what people call it')
    .action(
      does(async (cli, team: string, { title }: { title?: string }) => {
        await (await cli.client()).post('/teams', { team, ...(title === undefined ? {} : { title }) });
        cli.print(
          `team ${team} is made; its first owner: crafting-table tokens mint ${team}.<name> --team ${team} --role owner`,
        );
        return 0;
      }),
    );
  withOutput(teams.command('members'), ['table', 'json'])
    .description('the bearers of a team, their roles and when they were used last (its owners)')
    .argument('<team>', 'its name')
    .action(
      does(async (cli, team: string, options: OutputOptions) => {
        const path = `/teams/${encodeURIComponent(team)}/tokens`;
        const { tokens } = await (await cli.client()).get<{ tokens: ShownToken[] }>(path);
        if (outputOf(options) === 'json') printJson(cli, { tokens });
        else cli.print(fitTable(cli, tokenColumns, tokens));
        return 0;
      }),
    );
  withExamples(teams, ['teams create payments --title Payments', 'teams members payments']);
};
