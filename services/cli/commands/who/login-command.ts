import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const loginCommand: CommandUnit = (command, does, program) => {
  command.action(
    does(async (cli) => {
      const { server, profile } = program.opts<{ server?: string; profile?: string }>();
      const { logIn } = await import('../../farm/log-in.ts');
      return logIn(cli, { server, profile });
    }),
  );
  withExamples(command, [
    'login --server http://192.168.0.5:8810',
    'login --server https://farm.example.org --profile work < token.txt',
    'login < data/admin-bearer.txt',
  ]);
};
