import { usageGroups } from '../../../../projections/work/spending-queries.ts';
import type { CommandUnit } from '../../define.ts';
import { fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';
import { dollars, grouped, type ShownUsage, usageColumns } from '../../print/spending-columns.ts';

type Answer = {
  readonly by: string;
  readonly total: ShownUsage;
  readonly usage: readonly ShownUsage[];
  readonly prices: string;
};
type Options = OutputOptions &
  Readonly<Record<'by' | 'from' | 'to' | 'project' | 'agent' | 'bottle' | 'finding' | 'model', string | undefined>>;

const asked = ['by', 'from', 'to', 'project', 'agent', 'bottle', 'finding', 'model'] as const;

export const usageCommand: CommandUnit = (command, does) => {
  withOutput(command)
    .addOption(command.createOption('--by <what>', 'what it is added up by (project)').choices(usageGroups))
    .option('--from <day>', 'the first day, such as 2026-07-01 (UTC)')
    .option('--to <day>', 'the last day')
    .option('--project <project>', 'of one project')
    .option('--agent <agent>', 'of one agent')
    .option('--bottle <bottle>', 'of one run of an agent')
    .option('--finding <finding>', 'of the attempts at one finding')
    .option('--model <model>', 'of one model')
    .action(
      does(async (cli, options: Options) => {
        const query = new URLSearchParams();
        for (const name of asked) if (options[name] !== undefined) query.set(name, options[name]);
        const { total, usage, by, prices } = await (await cli.client()).get<Answer>(`/usage?${query}`);
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { by, total, usage, prices });
        else if (output === 'ndjson') for (const row of usage) cli.print(jsonText(row));
        else if (total.calls === 0) cli.printError('No agent took any tokens that you may see in that time.');
        else {
          cli.print(fitTable(cli, usageColumns(by), usage));
          cli.print(totalWords(total, prices));
        }
        return 0;
      }),
    );
  withExamples(command, ['usage', 'usage --by model --from 2026-07-01', 'usage --by bottle --project web -o json']);
};

function totalWords({ calls, tokens, usd, unpriced_tokens, estimated_calls }: ShownUsage, prices: string): string {
  const lines = [`\n${grouped(calls)} calls, ${grouped(tokens)} tokens, ${dollars(usd)} by the prices of ${prices}`];
  if (unpriced_tokens > 0)
    lines.push(`+ ${grouped(unpriced_tokens)} tokens of models without a price are not in the money`);
  if (estimated_calls > 0)
    lines.push(`${grouped(estimated_calls)} of the calls broke off: a part of what they took is an estimate`);
  return lines.join('\n');
}
