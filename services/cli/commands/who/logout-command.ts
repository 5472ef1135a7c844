import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const logoutCommand: CommandUnit = (command, does, program) => {
  command.option('--all', 'forget every profile').action(
    does(async (cli, { all = false }: { all?: boolean }) => {
      const { profile } = program.opts<{ profile?: string }>();
      const { logOut } = await import('../../farm/log-in.ts');
      return logOut(cli, { profile, all });
    }),
  );
  withExamples(command, ['logout', 'logout --profile work', 'logout --all']);
};
