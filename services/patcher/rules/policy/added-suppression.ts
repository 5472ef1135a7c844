import type { Objection, Rule } from './define.ts';
import { lineCounter } from './mask-source.ts';
import type { Reading, Side } from './patch-reading.ts';
import { endingTable } from './silence-ending.ts';
import { type Silencer, silencerTable } from './suppression-table.ts';

/** One directive that stands in a file. `codes` is null when it silences everything. */
type Directive = {
  readonly family: string;
  readonly width: number;
  readonly codes: readonly string[] | null;
  readonly path: string;
  readonly line: number;
  readonly text: string;
};

/** Directives that are compared with each other. */
const most = 500;

/** No tool is told to be silent that was not before. What moves, or becomes narrower, is not added. */
export const addedSuppression: Rule = {
  name: 'added_suppression',
  judge(patch) {
    const before = patch.files.flatMap(({ before }) => directivesOf(before));
    const after = patch.files.flatMap(({ after }) => directivesOf(after));
    const [fresh, gone] = without(after, before);
    const wide = gone.sort((a, b) => size(a) - size(b)).slice(0, most);
    const unpaid = fresh.slice(0, most).filter((one) => {
      const at = wide.findIndex((other) => covers(other, one));
      if (at >= 0) wide.splice(at, 1);
      return at < 0;
    });
    return [...unpaid.map(objection), ...lostEndings(patch, before, after)];
  },
};

function objection({ path, line, text }: Directive): Objection {
  const words = text.replace(/\s+/g, ' ').trim().slice(0, 120);
  return { rule: 'suppression_added', path, line, why: `"${words}" silences a tool: mend what it found instead` };
}

function directivesOf(side: Side | null): Directive[] {
  if (side === null) return [];
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
    if (text.search(silencer.pattern) < 0) continue;
    const count = lineCounter(text);
    for (const match of text.matchAll(silencer.pattern))
      found.push(directive(side, silencer, text, match, line + count(match.index).line - 1, own));
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
    return directive(side, silencer, side.text, match, line, places.slice(start, match.index).trimStart() === '');
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
  const { family, width, placed } = silencer;
  const end = match.index + match[0].length;
  const rest =
    (text.slice(end, end + 300).split(/\n|\s--\s|\*\/|-->|[\])}]/, 1)[0] ?? '').split(/\s(?:#|\/\/)/, 1)[0] ?? '';
  const codes = rest
    .split(/[\s,"'()[\]:=;]+/)
    .filter((word) => /^@?\w/.test(word))
    .map((word) => word.toLowerCase());
  const all = codes.length === 0 || codes.includes('all');
  return {
    family,
    width: width + (placed === true && own ? 1 : 0),
    codes: all ? null : codes.sort(),
    path: side.path,
    line,
    text: match[0] + rest,
  };
}

const keyOf = ({ family, width, codes }: Directive) => `${family} ${width} ${codes?.join() ?? '*'}`;
const size = ({ width, codes }: Directive) => width * 1000 + (codes?.length ?? 999);

/** What each of two lists has that the other has not, or not as often. */
function without(after: readonly Directive[], before: readonly Directive[]): [Directive[], Directive[]] {
  const left = new Map<string, Directive[]>();
  for (const one of before) {
    const same = left.get(keyOf(one));
    if (same === undefined) left.set(keyOf(one), [one]);
    else same.push(one);
  }
  const fresh = after.filter((one) => left.get(keyOf(one))?.pop() === undefined);
  return [fresh, [...left.values()].flat()];
}

function covers(wide: Directive, narrow: Directive): boolean {
  if (wide.family !== narrow.family || wide.width < narrow.width) return false;
  return wide.codes === null || (narrow.codes?.every((code) => wide.codes?.includes(code)) ?? false);
}

/** A block of silence whose end is taken away reaches to the end of the file. */
function lostEndings({ files }: Reading, before: readonly Directive[], after: readonly Directive[]): Objection[] {
  return endingTable.flatMap(([family, pattern]) => {
    const count = (side: Side | null) => (side === null ? 0 : (side.text.match(pattern)?.length ?? 0));
    const blocks = (all: readonly Directive[]) => all.filter((one) => one.family === family && one.width > 1).length;
    const file = files.find(({ before, after }) => count(before) > count(after));
    const ends = files.reduce((sum, { before, after }) => sum + count(before) - count(after), 0);
    if (file === undefined || ends <= Math.max(0, blocks(before) - blocks(after))) return [];
    return [
      {
        rule: 'suppression_added',
        path: file.file.path,
        line: null,
        why: 'the end of a silenced block is gone, so that it reaches further',
      },
    ];
  });
}
