import { baseName, type ReadFile, type Reading, type Side } from './patch-reading.ts';

/** One test of a file, from its first line up to the next test. */
export type TestCase = {
  readonly name: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Its lines as they are, and without comments and the insides of strings; the first one declares it. */
  readonly lines: readonly string[];
  readonly code: readonly string[];
};

const testFolder = /(?:^|\/)(?:tests?|specs?|__tests__|e2e|testing|[\w.-]{1,60}[._-]?tests?|[\w.-]{1,60}Tests?)\//i;

/** Where the runner of a language looks for tests. */
const collected: Readonly<Record<string, RegExp>> = {
  c: /test/i,
  cpp: /test/i,
  csharp: /./,
  elixir: /_test\.exs$/,
  go: /_test\.go$/,
  groovy: /(?:Test|Tests|Spec|IT)\.groovy$/,
  java: /(?:Test|Tests|TestCase|IT|ITCase)\.java$|(?:^|\/)Test[A-Z]\w{0,80}\.java$/,
  javascript:
    /[._-](?:test|spec|e2e|cy)\.[cm]?jsx?$|(?:^|\/)(?:__tests__|tests?|specs?)\/.{0,300}\.[cm]?jsx?$|(?:^|\/)test\.[cm]?js$/i,
  kotlin: /(?:Test|Tests|Spec|IT)\.kts?$|(?:^|\/)Test[A-Z]\w{0,80}\.kt$/,
  php: /Test\.php$|(?:^|\/)tests?\/.{0,300}\.php$/i,
  python: /(?:^|\/)(?:test_[^/]*|[^/]*_test|tests?)\.py$/,
  ruby: /(?:_spec|_test)\.rb$|(?:^|\/)test_[^/]*\.rb$/,
  rust: /./,
  shell: /\.bats$|test/i,
  swift: /./,
  typescript: /[._-](?:test|spec|e2e|cy)\.[cm]?tsx?$|(?:^|\/)(?:__tests__|tests?|specs?)\/.{0,300}\.[cm]?tsx?$/i,
};

const script =
  /\b(?:x?it|x?test|fit|ftest|xspecify|specify)\b(?:\s{0,9}\.\s{0,9}\w{1,20}){0,3}\s{0,9}(?:\([^()\n]{0,80}\))?\s{0,9}[(`]\s{0,99}["'`]/;
const jvm = /\bvoid\s{1,9}(test\w{0,100})\s{0,9}\(/;
const declarations: Readonly<Record<string, RegExp>> = {
  c: /^(?:static\s{1,9})?(?:void|int)\s{1,9}(test_\w{1,100})\s{0,9}\(|^\s{0,20}(?:TEST\w{0,12}|START_TEST|Test)\s{0,9}\(\s{0,9}(\w{1,100}(?:\s{0,9},\s{0,9}\w{1,100})?)/,
  cpp: /^\s{0,20}(?:[A-Z]{0,20}_?TEST\w{0,20}|TEST_CASE|SCENARIO|BOOST_\w{1,20}_TEST_CASE|START_TEST)\s{0,9}\(\s{0,9}(\w{0,100}(?:\s{0,9},\s{0,9}\w{1,100})?)/,
  elixir: /^\s{0,200}(?:test|property)\s{1,9}"/,
  go: /^func\s{1,9}((?:Test|Fuzz|Example|Benchmark)(?![a-z])\w{0,150})\s{0,9}\(/,
  groovy: /^\s{0,200}def\s{1,9}["']|void\s{1,9}(test\w{0,100})/,
  java: jvm,
  javascript: script,
  kotlin: /\bfun\s{1,9}(test\w{0,100})\s{0,9}\(/,
  php: /\bfunction\s{1,9}(test\w{0,150})\s{0,9}\(|^\s{0,200}(?:it|test)\s{0,9}\(\s{0,99}["']/i,
  python: /^\s{0,200}(?:async\s{1,9})?def\s{1,9}(test\w{0,150})\s{0,9}\(/,
  ruby: /^\s{0,200}(?:x?it|x?specify|x?example|fit|pending|scenario|x?test|x?should)\s{0,9}\(?\s{0,9}["'{d]|^\s{0,200}def\s{1,9}(test_\w{1,150})/,
  shell: /^@test\s|^\s{0,9}(?:function\s{1,9})?(test\w{1,100})\s{0,9}\(\s{0,9}\)/,
  swift: /\bfunc\s{1,9}(test\w{0,150})\s{0,9}\(/,
  typescript: script,
};

/** An attribute above a function makes it a test. */
const marks: Readonly<Record<string, RegExp>> = {
  csharp:
    /\[\s{0,9}(?:\w{1,20}\s{0,9},\s{0,9})?(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod|TestCaseSource|SkippableFact)\b/,
  java: /@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b/,
  kotlin: /@(?:[\w.]{1,40}\.)?(?:Test|ParameterizedTest|RepeatedTest|TestFactory)\b/,
  php: /#\[\s{0,9}(?:\\?\w{1,40}\\){0,6}Test\b/,
  rust: /#\s{0,9}\[\s{0,9}(?:\w{1,40}\s{0,9}::\s{0,9}){0,3}(?:test|rstest|test_case|proptest|wasm_bindgen_test|quickcheck)\b/,
  swift: /@Test\b/,
};
const marked =
  /\b(?:fn|fun|func|function)\s{1,9}(\w{1,150}|`[^`\n]{0,200}`)|^(?!\s{0,200}[@#[])[^=;]{0,200}?\b(\w{1,150})\s{0,9}\(/;

/** Whether the runner of its language looks for tests in it. */
export function isCollected(side: Side): boolean {
  const pattern = collected[side.language?.name ?? ''];
  return (
    pattern?.test(side.path) === true && !/(?:^|\/)(?:support|helpers?|fixtures?|testdata|utils?)\//i.test(side.path)
  );
}

/** Whether it belongs to the tests: tests, their helpers and what they read. */
export function isTestFile(side: Side): boolean {
  const everywhere = ['csharp', 'rust', 'swift', 'shell', 'c', 'cpp'].includes(side.language?.name ?? '');
  return testFolder.test(side.path) || (everywhere ? /test/i.test(baseName(side.path)) : isCollected(side));
}

export function testsOf(side: Side | null): TestCase[] {
  if (side === null || !isCollected(side)) return [];
  const language = side.language?.name ?? '';
  const starts: { name: string; at: number }[] = [];
  let mark: number | null = null;
  for (const [at, full] of side.codeLines.entries()) {
    const code = full.slice(0, 500);
    const raw = (side.lines[at] ?? '').slice(0, 500);
    const declared = declarations[language]?.exec(code);
    if (marks[language]?.test(code) === true) mark ??= at;
    const named =
      mark === null ? null : marked.exec(code.replace(/@\w{1,60}(?:\([^()\n]{0,200}\))?|#?\[[^\][\n]{0,200}\]/g, ' '));
    if (named != null && mark !== null) {
      starts.push({ name: named[1] ?? named[2] ?? '', at: mark });
      mark = null;
    } else if (declared != null && mark === null) starts.push({ name: declared[1] ?? declared[2] ?? titleIn(raw), at });
  }
  return starts.map(({ name, at }, index) => {
    const end = starts[index + 1]?.at ?? side.lines.length;
    return {
      name,
      path: side.path,
      line: at + 1,
      lines: side.lines.slice(at, end),
      code: side.codeLines.slice(at, end),
    };
  });
}

function titleIn(raw: string): string {
  return /["'`](.{0,300})["'`]/.exec(raw)?.[1] ?? raw.trim();
}

/** A test and what became of it: of the same name, of nearly the same name, or with nearly the same body. */
export type Pair = { readonly before: TestCase; readonly after: TestCase | null; readonly file: ReadFile };

/** Comparing bodies costs the product of their numbers. */
const mostCompared = 100;

export function pairTests(patch: Reading): Pair[] {
  const left = new Map<string, TestCase[]>();
  const put = (test: TestCase, key: string) => left.set(key, [...(left.get(key)?.slice(0, mostCompared) ?? []), test]);
  for (const { after } of patch.files) for (const test of testsOf(after)) put(test, test.name);
  const take = (test: TestCase) => {
    const same = left.get(test.name) ?? [];
    const at = Math.max(
      0,
      same.findIndex(({ path }) => path === test.path),
    );
    return same.splice(at, 1)[0] ?? null;
  };
  const pairs = patch.files.flatMap((file) =>
    testsOf(file.before).map((before) => ({ before, after: take(before), file })),
  );
  const free = [...left.values()].flat().slice(0, mostCompared);
  let compared = 0;
  return pairs.map((pair) => {
    if (pair.after !== null || compared >= mostCompared) return pair;
    compared += 1;
    const at = free.findIndex((test) => isRenamed(pair.before, test));
    return at < 0 ? pair : { ...pair, after: free.splice(at, 1)[0] ?? null };
  });
}

function isRenamed(before: TestCase, after: TestCase): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain(before.name) === plain(after.name)) return true;
  const old = bodyOf(before);
  const now = new Set(bodyOf(after));
  return old.length > 0 && old.filter((line) => now.has(line)).length >= 0.6 * Math.max(old.length, now.size);
}

/** The lines in which a test does something, trimmed. */
export function bodyOf({ lines, code }: TestCase): string[] {
  return lines.flatMap((line, index) => {
    const text = (code[index] ?? '').replace(/["'`]/g, '').trim();
    const idle = /^(?:pass|\.\.\.|end|return;?|[{}()[\];,]*|@.*|#\s?!?\[.*)$/.test(text);
    return index === 0 || idle ? [] : [line.trim()];
  });
}
