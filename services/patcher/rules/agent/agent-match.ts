/** A line without its end, and its end (`''` at the end of a text without one). */
export type TextLine = { readonly text: string; readonly end: string };

/** Lines of a file that a search means, from `first` (0-based), and what to put before each line that replaces them. */
export type LineMatch = { readonly first: number; readonly count: number; readonly shift: Shift };
type Shift = { readonly add: string; readonly remove: string };

const noShift: Shift = { add: '', remove: '' };
const maxCandidates = 2000;

/** The lines of a text; none for an empty one. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at);
    const to = feed < 0 ? text.length : feed;
    const end = feed < 0 ? '' : text[feed - 1] === '\r' && feed > at ? '\r\n' : '\n';
    lines.push({ text: text.slice(at, to - (end === '\r\n' ? 1 : 0)), end });
    at = to + 1;
  }
  return lines;
}

/** Where whole lines stand that differ from the searched ones in trailing white space and line ends alone. */
export function sameLines(file: readonly TextLine[], search: readonly TextLine[]): LineMatch[] {
  const places = placesOf(file, search, (text) => text.trimEnd());
  return places.map((first) => ({ first, count: search.length, shift: noShift }));
}

/** Where whole lines stand that are the searched ones, all indented more, or all less, by the same characters. */
export function shiftedLines(file: readonly TextLine[], search: readonly TextLine[]): LineMatch[] {
  const places = placesOf(file, search, (text) => text.trim());
  return places.slice(0, maxCandidates).flatMap((first) => {
    const shift = shiftBetween(file.slice(first, first + search.length), search);
    return shift === undefined ? [] : [{ first, count: search.length, shift }];
  });
}

/** A line of the replacement, indented as the lines that it replaces were found to be. */
export function shifted(text: string, { add, remove }: Shift): string {
  if (text.trim() === '') return text;
  return add + (remove !== '' && text.startsWith(remove) ? text.slice(remove.length) : text);
}

function shiftBetween(found: readonly TextLine[], search: readonly TextLine[]): Shift | undefined {
  let shift: Shift | undefined;
  for (const [index, { text }] of search.entries()) {
    if (text.trim() === '') continue;
    const wanted = indentOf(text);
    const actual = indentOf(found[index]?.text ?? '');
    shift ??= actual.endsWith(wanted)
      ? { add: actual.slice(0, actual.length - wanted.length), remove: '' }
      : { add: '', remove: wanted.endsWith(actual) ? wanted.slice(0, wanted.length - actual.length) : '' };
    const expected = shift.add + (wanted.startsWith(shift.remove) ? wanted.slice(shift.remove.length) : wanted);
    if (expected !== actual) return undefined;
  }
  return shift;
}

function indentOf(text: string): string {
  return text.slice(0, text.length - text.trimStart().length);
}

// Knuth, Morris and Pratt: agents and repositories choose both texts, and equal lines must not make this quadratic.
function placesOf(file: readonly TextLine[], search: readonly TextLine[], keyOf: (text: string) => string): number[] {
  const wanted = search.map(({ text }) => keyOf(text));
  if (wanted.every((key) => key.trim() === '')) return [];
  const fallback = fallbacks(wanted);
  const places: number[] = [];
  let matched = 0;
  for (const [index, { text }] of file.entries()) {
    const key = keyOf(text);
    while (matched > 0 && key !== wanted[matched]) matched = fallback[matched - 1] ?? 0;
    if (key === wanted[matched]) matched += 1;
    if (matched < wanted.length) continue;
    places.push(index - wanted.length + 1);
    matched = fallback[matched - 1] ?? 0;
  }
  return places;
}

/** For each beginning of the list, the length of the longest shorter beginning that it ends with. */
function fallbacks(wanted: readonly string[]): number[] {
  const lengths = [0];
  let length = 0;
  for (let at = 1; at < wanted.length; at += 1) {
    while (length > 0 && wanted[at] !== wanted[length]) length = lengths[length - 1] ?? 0;
    if (wanted[at] === wanted[length]) length += 1;
    lengths.push(length);
  }
  return lengths;
}
