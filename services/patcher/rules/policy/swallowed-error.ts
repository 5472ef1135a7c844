import type { Rule } from './define.ts';
import { gained, type Hit, placesOf, type Side } from './patch-reading.ts';
import { isTestFile } from './test-case.ts';

const braces = 'java kotlin csharp cpp swift php scala dart javascript typescript vue groovy';
const nothing = '(?:pass|\\.\\.\\.|continue|return(?:[ \\t]{1,9}(?:None|False|True))?)';

/** Errors that nobody hears of, by language. Comments are blanks by then. */
const words: readonly (readonly [languages: string, pattern: RegExp])[] = [
  [
    'python',
    new RegExp(
      `\\bexcept(?:[ \\t]{1,9}\\(?(?:[\\w., \\t]{0,80}\\b)?(?:Base)?Exception\\b[^:\\n]{0,80})?[ \\t]{0,9}:\\s{0,400}${nothing}[ \\t]{0,400}(?:;|$)`,
      'gm',
    ),
  ],
  ['python', /\bsuppress\s{0,9}\([^()\n]{0,80}\b(?:BaseException|Exception|AssertionError)\b/g],
  [braces, /\bcatch\b\s{0,9}(?:\([^(){}\n]{0,200}\)|[\w. ]{0,60})\s{0,9}\{\s{0,400}\}/g],
  [
    'javascript typescript vue',
    /\.\s{0,9}catch\s{0,9}\(\s{0,9}(?:async\s{1,9})?(?:\(\s{0,9}\w{0,40}\s{0,9}\)|\w{1,40})\s{0,9}=>\s{0,9}(?:\{\s{0,200}\}|undefined|null|void\s{1,9}0|false|true)\s{0,9}\)|\.\s{0,9}catch\s{0,9}\(\s{0,9}(?:noop|_\.noop|\(\s{0,9}\)\s{0,9}=>|function\s{0,9}\(\s{0,9}\w{0,20}\s{0,9}\)\s{0,9}\{\s{0,200}\})/g,
  ],
  [
    'ruby',
    /\brescue\s{1,9}(?:nil|false|true|0)\b|\brescue\b(?:[ \t]{1,9}[\w:, \t]{0,80}(?:=>\s{0,9}\w{1,40})?)?[ \t]{0,40}\n\s{0,400}(?:nil\s{0,99})?(?:end|ensure)\b/g,
  ],
  ['php', /(?<=[=(,;{\s!.&|?:]|return)@\s{0,9}\\?(?:[a-z_]\w{0,80}(?:\\\w{1,80}){0,6}(?:::\w{1,80})?\s{0,9}\(|\$\w)/gi],
  ['go', /\bif\s[^{}\n]{0,200}\berr\s{0,9}!=\s{0,9}nil\s{0,9}\{\s{0,400}\}|\brecover\s{0,9}\(\s{0,9}\)\s{0,9}\}/g],
  ['swift', /\bcatch\s{0,9}\{\s{0,400}\}/g],
  ['elixir', /\brescue\s{1,99}_\s{0,9}->/g],
];
const inTests = /\bexcept\b[^:\n]{0,200}:\s{0,400}(?:pass|\.\.\.|return|continue)[ \t]{0,400}(?:;|$)/gm;

/** An error that is caught is also treated. */
export const swallowedError: Rule = {
  name: 'swallowed_error',
  judge: (patch) =>
    gained(patch, wordsIn).map(({ path, line }) => ({
      rule: 'error_swallowed',
      path,
      line,
      why: 'an error is caught and forgotten: treat it, or let it pass',
    })),
};

function wordsIn(side: Side): Hit[] {
  const name = side.language?.name ?? '';
  if (name === 'python' && isTestFile(side)) return placesOf(side, side.code, inTests, name);
  return words
    .filter(([languages]) => languages.split(' ').includes(name))
    .flatMap(([, pattern]) => placesOf(side, side.code, pattern, name));
}
