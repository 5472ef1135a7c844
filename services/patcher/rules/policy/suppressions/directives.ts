import type { Reach } from '../../../../../parsers/tools/define.ts';
import { lineCounter } from '../reading/mask-source.ts';
import type { Side } from '../reading/patch-reading.ts';
import { type Silencer, silencerTable } from './suppression-table.ts';

/** One directive that stands in a file. `codes` is null when it silences everything. */
export type Directive = {
  /** The name of the tool that it speaks to. */
  readonly tool: string;
  readonly family: string;
  readonly reach: Reach;
  readonly codes: readonly string[] | null;
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** What ends it, where it silences a block. */
  readonly end: RegExp | null;
};

/** The directives in a file that tell a tool to be silent. */
export function directivesOf(side: Side): Directive[] {
  const name = side.language?.name ?? null;
  return silencerTable
    .filter(({ languages }) => languages === null || name === null || languages.includes(name))
    .flatMap((silencer) =>
      silencer.where === 'comment' || silencer.where === 'inside' ? inComments(side, silencer) : inText(side, silencer),
    );
}

function inComments(side: Side, silencer: Silencer): Directive[] {
  const found: Directive[] = [];
  for (const { text, line, own } of side.comments) {
    // Of an unknown language any line may hold a comment behind its code.
    const start = side.language === null ? Math.max(0, text.search(/#|\/\/|\/\*|--|<!--/)) : 0;
    const words = text.slice(start);
    if (words.search(silencer.pattern) < 0) continue;
    const count = lineCounter(words);
    for (const match of words.matchAll(silencer.pattern))
      found.push(directive(side, silencer, words, match, line + count(match.index).line - 1, own && start === 0));
  }
  return found;
}

function inText(side: Side, silencer: Silencer): Directive[] {
  // Prose and data speak of directives; nobody obeys them there.
  if (side.language?.syntax === null || (silencer.where === 'line' && side.language?.name === 'markdown')) return [];
  const text = silencer.where === 'code' ? side.code : side.text;
  const places =
    silencer.languages?.includes('python') === true && silencer.where === 'line' ? withoutLong(side) : text;
  const count = lineCounter(places);
  return [...places.matchAll(silencer.pattern)].map((match) => {
    const { line, start } = count(match.index);
    return directive(
      side,
      silencer,
      side.text,
      match,
      line,
      /^[\s#/*;%<!-]{0,80}$/.test(places.slice(start, match.index)),
    );
  });
}

/** The text with the lines blanked that lie inside of a docstring: there nobody looks for a directive. */
function withoutLong(side: Side): string {
  const comments = new Set(side.comments.map(({ line }) => line));
  return side.lines
    .map((line, index) => {
      const code = side.codeLines[index] ?? '';
      return code.replace(/["']/g, '').trim() === '' && !comments.has(index + 1) ? ' '.repeat(line.length) : line;
    })
    .join('\n');
}

function directive(
  side: Side,
  silencer: Silencer,
  text: string,
  match: RegExpExecArray,
  line: number,
  own: boolean,
): Directive {
  const { tool, family, reach, alone, end: ends } = silencer;
  const end = match.index + match[0].length;
  const rest =
    (text.slice(end, end + 300).split(/\n|\s--\s|\*\/|-->|[\])}]/, 1)[0] ?? '').split(/\s(?:#|\/\/)/, 1)[0] ?? '';
  const codes = rest
    .split(/[\s,"'()[\]:=;]+/)
    .filter((word) => /^@?\w/.test(word))
    .map((word) => word.toLowerCase());
  const all = codes.length === 0 || codes.includes('all');
  return {
    tool,
    family,
    reach: own ? alone : reach,
    codes: all ? null : codes.sort(),
    path: side.path,
    line,
    text: match[0] + rest,
    end: ends,
  };
}
