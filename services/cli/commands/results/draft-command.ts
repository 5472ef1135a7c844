import type { CommandUnit } from '../../define.ts';
import { wholeNumber } from '../../farm/api-list.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Options = OutputOptions & { finding?: number; wait?: number | true };

const usualWaitSecs = 300;

export const draftCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<job>', 'its id')
    .option('--finding <id>', 'this finding; without it the best one', wholeNumber)
    .option('--wait [seconds]', `wait for the outcome (${usualWaitSecs} s)`, wholeNumber)
    .action(
      does(async (cli, job: string, { finding, wait, ...options }: Options) => {
        const [{ draftPatchOf, isDrafted }, { showPatch }] = await Promise.all([
          import('../../farm/draft-patch-of.ts'),
          import('../../print/patch-table.ts'),
        ]);
        const waitSecs = wait === true ? usualWaitSecs : (wait ?? 0);
        const answer = await draftPatchOf(await cli.client(), job, { findingId: finding, waitSecs });
        const { attempt, reason } = answer;
        if (outputOf(options) === 'json') printJson(cli, answer);
        else if (attempt) showPatch(cli, attempt);
        else cli.printError(reason ?? 'No finding of this job can be mended.');
        return attempt && isDrafted(attempt) ? 0 : 1;
      }),
    );
  withExamples(command, [
    'draft 01m7yqtxktspcs1tbxettq4r8d --wait',
    'draft 01m7yqtxktspcs1tbxettq4r8d --finding 12 --wait 60 --json',
  ]);
};
