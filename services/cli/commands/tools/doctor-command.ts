import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const doctorCommand: CommandUnit = (command, does) => {
  command.option('--json', 'print the result as JSON').action(
    does(async ({ env, print }, { json = false }: { json?: boolean }) => {
      const { doctor } = await import('../../offline/doctor.ts');
      return doctor(env, { json }, print);
    }),
  );
  withExamples(command, ['doctor', 'doctor --json']);
};
