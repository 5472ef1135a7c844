import { printable } from '../../floor/text/printable.ts';
import type { Cli, Output } from '../define.ts';
import type { ApiClient } from '../farm/api-client.ts';
import { pathWith } from '../farm/api-list.ts';
import { resumedMessages } from '../farm/resume-stream.ts';
import { jsonText } from './output-options.ts';
import { paint } from './paint.ts';

/** An event as the API sends it. */
export type SentEvent = {
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: { readonly project?: string };
};

export type EventFilter = {
  readonly from?: string;
  readonly project?: string;
  readonly entity?: string;
  /** Names of events; none leaves nothing out. */
  readonly names: readonly string[];
  readonly severities: readonly string[];
};

/** Those events of the log that are there now. */
export async function* storedEvents(api: ApiClient, filter: EventFilter): AsyncGenerator<SentEvent> {
  let rest = '';
  for await (const chunk of await api.stream(pathOf(filter))) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') yield JSON.parse(line) as SentEvent;
    }
  }
}

/** Those events and the ones to come. Throws AbortError when the signal says so. */
export async function* comingEvents(cli: Cli, api: ApiClient, filter: EventFilter): AsyncGenerator<SentEvent> {
  const onLost = (why: string) => cli.printError(`${why} Asking again…`);
  for await (const { data } of resumedMessages(api, pathOf(filter), { signal: cli.signal, onLost })) {
    yield JSON.parse(data) as SentEvent;
  }
}

function pathOf({ from, project, entity, names, severities }: EventFilter): string {
  const events = names.join(',') || undefined;
  return pathWith('/events', { from, project, entity, events, severity: severities.join(',') || undefined });
}

/** Prints one event: on a line of columns that stand below each other without knowing what comes next, or as JSON. */
export function printEvent(cli: Cli, event: SentEvent, output: Output): void {
  if (output !== 'table') {
    cli.print(jsonText(event));
    return;
  }
  const { seq, time, type, data, subject } = event;
  const when = time.slice(0, 23).replace('T', ' ');
  const where = printable([data.project, subject].filter(Boolean).join(' '));
  cli.print(`${String(seq).padStart(8)}  ${paint(cli, 'gray', when)}  ${printable(type).padEnd(20)}  ${where}`);
}
