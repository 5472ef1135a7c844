import type { Command } from 'commander';
import type { Cli, CommandUnit } from '../../define.ts';
import { wholeNumber } from '../../farm/api-list.ts';
import { comingEvents, type EventFilter, printEvent, type SentEvent, storedEvents } from '../../print/event-lines.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Options = OutputOptions & {
  from?: string;
  project?: string;
  entity?: string;
  event?: string[];
  severity?: string[];
  limit?: number;
  follow?: boolean;
};

export const eventsCommand: CommandUnit = (events, does) => {
  withFilters(events.command('get', { isDefault: true }))
    .description('events from the beginning, from a sequence or from a time on')
    .option('-f, --follow', 'go on with what happens from now on')
    .action(does((cli, options: Options) => (options.follow ? tail(cli, options) : get(cli, options))));
  withFilters(events.command('tail'))
    .description('what happens from now on, or from --from on, until Ctrl-C')
    .action(
      does(async (cli, options: Options) => {
        const from = options.from ?? String(await nextSequence(cli));
        return tail(cli, { ...options, from });
      }),
    );
  withExamples(events, [
    'events get --from 2026-01-31 --project shop',
    'events tail --event FindingDetected,PrOpened',
    'events get --from 48211 -o ndjson | jq .type',
  ]);
};

function withFilters(command: Command): Command {
  return withOutput(command)
    .option('--from <when>', 'the first sequence wanted, an ISO 8601 time, start or now')
    .option('--project <name>', 'only of this project')
    .option('--entity <entity>', 'only about such things: project, job, finding, patch, …')
    .option('--event <names>', 'only events of these names, comma-separated', listed)
    .option('--severity <words>', 'of findings that appear, comma-separated, such as critical,high', listed)
    .option('-n, --limit <count>', 'end after so many', wholeNumber);
}

const listed = (text: string) => text.split(',').filter(Boolean);

function filterOf({ from, project, entity, event = [], severity = [] }: Options): EventFilter {
  return {
    names: event,
    severities: severity,
    ...(from === undefined ? {} : { from }),
    ...(project === undefined ? {} : { project }),
    ...(entity === undefined ? {} : { entity }),
  };
}

async function get(cli: Cli, options: Options): Promise<number> {
  const found: SentEvent[] = [];
  const output = outputOf(options);
  const events = storedEvents(await cli.client(), filterOf(options));
  for await (const event of first(events, options.limit)) {
    if (output === 'json') found.push(event);
    else printEvent(cli, event, output);
  }
  if (output === 'json') printJson(cli, { events: found });
  return 0;
}

/** There is no end to it, so JSON is a document a line. */
async function tail(cli: Cli, options: Options): Promise<number> {
  const events = comingEvents(cli, await cli.client(), filterOf(options));
  for await (const event of first(events, options.limit)) printEvent(cli, event, outputOf(options));
  return 0;
}

async function* first<T>(values: AsyncIterable<T>, limit = Number.POSITIVE_INFINITY): AsyncGenerator<T> {
  let left = limit;
  for await (const value of values) {
    yield value;
    left -= 1;
    if (left <= 0) return;
  }
}

/** The sequence of the event that comes next. */
async function nextSequence(cli: Cli): Promise<number> {
  return (await (await cli.client()).get<{ seq: number }>('/healthz')).seq + 1;
}
