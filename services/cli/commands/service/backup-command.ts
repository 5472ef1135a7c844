import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { withLogs?: boolean; json?: boolean };

export const backupCommand: CommandUnit = (command, does, program) => {
  command
    .argument('<file>', 'file to write; it must not exist')
    .option('--with-logs', "also the logs of jobs, which are most of a farm's bytes")
    .option('--json', 'print the result as JSON')
    .action(
      does(async ({ env, print }, file: string, { withLogs = false, json = false }: Options) => {
        const wanted = program.opts<{ server?: string; profile?: string }>();
        const { backup } = await import('../../offline/backup.ts');
        if (wanted.server === undefined && wanted.profile === undefined)
          return backup(env, { file, withLogs, json }, print);
        const { serviceMeant } = await import('../../farm/service-meant.ts');
        const { server, token } = await serviceMeant(env, wanted);
        return backup({ ...env, CRAFTING_TABLE_TOKEN: token }, { file, withLogs, json, url: server }, print);
      }),
    );
  withExamples(command, [
    'backup farm.tar',
    'backup farm.tar --with-logs --json',
    'backup farm.tar --server http://192.168.0.5:8810',
  ]);
};
