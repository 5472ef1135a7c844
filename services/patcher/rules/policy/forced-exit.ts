import type { Rule } from './define.ts';
import { gained, type Hit, lost, placesOf, type Side } from './patch-reading.ts';

type Word = readonly [key: string, languages: string, pattern: RegExp];

const shells = 'shell dockerfile make yaml groovy toml ini';

/** Ways to end well whatever happened. */
const words: readonly Word[] = [
  [
    'or-true',
    shells,
    /(?:\|\||;)\s{0,9}(?:\/\S{0,20})?(?:true|:|exit\s{1,9}0|return\s{1,9}0|echo\b|printf\b)(?=[\s;)}"'&]|$)/gm,
  ],
  ['exit-0', shells, /(?:^|[;&{(]|\bthen|\bdo|\belse|\bRUN)\s{0,200}(?:exit|return)\s{1,9}0\b/gm],
  [
    'set-plus-e',
    shells,
    /\bset\s{1,9}(?:-\w{1,9}\s{1,9}){0,3}\+(?:[euo]|\w{0,9}e)|\bset\s{1,9}\+o\s{1,9}(?:errexit|pipefail)/g,
  ],
  ['trap', shells, /\btrap\b[^\n]{0,100}\b(?:EXIT|ERR)\b/g],
  [
    'continue-on-error',
    'yaml groovy toml',
    /\b(?:continue-on-error|allow_failure|continueOnError|ignore_errors|failFast|ignoreFailure)\s{0,9}:\s{0,9}(?:true|yes|on)\b/gi,
  ],
  [
    'ignore-failures',
    'groovy kotlin xml',
    /\b(?:is)?(?:ignoreFailures|IgnoreFailures|testFailureIgnore|skipTests)\b[\s=>(]{0,9}true|\b(?:failOnError|failOnViolation|abortOnError|failsOnError|failOnWarning)\b[\s=>(]{0,9}false|\bisEnabled\s{0,9}=\s{0,9}false/g,
  ],
  [
    'option',
    `${shells} data json javascript typescript python ruby`,
    /--(?:exit-zero|no-verify|pass-?with-?no-?tests|no-fail\w{0,10}|allow-empty|suppress-tests|continue-on-error|keep-going|fail-never|exit-code[= ]0|no-exit-code|max-warnings[= ]-1)\b|-D(?:skipTests|maven\.test\.\w{1,20}|checkstyle\.skip)\b/gi,
  ],
  [
    'code-exit',
    'python',
    /\b(?:sys\s{0,9}\.\s{0,9}exit|os\s{0,9}\.\s{0,9}_exit|(?<![.\w])exit|(?<![.\w])quit)\s{0,9}\(\s{0,9}(?:0|None|False)?\s{0,9}\)|\bSystemExit\s{0,9}\(\s{0,9}0?\s{0,9}\)/g,
  ],
  [
    'code-exit',
    'javascript typescript vue',
    /\bprocess\s{0,9}\.\s{0,9}(?:exit|reallyExit)\s{0,9}\(\s{0,9}0?\s{0,9}\)|\bprocess\s{0,9}\.\s{0,9}exitCode\s{0,9}=\s{0,9}0\b/g,
  ],
  [
    'code-exit',
    'go rust java kotlin csharp c cpp swift php ruby perl scala',
    /\b(?:os\.Exit|process::exit|System\.exit|Environment\.Exit|exitProcess|_?_?exit|exit!)\s{0,9}\(\s{0,9}(?:0|EXIT_SUCCESS|true)\s{0,9}\)|^[ \t]{0,200}exit!?\s{1,9}(?:0|true)\b/gm,
  ],
];
const guard =
  /\bset\s{1,9}-\w{0,9}[eu]\w{0,9}(?:\s{1,9}-?o?\s{0,9}pipefail)?|\bset\s{1,9}-o\s{1,9}(?:errexit|pipefail|nounset)|^SHELL\b[^\n]{0,200}/gm;

/** A program that fails says so. */
export const forcedExit: Rule = {
  name: 'forced_exit',
  judge(patch) {
    const forced = gained(patch, (side) => words.flatMap((word) => wordIn(side, word)));
    const unguarded = lost(patch, (side) => (isShell(side) ? placesOf(side, side.code, guard, 'guard') : []));
    return [
      ...forced.map(({ path, line }) => ({
        rule: 'exit_forced',
        path,
        line,
        why: 'a failure is turned into success: let it fail, and mend its cause',
      })),
      ...unguarded.map(({ path, line }) => ({
        rule: 'exit_forced',
        path,
        line,
        why: 'the script no longer stops at the first failure',
      })),
    ];
  },
};

function wordIn(side: Side, [key, languages, pattern]: Word): Hit[] {
  const name = side.language?.name ?? 'shell';
  if (!languages.split(' ').includes(name)) return [];
  // JSON has no code that could be told from its strings; prose of the same kind is no script.
  const data = name === 'data' && /\.json$/i.test(side.path);
  return placesOf(side, data ? side.text : side.code, pattern, key);
}

function isShell(side: Side): boolean {
  return ['shell', 'dockerfile', 'make', 'yaml'].includes(side.language?.name ?? 'shell');
}
