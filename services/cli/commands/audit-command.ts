import type { CommandUnit } from '../define.ts';
import { type Column, fitTable } from '../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../print/output-options.ts';

type Entry = { readonly seq: number; readonly time: string; readonly by: string; readonly what: string };
type Options = OutputOptions & { by?: string; project?: string; limit: string };

const columns: readonly Column<Entry>[] = [
  { head: 'when', of: ({ time }) => time.slice(0, 19).replace('T', ' ') },
  { head: 'by', of: ({ by }) => by },
  { head: 'what', of: ({ what }) => what, shrinksTo: 30 },
];

export const auditCommand: CommandUnit = (audit, does) => {
  withOutput(audit)
    .option('--by <token>', 'of one bearer')
    .option('--project <name>', 'to one project')
    .option('--limit <number>', 'so many', '50')
    .action(
      does(async (cli, { by, project, limit, ...options }: Options) => {
        const query = new URLSearchParams({ limit, ...(by ? { by } : {}), ...(project ? { project } : {}) });
        const { entries } = await (await cli.client()).get<{ entries: Entry[] }>(`/audit?${query}`);
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { entries });
        else if (output === 'ndjson') for (const entry of entries) cli.print(jsonText(entry));
        else if (entries.length === 0) cli.printError('Nobody did anything that is kept.');
        else cli.print(fitTable(cli, columns, entries));
        return 0;
      }),
    );
  withExamples(audit, ['audit --project shop', 'audit --by payments.ci --limit 200']);
};
