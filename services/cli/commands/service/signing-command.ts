import type { KeySet } from '../../../statements/rules/key-set.ts';
import type { CommandUnit } from '../../define.ts';
import { confirmed } from '../../input/confirm.ts';
import { plainTable } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

const keySetPath = '/.well-known/crafting-table-keys.json';

export const signingCommand: CommandUnit = (signing, does) => {
  withOutput(signing.command('keys', { isDefault: true }), ['table', 'json'])
    .description('the public keys, the one that signs first; --output json is a file for verify-proof --key')
    .action(
      does(async (cli, options: OutputOptions) => {
        const { keys } = await (await cli.client()).get<KeySet>(keySetPath);
        if (outputOf(options) === 'json') printJson(cli, { keys });
        else if (keys.length === 0) cli.printError('Nothing was signed yet: the first key is made when it is needed.');
        else
          cli.print(
            plainTable(
              ['key', 'signs'],
              keys.map(({ kid, active }) => [kid, active ? 'now' : 'no more; what it signed stays good']),
              [64, 40],
            ),
          );
        return 0;
      }),
    );
  withOutput(signing.command('rotate'), ['table', 'json'])
    .description('sign with a new key from now on; the public keys of what was signed before stay in the key set')
    .option('--yes', 'do not ask')
    .action(
      does(async (cli, { yes, ...options }: OutputOptions & { yes?: boolean }) => {
        const question =
          'Sign with a new key from now on? Whoever keeps the public keys elsewhere has to fetch them again.';
        if (!(await confirmed(cli, question, { yes }))) return 1;
        const { key_id } = await (await cli.client()).post<{ key_id: string }>('/admin/signing-key/rotate', {});
        if (outputOf(options) === 'json') printJson(cli, { key_id });
        else cli.print(`signs with ${key_id} from now on; earlier keys stay good for what they signed`);
        return 0;
      }),
    );
  withExamples(signing, ['signing', 'signing keys --output json > farm-keys.json', 'signing rotate']);
};
