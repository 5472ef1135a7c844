import { maskSource } from '../policy/reading/mask-source.ts';
import { languageOf } from '../policy/reading/source-language.ts';
import { addedLines, sectionsOf } from './draft-part.ts';

type Texts = {
  readonly diff: string;
  /** The draft's files that judge nothing, and what they said at the base commit. */
  readonly sources: readonly string[];
  readonly before: ReadonlyMap<string, string>;
  /** The texts of the tests that fail. */
  readonly tests: readonly string[];
};

const begins = 'The tests do not settle it: ';

/** Numbers that every program may have, powers of ten and two, of the clock and the calendar: none of them says where it is from. */
const plain = /^(?:[012]|0\.[05]|1\.0|10|1_?0{2,6}|60|24|3600|86_?400|7|12|365|366|400|1024)$/;
const numbers = /(?<![\w.$])\d[\d_]*(?:\.\d+)?(?![\w.])/g;
const lossy = String.raw`(?:typeof |(?:len|size|type|bool|Boolean|strlen|count|sizeof)\s?\(|!!)`;
const size = String.raw`\.(?:length|size|len|count|Length|Count)(?:\(\))?`;

/** How a line looks at less than it is given. The code is without texts and comments. */
const partly: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?<![\w.])([a-z_]\w*) [-^] \1(?![\w.([])/i, 'a value is taken from itself'],
  [/\* ?0(?![\w.])|(?<![\w.])0 \*/, 'a value is multiplied by nothing'],
  [/\[(?:-?\d+)?:-?\d+\]|\.slice\((?:-?\d+, ?)?-?\d+\)|\.(?:take|first|head)\(\d+\)/, 'a part is taken by its place'],
  [/% ?\d/, 'a remainder by a number decides'],
  [/\.(?:clear|Clear)\(\)|\.length = 0\b/, 'what is handed in is emptied'],
  [
    new RegExp(
      String.raw`${lossy}[^=!<>&|]{1,80}\s?(?:={2,3}|!==?)\s?${lossy}|${size} ?(?:={2,3}|!==?) ?[\w.()[\]$]{1,60}${size}`,
    ),
    'sizes or kinds are compared in place of what they are of',
  ],
];

/** An answer, and in another arm the same with one more or less. */
const answers = /(?:^|\breturn\b|\becho\b|=>|\?|:(?!:)|\belse\b|\{)\s*([^;{}?:]{1,120}?)\s*(?:;|\}|:|$)/g;
const nudge = /^(.{0,100}[a-z].{0,100}?) ?[-+] ?1(?: ?\)\))?$/i;

/**
 * What the tests do not settle about a draft that mends a failing one: a formula can be fitted to a few questions in many ways. Nothing
 * here says that a draft is wrong, so that a person looks at it before it is pushed. Each sentence names the place.
 */
export function doubtsOf({ diff, sources, before, tests }: Texts): string[] {
  const asked = tests.join('\n');
  return sectionsOf(diff)
    .filter(({ path }) => sources.includes(path))
    .flatMap((section) => {
      const old = before.get(section.path) ?? '';
      const language = languageOf(section.path, old);
      const lines = addedLines(section).map(({ line, text }) => ({
        ...{ line, text: text.slice(0, 2000) },
        code: maskSource(text.slice(0, 2000), language).code,
      }));
      const doubt = (line: number, what: string) => `${begins}${section.path}:${line}: ${what}.`;
      const has = new Set(old.match(numbers));
      const oldCode = maskSource(old, language).code;
      const answered = new Set(lines.flatMap(({ code }) => answersIn(code)));
      const said = [...answered, ...answersIn(oldCode)].map(bare);
      return lines.flatMap(({ line, text, code }) => {
        const number = code.match(numbers)?.find((one) => !plain.test(one) && !has.has(one));
        const part = partly.find(([pattern]) => pattern.test(code) && !pattern.test(oldCode))?.[1];
        const more = answersIn(code).find((one) => {
          const same = bare(nudge.exec(one)?.[1] ?? '');
          return same !== '' && said.includes(same);
        });
        const word = replaced(text).find((one) => !old.includes(one));
        return [
          ...(number === undefined
            ? []
            : [doubt(line, `the number ${number} ${fromTest(number, asked)}, and the source did not have it`)]),
          ...(part === undefined ? [] : [doubt(line, part)]),
          ...(more === undefined ? [] : [doubt(line, `"${more}" is another answer of the same, and one more or less`)]),
          ...(word === undefined ? [] : [doubt(line, `"${word}" is replaced, of which the source did not speak`)]),
        ];
      });
    })
    .map((one) => one.slice(0, 512))
    .slice(0, 8);
}

/** The doubts among the notes of a proof. */
export function doubtsIn(notes: readonly string[]): string[] {
  return notes.filter((note) => note.startsWith(begins));
}

const fromTest = (number: string, asked: string) =>
  new RegExp(`(?<![\\w.])${number.replace('.', '\\.')}(?![\\w.])`).test(asked)
    ? 'stands in the test'
    : 'stands in no test';

function answersIn(code: string): string[] {
  return code
    .split('\n')
    .flatMap((line) =>
      [...line.matchAll(answers)]
        .map(([, one = '']) => one.trim().replace(/^(?:return|echo)\b\s*/, ''))
        .filter(Boolean),
    );
}

const bare = (text: string) => text.replace(/[\s()$]/g, '');

/** Words that an expansion of a shell replaces or cuts off. */
function replaced(text: string): string[] {
  return [...text.matchAll(/\$\{\w+(?:\/\/?[#%]?|##?|%%?)([^}]{3,100})\}/g)].flatMap(([, pattern = '']) =>
    pattern.split('/').filter((one) => /[A-Za-z]{3}/.test(one)),
  );
}
