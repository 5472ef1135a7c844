import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../define.ts';
import { type Column, fitTable } from '../print/fit-table.ts';
import { jsonText, type OutputOptions, outputOf, printJson, withOutput } from '../print/output-options.ts';
import type { ApiClient } from './api-client.ts';

export type PageOptions = { readonly limit?: number; readonly all?: boolean };

/** A list of the API: `key` is the name under which its elements stand in the answer. */
type Listing<T> = {
  readonly path: string;
  readonly key: string;
  readonly columns: readonly Column<T>[];
  /** How rows are shown to people; as a table of the columns unless told. */
  readonly show?: (cli: Cli, rows: readonly T[]) => string;
  /** What is said instead of an empty table. */
  readonly none: string;
  /** Its route answers all of it at once and knows no pages. */
  readonly isWhole?: boolean;
};

/** For what can be asked as it was. */
export const atOption = ['--at <when>', 'as it was at this sequence of the log or ISO 8601 time'] as const;

const usualLimit = 50;
const longestPage = 500;

/** Gives a command that lists its options: how much, and how to print it. */
export function withPaging(command: Command): Command {
  return withOutput(command)
    .option('-n, --limit <count>', `at most so many (${usualLimit} unless told otherwise)`, wholeNumber)
    .option('--all', 'all of them, page after page');
}

/** Prints a list of the API. NDJSON is printed while it arrives, so it may be of any length. */
export async function printList<T>(
  cli: Cli,
  { path, key, columns, none, isWhole, show = (to, rows) => fitTable(to, columns, rows) }: Listing<T>,
  options: PageOptions & OutputOptions,
): Promise<number> {
  const output = outputOf(options);
  const rows: T[] = [];
  let next: string | null = null;
  const api = await cli.client();
  for await (const page of isWhole ? wholeOf<T>(api, path, key) : pagesOf<T>(api, path, key, options)) {
    next = page.next;
    if (output === 'ndjson') for (const row of page.rows) cli.print(jsonText(row));
    else rows.push(...page.rows);
  }
  if (output === 'json') printJson(cli, { [key]: rows, next_cursor: next });
  if (output === 'table') {
    if (rows.length === 0) cli.printError(none);
    else cli.print(show(cli, rows));
    if (next !== null) cli.printError(`There are more than these ${rows.length}: --limit COUNT or --all shows them.`);
  }
  return 0;
}

/** Page after page, up to the limit; `next` of the last one is the cursor of what was not asked for. */
async function* pagesOf<T>(api: ApiClient, path: string, key: string, { limit, all }: PageOptions) {
  let wanted = all ? Number.POSITIVE_INFINITY : (limit ?? usualLimit);
  for (let cursor: string | null = ''; cursor !== null && wanted > 0; ) {
    const size = Math.min(longestPage, wanted);
    const page: Record<string, unknown> = await api.get(pathWith(path, { limit: size, cursor: cursor || undefined }));
    const rows = page[key] as T[];
    cursor = (page['next_cursor'] ?? null) as string | null;
    wanted -= rows.length;
    yield { rows, next: cursor };
  }
}

async function* wholeOf<T>(api: ApiClient, path: string, key: string) {
  const answer: Record<string, unknown> = await api.get(path);
  yield { rows: answer[key] as T[], next: null };
}

/** A path with those parameters that have a value. */
export function pathWith(path: string, values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  if (given.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
}

/** A whole number from 1 on, as an option holds it. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
