import type { Tree } from '../define.ts';
import { type Data, listOf, objectOf, stringsOf, tableAt, yamlData } from './read-data.ts';
import { within } from './shell-commands.ts';

/** A script that the project's own automation runs. */
type CiScript = { readonly text: string; readonly folder: string; readonly where: string; readonly job: string };

/** An action or hook that it uses instead of a script, such as `golangci/golangci-lint-action`. */
type CiUse = { readonly name: string; readonly where: string };

type CiFiles = {
  readonly scripts: readonly CiScript[];
  readonly uses: readonly CiUse[];
  /** Values of matrices that are options of a command, such as `-tags sonic`. */
  readonly flags: readonly string[];
  readonly there: boolean;
};

const mostFiles = 60;
const mostCombinations = 12;
/** Workflows that publish, label or answer issues say nothing of what is checked. */
const elsewhere =
  /(release|publish|deploy|docs?|website|label|stale|lock|backport|issue|dependabot|bot|nightly-release)[\w-]*\.ya?ml$/;

/** Reads what GitHub, Gitea and Forgejo Actions, GitLab CI, Woodpecker, CircleCI, Azure Pipelines and Travis are told to run. */
export function readCiFiles(tree: Tree): CiFiles {
  const files = tree.files.filter(isCi).slice(0, mostFiles);
  const parts = files.filter((file) => !elsewhere.test(file)).map((file) => readOne(file, yamlData(tree.text(file))));
  return {
    scripts: parts.flatMap(({ scripts }) => scripts),
    uses: parts.flatMap(({ uses }) => uses),
    flags: [...new Set(parts.flatMap(({ flags = [] }) => flags))],
    there: files.length > 0,
  };
}

function isCi(file: string): boolean {
  return (
    /^\.(github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/.test(file) ||
    /^\.gitlab-ci\.ya?ml$/.test(file) ||
    /^\.woodpecker(\.ya?ml|\/[^/]+\.ya?ml)$/.test(file) ||
    /^\.circleci\/config\.ya?ml$/.test(file) ||
    /^azure-pipelines\.ya?ml$/.test(file) ||
    /^\.travis\.ya?ml$/.test(file)
  );
}

type Part = { scripts: CiScript[]; uses: CiUse[]; flags?: string[] };

function readOne(where: string, data: Data): Part {
  if (/\/workflows\//.test(where)) return readWorkflow(where, data);
  if (where.startsWith('.woodpecker')) return readWoodpecker(where, data);
  if (where.startsWith('azure')) return readAzure(where, data);
  const script = (job: string, ...values: unknown[]) => {
    const text = values.flatMap((value) => (typeof value === 'string' ? value : stringsOf(value))).join('\n');
    return text === '' ? [] : [{ text, folder: '.', where, job }];
  };
  if (where.startsWith('.travis'))
    return { scripts: script('travis', data['before_script'], data['script']), uses: [] };
  const jobs = where.startsWith('.circleci') ? tableAt(data, 'jobs') : data;
  const scripts = Object.entries(jobs).flatMap(([name, job]) => {
    const { before_script, script: main, steps } = objectOf(job);
    const runs = listOf(steps).map((step) => objectOf(step)['run']);
    return script(
      name,
      before_script,
      main,
      ...runs.map((run) => (typeof run === 'string' ? run : objectOf(run)['command'])),
    );
  });
  return { scripts, uses: [] };
}

function readWoodpecker(where: string, data: Data): Part {
  const steps = data['steps'] ?? data['pipeline'];
  const list = Array.isArray(steps) ? steps : Object.values(objectOf(steps));
  const scripts = list.flatMap((step, at) => {
    const { commands, directory } = objectOf(step);
    const text = stringsOf(commands).join('\n');
    const folder = within('.', typeof directory === 'string' ? directory : '.');
    return text === '' ? [] : [{ text, folder, where, job: String(at) }];
  });
  return { scripts, uses: [] };
}

/** Steps of its own, of jobs, and of jobs in stages; templates lie in other files, and are not followed. */
function readAzure(where: string, data: Data): Part {
  const jobs = [
    data,
    ...[data, ...listOf(data['stages']).map(objectOf)].flatMap((one) => listOf(one['jobs']).map(objectOf)),
  ];
  const scripts = jobs.flatMap((job, at) =>
    listOf(job['steps']).flatMap((step) => {
      const { script, bash, workingDirectory } = objectOf(step);
      const text = typeof bash === 'string' ? bash : script;
      const folder = typeof workingDirectory === 'string' && !workingDirectory.includes('$') ? workingDirectory : '.';
      const name = typeof job['job'] === 'string' ? job['job'] : String(at);
      return typeof text === 'string' ? [{ text, folder: within('.', folder), where, job: name }] : [];
    }),
  );
  return { scripts, uses: [] };
}

function readWorkflow(where: string, data: Data): Part {
  const scripts: CiScript[] = [];
  const uses: CiUse[] = [];
  const flags: string[] = [];
  const folderOf = (table: Data) => tableAt(table, 'defaults', 'run')['working-directory'];
  for (const [job, value] of Object.entries(tableAt(data, 'jobs'))) {
    const body = objectOf(value);
    for (const values of matrixOf(body)) {
      flags.push(...Object.values(values).filter((one) => one.startsWith('-')));
      const known = { ...envOf(data), ...envOf(body), ...values };
      const fill = (text: string) => filled(text, known);
      for (const step of listOf(body['steps'])) {
        const { run, uses: used, 'working-directory': own, if: when, with: given } = objectOf(step);
        if (typeof when === 'string' && onlyElsewhere.test(when)) continue;
        const folder = own ?? folderOf(body) ?? folderOf(data);
        const name = typeof used === 'string' ? used.replace(/@.*$/, '') : '';
        if (name !== '') uses.push({ name, where });
        const place = within('.', typeof folder === 'string' ? fill(folder) || '.' : '.');
        const text = typeof run === 'string' ? run : startedBy(name, objectOf(given));
        if (text !== '') scripts.push({ text: fill(text), folder: place, where, job });
      }
    }
  }
  return { scripts: distinct(scripts), uses, flags };
}

/** A step for another system alone says nothing of a run here. */
const onlyElsewhere = /^[^|]*\b(matrix\.os|runner\.os|matrix\.platform)\s*==\s*'(windows|macos|mac)[^']*'[^|]*$/i;

/** Actions that start a program, by how their inputs make its command. */
const starters: readonly (readonly [action: RegExp, command: (input: (name: string) => string) => string])[] = [
  [/\/(cargo|actions-rust-cross)$/, (input) => `cargo ${input('command')} ${input('args')}`],
  [/\/clippy(-check|-action)?$/, (input) => `cargo clippy ${input('args') || input('clippy_flags')}`],
  [
    /^gradle\/(gradle-build-action|actions\/setup-gradle)$/,
    (input) => (input('arguments') ? `./gradlew ${input('arguments')}` : ''),
  ],
  [/\/actions-yarn$/, (input) => `yarn ${input('cmd')}`],
  [/\/(retry|xvfb-action|setup-xvfb)$/, (input) => input('command') || input('run')],
];

/** The command that an action starts; empty for one that starts none, or of which nothing is known. */
function startedBy(action: string, given: Data): string {
  const input = (name: string) =>
    typeof given[name] === 'string' ? given[name].replace(/\s*\n\s*/g, '\n').trim() : '';
  return (
    starters
      .find(([name]) => name.test(action))?.[1](input)
      .trim() ?? ''
  );
}

function envOf(table: Data): Record<string, string> {
  const entries = Object.entries(objectOf(table['env'])).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries.map(([name, value]) => [`env.${name}`, String(value)]));
}

/** The values of `${{ matrix.x }}`, one set for each value of one key at a time: no product of all of them. */
function matrixOf(job: Data): Record<string, string>[] {
  const matrix = tableAt(job, 'strategy', 'matrix');
  const axes = Object.entries(matrix).filter(
    ([key, value]) => key !== 'include' && key !== 'exclude' && Array.isArray(value),
  );
  const first = Object.fromEntries(axes.flatMap(([key, value]) => cell(key, listOf(value)[0])));
  const others = axes.flatMap(([key, value]) =>
    listOf(value)
      .slice(1)
      .map((one) => ({ ...first, ...Object.fromEntries(cell(key, one)) })),
  );
  const included = listOf(matrix['include']).map((one) => ({
    ...first,
    ...Object.fromEntries(Object.entries(objectOf(one)).flatMap(([key, value]) => cell(key, value))),
  }));
  return [first, ...included, ...others].slice(0, mostCombinations);
}

function cell(key: string, value: unknown): [string, string][] {
  if (typeof value === 'string' || typeof value === 'number') return [[`matrix.${key}`, String(value)]];
  return Object.entries(objectOf(value)).flatMap(([inner, one]) => cell(`${key}.${inner}`, one));
}

/** `${{ matrix.x }}` and `${{ env.X }}` by what is known; any other expression is nothing. */
function filled(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{([^}]{0,200})\}\}/g, (_, name: string) => known[name.trim()] ?? '');
}

function distinct(scripts: readonly CiScript[]): CiScript[] {
  return [...new Map(scripts.map((one) => [JSON.stringify([one.text, one.folder, one.job]), one])).values()];
}
