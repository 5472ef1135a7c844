import type { Command } from 'commander';
import { systemClock } from '../../../floor/clock.ts';
import type { CommandUnit, Does } from '../../define.ts';
import { confirmed } from '../../input/confirm.ts';
import { fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';
import { type ShownToken, tokenColumns } from '../../print/token-columns.ts';

type MintOptions = OutputOptions & {
  admin?: boolean;
  cidr?: string[];
  team?: string;
  role?: string;
  scope?: string[];
  project?: string[];
  days?: string;
  outputFile?: string;
};

/** What a new bearer is to be good for, as the API takes it. */
function rightsOf({ team, role, scope, project, days }: MintOptions) {
  const expires =
    days === undefined ? {} : { expires_at: new Date(systemClock.now() + Number(days) * 86_400_000).toISOString() };
  return {
    ...(team === undefined ? {} : { team }),
    ...(role === undefined ? {} : { role }),
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(project === undefined ? {} : { projects: project }),
    ...expires,
  };
}

export const tokensCommand: CommandUnit = (tokens, does) => {
  withOutput(tokens.command('list', { isDefault: true }))
    .description('every bearer by its name; the bearers themselves are not kept')
    .action(
      does(async (cli, options: OutputOptions) => {
        const found = await (await cli.client()).get<{ tokens: ShownToken[] }>('/admin/tokens');
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { tokens: found.tokens });
        else if (output === 'ndjson') for (const token of found.tokens) cli.print(jsonText(token));
        else if (found.tokens.length === 0) cli.printError('There is no token yet.');
        else cli.print(fitTable(cli, tokenColumns, found.tokens));
        return 0;
      }),
    );
  registerMint(tokens, does);
  tokens
    .command('rotate')
    .description('another bearer for a name, shown this once; the earlier one is refused from now on')
    .argument('[name]', 'its name; without, the one that asks')
    .action(
      does(async (cli, name: string | undefined) => {
        const path = name === undefined ? '/token/rotate' : `/admin/tokens/${encodeURIComponent(name)}/rotate`;
        const { bearer } = await (await cli.client()).post<{ bearer: string }>(path, null);
        cli.print(bearer);
        return 0;
      }),
    );
  tokens
    .command('revoke')
    .description('revoke a bearer: it is refused from now on')
    .argument('<name>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(
      does(async (cli, name: string, { yes }: { yes?: boolean }) => {
        if (!(await confirmed(cli, `Revoke the token of ${name}?`, { yes }))) return 130;
        await (await cli.client()).delete(`/admin/tokens/${encodeURIComponent(name)}`);
        cli.print(`token ${name} is revoked`);
        return 0;
      }),
    );
  withExamples(tokens, [
    'tokens mint shop --output-file shop.token',
    'tokens mint ci --cidr 192.168.0.0/16 > ci.token',
    'tokens mint payments.ci --team payments --role runner --scope read run --days 90',
    'tokens rotate payments.ci',
    'tokens revoke shop --yes',
  ]);
};

function registerMint(tokens: Command, does: Does): void {
  withOutput(tokens.command('mint'), ['table', 'json'])
    .description('make a bearer; it is shown this once')
    .argument('<name>', 'whose it is')
    .option('--admin', 'it may do everything')
    .option('--cidr <networks...>', 'it is good only from there, such as 192.168.0.0/16')
    .option('--team <team>', 'the team whose projects it sees; without, one of its own')
    .option('--role <role>', 'viewer, runner, maintainer or owner')
    .option('--scope <scopes...>', 'only for read, run, write, admin')
    .option('--project <names...>', 'only for these projects of the team')
    .option('--days <number>', 'it ends after so many days')
    .option('--output-file <file>', 'write it to a new file that only you can read, and show it nowhere')
    .action(
      does(async (cli, name: string, asked: MintOptions) => {
        const { admin = false, cidr = [], outputFile, ...options } = asked;
        const api = await cli.client();
        const body = { name, is_admin: admin, ip_cidrs: cidr, ...rightsOf(asked) };
        const mint = () => api.post<{ bearer: string; token: ShownToken }>('/admin/tokens', body);
        const asJson = outputOf(options) === 'json';
        if (outputFile === undefined) {
          const { bearer, token } = await mint();
          if (asJson) printJson(cli, { bearer, token });
          else cli.print(bearer);
          return 0;
        }
        const { newSecretFile } = await import('../../input/new-secret-file.ts');
        const token = await newSecretFile(outputFile, async (keep) => {
          const minted = await mint();
          await keep(minted.bearer);
          return minted.token;
        });
        if (asJson) printJson(cli, { token, file: outputFile });
        else cli.print(`the bearer of ${name} is in ${outputFile}`);
        return 0;
      }),
    );
}
