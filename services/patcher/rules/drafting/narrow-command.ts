import { type CommandOptions, commandOptions } from '../../../../parsers/tools/command-options.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';
import { shellWord } from '../../../../recipes/shell-word.ts';

/** What may stand before a program without changing what its words mean. */
const runners = [
  ['npx'],
  ['npx', '--yes'],
  ['npx', '-y'],
  ['npx', '--no-install'],
  ['pnpm', 'exec'],
  ['pnpm'],
  ['yarn'],
  ['bunx'],
  ['bundle', 'exec'],
  ['uv', 'run'],
  ['uvx'],
  ['poetry', 'run'],
  ['pipenv', 'run'],
  ['hatch', 'run'],
  ['python', '-m'],
  ['python3', '-m'],
  [],
] as const;

type Word = { readonly raw: string; readonly text: string };

/**
 * The same command, looking at some files only: for a recipe that is one linter with paths. `files` are relative to the
 * repository's root. Null when it is not sure that the command means that, or when it would not look at any of the files.
 */
export function narrowCommand(
  command: string,
  tool: string,
  files: readonly string[],
  subproject: string,
): string | null {
  const read = readCommand(command, tool);
  if (read === null) return null;
  const { linter, words, start, found } = read;
  const open = found.paths.length === 0 || found.paths.some(isGlob);
  const wanted = files
    .map((file) => within(file, subproject))
    .filter((file) => file !== null)
    .filter((file) => linter.reads.test(file) && (open || covers(found.paths, file)));
  if (wanted.length === 0 || wanted.length > 500) return null;
  const kept = [...words.slice(0, start), ...found.options].map(({ raw }) => raw);
  return [...kept, ...(linter.dashes ? ['--'] : []), ...wanted.map(shellWord)].join(' ');
}

/** Whether a command is this linter alone, and can be asked about some files only. */
export function isNarrowable(command: string, tool: string): boolean {
  return readCommand(command, tool) !== null;
}

function readCommand(command: string, tool: string) {
  const known = toolNamed(tool);
  const linter = known === undefined ? null : commandOptions(known);
  const words = simpleWords(command);
  if (linter === null || words === null) return null;
  const start = startOf(words, linter);
  const found = start === null ? null : sorted(words.slice(start), linter);
  if (start === null || found === null || (found.paths.length === 0 && !linter.wholeFolder)) return null;
  return { linter, words, start, found };
}

/** The words of one simple command as they are written and as they are meant; null when the shell would do more with them. */
function simpleWords(command: string): Word[] | null {
  const words: Word[] = [];
  let raw = '';
  let text = '';
  let quote = '';
  const end = () => {
    if (raw !== '') words.push({ raw, text });
    raw = '';
    text = '';
  };
  for (const char of command.trim().slice(0, 8193)) {
    if (char === '\n' || char === '\0' || (quote !== "'" && /[$`\\]/.test(char))) return null;
    if (quote === '' && /[;&|<>(){}#~!]/.test(char)) return null;
    if (quote === '' && /\s/.test(char)) {
      end();
      continue;
    }
    raw += char;
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else text += char;
  }
  end();
  return quote === '' && words.length > 0 && command.length <= 8192 ? words : null;
}

/** Where the words after the program begin: behind assignments, a runner, and the program under any path. */
function startOf(words: readonly Word[], { program }: CommandOptions): number | null {
  const first = words.findIndex(({ text }) => !/^[A-Za-z_]\w{0,63}=/.test(text));
  if (first === -1) return null;
  for (const runner of runners) {
    const at = first + runner.length;
    const begins = runner.every((word, place) => isNamed(words[first + place], word, place));
    const named = program.every((word, place) => isNamed(words[at + place], word, place));
    if (begins && named) return at + program.length;
  }
  return null;
}

/** The first word of a program may stand with its folder. */
function isNamed(given: Word | undefined, word: string, place: number): boolean {
  const text = given?.text ?? '';
  return (place === 0 ? text.slice(text.lastIndexOf('/') + 1) : text) === word;
}

/** Options with their values, and paths; null when an option is not known. */
function sorted(
  words: readonly Word[],
  { values, flags }: CommandOptions,
): { options: Word[]; paths: string[] } | null {
  const options: Word[] = [];
  const paths: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as Word;
    const [name = ''] = word.text.split('=');
    if (word.text === '--') return { options, paths: [...paths, ...words.slice(at + 1).map(({ text }) => text)] };
    if (!word.text.startsWith('-')) paths.push(word.text);
    else if (flags.includes(word.text) || (name !== word.text && values.includes(name))) options.push(word);
    else if (values.includes(name)) {
      const value = words[at + 1];
      if (value === undefined) return null;
      options.push(word, value);
      at += 1;
    } else return null;
  }
  return { options, paths };
}

/** A path from the root as one in the subproject; null outside of it, and for one that is no name of a file. */
function within(file: string, subproject: string): string | null {
  if (/[\0-\x1f\x7f]/.test(file) || file.startsWith('/') || file.split('/').includes('..')) return null;
  if (subproject === '.' || subproject === '') return file;
  return file.startsWith(`${subproject}/`) ? file.slice(subproject.length + 1) : null;
}

/** Whether the command looked at the file before. */
function covers(paths: readonly string[], file: string): boolean {
  return paths.some((path) => {
    const folder = path.replace(/^\.\/+/, '').replace(/\/+$/, '');
    return folder === '.' || folder === '' || file === folder || file.startsWith(`${folder}/`);
  });
}

function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}
