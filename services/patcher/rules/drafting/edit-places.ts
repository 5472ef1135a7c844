import type { Edit } from '../../../../events/finding.ts';
import type { CountedUnit } from '../../../../parsers/tools/define.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';

type Place = Edit['start'];

/** The edits of the contract count UTF-16 code units; a parser does not see the file, and hands on what its tool counts. */
export function unitOf(tool: string): CountedUnit {
  const fix = toolNamed(tool)?.fix;
  return fix?.how === 'edits' ? fix.counts : 'unknown';
}

/** A file in which places are looked up. `offset` answers with UTF-16 code units in `text`, or null for no such place. */
export type PlacedText = {
  readonly text: string;
  offset(place: Place, unit: CountedUnit, isEnd: boolean): number | null;
};

/** Tools do not count a byte order mark. Lines end at `\n` or `\r\n`. */
export function placedText(text: string): PlacedText {
  const first = text.startsWith('\uFEFF') ? 1 : 0;
  let starts: number[] | null = null;
  let lone: number | null = null;
  const whole = (at: number) => (at > first && at < text.length && splits(text, at) ? null : at);
  return {
    text,
    offset(place, unit, isEnd) {
      if ('offset' in place) {
        // Go counts the bytes of a mark in offsets, and not in columns.
        if (unit === 'bytes' && first > 0) return null;
        const at = advance(text, first, text.length, place.offset, unit);
        return at === null ? null : whole(at);
      }
      starts ??= lineStarts(text, first);
      const start = starts[place.line - 1];
      // A tool that replaces whole lines ends after the last one, also where no line end follows it.
      if (start === undefined)
        return isEnd && place.line === starts.length + 1 && place.column === 1 ? text.length : null;
      const next = starts[place.line] ?? text.length + 1;
      const end = next - (text.startsWith('\r\n', next - 2) ? 2 : 1);
      // Some tools end lines at a lone carriage return, and count the lines after it otherwise.
      lone ??= loneReturn(text);
      if (lone < next) return null;
      const at = advance(text, start, Math.min(end, text.length), place.column - 1, unit);
      return at === null ? null : whole(at);
    },
  };
}

function lineStarts(text: string, first: number): number[] {
  const starts = [first];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function loneReturn(text: string): number {
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) if (text[at + 1] !== '\n') return at;
  return Number.POSITIVE_INFINITY;
}

/** Inside of a pair of surrogates. */
function splits(text: string, at: number): boolean {
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** So many units on from `from`, at most to `end`; null when that is too far, inside of a character, or not known. */
function advance(text: string, from: number, end: number, count: number, unit: CountedUnit): number | null {
  if (unit === 'utf16') return from + count <= end ? from + count : null;
  let at = from;
  let left = count;
  while (left > 0 && at < end) {
    const code = text.codePointAt(at) ?? 0;
    if (code > 0x7f && unit === 'unknown') return null;
    left -= unit === 'bytes' ? bytesOf(code) : 1;
    at += code > 0xffff ? 2 : 1;
  }
  return left === 0 ? at : null;
}

function bytesOf(code: number): number {
  if (code <= 0x7f) return 1;
  if (code <= 0x7ff) return 2;
  return code <= 0xffff ? 3 : 4;
}
