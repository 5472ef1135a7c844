import { posix } from 'node:path';
import type { Tool } from '../../../../parsers/tools/define.ts';
import { tools } from '../../../../parsers/tools/registry.ts';
import { pathsOf, runnerPaths } from '../../../../parsers/tools/settings-paths.ts';
import type { RunnerSettings } from './define.ts';

type Reader = NonNullable<Tool['paths']>;

const most = 200;
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

const checkScript =
  /"(?:pre|post)?(?:test|lint|check|verify|ci|build|typecheck|format|prepare|install|coverage)[\w:.-]{0,40}"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){0,2000})"/g;
/** What the cards of tools read, and files of scripts, which are no tool's. */
const readers: readonly Reader[] = [
  ...tools.flatMap(({ paths }) => (paths === undefined ? [] : [paths])),
  {
    files: ['package.json'],
    read: (text) => [
      ...runnerPaths(
        /"(?:jest|mocha|ava|vitest)"\s{0,9}:/.test(text)
          ? text.slice(text.search(/"(?:jest|mocha|ava|vitest)"\s{0,9}:/))
          : '',
      ),
      ...pathsOf(
        'build_script',
        [...text.matchAll(checkScript)].flatMap(([, one = '']) => programsIn(one)),
      ),
    ],
  },
  {
    files: ['Makefile'],
    read: (text) =>
      pathsOf(
        'build_script',
        [...text.matchAll(/^\t[@-]{0,2}(.{1,2000})$/gm)].flatMap(([, one = '']) => programsIn(one)),
      ),
  },
];

/** The names of files that `readRunnerSettings` understands, to be read in each of the folders. */
export const settingNames: readonly string[] = [
  ...new Set([
    ...readers.flatMap(({ files }) => files),
    ...['Pipfile', 'Gemfile', 'composer.json', 'requirements.txt'],
  ]),
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
      .filter(({ files }) => files.includes(posix.basename(path)))
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
