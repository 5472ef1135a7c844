import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const rekeyCommand: CommandUnit = (command, does) => {
  command.option('--forget-lost', 'remove what is sealed with a key that is lost').action(
    does(async ({ env, print }, options: { forgetLost?: boolean }) => {
      const { rekey } = await import('../../offline/rekey.ts');
      return rekey(env, print, options);
    }),
  );
  withExamples(command, ['rekey', 'CRAFTING_SECRET_KEY="$NEW,$OLD" crafting-table rekey', 'rekey --forget-lost']);
};
