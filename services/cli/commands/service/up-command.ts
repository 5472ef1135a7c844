import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

export const upCommand: CommandUnit = (command, does) => {
  command.option('--roles <roles>', 'roles of this process, comma-separated').action(
    does(async ({ env, print }, { roles }: { roles?: string }) => {
      const { serve } = await import('../../../main.ts');
      return serve(roles === undefined ? env : { ...env, CRAFTING_ROLES: roles }, print);
    }),
  );
  withExamples(command, ['up', 'up --roles runner']);
};
