import { printable } from '../../../floor/text/printable.ts';
import type { CommandUnit } from '../../define.ts';
import { pathWith } from '../../farm/api-list.ts';
import { plainTable } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';

type Entry = {
  readonly key: string;
  readonly kind: string;
  readonly owner: string;
  readonly project: string;
  readonly subproject: string;
  readonly command: string;
  readonly bytes: number;
  readonly hits: number;
  readonly made_at: string;
  readonly used_at: string;
};
type Cache = {
  readonly entries: number;
  readonly bytes: number;
  readonly most_bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly damaged: number;
};
type Filters = OutputOptions & { owner?: string; project?: string; key?: string; all?: boolean };

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

export const cacheCommand: CommandUnit = (cache, does) => {
  withOutput(cache.command('list', { isDefault: true }), ['table', 'json'])
    .description('what is kept, the least used first')
    .option('--owner <team>', 'only of this team')
    .option('--project <name>', 'only what a job of this project made')
    .action(
      does(async (cli, { owner, project, ...options }: Filters) => {
        const path = pathWith('/admin/cache', { owner, project });
        const answer = await (await cli.client()).get<{ cache: Cache; entries: Entry[] }>(path);
        if (outputOf(options) === 'json') {
          printJson(cli, answer);
          return 0;
        }
        const { entries, bytes, most_bytes, hits, misses, damaged } = answer.cache;
        cli.print(
          `${entries} kept, ${megabytes(bytes)} of ${megabytes(most_bytes)}; ${hits} hits, ${misses} misses${damaged > 0 ? `, ${damaged} damaged` : ''}`,
        );
        if (answer.entries.length > 0) cli.print(tableOf(answer.entries));
        return 0;
      }),
    );
  withOutput(cache.command('clear'), ['table', 'json'])
    .description('remove what is kept; the next job installs again')
    .option('--owner <team>', 'of this team')
    .option('--project <name>', 'what a job of this project made')
    .option('--key <key>', 'the one with this key, or what its key begins with')
    .option('--all', 'everything')
    .action(
      does(async (cli, { owner, project, key, all, ...options }: Filters) => {
        if (!all && owner === undefined && project === undefined && key === undefined) {
          cli.printError('Say what: --owner, --project, --key, or --all.');
          return 2;
        }
        const path = pathWith('/admin/cache', { owner, project, key });
        const answer = await (await cli.client()).delete<{ removed: number; bytes: number }>(path);
        if (outputOf(options) === 'json') printJson(cli, answer);
        else cli.print(`${answer.removed} removed, ${megabytes(answer.bytes)}`);
        return 0;
      }),
    );
  withExamples(cache, ['cache', 'cache clear --project shop', 'cache clear --key 48c425c37d22']);
};

function tableOf(entries: readonly Entry[]): string {
  const day = (time: string) => time.slice(0, 16).replace('T', ' ');
  return plainTable(
    ['key', 'kind', 'owner', 'project', 'size', 'hits', 'made', 'used', 'command'],
    entries.map(({ key, kind, owner, project, subproject, bytes, hits, made_at, used_at, command }) => [
      key.slice(0, 12),
      kind,
      owner,
      printable(subproject === '.' ? project : `${project} ${subproject}`),
      megabytes(bytes),
      `${hits}`,
      day(made_at),
      day(used_at),
      printable(command),
    ]),
    [12, 8, 16, 24, 10, 6, 16, 16, 60],
  );
}
