import type { Command } from 'commander';
import { confirmed } from '../confirm.ts';
import type { CommandUnit, Does } from '../define.ts';
import { type Column, fitTable } from '../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../print/output-options.ts';

type Token = {
  readonly name: string;
  readonly is_admin: boolean;
  readonly ip_cidrs: readonly string[];
  readonly created_at: string;
  readonly revoked_at: string | null;
};
type MintOptions = OutputOptions & { admin?: boolean; cidr?: string[]; outputFile?: string };

const columns: readonly Column<Token>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'admin', of: ({ is_admin }) => (is_admin ? 'yes' : '') },
  { head: 'made', of: ({ created_at }) => created_at.slice(0, 19).replace('T', ' ') },
  { head: 'revoked', of: ({ revoked_at }) => revoked_at?.slice(0, 19).replace('T', ' '), style: () => 'red' },
  { head: 'only from', of: ({ ip_cidrs }) => ip_cidrs.join(', '), shrinksTo: 18 },
];

export const tokensCommand: CommandUnit = (tokens, does) => {
  withOutput(tokens.command('list', { isDefault: true }))
    .description('every bearer by its name; the bearers themselves are not kept')
    .action(
      does(async (cli, options: OutputOptions) => {
        const found = await (await cli.client()).get<{ tokens: Token[] }>('/admin/tokens');
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { tokens: found.tokens });
        else if (output === 'ndjson') for (const token of found.tokens) cli.print(jsonText(token));
        else if (found.tokens.length === 0) cli.printError('There is no token yet.');
        else cli.print(fitTable(cli, columns, found.tokens));
        return 0;
      }),
    );
  registerMint(tokens, does);
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
    'tokens revoke shop --yes',
  ]);
};

function registerMint(tokens: Command, does: Does): void {
  withOutput(tokens.command('mint'), ['table', 'json'])
    .description('make a bearer; it is shown this once')
    .argument('<name>', 'whose it is')
    .option('--admin', 'it may do everything')
    .option('--cidr <networks...>', 'it is good only from there, such as 192.168.0.0/16')
    .option('--output-file <file>', 'write it to a new file that only you can read, and show it nowhere')
    .action(
      does(async (cli, name: string, { admin = false, cidr = [], outputFile, ...options }: MintOptions) => {
        const api = await cli.client();
        const body = { name, is_admin: admin, ip_cidrs: cidr };
        const mint = () => api.post<{ bearer: string; token: Token }>('/admin/tokens', body);
        const asJson = outputOf(options) === 'json';
        if (outputFile === undefined) {
          const { bearer, token } = await mint();
          if (asJson) printJson(cli, { bearer, token });
          else cli.print(bearer);
          return 0;
        }
        const { newSecretFile } = await import('../new-secret-file.ts');
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
