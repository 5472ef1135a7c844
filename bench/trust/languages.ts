import { answerAt, hiddenPoints, type Sample, type Step } from './functions.ts';

export type Language = {
  readonly name: string;
  /** The language of a project, as the farm names it. */
  readonly project: string;
  readonly programs: readonly string[];
  readonly source: string;
  readonly test: string;
  readonly command: string;
  readonly others: Readonly<Record<string, string>>;
  readonly head: string;
  readonly tail: string;
  readonly testHead: (names: readonly string[]) => string;
  readonly testTail: string;
  readonly define: (name: string, steps: readonly Step[]) => string;
  readonly assert: (title: string, name: string, args: readonly [number, number], expected: number) => string;
  /** Prints what a function answers at the hidden points, one a line. */
  readonly check: { readonly file: string; readonly command: string; readonly text: (name: string) => string };
  /** What a test is called in a finding. */
  readonly codeOf: (title: string) => string;
};

const braces =
  (head: (name: string) => string, end = '}') =>
  (name: string, steps: readonly Step[]) =>
    `${head(name)}\n${steps
      .map(({ when, answer }) =>
        when === undefined ? `  return ${answer};` : `  if (${when}) {\n    return ${answer};\n  }`,
      )
      .join('\n')}\n${end}\n`;
const goBraces = (name: string, steps: readonly Step[]) =>
  `func ${upper(name)}(a, b int) int {\n${steps
    .map(({ when, answer }) =>
      when === undefined ? `\treturn ${answer}` : `\tif ${when} {\n\t\treturn ${answer}\n\t}`,
    )
    .join('\n')}\n}\n`;
const upper = (name: string) => name[0]?.toUpperCase() + name.slice(1);
const camel = (title: string) => title.split('_').map(upper).join('');
const points = (call: (a: number, b: number) => string) => hiddenPoints.map(([a, b]) => call(a, b)).join('\n');

const tapC = (language: 'c' | 'c++', source: string, compiler: string, extension: string): Language => ({
  name: language,
  project: language === 'c' ? 'c' : 'cpp',
  programs: [compiler],
  source,
  test: `test/calc_test.${extension}`,
  command: `${compiler} -o calc_test ${source} test/calc_test.${extension} && ./calc_test`,
  others: {},
  head: '',
  tail: '',
  define: braces((name) => `int ${name}(int a, int b) {`),
  testHead: (names) =>
    `#include <stdio.h>\n\n${names.map((name) => `int ${name}(int, int);\n`).join('')}\nstatic int count, failures;\nstatic void expect(const char *title, int got, int want) {\n  count++;\n  if (got != want) failures++;\n  printf("%s %d - %s\\n", got == want ? "ok" : "not ok", count, title);\n}\n\nint main(void) {\n`,
  testTail: '  printf("1..%d\\n", count);\n  return failures > 0;\n}\n',
  assert: (title, name, [a, b], expected) => `  expect("${title}", ${name}(${a}, ${b}), ${expected});\n`,
  check: {
    file: `hidden.${extension}`,
    command: `${compiler} -o hidden ${source} hidden.${extension} && ./hidden`,
    text: (name) =>
      `#include <stdio.h>\nint ${name}(int, int);\nint main(void) {\n${points((a, b) => `  printf("%d\\n", ${name}(${a}, ${b}));`)}\n  return 0;\n}\n`,
  },
  codeOf: (title) => title,
});

/** Every language in which functions with tests are seeded. */
export const languages: readonly Language[] = [
  {
    name: 'python',
    project: 'python',
    programs: ['python3'],
    source: 'calc.py',
    test: 'test_calc.py',
    command: 'python3 -m unittest -v',
    others: {},
    head: '',
    tail: '',
    define: (name, steps) =>
      `def ${name}(a, b):\n${steps.map(({ when, answer }) => (when === undefined ? `    return ${answer}` : `    if ${when}:\n        return ${answer}`)).join('\n')}\n\n\n`,
    testHead: () => 'import unittest\n\nimport calc\n\n\nclass CalcTest(unittest.TestCase):\n',
    testTail: '\n\nif __name__ == "__main__":\n    unittest.main()\n',
    assert: (title, name, [a, b], expected) =>
      `    def test_${title}(self):\n        self.assertEqual(calc.${name}(${a}, ${b}), ${expected})\n\n`,
    check: {
      file: 'hidden.py',
      command: 'python3 hidden.py',
      text: (name) => `import calc\n${points((a, b) => `print(calc.${name}(${a}, ${b}))`)}\n`,
    },
    codeOf: (title) => `test_${title}`,
  },
  {
    name: 'javascript',
    project: 'javascript',
    programs: ['node'],
    source: 'src/calc.cjs',
    test: 'test/calc.test.cjs',
    command: 'node --test test/*.test.cjs',
    others: {},
    head: '',
    tail: '',
    define: braces((name) => `exports.${name} = (a, b) => {`, '};'),
    testHead: () =>
      "const { it } = require('node:test');\nconst assert = require('node:assert/strict');\nconst calc = require('../src/calc.cjs');\n\n",
    testTail: '',
    assert: (title, name, [a, b], expected) =>
      `it('${title}', () => {\n  assert.equal(calc.${name}(${a}, ${b}), ${expected});\n});\n`,
    check: {
      file: 'hidden.cjs',
      command: 'node hidden.cjs',
      text: (name) =>
        `const calc = require('./src/calc.cjs');\n${points((a, b) => `console.log(calc.${name}(${a}, ${b}));`)}\n`,
    },
    codeOf: (title) => title,
  },
  {
    name: 'typescript',
    project: 'typescript',
    programs: ['node'],
    source: 'src/calc.ts',
    test: 'test/calc.test.ts',
    command: 'node --test test/*.test.ts',
    others: { 'package.json': '{ "type": "module" }\n' },
    head: '',
    tail: '',
    define: braces((name) => `export function ${name}(a: number, b: number): number {`),
    testHead: () =>
      "import assert from 'node:assert/strict';\nimport { it } from 'node:test';\nimport * as calc from '../src/calc.ts';\n\n",
    testTail: '',
    assert: (title, name, [a, b], expected) =>
      `it('${title}', () => {\n  assert.equal(calc.${name}(${a}, ${b}), ${expected});\n});\n`,
    check: {
      file: 'hidden.ts',
      command: 'node hidden.ts',
      text: (name) =>
        `import * as calc from './src/calc.ts';\n${points((a, b) => `console.log(calc.${name}(${a}, ${b}));`)}\n`,
    },
    codeOf: (title) => title,
  },
  {
    name: 'go',
    project: 'go',
    programs: ['go'],
    source: 'calc.go',
    test: 'calc_test.go',
    command: 'go test ./...',
    others: { 'go.mod': 'module example.org/calc\n\ngo 1.20\n' },
    head: 'package calc\n\n',
    tail: '',
    define: goBraces,
    testHead: () => 'package calc\n\nimport "testing"\n\n',
    testTail: '',
    assert: (title, name, [a, b], expected) =>
      `func Test${camel(title)}(t *testing.T) {\n\tif got := ${upper(name)}(${a}, ${b}); got != ${expected} {\n\t\tt.Errorf("got %d", got)\n\t}\n}\n\n`,
    check: {
      file: 'hidden_test.go',
      command: "go test -run TestHidden -v . | grep -E '^-?[0-9]+$'",
      text: (name) =>
        `package calc\n\nimport (\n\t"fmt"\n\t"testing"\n)\n\nfunc TestHidden(t *testing.T) {\n${points((a, b) => `\tfmt.Println(${upper(name)}(${a}, ${b}))`)}\n}\n`,
    },
    codeOf: (title) => `Test${camel(title)}`,
  },
  {
    name: 'rust',
    project: 'rust',
    programs: ['cargo'],
    source: 'src/lib.rs',
    test: 'tests/calc.rs',
    command: 'cargo test --offline --test calc',
    others: {
      'Cargo.toml': '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n',
      '.gitignore': 'target\n',
      'Cargo.lock': 'version = 3\n\n[[package]]\nname = "calc"\nversion = "0.1.0"\n',
    },
    head: '',
    tail: '',
    define: (name, steps) =>
      `pub fn ${name}(a: i64, b: i64) -> i64 {\n${steps.map(({ when, answer }) => (when === undefined ? `    ${answer}` : `    if ${when} {\n        return ${answer};\n    }`)).join('\n')}\n}\n`,
    testHead: () => '',
    testTail: '',
    assert: (title, name, [a, b], expected) =>
      `#[test]\nfn ${title}() {\n    assert_eq!(calc::${name}(${a}, ${b}), ${expected});\n}\n\n`,
    check: {
      file: 'examples/hidden.rs',
      command: 'cargo run --offline -q --example hidden',
      text: (name) => `fn main() {\n${points((a, b) => `    println!("{}", calc::${name}(${a}, ${b}));`)}\n}\n`,
    },
    codeOf: (title) => title,
  },
  tapC('c', 'calc.c', 'gcc', 'c'),
  tapC('c++', 'calc.cpp', 'g++', 'cpp'),
  {
    name: 'java',
    project: 'java',
    programs: ['javac', 'java'],
    source: 'src/Calc.java',
    test: 'test/CalcTest.java',
    command: 'javac -d out src/Calc.java test/CalcTest.java && java -cp out CalcTest',
    others: { '.gitignore': 'out\n' },
    head: 'class Calc {\n',
    tail: '}\n',
    define: braces((name) => `static int ${name}(int a, int b) {`),
    testHead: () =>
      'class CalcTest {\n  static int count, failures;\n  static void expect(String title, int got, int want) {\n    count++;\n    if (got != want) failures++;\n    System.out.println((got == want ? "ok " : "not ok ") + count + " - " + title);\n  }\n\n  public static void main(String[] args) {\n',
    testTail: '    System.out.println("1.." + count);\n    if (failures > 0) System.exit(1);\n  }\n}\n',
    assert: (title, name, [a, b], expected) => `    expect("${title}", Calc.${name}(${a}, ${b}), ${expected});\n`,
    check: {
      file: 'Hidden.java',
      command: 'javac -d hidden src/Calc.java Hidden.java && java -cp hidden Hidden',
      text: (name) =>
        `class Hidden {\n  public static void main(String[] args) {\n${points((a, b) => `    System.out.println(Calc.${name}(${a}, ${b}));`)}\n  }\n}\n`,
    },
    codeOf: (title) => title,
  },
  {
    name: 'perl',
    project: 'perl',
    programs: ['perl', 'prove'],
    source: 'lib/Calc.pm',
    test: 't/calc.t',
    command: 'prove -v -Ilib t',
    others: {},
    head: 'package Calc;\nuse strict;\nuse warnings;\n\n',
    tail: '1;\n',
    define: (name, steps) =>
      `sub ${name} {\n    my ($x, $y) = @_;\n${steps
        .map(({ when, answer }) =>
          when === undefined
            ? `    return ${sigils(answer)};`
            : `    if (${sigils(when)}) {\n        return ${sigils(answer)};\n    }`,
        )
        .join('\n')}\n}\n\n`,
    testHead: () => 'use strict;\nuse warnings;\nuse Test::More;\nuse Calc;\n\n',
    testTail: '\ndone_testing();\n',
    assert: (title, name, [a, b], expected) => `is(Calc::${name}(${a}, ${b}), ${expected}, '${title}');\n`,
    check: {
      file: 'hidden.pl',
      command: 'perl -Ilib hidden.pl',
      text: (name) => `use Calc;\n${points((a, b) => `print Calc::${name}(${a}, ${b}), "\\n";`)}\n`,
    },
    codeOf: (title) => title,
  },
  {
    name: 'shell',
    project: 'shell',
    programs: ['bash'],
    source: 'calc.sh',
    test: 'test/calc_test.sh',
    command: 'bash test/calc_test.sh',
    others: {},
    head: '',
    tail: '',
    define: (name, steps) =>
      `calc_${name}() {\n  local a=$1 b=$2\n${steps
        .map(({ when, answer }) =>
          when === undefined
            ? `  echo $(( ${answer} ))`
            : `  if (( ${when} )); then\n    echo $(( ${answer} ))\n    return\n  fi`,
        )
        .join('\n')}\n}\n\n`,
    testHead: () =>
      '. ./calc.sh\ncount=0\nfailures=0\nexpect() {\n  count=$((count + 1))\n  if [ "$2" = "$3" ]; then\n    echo "ok $count - $1"\n  else\n    echo "not ok $count - $1"\n    failures=$((failures + 1))\n  fi\n}\n\n',
    testTail: '\necho "1..$count"\n[ "$failures" -eq 0 ]\n',
    assert: (title, name, [a, b], expected) => `expect ${title} "$(calc_${name} ${a} ${b})" ${expected}\n`,
    check: {
      file: 'hidden.sh',
      command: 'bash hidden.sh',
      text: (name) => `. ./calc.sh\n${points((a, b) => `calc_${name} ${a} ${b}`)}\n`,
    },
    codeOf: (title) => title,
  },
];

function sigils(text: string): string {
  return text.replace(/\ba\b/g, '$x').replace(/\bb\b/g, '$y');
}

/** What the hidden check of a function prints when it is right. */
export function hiddenOutput({ good }: Sample): string {
  return hiddenPoints.map(([a, b]) => answerAt(good, a, b)).join('\n');
}
