import type { CommandUnit } from '../../define.ts';
import { atOption, pathWith } from '../../farm/api-list.ts';
import { type Column, fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';

type Item = {
  readonly kind: string;
  readonly severity: string | null;
  readonly project: string | null;
  readonly title: string;
  readonly reason: string;
  readonly entity: string | null;
  readonly id: string | null;
};

const columns: readonly Column<Item>[] = [
  { head: 'kind', of: ({ kind }) => kind },
  { head: 'project', of: ({ project }) => project ?? '' },
  { head: 'what', of: ({ title }) => title, shrinksTo: 24 },
  { head: 'why', of: ({ reason }) => reason, shrinksTo: 24 },
  { head: 'look at', of: ({ entity, id }) => (entity === null || id === null ? '' : `${entity} ${id}`) },
];

export const inboxCommand: CommandUnit = (inbox, does) => {
  withOutput(inbox)
    .option(...atOption)
    .action(
      does(async (cli, { at, ...options }: OutputOptions & { at?: string }) => {
        const { items } = await (await cli.client()).get<{ items: Item[] }>(pathWith('/inbox', { at }));
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { items });
        else if (output === 'ndjson') for (const item of items) cli.print(jsonText(item));
        else if (items.length === 0) cli.printError('Nothing needs you.');
        else cli.print(fitTable(cli, columns, items));
        return 0;
      }),
    );
  withExamples(inbox, ['inbox', 'inbox -o json']);
};
