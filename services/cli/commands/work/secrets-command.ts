import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import { confirmed } from '../../input/confirm.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Secret = {
  readonly name: string;
  readonly layer: string;
  readonly branches: readonly string[] | null;
  readonly teams: readonly string[] | null;
  readonly set_at: string;
  readonly set_by: string;
};
type Place = { project?: string; team?: string; farm?: boolean };

const columns: readonly Column<Secret>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'of the', of: ({ layer }) => layer },
  { head: 'branches', of: ({ branches }) => branches?.join(', ') ?? 'the default branch' },
  { head: 'teams', of: ({ teams, layer }) => (layer === 'farm' ? (teams?.join(', ') ?? 'all') : '') },
  { head: 'set', of: ({ set_at }) => set_at.slice(0, 19).replace('T', ' ') },
  { head: 'by', of: ({ set_by }) => set_by },
];

export const secretsCommand: CommandUnit = (secrets, does) => {
  const placed = (name: string, how = {}) =>
    secrets
      .command(name, how)
      .option('--project <name>', 'of a project')
      .option('--team <name>', 'of a team, for all of its projects')
      .option('--farm', 'of the farm (admin)');
  withOutput(placed('list', { isDefault: true }), ['table', 'json'])
    .description('the names of secrets, where they are let in, and who set them when; never their values')
    .action(
      does(async (cli, { project, team, farm, ...options }: Place & OutputOptions) => {
        const found = await (await cli.client()).get<{ secrets: Secret[] }>(pathOf({ project, team, farm } as Place));
        if (outputOf(options) === 'json') printJson(cli, { secrets: found.secrets });
        else if (found.secrets.length === 0) cli.printError('There is no secret yet.');
        else cli.print(fitTable(cli, columns, found.secrets));
        return 0;
      }),
    );
  placed('set')
    .description('set or renew one; its value is read from standard input, or asked for and not shown')
    .argument('<name>', 'the variable that recipes get which name it in `secrets`')
    .option('--branch <patterns...>', 'let it into jobs of these branches too, such as release/*')
    .option('--for-team <names...>', 'of the farm: only for these teams')
    .action(
      does(async (cli, name: string, options: Place & { branch?: string[]; forTeam?: string[] }) => {
        const value = await valueFrom(cli, name);
        const body = {
          value,
          ...(options.branch ? { branches: options.branch } : {}),
          ...(options.forTeam ? { teams: options.forTeam } : {}),
        };
        const path = `${pathOf(options)}/${encodeURIComponent(name)}`;
        const { warnings } = await (await cli.client()).put<{ warnings: string[] }>(path, body);
        cli.print(`secret ${name} is set`);
        for (const warning of warnings) cli.printError(`warning: ${warning}`);
        return 0;
      }),
    );
  placed('remove')
    .description('remove one: recipes that name it run without it')
    .argument('<name>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(
      does(async (cli, name: string, { yes, ...place }: Place & { yes?: boolean }) => {
        if (!(await confirmed(cli, `Remove the secret ${name}?`, { yes }))) return 130;
        await (await cli.client()).delete(`${pathOf(place)}/${encodeURIComponent(name)}`);
        cli.print(`secret ${name} is removed`);
        return 0;
      }),
    );
  withExamples(secrets, [
    'secrets set NPM_TOKEN --project shop < npm.token',
    'secrets set SIGNING_KEY --team payments --branch main "release/*" < key.pem',
    'secrets list --project shop',
  ]);
};

function pathOf({ project, team, farm }: Place): string {
  const given = [project, team, farm].filter((one) => one !== undefined && one !== false).length;
  if (given !== 1) throw new AppError('invalid', 'Say whose it is: one of --project, --team and --farm.');
  if (project !== undefined) return `/projects/${encodeURIComponent(project)}/secrets`;
  return team === undefined ? '/admin/secrets' : `/teams/${encodeURIComponent(team)}/secrets`;
}

/** One newline at the end is the editor's, not the secret's. */
async function valueFrom({ input }: Cli, name: string): Promise<string> {
  const text = input.isTTY ? await input.ask(`Value of ${name} (not shown): `, { hidden: true }) : await input.all();
  const value = (text ?? '').replace(/\r?\n$/, '');
  if (value === '') throw new AppError('invalid', `${name} has no value: pipe it in, or type it when asked.`);
  return value;
}
