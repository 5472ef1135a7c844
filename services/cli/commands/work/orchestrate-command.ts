import { InvalidArgumentError } from 'commander';
import type { WorkDoc } from '../../../../projections/work/work-document.ts';
import { tokensIn } from '../../../work/rules/work-command.ts';
import type { CommandUnit } from '../../define.ts';
import { atOption, type PageOptions, pathWith, printList, withPaging } from '../../farm/api-list.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { type ShownWork, showWork, workColumns } from '../../print/work-table.ts';

type ListOptions = PageOptions & OutputOptions & { project?: string; live?: boolean; at?: string };
type StartOptions = { agent?: string; explain?: boolean; prompt?: string; budget?: number };

/** Long: a noun with its verbs, each a few lines of arguments. */
export const orchestrateCommand: CommandUnit = (orchestrate, does) => {
  withPaging(orchestrate.command('status', { isDefault: true }))
    .description('issues on which agents work: agent, state, pull request, budget; the last asked for first')
    .option('--project <name>', 'only of this project')
    .option('--live', 'only what is not over')
    .option(...atOption)
    .action(
      does((cli, { project, live, at, ...options }: ListOptions) => {
        const path = pathWith('/work', { project, at, ...(live ? { live: 'true' } : {}) });
        const listing = { path, key: 'works', columns: workColumns, none: 'No work on issues.' };
        return printList<ShownWork>(cli, listing, options);
      }),
    );
  withOutput(orchestrate.command('show'), ['table', 'json'])
    .description('one of them, with what its agent says or why it came to nothing')
    .argument('<work>', 'its id, such as shop-17')
    .option(...atOption)
    .action(
      does(async (cli, id: string, { at, ...options }: OutputOptions & { at?: string }) => {
        const path = pathWith(`/work/${encodeURIComponent(id)}`, { at });
        const { work } = await (await cli.client()).get<{ work: ShownWork }>(path);
        if (outputOf(options) === 'json') printJson(cli, { work });
        else showWork(cli, work);
        return 0;
      }),
    );
  orchestrate
    .command('start')
    .description('have an agent work on an issue, as its label would')
    .argument('<project>', 'the project in whose repository the issue is')
    .argument('<issue>', 'its number', wholeNumber)
    .option('--agent <name>', 'a manifest of orchestrate.agents; the first one unless told')
    .option('--explain', 'only explain the issue; nothing is changed')
    .option('--prompt <text>', 'what you want beside what the issue says')
    .option('--budget <tokens>', 'for each turn, such as 200k', tokens)
    .action(
      does(async (cli, project: string, issue: number, { agent, explain, prompt, budget }: StartOptions) => {
        const body = {
          issue,
          ...(agent === undefined ? {} : { agent }),
          ...(explain ? { verb: 'explain' } : {}),
          ...(prompt === undefined ? {} : { instructions: prompt }),
          ...(budget === undefined ? {} : { budget_tokens: budget }),
        };
        const path = `/projects/${encodeURIComponent(project)}/work`;
        const { work } = await (await cli.client()).post<{ work: WorkDoc }>(path, body);
        cli.print(`${work.agent} works on issue ${issue}: crafting-table orchestrate show ${work.id}`);
        return 0;
      }),
    );
  orchestrate
    .command('resume')
    .description('have its agent go on: with the open pull request, or in another round where the last one is over')
    .argument('<work>', 'its id, such as shop-17')
    .requiredOption('--prompt <text>', 'what it is to do')
    .action(
      does(async (cli, id: string, { prompt }: { prompt: string }) => {
        const path = `/work/${encodeURIComponent(id)}/resume`;
        const { work } = await (await cli.client()).post<{ work: WorkDoc }>(path, { instructions: prompt });
        cli.print(`${work.agent} goes on with issue ${work.issue}`);
        return 0;
      }),
    );
  orchestrate
    .command('stop')
    .description('end the round: its bottle is stopped, a pull request that is open stays for people')
    .argument('<work>', 'its id, such as shop-17')
    .option('--reason <text>', 'why, for those who read it later')
    .action(
      does(async (cli, id: string, { reason }: { reason?: string }) => {
        const body = reason === undefined ? {} : { reason };
        await (await cli.client()).post(`/work/${encodeURIComponent(id)}/stop`, body);
        cli.print(`work ${id} is stopped`);
        return 0;
      }),
    );
  withExamples(orchestrate, [
    'orchestrate status --live',
    'orchestrate start shop 17 --agent implementer --budget 200k',
    'orchestrate show shop-17',
    'orchestrate resume shop-17 --prompt "round half to even"',
    'orchestrate stop shop-17 --reason "mended by hand"',
  ]);
};

function wholeNumber(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new InvalidArgumentError('expected the number of an issue, such as 17');
}

function tokens(word: string): number {
  const read = tokensIn(word);
  if (read !== null) return read;
  throw new InvalidArgumentError('expected a number of tokens, such as 200000, 200k or 2m');
}
