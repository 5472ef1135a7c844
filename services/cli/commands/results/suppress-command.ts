import type { FindingDoc } from '../../../../projections/findings/findings.ts';
import type { CommandUnit } from '../../define.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Options = OutputOptions & { reason: string; until?: string };

export const suppressCommand: CommandUnit = (command, does) => {
  withOutput(command, ['table', 'json'])
    .argument('<id>', 'number of the finding')
    .requiredOption('--reason <text>', 'why; it is kept in the history of the finding')
    .option('--until <when>', 'ISO 8601 time from which on it counts again')
    .action(
      does(async (cli, id: string, { reason, until, ...options }: Options) => {
        const api = await cli.client();
        const body = { reason, ...(until === undefined ? {} : { until }) };
        const path = `/findings/${encodeURIComponent(id)}/suppress`;
        const { finding } = await api.post<{ finding: FindingDoc }>(path, body);
        if (outputOf(options) === 'json') printJson(cli, { finding });
        else cli.print(`finding ${finding.id} is suppressed${until ? ` until ${finding.suppression?.until}` : ''}`);
        return 0;
      }),
    );
  withExamples(command, [
    'suppress 12 --reason "only in test data"',
    'suppress 12 --reason "waits for 2.0" --until 2027-01-31',
  ]);
};
