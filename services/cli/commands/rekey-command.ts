import type { CommandUnit } from '../define.ts';
import { withExamples } from '../print/output-options.ts';

export const rekeyCommand: CommandUnit = (command, does) => {
  command.action(
    does(async ({ env, print }) => {
      const { rekey } = await import('../offline/rekey.ts');
      return rekey(env, print);
    }),
  );
  withExamples(command, ['rekey', 'CRAFTING_SECRET_KEY="$NEW,$OLD" crafting-table rekey']);
};
