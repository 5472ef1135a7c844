import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

type Options = { reason: string; json?: boolean };
type Quarantine = { readonly event_seq: number; readonly fault: string };

export const quarantineCommand: CommandUnit = (command, does) => {
  command
    .argument('<sequence>', 'the message that cannot be opened, as /readyz names it')
    .requiredOption('--reason <words>', 'why it is passed over; kept in the log')
    .option('--json', 'print the result as JSON')
    .action(
      does(async (cli, sequence: string, { reason, json = false }: Options) => {
        const api = await cli.client();
        const path = `/admin/log/${encodeURIComponent(sequence)}/quarantine`;
        const { quarantine } = await api.post<{ quarantine: Quarantine }>(path, { reason });
        if (json) cli.print(JSON.stringify({ quarantine }));
        else cli.print(`sequence ${quarantine.event_seq} is passed over; the read models go on behind it`);
        return 0;
      }),
    );
  withExamples(command, ['quarantine 420 --reason "written by a stolen credential"']);
};
