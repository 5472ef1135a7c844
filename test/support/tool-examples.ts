import type { Silencer, Tool } from '../../parsers/tools/define.ts';
import { spelled } from '../../parsers/tools/file-names.ts';

/** A file that belongs to a tool, or in which it has a table: what it holds without and with a setting of the tool. */
export type SettingExample = { readonly path: string; readonly before: string | null; readonly after: string };

const sources: Readonly<Record<string, readonly [path: string, line: string]>> = {
  c: ['src/a.c', '  return *pointer;'],
  csharp: ['src/A.cs', '  var total = Sum(one, two);'],
  dart: ['lib/a.dart', '  final total = sum(one, two);'],
  dockerfile: ['Dockerfile', 'RUN apt-get install -y curl'],
  elixir: ['lib/a.ex', '  total = sum(one, two)'],
  go: ['a.go', '\ttotal := sum(one, two)'],
  haskell: ['A.hs', 'total = sum one two'],
  java: ['src/A.java', '    int total = sum(one, two);'],
  javascript: ['src/a.js', 'const total = sum(one, two);'],
  lua: ['a.lua', 'local total = sum(one, two)'],
  markdown: ['docs/a.md', 'A line of words that is long'],
  perl: ['a.pl', 'my $total = sum($one, $two);'],
  php: ['src/a.php', '$total = sum($one, $two);'],
  python: ['src/a.py', 'total = sum(one, two)'],
  ruby: ['lib/a.rb', 'total = sum(one, two)'],
  rust: ['src/a.rs', '    let total = sum(one, two);'],
  shell: ['bin/a.sh', 'total=$(sum $one $two)'],
  sql: ['a.sql', 'SELECT total FROM sums'],
  swift: ['Sources/a.swift', 'let total = sum(one, two)'],
  terraform: ['main.tf', 'resource "a" "b" {'],
  typescript: ['src/a.ts', 'const total = sum(one, two);'],
  vue: ['src/A.vue', '  <Total :one="two" />'],
  xml: ['res/layout/a.xml', '    android:text="total"'],
  yaml: ['deploy/a.yml', 'key: value'],
};

const byLeader: readonly (readonly [RegExp, string])[] = [
  [/^\/[/*]/, 'javascript'],
  [/^--/, 'sql'],
  [/^<!--/, 'markdown'],
  [/./, 'python'],
];

/** A source with a line of code, and a place where the silencer may stand: its language's, or that of its comment. */
export function silencedSource({ languages, example }: Silencer): { path: string; line: string } {
  const guessed = byLeader.find(([leader]) => leader.test(example))?.[1] ?? 'python';
  const known = languages?.includes(guessed) === false ? languages.find((language) => language in sources) : guessed;
  const [path = '', line = ''] = sources[known ?? guessed] ?? [];
  return { path, line };
}

/** Every file by which a tool can be configured or kept quiet. */
export function settingExamples({ settings = {} }: Tool): SettingExample[] {
  const { files = [], lists = [], tables = {} } = settings;
  return [
    ...examplePaths(files).map((path) => ({ path, before: null, after: 'level = 1\n' })),
    ...examplePaths(lists).map((path) => ({ path, before: null, after: 'src/a.py\n' })),
    ...Object.entries(tables).flatMap(([path, own]) =>
      own.map((table) => ({ path, before: shared(path, null), after: shared(path, table.replace('*', 'x')) })),
    ),
  ];
}

function shared(path: string, table: string | null): string {
  const before = 'name';
  if (path.endsWith('.json')) {
    const own = table?.split('.').reduceRight<unknown>((value, key) => ({ [key]: value }), { level: 1 });
    return `${JSON.stringify({ [before]: 'a', ...((own as object | undefined) ?? {}) }, null, 2)}\n`;
  }
  if (/\.ya?ml$/.test(path)) return `packages:\n  - a\n${table === null ? '' : `${table}:\n  level: 1\n`}`;
  const head = path.endsWith('.toml') ? '[project]\nname = "a"\n' : '[metadata]\nname = a\n';
  return `${head}${table === null ? '' : `\n[${table}]\nlevel = 1\n`}`;
}

/** Comments as the tools' own pages have them, and the line that they silence: behind it where `behind`, else above it. */
export type DocumentedSilencer = {
  readonly tool: string;
  readonly path: string;
  readonly line: string;
  readonly comment: string;
  readonly behind?: true;
};

const above = (tool: string, path: string, line: string, comment: string): DocumentedSilencer => ({
  tool,
  path,
  line,
  comment,
});
const behind = (tool: string, path: string, line: string, comment: string): DocumentedSilencer => ({
  tool,
  path,
  line,
  comment,
  behind: true,
});

export const documentedSilencers: readonly DocumentedSilencer[] = [
  above('actionlint', '.github/workflows/a.yml', '        echo $total', '        # shellcheck disable=SC2086'),
  above('android-lint', 'app/A.kt', '    val total = 1', '    //noinspection NewApi'),
  above('android-lint', 'app/A.kt', '    val total = 1', '    @SuppressLint("NewApi")'),
  above('android-lint', 'res/layout/a.xml', '    android:text="total"', '    tools:ignore="HardcodedText"'),
  behind('ansible-lint', 'tasks/main.yml', '  key: total', '# yamllint disable-line rule:colons'),
  above('black', 'a.py', 'total = 1', '# yapf: disable'),
  above('checkov', 'main.tf', 'resource "a" "total" {', '#bridgecrew:skip=CKV_AWS_20: public'),
  above('credo', 'lib/a.ex', '  total = 1', '  # credo:disable-for-lines:3'),
  above('cspell', 'src/a.ts', 'const total = 1;', '// cspell:words total'),
  behind('codeql', 'src/a.ts', 'const total = 1;', '// lgtm'),
  above('deno-fmt', 'README.md', 'a total of words', '<!-- deno-fmt-ignore-file -->'),
  above('eslint', 'src/a.jsx', '  <Total onClick={run} />', '  {/* eslint-disable-next-line react/jsx-no-bind */}'),
  above('hlint', 'A.hs', 'total = sum one', '{-# ANN module "HLint: ignore Eta reduce" #-}'),
  above('jshint', 'src/a.js', 'var a = total;', '/* globals total */'),
  above('kics', 'main.tf', 'resource "a" "total" {', '# kics-scan disable=ffdf4b37-7703-4dfe-a682-9d2e99bc6c09'),
  above('knip', 'src/a.ts', 'export const total = 1;', '/** @public */'),
  above('markdownlint', 'README.md', 'a total of words', '<!-- markdownlint-configure-file { "MD013": false } -->'),
  above('msbuild', 'src/A.cs', '  var total = 1;', '// <auto-generated/>'),
  above('msbuild', 'src/A.vb', '  Dim total = 1', '#Disable Warning BC40000'),
  above('phpcs', 'src/a.php', '$total = 1;', '// phpcs:set Generic.Files.LineLength lineLimit 200'),
  above('prettier', 'src/a.jsx', '  <Total   one={1} />', '  {/* prettier-ignore */}'),
  above('robot', 'a.robot', '    Log  total', '    # robocop: off'),
  above('ruby-checkers', 'a.haml', '%p= total', '-# haml-lint:disable LineLength'),
  above('scalastyle', 'src/A.scala', '  val total = 1', '  // format: off'),
  above('scalastyle', 'src/A.scala', '  val total = 1', '  @SuppressWarnings(Array("scalafix:DisableSyntax"))'),
  above('sonar', 'src/A.java', '    int total = 1;', '    @SuppressWarnings("java:S1481")'),
  behind('swiftlint', 'Sources/a.swift', 'let total = 1', '// swiftlint:disable:this force_cast'),
  above('tsc', 'src/A.vue', '<Total :one="two" />', '<!-- @vue-expect-error -->'),
];

/** A path for each of these names, as a repository might have it. */
function examplePaths(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(spelled))].map((name) => name.replace(/\*\*/g, 'a/b.toml').replace(/\*/g, ''));
}
