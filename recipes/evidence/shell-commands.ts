import { posix } from 'node:path';

/** One simple command of a script, and the folder from the root in which it runs. */
type ShellCommand = {
  readonly words: readonly string[];
  readonly folder: string;
  /** What brings the program and starts it, where go does: `go run golang.org/x/vuln/cmd/govulncheck@latest`. */
  readonly by?: string;
};

const mostCommands = 400;
const mostWords = 200;

/** Words that start another command and say nothing of their own, with how many of their arguments belong to them. */
const wrappers: readonly (readonly [start: RegExp, skip: RegExp])[] = [
  [/^(uv|poetry|pdm|pipenv|hatch|rye) run$/, /^(--(group|with|extra|python|env-file|package|project|directory)|-p)$/],
  [/^(pnpm|npm|bun) exec$/, /^(--filter|-C)$/],
  [
    /^(npx|pnpx|bunx|nlx|uvx|pipx run|uv tool run|pnpm dlx|yarn dlx)$/,
    /^(-p|--package|--from|--with|-w|--with-editable|--python)$/,
  ],
  [/^bundle exec$/, /^$/],
  [/^xargs$/, /^-[ndILPs]$/],
  [/^(coverage run( -m)?|python3? -m|py -m)$/, /^$/],
  [/^(sudo|env|time|command|exec|xvfb-run|stdbuf|nice|cross-env)$/, /^$/],
];

/**
 * The simple commands of a shell text, in order, each in the folder to which `cd` had gone. It is read, never run: what
 * depends on variables stays as it stands.
 */
export function shellCommands(text: string, folder = '.'): ShellCommand[] {
  const found: ShellCommand[] = [];
  let here = folder;
  for (const words of simpleCommands(withVariables(text))) {
    if (found.length >= mostCommands) break;
    const own = withoutNi(unwrapped(words));
    if (own[0] === 'cd' && own[1] !== undefined) here = within(here, own[1]);
    else if (own.length > 0) found.push({ ...startedByGo(own), folder: here });
  }
  return found;
}

/** A program of a Go module, which go brings at that version, or as a tool of the module: go is all that it needs. */
function startedByGo(words: readonly string[]): Pick<ShellCommand, 'words' | 'by'> {
  const [program, verb, module = '', ...args] = words;
  if (program !== 'go' || (verb !== 'run' && verb !== 'tool')) return { words };
  const path = /^((?:[\w-]+\.)+[\w-]+(?:\/[\w.~-]+)+)@[\w.+-]+$/.exec(module)?.[1];
  const isTool = verb === 'tool' && /^[A-Za-z][\w./-]*$/.test(module) && !goTools.has(module);
  if (path === undefined && !isTool) return { words };
  const name = (path ?? module).replace(/\/v\d+$/, '').replace(/^.*\//, '');
  return { words: [name, ...args], by: `go ${verb} ${module}` };
}

/** Those that come with go and check nothing. */
const goTools = new Set(
  'addr2line asm buildid cgo compile covdata cover dist link nm objdump pack pprof trace'.split(' '),
);

/** Plain variables that the text itself sets, by their last value: `$SOURCES`, `${PREFIX}ruff`. */
function withVariables(given: string): string {
  // What stands for an argument of the script itself is its default.
  const text = given.replace(/\$\{\d:-([\w.-]{1,40})\}/g, '$1');
  const set = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w{0,40})=(["']?)([^"'\n$`;&|]{0,200})\2\s*$/gm)];
  const values = new Map(set.map(([, name = '', , value = '']) => [name, value]));
  return text.replace(/\$\{?([A-Za-z_]\w{0,40})\}?/g, (whole, name: string) => values.get(name) ?? whole);
}

/** A folder below another, by words of the repository; outside of the root it is the root. */
export function within(folder: string, path: string): string {
  const joined = posix.normalize(posix.join(folder, path.replace(/\/+$/, '') || '.'));
  return joined.startsWith('..') || posix.isAbsolute(path) ? '.' : joined;
}

/** `nr lint` of `@antfu/ni`, which asks whichever package manager is there. */
function withoutNi(words: readonly string[]): readonly string[] {
  const [program = '', ...args] = words;
  if (program === 'nr') return ['npm', 'run', ...(args.length > 0 ? args : ['start'])];
  if (program === 'nci') return ['npm', 'ci', ...args];
  return program === 'ni' ? ['npm', 'install', ...args] : words;
}

/** Without assignments before it, `sudo`, `uv run` and the like. */
function unwrapped(words: readonly string[]): readonly string[] {
  let rest = words;
  for (let turn = 0; turn < 6; turn += 1) {
    const start = rest.findIndex(
      (word) => !/^[A-Za-z_]\w*=/.test(word) && !/^[!{(@-]$|^(if|then|do|else|while)$/.test(word),
    );
    if (start < 0) return [];
    rest = rest.slice(start);
    const match = wrappers.find(([begin]) => [1, 2, 3].some((count) => begin.test(rest.slice(0, count).join(' '))));
    if (!match) return rest;
    const length = [3, 2, 1].find((count) => match[0].test(rest.slice(0, count).join(' '))) ?? 1;
    rest = withoutOptions(rest.slice(length), match[1]);
  }
  return rest;
}

function withoutOptions(words: readonly string[], takesValue: RegExp): readonly string[] {
  let at = 0;
  while (at < words.length && words[at]?.startsWith('-')) at += takesValue.test(words[at] ?? '') ? 2 : 1;
  return words.slice(at);
}

/** Splits at the operators of a shell, with its quotes; what is cut off by a comment is left out. */
function* simpleCommands(text: string): Generator<string[]> {
  let words: string[] = [];
  let word: string | null = null;
  // What stands in `"$(…)"` runs too.
  const substituted: string[] = [];
  const endWord = () => {
    if (word !== null && words.length < mostWords) words.push(word);
    word = null;
  };
  const source = text.replace(/\\\r?\n/g, ' ');
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (char === "'" || char === '"') {
      const end = char === '"' ? endOfQuote(source, at) : source.indexOf(char, at + 1);
      const inner = source.slice(at + 1, end < 0 ? source.length : end);
      word = (word ?? '') + inner;
      if (char === '"') substituted.push(...[...inner.matchAll(/\$\(([^()]{1,500})\)/g)].map(([, text = '']) => text));
      at = end < 0 ? source.length : end;
    } else if (char === '\\') {
      word = (word ?? '') + (source[at + 1] ?? '');
      at += 1;
    } else if (char === '#' && word === null) {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end - 1;
    } else if (/[\n;&|()`]/.test(char)) {
      endWord();
      if (words.length > 0) yield words;
      words = [];
    } else if (/\s/.test(char)) endWord();
    else word = (word ?? '') + char;
  }
  endWord();
  if (words.length > 0) yield words;
  for (const inner of substituted.slice(0, mostCommands)) yield* simpleCommands(inner);
}

/** Where a double quote ends: one inside of `$(…)` is another's. */
function endOfQuote(source: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '$' && source[at + 1] === '(') depth += 1;
    else if (char === ')' && depth > 0) depth -= 1;
    else if (char === '"' && depth === 0) return at;
  }
  return -1;
}
