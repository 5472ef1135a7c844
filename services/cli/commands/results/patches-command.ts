import type { PatchDoc } from '../../../../projections/patches/patch-document.ts';
import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit } from '../../define.ts';
import { atOption, type PageOptions, pathWith, printList, withPaging } from '../../farm/api-list.ts';
import { confirmed } from '../../input/confirm.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { colouredDiff, patchColumns, type ShownPatch, showPatch } from '../../print/patch-table.ts';

type ListOptions = PageOptions & OutputOptions & { project?: string; status?: string; at?: string };
type AnswerOptions = { digest?: string; reason?: string };
type ShowOptions = OutputOptions & { diff?: boolean; at?: string };

/** Long: a noun with its verbs, each a few lines of arguments. */
export const patchesCommand: CommandUnit = (patches, does) => {
  withPaging(patches.command('list', { isDefault: true }))
    .description('your attempts, newest first; all of them for an admin')
    .option('--project <name>', 'only of this project')
    .option('--status <status>', 'only those, such as pr_opened')
    .option(...atOption)
    .action(
      does((cli, { project, status, at, ...options }: ListOptions) => {
        const path = pathWith('/patches', { project, status, at });
        const listing = { path, key: 'patches', columns: patchColumns, none: 'No attempts.' };
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
  patches
    .command('stop')
    .description('end an attempt: nothing of it is pushed')
    .argument('<patch>', 'its id, such as 12-1')
    .option('--reason <text>', 'why, for those who read it later')
    .action(
      does(async (cli, id: string, { reason }: { reason?: string }) => {
        const body = reason === undefined ? {} : { reason };
        await (await cli.client()).post(`/patches/${encodeURIComponent(id)}/stop`, body);
        cli.print(`attempt ${id} is stopped`);
        return 0;
      }),
    );
  patches
    .command('approve')
    .description('let exactly the diff that is shown be pushed, where the project asks for that (patch.approval)')
    .argument('<patch>', 'its id, such as 12-1')
    .option('--digest <sha256>', 'of the diff that you have looked at, to be asked nothing')
    .option('--reason <text>', 'for those who read it later')
    .action(does((cli, id: string, options: AnswerOptions) => answer(cli, 'approve', id, options)));
  patches
    .command('decline')
    .description('refuse a diff before it is pushed: the attempt ends, and this diff is not proposed again')
    .argument('<patch>', 'its id, such as 12-1')
    .option('--digest <sha256>', 'of the diff that you have looked at, to be asked nothing')
    .option('--reason <text>', 'why, for those who read it later')
    .action(does((cli, id: string, options: AnswerOptions) => answer(cli, 'decline', id, options)));
  for (const [verb, does_, said] of [
    ['pause', 'let no attempt of the whole farm take another step (admin)', 'the patch loop is paused'],
    ['resume', 'let all attempts go on where they were (admin)', 'the patch loop goes on'],
  ] as const)
    patches
      .command(verb)
      .description(does_)
      .option('--reason <text>', 'why, for those who read it later')
      .action(
        does(async (cli, { reason }: { reason?: string }) => {
          const body = reason === undefined ? {} : { reason };
          const { open } = await (await cli.client()).post<{ open: number }>(`/admin/patching/${verb}`, body);
          cli.print(`${said}; ${open} attempts are open`);
          return 0;
        }),
      );
  withExamples(patches, [
    'patches --project shop --status pr_opened',
    'patches show 12-1',
    'patches show 12-1 --diff | git apply',
    'patches --status awaiting_approval',
    'patches approve 12-1',
    'patches decline 12-1 --reason "keep the old name"',
    'patches stop 12-1 --reason "mended by hand"',
  ]);
};

/** Says yes or no to the diff that is shown here, or to the one whose digest was given: never to one that nobody saw. */
async function answer(cli: Cli, verb: 'approve' | 'decline', id: string, { digest, reason }: AnswerOptions) {
  const client = await cli.client();
  const path = `/patches/${encodeURIComponent(id)}`;
  const { attempt } = await client.get<{ attempt: ShownPatch }>(path);
  if (attempt.status !== 'awaiting_approval' || attempt.approval === null)
    throw new AppError('conflict', `Attempt ${id} waits for nobody: it is ${attempt.status}.`);
  if (digest === undefined) {
    if (!cli.input.isTTY)
      throw new AppError(
        'invalid',
        `Nobody is there to look at the diff: say --digest ${attempt.approval.digest} once you have.`,
      );
    showPatch(cli, attempt);
    const question = verb === 'approve' ? 'Push this diff, and open its pull request?' : 'Refuse this diff?';
    if (!(await confirmed(cli, question, {}))) return 1;
  }
  const about = { digest: digest ?? attempt.approval.digest, ...(reason === undefined ? {} : { reason }) };
  await client.post(`${path}/${verb}`, about);
  cli.print(verb === 'approve' ? `attempt ${id} is approved: it is pushed now` : `attempt ${id} is declined`);
  return 0;
}
