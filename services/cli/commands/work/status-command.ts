import type { CommandUnit } from '../../define.ts';
import { wholeNumber } from '../../farm/api-list.ts';
import { type OutputOptions, outputOf, withExamples, withOutput } from '../../print/output-options.ts';

type Options = OutputOptions & { interval?: number; once?: boolean };

const usualIntervalSecs = 1;

export const statusCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .option('--interval <seconds>', `how often it looks (${usualIntervalSecs} s)`, wholeNumber)
    .option('--once', 'print it once')
    .action(
      does(async (cli, { interval = usualIntervalSecs, once = false, ...options }: Options) => {
        const { statusScreen } = await import('../../status/status-screen.ts');
        return statusScreen({ intervalMs: interval * 1000, once, output: outputOf(options) }, cli);
      }),
    );
  withExamples(command, ['status', 'status --once', 'status -o json']);
};
