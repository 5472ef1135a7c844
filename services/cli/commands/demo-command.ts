import type { CommandUnit } from '../define.ts';
import { withExamples } from '../print/output-options.ts';

type Options = { keep?: boolean; json?: boolean; branch?: string };

export const demoCommand: CommandUnit = (command, does) => {
  command
    .argument('[repository]', 'path or git URL; without it a small polyglot sample with real defects')
    .option('--keep', 'leave the service running afterwards')
    .option('--json', 'print the result as JSON')
    .option('--branch <branch>', 'branch to run (default: the one that is checked out)')
    .action(
      does(async ({ print }, repository: string | undefined, options: Options) => {
        const { demo } = await import('../demo/demo.ts');
        const { keep = false, json = false, branch = null } = options;
        return demo({ repository: repository ?? null, keep, json, branch }, print);
      }),
    );
  withExamples(command, [
    'demo',
    'demo ../some/repository --json',
    'demo https://git.example.org/team/shop.git --keep',
  ]);
};
