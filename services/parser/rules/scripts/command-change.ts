import { type Simple, shellLine } from '../../../../parsers/engine/shell-line.ts';
import type { Tool } from '../../../../parsers/tools/define.ts';
import { fileNames, type PathPattern } from '../../../../parsers/tools/file-names.ts';
import type { SettingsPart } from '../../../../parsers/tools/settings-of.ts';
import { entriesChange, type Meaning, type Subject } from '../doubt/settings-change.ts';
import { entriesOf, type SettingEntry } from '../doubt/settings-entries.ts';
import type { Reach } from '../doubt/unlooked.ts';
import { coversFile, matchesName } from '../glob-match.ts';

/** What the difference between two commands means for a finding of a tool that one of them no longer shows. */
export function commandChange(tool: Tool | undefined, then: string, now: string, subject: Subject): Meaning {
  if (then === now) return 'none';
  // Where one of them does not name the tool, all words of both may be its.
  const [before, after] = [partsOf(tool, then), partsOf(tool, now)];
  const both = before === null || after === null ? [wordsOf(then), wordsOf(now)] : [before, after];
  const [old = [], present = []] = both.map((parts) => entriesIn(tool, parts));
  const meaning = entriesChange(old, present, subject);
  return meaning === 'none' && (before === null || after === null) ? 'other' : meaning;
}

function wordsOf(command: string): string[][] {
  return shellLine(command).map(({ words }) => [...words]);
}

/** The words behind the tool's program, wherever the command starts it; null when it does not name the tool. */
function partsOf(tool: Tool | undefined, command: string): string[][] | null {
  const parts = shellLine(command).flatMap((one) => argumentsOf(tool, one) ?? []);
  return parts.length === 0 ? null : parts;
}

function argumentsOf(tool: Tool | undefined, { words }: Simple): string[][] | null {
  for (const program of tool?.programs ?? []) {
    const wanted = program.split(' ');
    const at = words.findIndex((_, index) => wanted.every((word, n) => baseName(words[index + n]) === word));
    if (at >= 0)
      return [[...words.slice(0, at).filter((word) => word.includes('=')), ...words.slice(at + wanted.length)]];
  }
  return null;
}

/**
 * Whether a command leads a tool to where a file is now, by the paths and patterns in it that lead to where it was; paths are
 * those of the repository. `unknown`: it asks elsewhere what to look at.
 */
export function reachOf(
  tool: Tool,
  command: string,
  { was, now, subproject }: { readonly was: string; readonly now: string; readonly subproject: string },
): Reach {
  const parts = shellLine(command).flatMap((one) => argumentsOf(tool, one) ?? []);
  const words = parts.flat();
  if (words.length === 0 && parts.length === 0) return 'unknown';
  const inside = (path: string) =>
    subproject !== '.' && path.startsWith(`${subproject}/`) ? path.slice(subproject.length + 1) : path;
  const leading = words.filter((word) => !word.startsWith('-') && coversPath(word, inside(was)));
  if (leading.length > 0)
    return words.some((word) => !word.startsWith('-') && coversPath(word, inside(now))) ? 'yes' : 'no';
  const isAsked = /[`$@]|\bxargs\b/.test(command) || parts.length > 1;
  return tool.narrowing !== undefined && tool.narrowing.wholeFolder !== false && !isAsked ? 'yes' : 'unknown';
}

/** A path of a command begins where the command runs. */
function coversPath(word: string, path: string): boolean {
  const own = word.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (own === '' || own === '.') return own === '.' || word.startsWith('.');
  const folders = path.split('/').length;
  const depth = own.split('/').length;
  if (own.includes('**')) return coversFile(own, path);
  // A pattern names files of its own depth, a folder all that lies in it.
  return depth <= folders && matchesName(own, path.split('/').slice(0, depth).join('/'));
}

function baseName(word: string | undefined): string {
  return (word ?? '').replace(/^.*\//, '');
}

/** Options by what the tool's card says of them, and paths. What belongs to no list keeps its own name. */
function entriesIn(tool: Tool | undefined, parts: readonly (readonly string[])[]): SettingEntry[] {
  const { selects = '', ignores = '', config = '', lowers = '' } = tool?.options ?? {};
  const kinds = new Map<string, string>();
  for (const [kind, names] of [
    ['select', selects],
    ['ignore', ignores],
    ['config', config],
  ] as const)
    for (const name of names.split(' ')) if (name !== '') kinds.set(name, kind);
  const values = new Set([...kinds.keys(), ...(tool?.narrowing?.values.split(' ') ?? [])]);
  const less = new Set(lowers.split(' '));
  return parts.flatMap((words) => {
    const entries: SettingEntry[] = [];
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] ?? '';
      const [name = '', ...rest] = word.split('=');
      const glued = /^(-[A-Za-z])(?!-)(.+)$/.exec(word);
      if (less.has(word)) entries.push({ keys: ['lowers'], word });
      else if (rest.length > 0) entries.push(...optionEntries(kinds.get(name) ?? name, rest.join('=')));
      else if (values.has(word)) {
        at += 1;
        entries.push(...optionEntries(kinds.get(word) ?? word, words[at] ?? ''));
      } else if (glued && kinds.has(glued[1] ?? ''))
        entries.push(...optionEntries(kinds.get(glued[1] ?? '') ?? '', glued[2] ?? ''));
      else if (word.startsWith('-W')) entries.push({ keys: [word.startsWith('-Wno') ? 'ignore' : 'enable'], word });
      else if (word.startsWith('-')) entries.push({ keys: [word], word: '' });
      else entries.push({ keys: ['paths'], word });
    }
    return entries;
  });
}

function optionEntries(key: string, value: string): SettingEntry[] {
  if (/^\s*[{[]/.test(value))
    return entriesOf('a.json', value, false).map((one) => ({ keys: [key, ...one.keys], word: one.word }));
  return value.split(/[,\s:]+(?!\/)/).map((word) => ({ keys: [key], word }));
}

type Carrier = {
  readonly starts: RegExp;
  readonly file: PathPattern | null;
  readonly tables: readonly string[] | null;
};

const carrier = (starts: string, names: string, tables: string | null = null): Carrier => ({
  starts: new RegExp(`(?:^|[\\s;&|(/])(?:${starts})(?=\\s|$|[;&|)])`),
  file: fileNames(names.split(' ')),
  tables: tables?.split(' ') ?? null,
});

/** What runs the commands of a file: a tool may stand there with all of its options. */
const carriers: readonly Carrier[] = [
  carrier('npm|pnpm|yarn|bun|npx', 'package.json', 'scripts'),
  carrier('composer', 'composer.json', 'scripts'),
  carrier('make|gmake', 'Makefile* GNUmakefile *.mk'),
  carrier('rake|rails', 'Rakefile *.rake'),
  carrier('just', 'justfile .justfile'),
  carrier('task', 'Taskfile.{yml,yaml}'),
  carrier('tox', 'tox.ini tox.toml'),
  carrier('nox', 'noxfile.py'),
  carrier('invoke|inv', 'tasks.py'),
  carrier('pre-commit|prek', '.pre-commit-config.{yml,yaml}'),
  carrier('hatch|poe|pdm|poetry|uv', 'pyproject.toml', 'tool.hatch.envs tool.poe tool.pdm.scripts tool.taskipy'),
  carrier('deno', 'deno.{json,jsonc}'),
  carrier('mvn|mvnw|\\./mvnw', 'pom.xml'),
  carrier('gradle|gradlew', '*.gradle *.gradle.kts'),
  carrier('cargo', '.cargo/config.toml .cargo/config', 'alias'),
  carrier('mix', 'mix.exs'),
];

/** Beside commands their files hold much else that names tools. */
const manifests = /(?:\.toml|\.xml|\.gradle|\.kts|config|mix\.exs|\.jsonc?)$/;

/** Whether a text has the commands of some file run. */
export const isCarried = (text: string): boolean => carriers.some(({ starts }) => starts.test(text));

/** The files in a folder whose commands a text has run, such as the Makefile of `make`. */
export function carriedBy(text: string, folder: string, files: ReadonlySet<string>): string[] {
  const wanted = carriers.filter(({ starts }) => starts.test(text));
  if (wanted.length === 0) return [];
  const within = folder === '.' ? '' : `${folder}/`;
  const beside = [...files].filter((path) => path.startsWith(within) && !path.slice(within.length).includes('/'));
  const isTold = (path: string) => /(?:^|\/)(?:package|composer)\.json$/.test(path) || !manifests.test(path);
  return beside.filter((path) => isTold(path) && wanted.some(({ file }) => file?.test(path)));
}

const script = /\.(?:sh|bash|pl|py|rb|[cm]?js|ts|mk|php)$/;

/** What a file of the repository is to a command: it may hold the options of the tool. Null when the command does not read it. */
export function partOfCommand(command: string, path: string, subproject: string): SettingsPart | null {
  const inside = subproject !== '.' && path.startsWith(`${subproject}/`) ? path.slice(subproject.length + 1) : path;
  const found = carriers.find(({ starts, file }) => file?.test(path) && starts.test(command));
  if (found) return found.tables === null ? 'build' : { tables: found.tables };
  if (!command.includes(inside)) return null;
  const named = shellLine(command).some(({ words }) =>
    words.some((word, at) => {
      const own = word.replace(/^.*=/, '').replace(/^\.\//, '');
      return (
        own === inside &&
        (/^--?[\w-]*(?:config|rc|settings|file|project|baseline|suppress)/.test(words[at - 1] ?? word) ||
          (at < 2 && script.test(own)))
      );
    }),
  );
  return named ? 'build' : null;
}
