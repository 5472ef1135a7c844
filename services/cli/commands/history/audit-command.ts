import type { ChainReport } from '../../../checkpoints/rules/check-chain.ts';
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

type Entry = { readonly seq: number; readonly time: string; readonly by: string; readonly what: string };
type Options = OutputOptions & { by?: string; project?: string; limit: string };

type VerifyOptions = OutputOptions & {
  backup?: string;
  data?: string;
  key?: string;
  head?: string;
  secretKey?: string;
};

/** What was found, a line each. */
function logReport({ events, checkpoints, covered, head, held_to, keys, foreign_keys, fault }: ChainReport): string[] {
  const by = keys.map((key) => key.slice(0, 16)).join(', ');
  return [
    `${events} events, ${checkpoints} checkpoints; vouched for up to event ${covered}, head ${head}`,
    ...(keys.length > 0
      ? [
          `signed by ${by}${foreign_keys ? '' : ', named by the log itself: --key holds it against keys from elsewhere'}`,
        ]
      : []),
    ...(events > covered ? [`${events - covered} later events wait for the next checkpoint`] : []),
    ...(fault === null && covered > 0
      ? [`keep this head elsewhere, and give it next time: --head ${covered}:${head}`]
      : []),
    fault !== null
      ? `The log is not what it was: ${fault.detail}.`
      : held_to > 0
        ? `The log is whole up to event ${covered}, and holds the head that was kept of event ${held_to}.`
        : `The chain is whole up to event ${covered}; nothing vouches for what came after, and no head that was kept outside was given.`,
  ];
}

const columns: readonly Column<Entry>[] = [
  { head: 'when', of: ({ time }) => time.slice(0, 19).replace('T', ' ') },
  { head: 'by', of: ({ by }) => by },
  { head: 'what', of: ({ what }) => what, shrinksTo: 30 },
];

export const auditCommand: CommandUnit = (audit, does) => {
  withOutput(audit.command('list', { isDefault: true }))
    .description('who did what, newest first')
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
  withOutput(audit.command('verify'), ['table', 'json'])
    .description(
      'hold the log against its signed checkpoints; names the first event that was changed, is missing or was added',
    )
    .option('--backup <file>', 'of a backup, without a service')
    .option('--data <dir>', 'of the data folder of a service that is stopped')
    .option('--key <file>', 'public keys that were kept elsewhere: a key set or PEM')
    .option('--head <seq:digest>', 'a head that was kept elsewhere, as this command prints it: the log has to hold it')
    .option('--secret-key <file>', 'the secret.key of the farm that made the backup: its seal is checked, too')
    .action(
      does(async (cli, options: VerifyOptions) => {
        const { verifyLog } = await import('../../offline/verify-log.ts');
        const report = await verifyLog(cli, options);
        if (outputOf(options) === 'json') printJson(cli, report);
        else for (const line of logReport(report)) cli.print(line);
        return report.ok ? 0 : 1;
      }),
    );
  withExamples(audit, [
    'audit verify',
    'audit verify --backup farm.tar --key farm-keys.json',
    'audit --project shop',
    'audit --by payments.ci --limit 200',
  ]);
};
