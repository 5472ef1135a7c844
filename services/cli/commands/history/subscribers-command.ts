import type { Command } from 'commander';
import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit, Does } from '../../define.ts';
import { printList } from '../../farm/api-list.ts';
import { severityWords } from '../../input/choices.ts';
import { confirmed } from '../../input/confirm.ts';
import type { Column } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { printFields } from '../../print/print-fields.ts';

type Subscriber = {
  readonly name: string;
  readonly events?: readonly string[];
  readonly projects?: readonly string[];
  readonly severities?: readonly string[];
  readonly from_seq?: number;
  readonly waiting?: number | null;
};
type Added = {
  readonly subscriber: Subscriber;
  readonly seed?: string | null;
  readonly seed_file?: string;
  readonly nats?: object;
};
type AddOptions = OutputOptions & {
  events?: string[];
  projects?: string[];
  severity?: string[];
  from?: string;
  publicKey?: string;
  seedFile?: string;
  printSeed?: boolean;
};

const list = (words: readonly string[] = []) => words.join(', ') || 'all';
const words = (text: string) => text.split(',').filter(Boolean);
const columns: readonly Column<Subscriber>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'from', of: ({ from_seq }) => from_seq },
  { head: 'waiting', of: ({ waiting }) => waiting },
  { head: 'projects', of: ({ projects }) => list(projects), shrinksTo: 8 },
  { head: 'severities', of: ({ severities }) => list(severities), shrinksTo: 8 },
  { head: 'events', of: ({ events }) => list(events), shrinksTo: 16 },
];

export const subscribersCommand: CommandUnit = (subscribers, does) => {
  withOutput(subscribers.command('list', { isDefault: true }))
    .description('who hears of what')
    .action(
      does((cli, options: OutputOptions) => {
        const none = 'There is no subscriber yet.';
        return printList(
          cli,
          { path: '/admin/subscribers', key: 'subscribers', columns, none, isWhole: true },
          options,
        );
      }),
    );
  registerAdd(subscribers, does);
  subscribers
    .command('rm')
    .description('take the credentials of a subscriber away, and erase what waited for it')
    .argument('<name>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(
      does(async (cli, name: string, { yes }: { yes?: boolean }) => {
        if (!(await confirmed(cli, `Remove the subscriber ${name}?`, { yes }))) return 130;
        await (await cli.client()).delete(`/admin/subscribers/${encodeURIComponent(name)}`);
        cli.print(`subscriber ${name} is removed`);
        return 0;
      }),
    );
  withExamples(subscribers, [
    'subscribers add board --events FindingDetected,PrOpened --projects shop',
    'subscribers add archive --from start --seed-file archive.seed',
    'subscribers rm board --yes',
  ]);
};

function registerAdd(subscribers: Command, does: Does): void {
  withOutput(subscribers.command('add'), ['table', 'json'])
    .description('make credentials that can take exactly these events and nothing else')
    .argument('<name>', 'its name')
    .option('--events <names>', 'names of events, comma-separated; without it all', words)
    .option('--projects <names>', 'names of projects, comma-separated; without it all', words)
    .option('--severity <words>', `of findings, comma-separated: ${severityWords.join(', ')}`, words)
    .option('--from <when>', 'a sequence, an ISO 8601 time, start or now')
    .option('--public-key <key>', 'its own NKey; without it one is made')
    .option('--seed-file <file>', 'where its secret is written, for you alone to read (NAME.seed)')
    .option('--print-seed', 'print its secret instead')
    .action(does(add));
}

async function add(cli: Cli, name: string, options: AddOptions): Promise<number> {
  const { events = [], projects = [], severity: severities = [], from, publicKey, seedFile, printSeed } = options;
  if (publicKey !== undefined && (seedFile !== undefined || printSeed))
    throw new AppError(
      'invalid',
      'With --public-key no secret is made: --seed-file and --print-seed do not go with it.',
    );
  const api = await cli.client();
  const body = {
    name,
    events,
    projects,
    severities,
    ...(from === undefined ? {} : { from: /^\d+$/.test(from) ? Number(from) : from }),
    ...(publicKey === undefined ? {} : { public_key: publicKey }),
  };
  const ask = () => api.post<Added>('/admin/subscribers', body);
  if (publicKey !== undefined || printSeed) {
    said(cli, await ask(), options);
    return 0;
  }
  const file = seedFile ?? `${name.replace(/[^A-Za-z0-9._-]/g, '-')}.seed`;
  const { newSecretFile } = await import('../../input/new-secret-file.ts');
  const answer = await newSecretFile(file, async (keep) => {
    const { seed, ...rest } = await ask();
    if (!seed) return rest;
    await keep(seed);
    return { ...rest, seed_file: file };
  });
  said(cli, answer, options);
  return 0;
}

/** Who may do what, and how it connects. */
function said(cli: Cli, { subscriber, seed, seed_file, nats = {} }: Added, options: OutputOptions): void {
  const secret = seed_file ? { seed_file } : seed ? { seed } : {};
  if (outputOf(options) === 'json') {
    printJson(cli, { subscriber, ...secret, nats });
    return;
  }
  cli.print(`subscriber ${subscriber.name} may take its events from ${subscriber.from_seq} on`);
  const fields = Object.entries({ ...secret, ...nats }).map(
    ([name, value]) => [name.replaceAll('_', ' '), Array.isArray(value) ? value.join(', ') : value] as const,
  );
  printFields(cli, fields);
}
