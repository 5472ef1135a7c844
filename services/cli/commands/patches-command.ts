import type { PatchDoc } from '../../../projections/patch-document.ts';
import type { CommandUnit } from '../define.ts';
import { atOption, type PageOptions, pathWith, printList, withPaging } from '../farm/api-list.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../print/output-options.ts';
import { colouredDiff, patchColumns, type ShownPatch, showPatch } from '../print/patch-table.ts';

type ListOptions = PageOptions & OutputOptions & { project?: string; status?: string; at?: string };
type ShowOptions = OutputOptions & { diff?: boolean; at?: string };

export const patchesCommand: CommandUnit = (patches, does) => {
  withPaging(patches.command('list', { isDefault: true }))
    .description('your attempts, newest first; all of them for an admin')
    .option('--project <name>', 'only of this project')
    .option('--status <status>', 'only those, such as pr_opened')
    .option(...atOption)
    .action(
      does((cli, { project, status, at, ...options }: ListOptions) => {
        const path = pathWith('/patches', { project, status, at });
        const listing = { path, key: 'patches', columns: patchColumns, none: 'There is no such attempt.' };
        return printList<PatchDoc>(cli, listing, options);
      }),
    );
  withOutput(patches.command('show'), ['table', 'json'])
    .description('one attempt, with its diff and, where it failed, why')
    .argument('<patch>', 'its id, such as 12-1')
    .option(...atOption)
    .option('--diff', 'only the diff, as git apply takes it')
    .action(
      does(async (cli, id: string, { diff, at, ...options }: ShowOptions) => {
        const path = pathWith(`/patches/${encodeURIComponent(id)}`, { at });
        const answer = await (await cli.client()).get<{ attempt: ShownPatch }>(path);
        if (outputOf(options) === 'json') printJson(cli, answer);
        else if (diff) cli.write(`${colouredDiff(cli, answer.attempt.diff ?? '').replace(/\n?$/, '\n')}`);
        else showPatch(cli, answer.attempt);
        return 0;
      }),
    );
  withExamples(patches, [
    'patches --project shop --status pr_opened',
    'patches show 12-1',
    'patches show 12-1 --diff | git apply',
  ]);
};
