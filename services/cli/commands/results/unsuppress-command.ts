import type { FindingDoc } from '../../../../projections/findings/findings.ts';
import type { CommandUnit } from '../../define.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

export const unsuppressCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<id>', 'number of the finding')
    .action(
      does(async (cli, id: string, options: OutputOptions) => {
        const api = await cli.client();
        const path = `/findings/${encodeURIComponent(id)}/unsuppress`;
        const { finding } = await api.post<{ finding: FindingDoc }>(path, {});
        if (outputOf(options) === 'json') printJson(cli, { finding });
        else cli.print(`finding ${finding.id} is ${finding.state} again`);
        return 0;
      }),
    );
  withExamples(command, ['unsuppress 12']);
};
