import type { MutatedLine } from '../../../../events/jobs/job.ts';
import { maskSource } from '../policy/reading/mask-source.ts';
import { type Language, languageOf } from '../policy/reading/source-language.ts';
import { addedLines, sectionsOf } from './draft-part.ts';

/** Mutants that one proof runs; each costs one run of the recipe. */
const mostMutants = 4;

type Made = { readonly text: string; readonly what: string };
type Line = { readonly text: string; readonly code: string; readonly language: Language };

const nothing: Readonly<Record<string, string>> = {
  python: 'None',
  javascript: 'undefined',
  typescript: 'undefined',
  ruby: 'nil',
  php: 'null',
  lua: 'nil',
};
const noStatement: Readonly<Record<string, string>> = { python: 'pass', ruby: 'nil', shell: ':', perl: '1;' };

/** What stands for what, the most telling first. Each pattern has what may not change as its first and last group. */
const swaps: readonly (readonly [pattern: RegExp, to: (found: string) => string])[] = [
  [/(===|!==|==|!=)/, (op) => (op.startsWith('!') ? op.replace('!', '=') : op.replace('=', '!'))],
  [/(<=|>=)(?!>)/, (op) => (op === '<=' ? '>' : '<')],
  [/(?<= )([<>])(?= )/, (op) => (op === '<' ? '>=' : '<=')],
  [/(&&|\|\|)/, (op) => (op === '&&' ? '||' : '&&')],
  [/(?<= )(and|or)(?= )/, (op) => (op === 'and' ? 'or' : 'and')],
  [/\b(true|false|True|False)\b/, (word) => opposite[word] ?? word],
  [/(?<=[\w)\]] )([-+*/%])(?= [\w("'[-])/, (op) => (op === '-' ? '+' : '-')],
  [/([-+])(?==[^=])/, (op) => (op === '-' ? '+' : '-')],
  [/(?<=\w)([-+*])(?=[a-zA-Z0-9(])/, (op) => (op === '-' ? '+' : '-')],
  [/(?<![\w.])(\d+)(?![\w.])/, (number) => (number.length > 15 ? number : String(Number(number) + 1))],
];
const opposite: Readonly<Record<string, string>> = { true: 'false', false: 'true', True: 'False', False: 'True' };

/**
 * The added lines of a draft, each made wrong in one way: a test that tells the draft from its opposite fails on one of them.
 * At most `most`, spread over the lines; `files` are those of which a line may change. Nothing for languages that are not known.
 */
export function mutantsOf(diff: string, files: readonly string[], most: number = mostMutants): MutatedLine[] {
  const wanted = new Set(files);
  const ways = sectionsOf(diff)
    .filter(({ path }) => wanted.has(path))
    .flatMap((section) =>
      addedLines(section).map(({ line, text }) =>
        waysOf(text, section.path)
          .filter((made) => made.text !== text && made.text.length <= 4096)
          .map((made) => ({ file: section.path, line, text: made.text, what: made.what.slice(0, 256) })),
      ),
    )
    .filter((one) => one.length > 0);
  const chosen: MutatedLine[] = [];
  for (let turn = 0; chosen.length < most && ways.some((one) => one.length > turn); turn += 1)
    chosen.push(
      ...spread(
        ways.flatMap((one) => one[turn] ?? []),
        most - chosen.length,
      ),
    );
  return chosen;
}

/** So many of them, from the first to the last. */
function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)] as T);
}

function waysOf(text: string, path: string): Made[] {
  const language = languageOf(path, '');
  if (
    language === null ||
    language.syntax === null ||
    text.length > 2000 ||
    /^\s*(?:$|import\b|from\b|use\b|#include)/.test(text)
  )
    return [];
  const { code } = maskSource(text, language);
  if (code.trim() === '') return [];
  const line: Line = { text, code, language };
  return [...swapped(line), ...returnsNothing(line), ...otherText(line), ...dropped(line)];
}

function swapped({ text, code }: Line): Made[] {
  return swaps.flatMap(([pattern, to]) => {
    const found = pattern.exec(code);
    const old = found?.[1];
    if (!found || old === undefined) return [];
    const at = found.index + found[0].indexOf(old);
    const changed = to(old);
    return [{ text: text.slice(0, at) + changed + text.slice(at + old.length), what: `${old} becomes ${changed}` }];
  });
}

function returnsNothing({ text, code, language }: Line): Made[] {
  const empty = nothing[language.name];
  const found = /^(\s*return )\S.*?(;?\s*)$/.exec(code);
  if (!found || empty === undefined || /[{([]\s*$/.test(code)) return [];
  const end = found[2]?.trimEnd() ?? '';
  return [{ text: `${text.slice(0, found[1]?.length)}${empty}${end}`, what: `it returns ${empty}` }];
}

/** The first text in quotes, with a letter more. */
function otherText({ text, code }: Line): Made[] {
  const found = /(["'])( +)\1/.exec(code);
  if (!found) return [];
  const end = found.index + found[0].length - 1;
  return [{ text: `${text.slice(0, end)}X${text.slice(end)}`, what: 'the text has a letter more' }];
}

const keepsItsPlace =
  /^\s*(?:[})\]]|else\b|elif\b|except\b|catch\b|finally\b|case\b|default\b|def\b|class\b|function\b|func\b|fn\b|if\b|for\b|while\b|with\b|try\b|switch\b|match\b|export\b|@|const\b|let\b|var\b|end\b|fi\b|done\b|then\b|do\b)/;

/** One statement on one line, left out. */
function dropped({ text, code, language }: Line): Made[] {
  const known = noStatement[language.name];
  const isWhole = known === undefined ? /;\s*$/.test(code) : !/[:,({[\\]\s*$/.test(code.trimEnd());
  const isBalanced = ['()', '[]', '{}'].every(
    ([open = '', close = '']) => code.split(open).length === code.split(close).length,
  );
  if (!isWhole || !isBalanced || keepsItsPlace.test(code) || !/[\w)]/.test(code)) return [];
  const indent = /^\s*/.exec(text)?.[0] ?? '';
  return [{ text: known === undefined ? `${indent};` : indent + known, what: 'the statement is left out' }];
}
