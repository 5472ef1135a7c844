import { posix } from 'node:path';
import type { PathRole, RunnerSettings } from './define.ts';

type Named = { readonly role: PathRole; readonly glob: string };
type Reader = { readonly name: RegExp; read(text: string): Named[] };

/** The names of files that `readRunnerSettings` understands, to be read in each of the folders. */
export const settingNames: readonly string[] = [
  ...['package.json', 'pyproject.toml', 'pytest.ini', 'setup.cfg', 'tox.ini', 'Cargo.toml', 'pom.xml', 'Pipfile'],
  ...['build.gradle', 'build.gradle.kts', 'phpunit.xml', 'phpunit.xml.dist', '.rspec', 'composer.json', 'Gemfile'],
  ...['.mocharc.json', '.mocharc.js', '.mocharc.cjs', '.mocharc.yml', '.mocharc.yaml', 'requirements.txt'],
  ...['jest.config.js', 'jest.config.cjs', 'jest.config.mjs', 'jest.config.ts', 'jest.config.json', 'karma.conf.js'],
  ...['vitest.config.js', 'vitest.config.ts', 'vitest.config.mts', 'vite.config.js', 'vite.config.ts', 'Makefile'],
  ...['cypress.config.js', 'cypress.config.ts', 'playwright.config.js', 'playwright.config.ts', 'ava.config.js'],
];

const most = 200;
const strings = (text: string) => [...text.matchAll(/["'`]([^"'`\n]{1,300})["'`]/g)].map(([, one = '']) => one);
const words = (text: string) =>
  text.includes('"') || text.includes("'") ? strings(text) : text.split(/[\s,]+/).filter((one) => /^[\w./*]/.test(one));
const as = (role: PathRole, globs: readonly string[]): Named[] => globs.map((glob) => ({ role, glob }));

/** The values of settings in JavaScript, JSON or YAML: a text, or a list of them. */
function valuesOf(text: string, keys: string): string[] {
  const pattern = new RegExp(
    `\\b(?:${keys})["']?\\s{0,9}:[ \\t]{0,9}(\\[[^\\]]{0,4000}\\]|["'\`][^"'\`\\n]{1,300}["'\`]|(?:\\n[ \\t]{0,20}-[^\\n]{1,300})+|[\\w./*-]{1,300})`,
    'g',
  );
  return [...text.matchAll(pattern)].flatMap(([, value = '']) =>
    strings(value).length > 0 ? strings(value) : value.split(/[\s,-]*\n\s*-\s*|\s+/),
  );
}

/** A value of an INI or TOML file, further lines included. */
function tomlValues(text: string, key: string): string[] {
  const pattern = new RegExp(
    `^\\s{0,20}${key}\\s{0,9}=\\s{0,9}(\\[[^\\]]{0,4000}\\]|[^\\n]{0,1000}(?:\\n[ \\t]+[^\\n]{1,300})*)`,
    'gm',
  );
  return [...text.matchAll(pattern)].flatMap(([, value = '']) => words(value));
}

const isTestFolder = (folder: string) => /test|spec|e2e|integration|functional|acceptance|checks?$/i.test(folder);
const script =
  /(?:^|[\s;&|(])(?:(?:python[\d.]*|node|bash|sh|zsh|ruby|php|perl|tsx|ts-node|bun|deno run)\s+((?:-{1,2}[\w=.:/-]+\s+){0,6})([\w.][\w./-]{0,200}\.\w{1,5})|(\.{0,2}\/?[\w.-]+\/[\w./-]{1,200}))(?=$|[\s;&|)'"])/g;

/** The programs of a repository that a command starts: what it hands to a checker of syntax is judged, and no judge. */
function programsIn(command: string): string[] {
  return [...command.slice(0, 8192).matchAll(script)].flatMap(([, flags = '', run, path]) => {
    if (/(?:^|\s)(?:-n|-c|-l|--check|--syntax-check|-m)\s/.test(flags)) return [];
    const at = run ?? (/^(?:\.\/|[\w.-]+\/)/.test(path ?? '') && startsCommand(command, path ?? '') ? path : undefined);
    return at === undefined || /(?:^|\/)node_modules\/|^\/|^vendor\/bin\//.test(at) ? [] : [posix.normalize(at)];
  });
}

function startsCommand(command: string, path: string): boolean {
  return /(?:^|[;&|(]|\bdo\b|\bthen\b|\bexec\b)\s*$/.test(command.slice(0, command.indexOf(path)));
}

const pytest: Reader['read'] = (text) => [
  ...as('test', tomlValues(text, 'testpaths').filter(isTestFolder)),
  ...as(
    'test',
    tomlValues(text, 'python_files').flatMap((one) => (one === '*.py' ? [] : [`**/${one}`])),
  ),
  ...as(
    'test',
    tomlValues(text, 'doctest_glob').map((one) => `**/${one}`),
  ),
  ...as(
    'hook',
    [...text.matchAll(/-p[ \t]{0,9}([\w.]{1,100})/g)].map(([, one = '']) => `${one.replaceAll('.', '/')}.py`),
  ),
];
const checkScript =
  /"(?:pre|post)?(?:test|lint|check|verify|ci|build|typecheck|format|prepare|install|coverage)[\w:.-]{0,40}"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){0,2000})"/g;
const runners: Reader['read'] = (text) => [
  ...as(
    'hook',
    valuesOf(
      text,
      'setupFiles|setupFilesAfterEnv|setupFile|globalSetup|globalTeardown|testEnvironment|testRunner|runner|reporters?|testResultsProcessor|snapshotResolver|snapshotSerializers|resolver|transform|require|import|file|supportFile|plugins',
    ),
  ),
  ...as(
    'test',
    valuesOf(text, 'testMatch|spec|specPattern|include|testDir|files').filter((one) => /test|spec|e2e|cy\b/i.test(one)),
  ),
];

const readers: readonly Reader[] = [
  { name: /^(?:pytest\.ini|setup\.cfg|tox\.ini|pyproject\.toml)$/, read: pytest },
  { name: /^(?:jest|vitest|vite|karma|cypress|playwright|ava)\.|^\.mocharc/, read: runners },
  {
    name: /^package\.json$/,
    read: (text) => [
      ...runners(
        /"(?:jest|mocha|ava|vitest)"\s{0,9}:/.test(text)
          ? text.slice(text.search(/"(?:jest|mocha|ava|vitest)"\s{0,9}:/))
          : '',
      ),
      ...as(
        'build_script',
        [...text.matchAll(checkScript)].flatMap(([, one = '']) => programsIn(one)),
      ),
    ],
  },
  {
    name: /^Cargo\.toml$/,
    read: (text) => [
      ...as('hook', tomlValues(text, 'build')),
      ...as(
        'test',
        [...text.matchAll(/^\[\[(?:test|bench)\]\][^[]{0,2000}?^\s{0,9}path\s{0,9}=\s{0,9}"([^"\n]{1,300})"/gm)].map(
          ([, one = '']) => one,
        ),
      ),
    ],
  },
  {
    name: /^phpunit\.xml/,
    read: (text) => [
      ...as(
        'hook',
        [...text.matchAll(/\b(?:bootstrap|extension[^>]{0,40}class|printerFile)="([^"\n]{1,300})"/g)].map(
          ([, one = '']) => one,
        ),
      ),
      ...as(
        'test',
        [...text.matchAll(/<testsuite\b[\s\S]{0,4000}?<\/testsuite>/g)].flatMap(([suite]) =>
          [...suite.matchAll(/<(?:directory|file)[^>]{0,200}>([^<]{1,300})</g)].map(([, one = '']) => one.trim()),
        ),
      ),
    ],
  },
  {
    name: /^\.rspec$/,
    read: (text) => [
      ...as(
        'hook',
        [...text.matchAll(/(?:--require|-r)[ =]([\w./-]{1,200})/g)].flatMap(([, one = '']) => [
          `${one}.rb`,
          `spec/${one}.rb`,
          `lib/${one}.rb`,
        ]),
      ),
      ...as(
        'test',
        [...text.matchAll(/(?:--pattern|-P)[ =]["']?([^"'\s]{1,200})/g)].flatMap(([, one = '']) => one.split(',')),
      ),
    ],
  },
  {
    name: /^pom\.xml$/,
    read: (text) =>
      as(
        'test',
        [...text.matchAll(/<testSourceDirectory>([^<]{1,300})</g)].map(([, one = '']) => one.trim()),
      ),
  },
  {
    name: /^build\.gradle/,
    read: (text) =>
      as(
        'test',
        [...text.matchAll(/\b\w{0,30}[tT]est\w{0,30}\b[^\n]{0,40}\{[^}]{0,600}?srcDirs?\b([^\n]{1,300})/g)].flatMap(
          ([, one = '']) => strings(one),
        ),
      ),
  },
  {
    name: /^Makefile$/,
    read: (text) =>
      as(
        'build_script',
        [...text.matchAll(/^\t[@-]{0,2}(.{1,2000})$/gm)].flatMap(([, one = '']) => programsIn(one)),
      ),
  },
];

/**
 * What the settings of the runners say about paths. `texts` holds files of the base commit by path, `commands` are what the
 * farm itself runs, each in the folder of its subproject. Pure, and never throws on any text.
 */
export function readRunnerSettings(
  texts: ReadonlyMap<string, string>,
  commands: readonly { readonly folder: string; readonly command: string }[] = [],
): RunnerSettings {
  const named = [...texts].flatMap(([path, text]) => {
    const folder = posix.dirname(path);
    return readers
      .filter(({ name }) => name.test(posix.basename(path)))
      .flatMap(({ read }) => read(text.slice(0, 200_000)))
      .flatMap(({ role, glob }) => placed(folder, glob).map((at) => ({ role, glob: at, by: path })));
  });
  const run = commands.flatMap(({ folder, command }) =>
    programsIn(command).flatMap((one) =>
      placed(folder, one).map((glob) => ({ role: 'build_script' as const, glob, by: 'the recipe' })),
    ),
  );
  const folders = new Set([
    '.',
    ...[...texts.keys()].map((path) => posix.dirname(path)),
    ...commands.map(({ folder }) => folder),
  ]);
  return { folders: [...folders], named: [...run, ...named].slice(0, most), dependencies: dependenciesIn(texts) };
}

/** A glob of a settings file as one of the repository; nothing for what lies outside or takes everything. */
function placed(folder: string, glob: string): string[] {
  const plain = glob.replace(/^<rootDir>\/?|^%[\w.]{1,40}%\/|^\$\{[^}]{1,60}\}\//, '').replace(/\/+$/, '');
  const at = posix.normalize(posix.join(folder, plain));
  return plain === '' || /^(?:\.\.|\/)/.test(at) || /^(?:\.|\*\*?|src|lib|app)(?:\/\*\*?(?:\/\*)?)?$/.test(at)
    ? []
    : [at];
}

/** The names of packages as the manifests write them, in lower case and with dashes. */
function dependenciesIn(texts: ReadonlyMap<string, string>): Set<string> {
  const found = [...texts].flatMap(([path, text]) => {
    const name = posix.basename(path);
    if (name === 'package.json')
      return [...text.matchAll(/"(@?[\w./-]{1,100})"\s{0,9}:\s{0,9}"(?:[\^~<>=*\d]|workspace|npm:|file:|latest)/g)];
    if (/^(?:pyproject\.toml|setup\.cfg|Pipfile|requirements)/.test(name))
      return [
        ...text.matchAll(
          /(?:^|["'])\s{0,9}([a-z][\w.-]{1,60})\s{0,9}(?:\[[\w, -]{1,80}\])?\s{0,9}(?:[<>=~!]=|[<>]|$|["'])/gim,
        ),
      ];
    return name === 'Gemfile' ? [...text.matchAll(/^\s{0,20}gem\s+["']([\w-]{1,60})["']/gm)] : [];
  });
  return new Set(found.slice(0, 2000).map(([, one = '']) => one.toLowerCase().replaceAll('_', '-')));
}
