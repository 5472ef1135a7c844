import { AppError } from '../../../floor/app-error.ts';
import type { Cli, CommandUnit, Does } from '../../define.ts';
import { confirmed } from '../../input/confirm.ts';
import { fitTable } from '../../print/fit-table.ts';
import {
  jsonText,
  type OutputOptions,
  outputOf,
  printJson,
  withExamples,
  withOutput,
} from '../../print/output-options.ts';
import {
  printRehearsal,
  printSource,
  type Rehearsal,
  type ShownSource,
  short,
  sourceColumns,
} from '../../print/recipe-source-words.ts';

type Where = {
  readonly ref?: string;
  readonly folder?: string;
  readonly poll?: string;
  readonly tokenStdin?: boolean;
};
type Decided = OutputOptions & { readonly reason?: string; readonly yes?: boolean };

export const recipesCommand: CommandUnit = (recipes, does) => {
  withOutput(recipes.command('list', { isDefault: true }))
    .description('repositories whose recipes projects may take, and how far their projects are')
    .action(
      does(async (cli, options: OutputOptions) => {
        const { sources } = await (await cli.client()).get<{ sources: ShownSource[] }>('/recipe-sources');
        const output = outputOf(options);
        if (output === 'json') printJson(cli, { sources });
        else if (output === 'ndjson') for (const one of sources) cli.print(jsonText(one));
        else if (sources.length === 0)
          cli.printError('There is no recipe source yet. crafting-table recipes add --help');
        else cli.print(fitTable(cli, sourceColumns, sources));
        return 0;
      }),
    );
  withOutput(recipes.command('show'), ['table', 'json'])
    .description('one of them: its versions, who has which, what was decided, and what waits')
    .argument('<source>', 'as it is listed: <owner>/<name>')
    .action(
      does(async (cli, id: string, options: OutputOptions) => {
        const { source } = await (await cli.client()).get<{ source: ShownSource }>(pathOf(id));
        return said(cli, source, options);
      }),
    );
  sourceChanges(recipes, does);
  withOutput(recipes.command('diff'), ['table', 'json'])
    .description('what a version would change for whom, by what is stored; nothing is run or changed')
    .argument('<source>', 'as it is listed')
    .argument('[version]', 'a commit, or its first digits (default: the newest version)')
    .action(
      does(async (cli, id: string, version: string | undefined, options: OutputOptions) => {
        const query = version === undefined ? '' : `?${new URLSearchParams({ sha: version })}`;
        const answer = await (await cli.client()).get<{ sha: string; projects: Rehearsal[] }>(
          `${pathOf(id)}/diff${query}`,
        );
        if (outputOf(options) === 'json') printJson(cli, { sha: answer.sha, projects: answer.projects });
        else if (answer.projects.length === 0) cli.printError(`No project of yours takes recipes from ${id}.`);
        else printRehearsal(cli, answer.sha, answer.projects);
        return 0;
      }),
    );
  decisions(recipes, does);
  withExamples(recipes, [
    'recipes add standards https://git.example.org/platform/recipes.git --ref v3',
    'recipes add standards https://git.example.org/platform/recipes.git --farm --token-stdin < token',
    'recipes diff payments/standards',
    'recipes hold payments/standards --reason "release week"',
    'recipes rollout payments/standards 9f1c2d3 --yes',
    'recipes rollback payments/standards --reason "ruff 0.14 crashes" --yes',
  ]);
};

function sourceChanges(recipes: Parameters<CommandUnit>[0], does: Does): void {
  const placed = (name: string) =>
    withOutput(recipes.command(name), ['table', 'json'])
      .option('--ref <ref>', 'a branch, a tag, or a whole commit (main)')
      .option('--folder <folder>', 'in which its *.json stand (recipes)')
      .option('--poll <minutes>', 'after which the ref is looked at again (5)')
      .option('--token-stdin', 'read an access token, or user:password, from standard input');
  placed('add')
    .description('let projects take recipes from a repository')
    .argument('<name>', 'under which projects name it, after your team and a slash')
    .argument('<repository>', 'its git URL')
    .option('--farm', 'for the projects of every team (admin)')
    .action(
      does(async (cli, name: string, url: string, { farm, ...where }: Where & OutputOptions & { farm?: boolean }) => {
        const body = { name, git_url: await withToken(cli, url, where), ...chosen(where), ...(farm ? { farm } : {}) };
        const { source } = await (await cli.client()).post<{ source: ShownSource }>('/recipe-sources', body);
        return said(cli, source, where);
      }),
    );
  placed('set')
    .description('give a source another ref, folder or repository; what is not said stays')
    .argument('<source>', 'as it is listed')
    .option('--repository <url>', 'its new git URL')
    .action(
      does(async (cli, id: string, { repository, ...where }: Where & OutputOptions & { repository?: string }) => {
        const api = await cli.client();
        const { source: before } = await api.get<{ source: ShownSource & { poll: number } }>(pathOf(id));
        const git_url = await withToken(cli, repository ?? before.git_url, where);
        const { ref, folder, poll } = before;
        const body = { git_url, ref, folder, poll, ...chosen(where) };
        return said(cli, (await api.put<{ source: ShownSource }>(pathOf(id), body)).source, where);
      }),
    );
  recipes
    .command('remove')
    .description('forget a source that no project names')
    .argument('<source>', 'as it is listed')
    .option('--yes', 'do not ask')
    .action(
      does(async (cli, id: string, options: { yes?: boolean }) => {
        if (!(await confirmed(cli, `Remove the recipe source ${id}?`, options))) return 1;
        await (await cli.client()).delete(pathOf(id));
        cli.print(`${id} is removed`);
        return 0;
      }),
    );
}

/** What a person decides, and whether it reaches every project at once. */
const steps = [
  ['rollout', 'give a version to every project now, whatever canaries said', true],
  ['hold', 'let nothing new go out by itself, or not this version', false],
  ['release', 'take a hold away: of this version, or the freeze, or the only one', false],
  ['rollback', 'give every project an earlier version again, and hold the one they had', true],
] as const;

function decisions(recipes: Parameters<CommandUnit>[0], does: Does): void {
  for (const [step, words, isWide] of steps) {
    const command = withOutput(recipes.command(step), ['table', 'json'])
      .description(words)
      .argument('<source>', 'as it is listed')
      .argument('[version]', 'a commit, or its first digits')
      .option('--reason <text>', 'why; it is kept with the decision');
    if (isWide) command.option('--yes', 'do not ask');
    command.action(
      does(async (cli, id: string, sha: string | undefined, { reason, yes, ...options }: Decided) => {
        const api = await cli.client();
        if (isWide && !(await confirmed(cli, `${step} of ${id}: every project that takes recipes from it?`, { yes })))
          return 1;
        const body = { ...(sha === undefined ? {} : { sha }), ...(reason === undefined ? {} : { reason }) };
        const { source } = await api.post<{ source: ShownSource }>(`${pathOf(id)}/${step}`, body);
        cli.printError(`${step}: canaries ${short(source.canary)}, production ${short(source.production)}`);
        return said(cli, source, options);
      }),
    );
  }
}

function said(cli: Cli, source: ShownSource, options: OutputOptions): number {
  if (outputOf(options) === 'json') printJson(cli, source);
  else printSource(cli, source);
  return 0;
}

function chosen({ ref, folder, poll }: Where) {
  return {
    ...(ref === undefined ? {} : { ref }),
    ...(folder === undefined ? {} : { folder }),
    ...(poll === undefined ? {} : { poll: minutesOf(poll) }),
  };
}

function minutesOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new AppError('invalid', `--poll: a number of minutes was expected, not ${JSON.stringify(text)}.`);
}

/** A credential is never an argument: every process of the machine could read it. */
async function withToken(cli: Cli, repository: string, { tokenStdin = false }: Where): Promise<string> {
  if (!tokenStdin) return repository;
  const [user = '', ...rest] = (await cli.input.all()).trim().split(':');
  const url = URL.parse(repository);
  if (user === '' || !url || !/^https?:$/.test(url.protocol))
    throw new AppError('invalid', '--token-stdin: a token on standard input and an http(s) URL were expected.');
  url.username = encodeURIComponent(rest.length > 0 ? user : 'x-access-token');
  url.password = encodeURIComponent(rest.length > 0 ? rest.join(':') : user);
  return url.href;
}

function pathOf(id: string): string {
  const [owner = '', name = '', ...more] = id.split('/');
  if (owner === '' || name === '' || more.length > 0)
    throw new AppError(
      'invalid',
      `${JSON.stringify(id)} is no recipe source: expected <owner>/<name>, as they are listed.`,
    );
  return `/recipe-sources/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}
