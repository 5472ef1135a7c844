import { AppError } from '../../../floor/app-error.ts';
import type { CommandUnit } from '../../define.ts';
import { printList } from '../../farm/api-list.ts';
import { confirmed } from '../../input/confirm.ts';
import type { Column } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { printFields } from '../../print/print-fields.ts';

type Runner = { readonly name: string; readonly added_by: string; readonly added_at: string };
type Added = {
  readonly runner: Runner;
  readonly credentials: string | null;
  readonly nats: { readonly url: string | null; readonly operator: string | null };
};
type AddOptions = OutputOptions & { publicKey?: string; file?: string };

const columns: readonly Column<Runner>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'added', of: ({ added_at }) => added_at },
  { head: 'by', of: ({ added_by }) => added_by },
];

export const runnersCommand: CommandUnit = (runners, does) => {
  withOutput(runners.command('list', { isDefault: true }))
    .description('runners that have an account of their own on the log server')
    .action(
      does((cli, options: OutputOptions) => {
        const none = 'There is no runner with an account of its own yet.';
        return printList(cli, { path: '/admin/runners', key: 'runners', columns, none, isWhole: true }, options);
      }),
    );
  withOutput(runners.command('add'), ['table', 'json'])
    .description('make the credential of a runner on another machine, which may do what a runner does and nothing else')
    .argument('<name>', 'its name')
    .option('--public-key <key>', 'its own NKey; without it one is made')
    .option('--file <file>', 'where its credential is written, for you alone to read (NAME.creds)')
    .action(
      does(async (cli, name: string, options: AddOptions) => {
        const { publicKey, file = `${name}.creds` } = options;
        if (publicKey !== undefined && options.file !== undefined)
          throw new AppError('invalid', 'With --public-key no credential is made: --file does not go with it.');
        const api = await cli.client();
        const body = { name, ...(publicKey === undefined ? {} : { public_key: publicKey }) };
        const ask = () => api.post<Added>('/admin/runners', body);
        const { newSecretFile } = await import('../../input/new-secret-file.ts');
        const { runner, nats } =
          publicKey === undefined
            ? await newSecretFile(file, async (keep) => {
                const answer = await ask();
                await keep(answer.credentials ?? '');
                return answer;
              })
            : await ask();
        const kept = publicKey === undefined ? { file } : {};
        if (outputOf(options) === 'json') printJson(cli, { runner, ...kept, nats });
        else {
          cli.print(
            `runner ${name} may take jobs: CRAFTING_ROLES=runner CRAFTING_NATS_URL=… CRAFTING_NATS_CREDS=${file}`,
          );
          printFields(cli, Object.entries({ ...kept, ...nats }));
        }
        return 0;
      }),
    );
  runners
    .command('rm')
    .description('take the credential of a runner away; what it runs ends as lost')
    .argument('<name>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(
      does(async (cli, name: string, { yes }: { yes?: boolean }) => {
        if (!(await confirmed(cli, `Remove the runner ${name}?`, { yes }))) return 130;
        await (await cli.client()).delete(`/admin/runners/${encodeURIComponent(name)}`);
        cli.print(`runner ${name} is removed`);
        return 0;
      }),
    );
  withExamples(runners, ['runners add big-one', 'runners rm big-one --yes']);
};
