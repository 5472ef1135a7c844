import { AppError } from '../../../floor/app-error.ts';
import type { CommandUnit } from '../../define.ts';
import type { ApiClient } from '../../farm/api-client.ts';
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
type Remove = Which & { readonly tokens?: true; readonly usd?: true; readonly unit?: 'tokens' | 'usd' };

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
          tokens === undefined ? { usd: numberOf(usd ?? '', '--usd') } : { tokens: wholeOf(tokens, '--tokens') };
        const body = { level, ...(name === undefined ? {} : { of: name }), ...limit, ...which };
        const { budget: made } = await (await cli.client()).put<{ budget: ShownBudget | null }>('/budgets', body);
        const { unit, limit: most, per, of } = made ?? { unit: 'tokens' as const, limit: 0, per: '', of: '' };
        const whose = level === 'farm' ? 'the farm' : `the ${level} ${of}`;
        const noun = unit === 'usd' ? '' : most === 1 ? ' token' : ' tokens';
        cli.print(`${whose} may spend ${amount(most, unit)}${noun} per ${per}`);
        return 0;
      }),
    );
  const remove = budget.command('remove').description('take a budget away');
  remove
    .addArgument(remove.createArgument('<level>', 'as it is listed').choices(budgetLevelWords))
    .argument('[name]', 'as it is listed')
    .option('--tokens', 'the one in tokens (unless told, the one that there is)')
    .option('--usd', 'the one in US dollars')
    .addOption(remove.createOption('--unit <unit>', 'the same').choices(['tokens', 'usd']).hideHelp())
    .addOption(remove.createOption('--per <span>', 'as it is listed').choices(budgetSpanWords))
    .option('--project <project>', 'whose agent or attempt')
    .action(
      does(async (cli, level: string, name: string | undefined, { unit, tokens, usd, ...which }: Remove) => {
        if (tokens && usd) throw new AppError('invalid', 'One of --tokens and --usd is possible, and only one.');
        const api = await cli.client();
        const told = unit ?? (usd ? 'usd' : tokens ? 'tokens' : null);
        const chosen = told ?? (await onlyUnit(api, level, name, which));
        const body = { level, ...(name === undefined ? {} : { of: name }), [chosen]: null, ...which };
        await api.put('/budgets', body);
        cli.print(`the budget in ${chosen} is taken away`);
        return 0;
      }),
    );
  withExamples(budget, [
    'budget set farm --usd 50 --per day',
    'budget set project web --tokens 2m --per month --policy freeze',
    'budget set agent coder --project web --tokens 200k --per attempt',
    'budget remove project web --per month',
    'budget remove farm --usd',
  ]);
};

/** The unit of the budget that is meant where there is one in one of them alone; else tokens, which say what is not there. */
async function onlyUnit(
  api: ApiClient,
  level: string,
  name: string | undefined,
  { project, per = level === 'attempt' ? 'attempt' : 'day' }: Which,
): Promise<'tokens' | 'usd'> {
  const { budgets } = await api.get<{ budgets: ShownBudget[] }>('/budgets');
  const alone = level === 'farm' ? 'farm' : (name ?? project);
  const of = level === 'agent' && project !== undefined ? `${project}/${alone}` : alone;
  const found = budgets.filter((one) => one.level === level && one.of === of && one.per === per);
  if (found.length > 1)
    throw new AppError('invalid', 'There is one in tokens and one in US dollars: say --tokens or --usd.');
  return found[0]?.unit ?? 'tokens';
}

/** The same, of what cannot be parted. Throws AppError('invalid'). */
function wholeOf(text: string, option: string): number {
  // 1.1 million is no whole number of floating point.
  const number = Number(numberOf(text, option).toFixed(3));
  if (Number.isInteger(number)) return number;
  throw new AppError('invalid', `${option}: a whole number of tokens was expected, not ${JSON.stringify(text)}.`);
}

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
