import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { key?: string; force?: boolean; json?: boolean };

export const restoreCommand: CommandUnit = (command, does) => {
  command
    .argument('<file>', 'file that `backup` wrote')
    .option('--key <file>', 'the secret.key of the farm that was backed up')
    .option('--force', 'move a data folder that is there aside')
    .option('--json', 'print the result as JSON')
    .action(
      does(async ({ env, print }, file: string, { key, force = false, json = false }: Options) => {
        const { restore } = await import('../../offline/restore.ts');
        return restore(env, { file, force, json, ...(key ? { key } : {}) }, print);
      }),
    );
  withExamples(command, ['restore farm.tar --key secret.key']);
};
