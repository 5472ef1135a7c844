import type { Run, Way } from '../define.ts';
import { type Data, listOf, objectOf, stringsOf, tableAt, tomlData } from '../evidence/read-data.ts';
import { shellWord } from '../shell-word.ts';

/** What a Python project declares, and how its environment is made. */
export type PythonProject = {
  readonly data: Data;
  /** Lower-case names of all that it depends on, in any group. */
  readonly dependencies: ReadonlySet<string>;
  /** Ways to make `.venv` with all that its checks need; none where there is nothing to install. */
  readonly environments: readonly Omit<Way, 'command'>[];
};

type Text = (name: string) => string;
const forChecks = /^(tests?|testing|dev|develop(ment)?|typing|types|typecheck|lint|linting|mypy|pyright)$/;
// Tools of a project go beside its environment: what they depend on does not meet what it depends on.
const toolsHere = '.crafting-tools';
const make = 'python3 -m venv .venv';

/** Tools that install from their own lock file, in `.venv`. */
const lockTools: readonly (readonly [lock: string, tool: string, install: (project: PythonGroups) => string])[] = [
  [
    'uv.lock',
    'uv',
    ({ groups, extras }) =>
      [
        'uv sync --frozen --quiet',
        ...groups.map((one) => `--group ${one}`),
        ...extras.map((one) => `--extra ${one}`),
      ].join(' '),
  ],
  [
    'poetry.lock',
    'poetry',
    ({ groups, extras }) =>
      [
        'POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install --no-interaction --quiet',
        ...groups.filter((one) => one !== 'dev').map((one) => `--with ${one}`),
        ...extras.map((one) => `--extras ${one}`),
      ].join(' '),
  ],
  [
    'pdm.lock',
    'pdm',
    ({ groups }) => ['pdm install --frozen-lockfile --quiet', ...groups.map((one) => `-G ${one}`)].join(' '),
  ],
  ['Pipfile.lock', 'pipenv', () => 'PIPENV_VENV_IN_PROJECT=1 pipenv sync --dev --quiet'],
];

type PythonGroups = { readonly groups: readonly string[]; readonly extras: readonly string[] };

/** Reads the manifests of a folder. `files` are its own, relative to it; `runs` are what is run in it. */
export function pythonProject(files: readonly string[], text: Text, runs: readonly Run[] = []): PythonProject {
  const data = tomlData(text('pyproject.toml'));
  const poetry = tableAt(data, 'tool', 'poetry');
  const groupTables = tableAt(data, 'dependency-groups');
  const extraTables = tableAt(data, 'project', 'optional-dependencies');
  const named = namedByCi(runs, Object.keys(extraTables));
  const groups = [...Object.keys(groupTables), ...Object.keys(tableAt(poetry, 'group'))].filter((name) =>
    forChecks.test(name),
  );
  const extras = Object.keys(extraTables).filter((name) => (named.size > 0 ? named.has(name) : forChecks.test(name)));
  const all = [
    ...stringsOf(tableAt(data, 'project')['dependencies']),
    ...extras.flatMap((name) => stringsOf(extraTables[name])),
    ...groups.flatMap((name) => groupMembers(data, name)),
    ...Object.values(tableAt(data, 'tool', 'pdm', 'dev-dependencies')).flatMap(stringsOf),
    ...[tableAt(poetry, 'dependencies'), tableAt(poetry, 'dev-dependencies')].flatMap(Object.keys),
    ...Object.values(tableAt(poetry, 'group')).flatMap((group) =>
      Object.keys(tableAt(objectOf(group), 'dependencies')),
    ),
    ...requirementFiles(files).flatMap((file) => text(file).split('\n')),
    ...[...text('Pipfile').matchAll(/^([\w.-]+)\s*=/gm)].map((match) => match[1] ?? ''),
  ];
  const dependencies = new Set(all.map(nameOf).filter(Boolean));
  return { data, dependencies, environments: environmentsOf(files, text, { data, groups, extras }) };
}

/** The extras that CI installs: `pip install .[test,yaml]`, `uv sync --extra yaml`, `--all-extras`. */
function namedByCi(runs: readonly Run[], extras: readonly string[]): Set<string> {
  const installs = runs.filter(
    ({ words, gate }) => gate && words.some((word) => /^(install|sync)$/.test(word)) && installers.test(words[0] ?? ''),
  );
  const named = installs.flatMap(({ words }) =>
    words.flatMap((word, place) => {
      if (word === '--all-extras') return extras;
      if (/^(--extra|--extras|-E)$/.test(words[place - 1] ?? '')) return word.split(/[\s,]+/);
      const list = /^--extras?=(.+)$/.exec(word)?.[1] ?? /^\.(?:\/)?\[([\w.,\s-]+)\]$/.exec(word)?.[1];
      return list?.split(/[\s,]+/) ?? [];
    }),
  );
  return new Set(named.filter((name) => extras.includes(name)));
}

const installers = /^(.*\/)?(pip3?|uv|poetry|pdm)$/;

export function requirementFiles(files: readonly string[]): string[] {
  return files.filter((file) => /^requirements[\w.-]*\.txt$/.test(file) && !/docs?|release|publish/.test(file));
}

function nameOf(requirement: string): string {
  return (/^\s*([A-Za-z0-9][\w.-]*)/.exec(requirement)?.[1] ?? '').toLowerCase().replace(/[._]/g, '-');
}

function environmentsOf(
  files: readonly string[],
  text: Text,
  { data, groups, extras }: PythonGroups & { data: Data },
): Omit<Way, 'command'>[] {
  const locked = lockTools.find(([lock]) => files.includes(lock));
  if (locked) {
    const [, tool, install] = locked;
    const command = install({ groups, extras });
    const bring = `python3 -m venv ${toolsHere} && ${toolsHere}/bin/python -m pip install --quiet --disable-pip-version-check ${tool}`;
    return [
      { tools: [tool], prepare: command },
      { tools: ['python3-venv'], prepare: `${bring} && PATH="$PWD/${toolsHere}/bin:$PATH" && ${command}` },
    ];
  }
  const isPackage =
    'project' in data || 'build-system' in data || 'poetry' in tableAt(data, 'tool') || files.includes('setup.py');
  const declares =
    isPackage &&
    (stringsOf(tableAt(data, 'project')['dependencies']).length > 0 ||
      stringsOf(tableAt(data, 'project')['dynamic']).includes('dependencies') ||
      extras.length > 0 ||
      Object.keys(tableAt(data, 'tool', 'poetry', 'dependencies')).length > 1 ||
      /install_requires/.test(text('setup.py') + text('setup.cfg')) ||
      files.some((file) => file.startsWith('src/')));
  const wanted = [
    ...requirementFiles(files).map((file) => `-r ${shellWord(file)}`),
    ...(declares ? [`-e ${extras.length === 0 ? '.' : shellWord(`.[${extras.join(',')}]`)}`] : []),
    ...groups.flatMap((group) => groupMembers(data, group).map(shellWord)),
  ];
  if (wanted.length === 0) return [];
  const install = `.venv/bin/python -m pip install --quiet --disable-pip-version-check pytest ${[...new Set(wanted)].join(' ')}`;
  return [{ tools: ['python3-venv'], prepare: `${make} && ${install}` }];
}

/** The requirements of a dependency group with those that it includes (PEP 735). */
function groupMembers(data: Data, group: string, seen: readonly string[] = []): string[] {
  if (seen.includes(group)) return [];
  const poetry = Object.keys(tableAt(data, 'tool', 'poetry', 'group', group, 'dependencies'));
  const members = listOf(tableAt(data, 'dependency-groups')[group]).flatMap((one) => {
    if (typeof one === 'string') return [one];
    const included = objectOf(one)['include-group'];
    return typeof included === 'string' ? groupMembers(data, included, [...seen, group]) : [];
  });
  return [...poetry, ...members];
}
