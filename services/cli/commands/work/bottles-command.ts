import type { BottleCall, BottleDoc, BottleStop } from '../../../../projections/work/bottles.ts';
import { AppError } from '../../../floor/app-error.ts';
import { counted } from '../../../floor/text/counted.ts';
import { printableLines } from '../../../floor/text/printable.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import type { ApiClient } from '../../farm/api-client.ts';
import { type PageOptions, pathWith, printList, wholeNumber, withPaging } from '../../farm/api-list.ts';
import { followJob, secondsOf } from '../../farm/follow-job.ts';
import type { Column } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { styleOf } from '../../print/paint.ts';
import { colouredDiff } from '../../print/patch-table.ts';
import { printFields } from '../../print/print-fields.ts';
import { amount, dollars, grouped } from '../../print/spending-columns.ts';

/** A bottle as the API answers it: `budget` is the one that is nearest to its end, among those that the reader sees. */
type ShownBottle = BottleDoc & {
  readonly spent: {
    readonly calls: number;
    readonly tokens: number;
    readonly usd: number;
    readonly unpriced_tokens: number;
  };
  readonly budget: {
    readonly level: string;
    readonly of: string;
    readonly unit: 'tokens' | 'usd';
    readonly per: string;
    readonly limit: number;
    readonly used: number;
    readonly share: number;
  } | null;
};

type StartOptions = {
  subproject?: string;
  sha?: string;
  session?: string;
  tokens?: number;
  follow?: boolean;
} & OutputOptions;

type WatchOptions = OutputOptions & { interval?: number; once?: boolean };

const columns: readonly Column<BottleDoc>[] = [
  { head: 'bottle', of: ({ id }) => id },
  { head: 'status', of: ({ status, ended }) => ended ?? status, style: styleOf },
  { head: 'project', of: ({ project }) => project, shrinksTo: 8 },
  { head: 'agent', of: ({ agent }) => agent },
  { head: 'works on', of: (bottle) => workOf(bottle), shrinksTo: 8 },
  { head: 'last', of: ({ last_call, why }) => why ?? last_call?.words, shrinksTo: 20 },
];

/** Long: a noun with its verbs, each a few lines of arguments. */
export const bottlesCommand: CommandUnit = (bottles, does) => {
  withPaging(bottles.command('list', { isDefault: true }))
    .description('bottles of your projects, newest first')
    .option('--project <name>', 'only of this project')
    .option('--status <status>', 'only those, such as running')
    .action(
      does(
        (cli, { project, status, ...options }: PageOptions & OutputOptions & { project?: string; status?: string }) => {
          const listing = {
            path: pathWith('/bottles', { project, status }),
            key: 'bottles',
            columns,
            none: 'No bottles.',
          };
          return printList<BottleDoc>(cli, listing, options);
        },
      ),
    );
  withOutput(bottles.command('start'), ['table', 'json'])
    .description('have an agent work on a project')
    .argument('<project>', 'its name')
    .argument('<agent>', 'the name of a manifest, see crafting-table agents')
    .argument('[prompt]', 'what it is to do; without, or with -, standard input')
    .option('--subproject <path>', 'begin in this one')
    .option('--sha <commit>', 'on this commit')
    .option('--session <digest>', 'go on from the state that an earlier bottle left')
    .option('--tokens <count>', 'the most that it may spend', wholeNumber)
    .option('-f, --follow', 'show its log until it has ended')
    .action(
      does(async (cli, project: string, agent: string, given: string | undefined, options: StartOptions) => {
        const prompt = given === undefined || given === '-' ? await cli.input.all() : given;
        if (prompt.trim() === '')
          throw new AppError('invalid', 'A bottle needs a prompt: say what its agent is to do.');
        const { subproject, sha, session, tokens, follow } = options;
        const api = await cli.client();
        const budget = tokens === undefined ? {} : { budget: { tokens } };
        const body = { project, agent, prompt, ...defined({ subproject, sha, session }), ...budget };
        const { bottle } = await api.post<{ bottle: BottleDoc }>('/bottles', body);
        if (follow) return followBottle(cli, api, bottle.id);
        if (outputOf(options) === 'json') printJson(cli, { bottle });
        else cli.print(bottle.id);
        return 0;
      }),
    );
  withOutput(bottles.command('show'), ['table', 'json'])
    .description('a bottle: how it stands, and what its agent asked for')
    .argument('<bottle>', 'its id')
    .option('--diff', 'only what it changed, as git apply takes it')
    .action(
      does(async (cli, id: string, { diff, ...options }: OutputOptions & { diff?: boolean }) => {
        const api = await cli.client();
        if (diff) {
          const left = await api.get<{ diff: string | null }>(`${pathOf(id)}/diff`);
          if (left.diff !== null) cli.write(colouredDiff(cli, left.diff).replace(/\n?$/, '\n'));
          return 0;
        }
        const answer = await api.get<{ bottle: ShownBottle; calls: BottleCall[] }>(pathOf(id));
        if (outputOf(options) === 'json') printJson(cli, answer);
        else showBottle(cli, answer);
        return 0;
      }),
    );
  bottles
    .command('log')
    .description('what its agent printed')
    .argument('<bottle>', 'its id')
    .option('-f, --follow', 'go on until it has ended')
    .action(
      does(async (cli, id: string, { follow }: { follow?: boolean }) => {
        const api = await cli.client();
        if (follow) return followBottle(cli, api, id);
        const { bottle } = await api.get<{ bottle: BottleDoc }>(pathOf(id));
        if (bottle.job_id === null)
          throw new AppError('not_found', `The bottle ${id} has no log: ${bottle.why ?? 'it waits'}.`);
        for await (const words of await api.stream(`/jobs/${bottle.job_id}/log`))
          cli.write(cli.terminal.isTTY ? printableLines(words) : words);
        return 0;
      }),
    );
  withOutput(bottles.command('watch'))
    .description('a live screen: who runs for what, what it took, and keys to cut it off, freeze or stop it')
    .option('--interval <seconds>', 'how often it looks (1 s)', wholeNumber)
    .option('--once', 'print it once')
    .action(
      does(async (cli, { interval = 1, once = false, ...options }: WatchOptions) => {
        const { bottleScreen } = await import('../../bottles/bottle-screen.ts');
        return bottleScreen({ intervalMs: interval * 1000, once, output: outputOf(options) }, cli);
      }),
    );
  bottles
    .command('stop')
    .description('end it from outside; unless told, what it left until then is kept')
    .argument('<bottle>', 'its id')
    .addOption(
      bottles
        .createOption(
          '--policy <policy>',
          'cutoff: it may spend no more; freeze: it ends and is kept; kill: it is gone',
        )
        .choices(['cutoff', 'freeze', 'kill']),
    )
    .option('--reason <text>', 'why, for those who read it later')
    .action(
      does(async (cli, id: string, { policy, reason }: { policy?: string; reason?: string }) => {
        await (await cli.client()).post(`${pathOf(id)}/stop`, defined({ policy, reason }));
        cli.print(`bottle ${id}: ${policy ?? 'stop'}`);
        return 0;
      }),
    );
  withExamples(bottles, [
    'bottles',
    'bottles watch',
    'bottles start shop fixer "Make the totals add up." --follow',
    'bottles show 01m7yqtxktspcs1tbxettq4r8d --diff | git apply',
  ]);
};

const pathOf = (id: string) => `/bottles/${encodeURIComponent(id)}`;

const defined = (values: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

function workOf({ work }: BottleDoc): string {
  if (work.issue !== undefined) return `${work.repository ?? ''}#${work.issue}`;
  return work.patch_id ?? work.kind;
}

const lookMs = 500;

/** Shows the log of a bottle from its job's begin to its end: 0 when its agent said that it is done. */
async function followBottle(cli: Cli, api: ApiClient, id: string): Promise<number> {
  const look = async () => (await api.get<{ bottle: BottleDoc }>(pathOf(id))).bottle;
  let bottle = await look();
  while (bottle.job_id === null && bottle.ended === null && !cli.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    bottle = await look();
  }
  if (bottle.job_id !== null) await followJob(cli, api, bottle.job_id);
  while (bottle.ended === null && !cli.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    bottle = await look();
  }
  cli.printError(`bottle ${id}: ${bottle.ended ?? bottle.status}${bottle.why ? `. ${bottle.why}` : ''}`);
  return bottle.ended === 'done' ? 0 : 1;
}

function stopWords({ policy, by, detail, why, at }: BottleStop): string {
  const who = by === null ? '' : ` by ${by}`;
  return `${policy ?? 'end'} at ${at}${who}: ${detail || why}`;
}

function spentWords({ spent: { tokens, usd, unpriced_tokens, calls } }: ShownBottle): string {
  const rest = unpriced_tokens > 0 ? ` beside ${grouped(unpriced_tokens)} tokens without a price` : '';
  return `${grouped(tokens)} tokens, ${dollars(usd)}${rest} in ${counted(calls, 'call')}`;
}

function budgetWords({ level, of, unit, per, limit, used, share }: NonNullable<ShownBottle['budget']>): string {
  const whose = level === 'farm' ? 'of the farm' : `of the ${level} ${of}`;
  const most = unit === 'tokens' ? `${amount(limit, unit)} tokens` : amount(limit, unit);
  return `${amount(used, unit)} of ${most} ${whose} per ${per}, ${Math.floor(share * 100)} %`;
}

function egressWords({ hosts, requests, refused }: NonNullable<BottleDoc['egress']>): string {
  const went = hosts.map(({ host, requests: count }) => `${host} (${count})`).join(', ');
  return `${counted(requests, 'request')}, ${refused} refused${went === '' ? '' : `: ${went}`}`;
}

/** Everything that people ask about one bottle, and what its agent asked for. */
function showBottle(cli: Cli, { bottle, calls }: { bottle: ShownBottle; calls: readonly BottleCall[] }): void {
  printFields(cli, [
    ['bottle', bottle.id],
    ['status', bottle.ended ?? bottle.status],
    ['why', bottle.why],
    ['stopped', bottle.stop && stopWords(bottle.stop)],
    ['project', bottle.subproject === null ? bottle.project : `${bottle.project}, ${bottle.subproject}`],
    [
      'agent',
      bottle.manifest_digest ? `${bottle.agent}, manifest ${bottle.manifest_digest.slice(0, 12)}` : bottle.agent,
    ],
    ['works on', workOf(bottle)],
    ['prompt', bottle.prompt],
    ['done', bottle.done && `${bottle.done.status}: ${bottle.done.summary}`],
    ['based on', bottle.sha],
    ['changed', bottle.diff && `${counted(bottle.diff.files, 'file')}, ${bottle.diff.bytes} bytes (--diff shows it)`],
    ['session', bottle.session && `${bottle.session} (start --session goes on from it)`],
    ['went on from', bottle.thawed],
    ['spent', spentWords(bottle)],
    ['budget', bottle.budget && budgetWords(bottle.budget)],
    ['went to', bottle.egress && egressWords(bottle.egress)],
    ['took', bottle.duration_ms === null ? null : secondsOf(bottle.duration_ms)],
    ['job', bottle.job_id],
    ['asked for', `${bottle.requested_at} by ${bottle.requested_by}`],
  ]);
  if (calls.length > 0) cli.print('');
  for (const { at, words } of calls) cli.print(`${at.slice(11, 19)}  ${printableLines(words)}`);
}
