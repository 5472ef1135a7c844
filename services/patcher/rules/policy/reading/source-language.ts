import type { GrammarName } from '../../../../floor/text/syntax-tree.ts';

/** How the text of a language is told apart into code, comments and strings. */
export type Syntax = {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  readonly strings: readonly string[];
  /** Strings that go on over the end of a line. */
  readonly long: readonly string[];
  /** Block comments inside of block comments. */
  readonly nested?: boolean;
  /** `#` begins a comment only after white space or at the start of a line. */
  readonly spaced?: boolean;
  /** What is peculiar: regular expressions between slashes, `'a` that is no string, a back quote that escapes nothing. */
  readonly quirk?: 'regex' | 'lifetime' | 'raw';
};

export type Language = { readonly name: string; readonly syntax: Syntax | null };

const star: Syntax['block'] = [['/*', '*/']];
const quotes = ['"', "'"];
const slashes: Syntax = { line: ['//'], block: star, strings: quotes, long: [] };
const nested: Syntax = { ...slashes, long: ['"""'], nested: true };
const script: Syntax = { ...slashes, long: ['`'], quirk: 'regex' };
const hash: Syntax = { line: ['#'], block: [], strings: quotes, long: [], spaced: true };
const markup: Syntax = { line: [], block: [['<!--', '-->']], strings: [], long: [] };
const python: Syntax = { ...hash, long: ['"""', "'''"], spaced: false };

/** Text in which nobody programs: no comment of it speaks to a tool. */
const data: Syntax | null = null;

const table: readonly (readonly [name: string, extensions: string, syntax: Syntax | null])[] = [
  ['c', 'c h', slashes],
  ['cpp', 'cc cpp cxx c++ hh hpp hxx h++ ipp cu m mm', slashes],
  ['csharp', 'cs', { ...slashes, long: ['"""'] }],
  ['css', 'css', { ...slashes, line: [] }],
  ['css', 'scss less sass', slashes],
  ['dart', 'dart', { ...nested, long: ['"""', "'''"] }],
  ['data', 'json csv tsv svg lock sum snap txt rst adoc po pot golden', data],
  ['elixir', 'ex exs', { ...python, spaced: true }],
  ['go', 'go', { ...slashes, long: ['`'], quirk: 'raw' }],
  ['groovy', 'groovy gradle', { ...slashes, long: ['"""', "'''"] }],
  ['haskell', 'hs', { line: ['--'], block: [['{-', '-}']], strings: ['"'], long: [] }],
  ['java', 'java', { ...slashes, long: ['"""'] }],
  ['javascript', 'js mjs cjs jsx', script],
  ['json', 'jsonc json5', slashes],
  ['kotlin', 'kt kts', nested],
  ['lua', 'lua', { line: ['--'], block: [['--[[', ']]']], strings: quotes, long: [] }],
  ['make', 'mk', hash],
  ['markdown', 'md markdown mdx', markup],
  ['perl', 'pl pm t', hash],
  ['php', 'php phtml', { ...slashes, line: ['//', '#'] }],
  ['python', 'py pyi pyx', python],
  ['r', 'r jl nim', hash],
  ['ruby', 'rb rake gemspec ru', { ...hash, block: [['=begin', '=end']] }],
  ['rust', 'rs', { ...slashes, strings: [], long: ['"'], nested: true, quirk: 'lifetime' }],
  ['scala', 'scala sbt sc', nested],
  ['shell', 'sh bash zsh ksh bats fish', hash],
  ['sql', 'sql', { line: ['--'], block: star, strings: quotes, long: [] }],
  ['swift', 'swift', { ...nested, strings: ['"'] }],
  ['terraform', 'tf hcl tfvars', { ...slashes, line: ['#', '//'] }],
  ['toml', 'toml', { ...python, spaced: false }],
  ['typescript', 'ts mts cts tsx', script],
  ['vue', 'vue svelte astro', { ...script, block: [...star, ['<!--', '-->']] }],
  ['xml', 'xml html htm xhtml csproj fsproj vbproj props targets', markup],
  ['yaml', 'yml yaml', hash],
  ['ini', 'ini cfg conf properties', { ...hash, line: ['#', ';'] }],
];

const byExtension = new Map(
  table.flatMap(([name, extensions, syntax]) => extensions.split(' ').map((one) => [one, { name, syntax }] as const)),
);
const shell: Language = { name: 'shell', syntax: hash };
const byName: readonly (readonly [RegExp, Language])[] = [
  [/^(?:docker|container)file\b|\.dockerfile$/i, { name: 'dockerfile', syntax: hash }],
  [/^(?:gnu)?makefile\b|^justfile$/i, { name: 'make', syntax: hash }],
  [/^(?:rakefile|gemfile|podfile|fastfile|vagrantfile|brewfile)$/i, { name: 'ruby', syntax: hash }],
  [/^cmakelists\.txt$/i, { name: 'cmake', syntax: hash }],
  [/^jenkinsfile\b/i, { name: 'groovy', syntax: slashes }],
  [/^(?:requirements|constraints)[\w.-]{0,60}\.txt$/i, { name: 'requirements', syntax: hash }],
  [/^(?:\.bashrc|\.profile|\.env)\b/i, shell],
];
const byShebang: readonly (readonly [RegExp, string])[] = [
  [/python/, 'py'],
  [/\b(?:node|deno|bun)\b/, 'js'],
  [/ruby/, 'rb'],
  [/perl/, 'pl'],
  [/php/, 'php'],
  [/sh\b/, 'sh'],
];

/** The language of a file by its name, or by its first line; null when neither tells. */
export function languageOf(path: string, text: string): Language | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const named = byName.find(([pattern]) => pattern.test(name.slice(0, 255)));
  if (named !== undefined) return named[1];
  const dot = name.lastIndexOf('.');
  const known = dot < 0 ? undefined : byExtension.get(name.slice(dot + 1).toLowerCase());
  if (known !== undefined || !text.startsWith('#!')) return known ?? null;
  const first = text.slice(0, 120).split('\n', 1)[0] ?? '';
  const found = byShebang.find(([pattern]) => pattern.test(first));
  return found === undefined ? null : (byExtension.get(found[1]) ?? null);
}

const grammars: Readonly<Record<string, GrammarName>> = {
  c: 'cpp',
  cpp: 'cpp',
  csharp: 'c-sharp',
  go: 'go',
  java: 'java',
  javascript: 'javascript',
  kotlin: 'kotlin',
  php: 'php',
  python: 'python',
  ruby: 'ruby',
  rust: 'rust',
  shell: 'bash',
  swift: 'swift',
  typescript: 'typescript',
};

/** The grammar that reads a file; null when there is none for its language. */
export function grammarOf(path: string, language: Language | null): GrammarName | null {
  return /\.tsx$/i.test(path) ? 'tsx' : (grammars[language?.name ?? ''] ?? null);
}
