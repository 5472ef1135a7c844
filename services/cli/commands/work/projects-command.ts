import type { Command } from 'commander';
import { AppError } from '../../../floor/app-error.ts';
import { printable } from '../../../floor/text/printable.ts';
import type { Cli, CommandUnit, Does } from '../../define.ts';
import { atOption, pathWith, printList, withPaging } from '../../farm/api-list.ts';
import { confirmed } from '../../input/confirm.ts';
import { jsonFrom } from '../../input/file-or-stdin.ts';
import type { Column } from '../../print/fit-table.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { printFields } from '../../print/print-fields.ts';

type Project = {
  readonly name: string;
  readonly git_url: string;
  readonly default_branch: string;
  readonly owner: string;
  readonly forge_access?: {
    forge: string;
    repository: string;
    granted: boolean;
    by: string | null;
    reason: string | null;
  } | null;
  readonly enabled?: boolean;
  readonly has_credential: boolean;
  readonly subprojects?: readonly ({ readonly path: string; readonly language: string } & Record<string, unknown>)[];
  readonly schedule?: Record<string, string>;
  readonly recipes_from?: {
    readonly file: string | null;
    readonly commit: string | null;
    readonly pins: readonly { readonly source: string; readonly sha: string }[];
    readonly unread: { readonly detail: string } | null;
    readonly refused: {
      readonly sha: string | null;
      readonly source: string | null;
      readonly faults: readonly { readonly path: string; readonly message: string }[];
    } | null;
  } | null;
  readonly updated_at: string;
};
type Stored = {
  readonly project: Project;
  readonly warnings: readonly { path: string; message: string }[];
  readonly next_runs: Record<string, readonly string[]>;
};

const recipes = ['build', 'test', 'lint', 'audit'];
const columns: readonly Column<Project>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'branch', of: ({ default_branch }) => default_branch, shrinksTo: 8 },
  { head: 'subprojects', of: ({ subprojects = [] }) => subprojects.length },
  { head: 'owner', of: ({ owner }) => owner, shrinksTo: 8 },
  { head: 'repository', of: ({ git_url }) => git_url, shrinksTo: 16 },
];
const pathOf = (name: string) => `/projects/${encodeURIComponent(name)}`;

export const projectsCommand: CommandUnit = (projects, does) => {
  withPaging(projects.command('list', { isDefault: true }))
    .description('your projects; all of them for an admin')
    .option(...atOption)
    .action(
      does((cli, { at, ...options }: OutputOptions & { at?: string }) =>
        printList(
          cli,
          { path: pathWith('/projects', { at }), key: 'projects', columns, none: 'There is no project yet.' },
          options,
        ),
      ),
    );
  withOutput(projects.command('show'), ['table', 'json'])
    .description('one project; -o json is a document that `add` takes')
    .argument('<project>', 'its name')
    .option(...atOption)
    .action(
      does(async (cli, name: string, { at, ...options }: OutputOptions & { at?: string }) => {
        const path = pathWith(pathOf(name), { at });
        const { project } = await (await cli.client()).get<{ project: Project }>(path);
        if (outputOf(options) === 'json') printJson(cli, project);
        else showProject(cli, project);
        return 0;
      }),
    );
  registerChanges(projects, does);
  withExamples(projects, [
    'projects',
    'projects show shop',
    'projects add shop.json',
    'projects add --detect https://git.example.org/team/shop.git',
    'projects edit shop',
    'projects rename shop store',
    'projects rm shop --yes',
  ]);
};

function registerChanges(projects: Command, does: Does): void {
  withOutput(projects.command('add'), ['table', 'json'])
    .description('register a project; you become its owner')
    .argument('[file]', 'its document as JSON; - reads standard input')
    .option('--detect <repository>', 'a path or git URL: the document is what is found there')
    .option('--name <name>', 'with --detect: the name of the project (default: that of the repository)')
    .action(
      does(async (cli, file: string | undefined, options: OutputOptions & Detecting) => {
        const document = await documentOf(cli, file, options);
        const stored = await (await cli.client()).post<Stored>('/projects', document);
        return said(cli, stored, 'is registered', options);
      }),
    );
  withOutput(projects.command('edit'), ['table', 'json'])
    .description('change the document of a project in $VISUAL or $EDITOR')
    .argument('<project>', 'its name')
    .option('--file <file>', 'take this document instead of opening an editor; - reads standard input')
    .action(
      does(async (cli, name: string, { file, ...options }: OutputOptions & { file?: string }) => {
        const api = await cli.client();
        const { editProject } = await import('../../farm/edit-project.ts');
        const stored = file
          ? await api.put<Stored>(pathOf(name), await jsonFrom(file, cli))
          : ((await editProject(cli, api, name)) as Stored | null);
        if (stored) return said(cli, stored, 'is changed', options);
        cli.printError('Nothing was changed.');
        return 0;
      }),
    );
  projects
    .command('hand-over')
    .description('offer a project to another team, which takes it; as admin it goes there at once')
    .argument('<project>', 'its name')
    .argument('[team]', 'who is to have it; without, yours takes what is offered to it')
    .action(
      does(async (cli, name: string, team: string | undefined) => {
        const path = `${pathOf(name)}/hand-over`;
        const api = await cli.client();
        const state = await (team === undefined
          ? api.post<{ owner: string; offered_to: string | null }>(`${path}/accept`, null)
          : api.post<{ owner: string; offered_to: string | null }>(path, { to: team }));
        cli.print(
          state.offered_to === null
            ? `project ${name} is of ${state.owner}`
            : `project ${name} is offered to ${state.offered_to}`,
        );
        return 0;
      }),
    );
  projects
    .command('rename')
    .description('give a project another name; all that is of it stays its own, and the earlier name still leads to it')
    .argument('<project>', 'its name')
    .argument('<name>', 'what it is to be called')
    .action(
      does(async (cli, name: string, to: string) => {
        const api = await cli.client();
        const now = await api.post<{ name: string }>(`${pathOf(name)}/rename`, { to });
        cli.print(`project ${name} is called ${now.name}; ${name} still leads to it`);
        return 0;
      }),
    );
  projects
    .command('rm')
    .description('remove a project with its jobs and findings')
    .argument('<project>', 'its name')
    .option('-y, --yes', 'do not ask')
    .action(
      does(async (cli, name: string, { yes }: { yes?: boolean }) => {
        const api = await cli.client();
        const { project } = await api.get<{ project: Project }>(pathOf(name));
        if (!(await confirmed(cli, `Remove ${project.name} with its jobs and findings?`, { yes }))) return 130;
        await api.delete(pathOf(name));
        cli.print(`project ${name} is removed`);
        return 0;
      }),
    );
}

type Detecting = { readonly detect?: string; readonly name?: string };

/** What a file says, or what is found in a repository; the address goes with its credential, which the farm keeps sealed. */
async function documentOf(
  cli: Cli,
  file: string | undefined,
  { detect, name = undefined }: Detecting,
): Promise<unknown> {
  if ((file === undefined) === (detect === undefined))
    throw new AppError('invalid', 'Name either a file with the document or --detect with a repository.');
  if (detect === undefined) return jsonFrom(file ?? '-', cli);
  const [{ findProject }, { tell }] = await Promise.all([
    import('../../init/find-project.ts'),
    import('../../init/init-project.ts'),
  ]);
  const found = await findProject({ repository: detect, branch: null, name: name ?? null }, cli);
  tell(found, cli.printError);
  return { ...found.document, git_url: found.address };
}

function said(cli: Cli, stored: Stored, what: string, options: OutputOptions): number {
  if (outputOf(options) === 'json') {
    printJson(cli, stored);
    return 0;
  }
  const { project, warnings, next_runs } = stored;
  cli.print(`project ${project.name} ${what}`);
  for (const [recipe, times] of Object.entries(next_runs))
    if (times[0]) cli.print(`  ${recipe} runs next at ${times[0]}`);
  for (const { path, message } of warnings) cli.printError(`warning: ${printable(`${path}: ${message}`)}`);
  return 0;
}

function forgeWords(access: Project['forge_access']): string | null {
  if (!access) return null;
  const why = access.granted ? `the farm's token may be used (${access.by})` : `nothing is sent: ${access.reason}`;
  return `${access.forge} ${access.repository}: ${why}`;
}

function originWords(from: Project['recipes_from']): string | null {
  if (!from) return null;
  const where = from.refused?.sha ? `that of ${from.refused.sha.slice(0, 12)}` : 'what stands there';
  const refused = from.refused ? `; ${where} cannot be taken` : '';
  if (from.file === null) {
    const pins = from.pins.map(({ source, sha }) => `${source} at ${sha.slice(0, 12)}`);
    return `of recipe sets: ${pins.length === 0 ? 'not read yet' : pins.join(', ')}${refused}`;
  }
  const read = from.commit === null ? 'not read yet' : `read at ${from.commit.slice(0, 12)}`;
  return `of the repository, ${from.file}, ${read}${refused}`;
}

/** The command, and the file of the repository in which it was found. */
function recipeWords(subproject: Readonly<Record<string, unknown>>, recipe: string): string | undefined {
  const command = subproject[recipe];
  if (typeof command !== 'string') return undefined;
  const found = (subproject['found_in'] as Readonly<Record<string, string>> | undefined)?.[recipe];
  return found === undefined ? command : `${command}  (${found})`;
}

function showProject(cli: Cli, project: Project): void {
  printFields(cli, [
    ['name', project.name],
    ['repository', project.git_url],
    ['credential', project.has_credential ? 'kept sealed' : null],
    ['forge', forgeWords(project.forge_access)],
    ['branch', project.default_branch],
    ['owner', project.owner],
    ['recipes', originWords(project.recipes_from)],
    ...(project.recipes_from?.refused?.faults ?? []).map(
      ({ path, message }) => ['not taken', `${path} ${message}`.trim()] as const,
    ),
    ['not read', project.recipes_from?.unread?.detail],
    ['enabled', project.enabled === false ? 'no' : null],
    ['changed', project.updated_at],
    ...Object.entries(project.schedule ?? {}).map(([recipe, when]) => [`schedule ${recipe}`, String(when)] as const),
  ]);
  for (const subproject of project.subprojects ?? []) {
    cli.print('');
    printFields(cli, [
      [printable(subproject.path), subproject.language],
      ['  install', subproject['install'] as string | undefined] as const,
      ...recipes.map((recipe) => [`  ${recipe}`, recipeWords(subproject, recipe)] as const),
    ]);
  }
}
