import { printable } from '../../../floor/text/printable.ts';
import type { CommandUnit } from '../../define.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';

type Link = {
  readonly seq: number;
  readonly time: string;
  readonly type: string;
  readonly says: string;
  readonly cause_seq: number | null;
  readonly depth?: number;
};
type Answer = { readonly chain: readonly Link[]; readonly truncated: string | null };

const columns: readonly Column<Link>[] = [
  { head: 'event', of: ({ seq }) => seq },
  { head: 'because of', of: ({ cause_seq }) => cause_seq },
  { head: 'time', of: ({ time }) => time.slice(0, 19).replace('T', ' ') },
  { head: 'what happened', of: ({ says, depth = 0 }) => `${'  '.repeat(Math.min(depth, 12))}${says}`, shrinksTo: 30 },
];

export const explainCommand: CommandUnit = (command, does) => {
  withOutput(command)
    .addArgument(command.createArgument('<what>', 'what it is').choices(['finding', 'job', 'patch']))
    .argument('<id>', 'its number or id')
    .action(
      does(async (cli, what: string, id: string, options: OutputOptions) => {
        const path = `/${what === 'patch' ? 'patches' : `${what}s`}/${encodeURIComponent(id)}/explain`;
        const answer = await (await cli.client()).get<Answer>(path);
        const output = outputOf(options);
        if (output === 'json') printJson(cli, answer);
        else if (output === 'ndjson') for (const link of answer.chain) cli.print(jsonText(link));
        else {
          cli.print(fitTable(cli, columns, answer.chain));
          if (answer.truncated) cli.printError(printable(answer.truncated));
        }
        return 0;
      }),
    );
  withExamples(command, ['explain finding 12', 'explain job 01m7yqtxktspcs1tbxettq4r8d', 'explain patch 12-1 --json']);
};
