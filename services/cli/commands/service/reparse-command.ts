import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { project: string; since?: string; dryRun?: boolean; json?: boolean };

export const reparseCommand: CommandUnit = (command, does) => {
  command
    .requiredOption('--project <name>', 'the project')
    .option('--since <when>', 'only jobs asked for after this sequence of the log or ISO 8601 time')
    .option('--dry-run', 'only report what would change')
    .option('--json', 'print the result as JSON')
    .action(
      does(async (cli, options: Options) => {
        const { reparse } = await import('../../farm/reparse.ts');
        return reparse(await cli.client(), options, cli.print);
      }),
    );
  withExamples(command, ['reparse --project shop --dry-run', 'reparse --project shop --since 2026-01-31']);
};
