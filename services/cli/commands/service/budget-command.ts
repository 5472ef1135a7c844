import { AppError } from '../../../floor/app-error.ts';
import type { CommandUnit } from '../../define.ts';
import { budgetLevelWords, budgetSpanWords, cutoffPolicyWords } from '../../input/choices.ts';
import { fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';
import { amount, budgetColumns, type ShownBudget } from '../../print/spending-columns.ts';

type Which = { readonly project?: string; readonly per?: string };
type Set = Which & { readonly tokens?: string; readonly usd?: string; readonly policy?: string };
type Remove = Which & { readonly unit: 'tokens' | 'usd' };

/** Long: a noun with its verbs, each a few lines of arguments. */
export const budgetCommand: CommandUnit = (budget, does) => {
  withOutput(budget.command('list', { isDefault: true }))
    .description('what agents may spend, and what is used of it')
    .option('--project <project>', 'of one project')
    .action(
      does(async (cli, { project, ...options }: OutputOptions & { project?: string }) => {
        const query = project === undefined ? '' : `?${new URLSearchParams({ project })}`;
        const { budgets } = await (await cli.client()).get<{ budgets: ShownBudget[] }>(`/budgets${query}`);
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { budgets });
        else if (output === 'ndjson') for (const one of budgets) cli.print(jsonText(one));
        else if (budgets.length === 0)
          cli.printError(
            'No budget is set: agents may spend what their providers let them. crafting-table budget set --help',
          );
        else cli.print(fitTable(cli, budgetColumns, budgets));
        return 0;
      }),
    );
  const set = budget.command('set').description('set a budget, whatever it was');
  set
    .addArgument(set.createArgument('<level>', 'what it is for').choices(budgetLevelWords))
    .argument('[name]', 'the name of the team (owner), project, agent or attempt; none for the farm')
    .option('--tokens <number>', 'at most so many tokens, such as 200k or 1.5m')
    .option('--usd <dollars>', 'at most so many US dollars')
    .addOption(set.createOption('--per <span>', 'in which span (day; attempt for an attempt)').choices(budgetSpanWords))
    .addOption(
      set
        .createOption('--policy <policy>', "what happens then (as the agent's manifest says)")
        .choices(cutoffPolicyWords),
    )
    .option('--project <project>', 'an agent of this project alone, or whose attempt it is')
    .action(
      does(async (cli, level: string, name: string | undefined, { tokens, usd, ...which }: Set) => {
        if ((tokens === undefined) === (usd === undefined))
          throw new AppError('invalid', 'One of --tokens and --usd is needed, and only one.');
        const limit =
          tokens === undefined
            ? { usd: numberOf(usd ?? '', '--usd') }
            : { tokens: Math.floor(numberOf(tokens, '--tokens')) };
        const body = { level, ...(name === undefined ? {} : { of: name }), ...limit, ...which };
        const { budget: made } = await (await cli.client()).put<{ budget: ShownBudget | null }>('/budgets', body);
        const { unit, limit: most, per, of } = made ?? { unit: 'tokens' as const, limit: 0, per: '', of: '' };
        const whose = level === 'farm' ? 'the farm' : `the ${level} ${of}`;
        cli.print(`${whose} may spend ${amount(most, unit)}${unit === 'tokens' ? ' tokens' : ''} per ${per}`);
        return 0;
      }),
    );
  const remove = budget.command('remove').description('take a budget away');
  remove
    .addArgument(remove.createArgument('<level>', 'as it is listed').choices(budgetLevelWords))
    .argument('[name]', 'as it is listed')
    .addOption(remove.createOption('--unit <unit>', 'which of both').choices(['tokens', 'usd']).default('tokens'))
    .addOption(remove.createOption('--per <span>', 'as it is listed').choices(budgetSpanWords))
    .option('--project <project>', 'whose agent or attempt')
    .action(
      does(async (cli, level: string, name: string | undefined, { unit, ...which }: Remove) => {
        const body = { level, ...(name === undefined ? {} : { of: name }), [unit]: null, ...which };
        await (await cli.client()).put('/budgets', body);
        cli.print('the budget is taken away');
        return 0;
      }),
    );
  withExamples(budget, [
    'budget set farm --usd 50 --per day',
    'budget set project web --tokens 2m --per month --policy freeze',
    'budget set agent coder --project web --tokens 200k --per attempt',
    'budget remove project web --per month',
  ]);
};

/** `200k`, `1.5m`, `12`. Throws AppError('invalid'). */
function numberOf(text: string, option: string): number {
  const [, digits, unit = ''] = /^\$?(\d{1,12}(?:\.\d{1,6})?)([kmb]?)$/i.exec(text.replaceAll(/[,_]/g, '')) ?? [];
  if (digits === undefined)
    throw new AppError(
      'invalid',
      `${option}: a number such as 200k or 1.5m was expected, not ${JSON.stringify(text)}.`,
    );
  return Number(digits) * ({ k: 1e3, m: 1e6, b: 1e9 }[unit.toLowerCase()] ?? 1);
}
