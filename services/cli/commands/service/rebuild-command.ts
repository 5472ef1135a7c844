import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const rebuildCommand: CommandUnit = (command, does) => {
  command
    .option('--verify', 'build them twice, and take them only when both are the same')
    .option('--json', 'print the result as JSON')
    .action(
      does(async ({ env, print }, { verify = false, json = false }: { verify?: boolean; json?: boolean }) => {
        const { rebuild } = await import('../../offline/rebuild.ts');
        const options = { json, verify };
        return rebuild(env, options, print);
      }),
    );
  withExamples(command, ['rebuild', 'rebuild --verify --json']);
};
