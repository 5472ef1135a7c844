import { AppError } from '../../../floor/app-error.ts';
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

export type SavedFilter = {
  readonly name: string;
  readonly of: 'me' | 'team';
  readonly filter: Readonly<Record<string, string | number | readonly string[]>>;
  readonly by: string;
  readonly saved_at: string;
};

/** A filter as the query of `GET /findings`. */
export function queryOfFilter(filter: SavedFilter['filter']): URLSearchParams {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) for (const one of [value].flat()) words.append(name, String(one));
  return words;
}

const columns: readonly Column<SavedFilter>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'for', of: ({ of }) => of },
  { head: 'filter', of: ({ filter }) => decodeURIComponent(String(queryOfFilter(filter))) },
  { head: 'by', of: ({ by }) => by },
  { head: 'saved', of: ({ saved_at }) => saved_at.slice(0, 19).replace('T', ' ') },
];

const whole = new Set(['older_than', 'younger_than']);

/** The filter of a query such as `tool=eslint&state=open`; the API says what is wrong with it. */
function filterIn(query: string): Record<string, string | number | string[]> {
  const words = new URLSearchParams(query.replace(/^.*\?/, ''));
  const entries = [...new Set(words.keys())].map((name): [string, string | number | string[]] => {
    const values = words.getAll(name);
    const [first = ''] = values;
    if (whole.has(name) && /^\d+$/.test(first)) return [name, Number(first)];
    return [name, values.length === 1 ? first : values];
  });
  if (entries.length === 0) throw new AppError('invalid', 'Expected a query such as "tool=eslint&state=open".');
  return Object.fromEntries(entries);
}

const ofOption = ['--team', 'for the whole team, not for you alone'] as const;
type Whose = { team?: boolean };
const ofWhom = ({ team }: Whose) => (team ? 'team' : 'me');

export const filtersCommand: CommandUnit = (filters, does) => {
  withOutput(filters.command('list', { isDefault: true }))
    .description('your saved filters and those of your team')
    .action(
      does(async (cli, options: OutputOptions) => {
        const found = await (await cli.client()).get<{ filters: SavedFilter[] }>('/filters');
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { filters: found.filters });
        else if (output === 'ndjson') for (const one of found.filters) cli.print(jsonText(one));
        else if (found.filters.length === 0) cli.printError('No filter is saved.');
        else cli.print(fitTable(cli, columns, found.filters));
        return 0;
      }),
    );
  filters
    .command('save')
    .description('keep a filter of findings under a name')
    .argument('<name>', 'how it is called')
    .argument('<query>', 'parameters of GET /findings, or the address of the page of findings')
    .option(...ofOption)
    .action(
      does(async (cli, name: string, query: string, whose: Whose) => {
        const body = { of: ofWhom(whose), filter: filterIn(query) };
        await (await cli.client()).put(`/filters/${encodeURIComponent(name)}`, body);
        cli.print(`saved: crafting-table findings --saved ${JSON.stringify(name)}`);
        return 0;
      }),
    );
  filters
    .command('remove')
    .description('keep it no more')
    .argument('<name>', 'as it is listed')
    .option(...ofOption)
    .action(
      does(async (cli, name: string, whose: Whose) => {
        await (await cli.client()).delete(`/filters/${encodeURIComponent(name)}?of=${ofWhom(whose)}`);
        cli.print(`removed: ${name}`);
        return 0;
      }),
    );
  withExamples(filters, [
    'filters save "old ones" "state=open&older_than=30" --team',
    'findings --saved "old ones"',
    'filters remove "old ones" --team',
  ]);
};
