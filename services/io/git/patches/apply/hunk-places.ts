import { fitIndent, learnIndent } from './hunk-indent.ts';
import type { LooseHunk, LooseLine } from './loose-diff.ts';

type Line = { readonly text: string; readonly end: string };
type Edit = { readonly at: number; readonly count: number; readonly lines: readonly Line[]; readonly hunk: LooseHunk };

/** What became of the hunks: the new text, or why one of them has no place. */
type Placed = { readonly text: string } | { readonly problem: string };

/** Two lines are taken for the same by ever weaker rules. */
const likenesses: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.trimEnd(),
  (text) => text.replace(/\s+/g, ' ').trim(),
];
const mostDropped = 3;
/** Lines that are compared before a diff is given up: a hostile one could keep us for hours. */
const mostCompared = 20_000_000;

type Search = { readonly lines: readonly Line[]; readonly have: (readonly string[])[]; left: number };

/**
 * Puts hunks where their old lines are in a text, whatever their headers say: as they are, then with other spaces, then with
 * up to three outer lines of context left out. A place counts when it is the only one, or the only nearest one to the
 * line that an untouched hunk names. Old lines stay as the text has them; new ones get its line ends and its indentation.
 */
export function placeHunks(text: string, hunks: readonly LooseHunk[]): Placed {
  const lines = splitLines(text);
  const mostEnd = lines.filter((line) => line.end === '\r\n').length * 2 > lines.length ? '\r\n' : '\n';
  const search: Search = { lines: [...lines], have: [], left: mostCompared };
  const edits: Edit[] = [];
  for (const [number, hunk] of hunks.entries()) {
    const found = findPlace(search, hunk);
    if (typeof found === 'string') return { problem: `hunk ${number + 1} ${found}` };
    const edit = { ...found, lines: newLines(lines, found, mostEnd), hunk };
    if (edits.some((each) => each.at < edit.at + edit.count && edit.at < each.at + each.count)) {
      return { problem: `hunk ${number + 1} overlaps another one` };
    }
    edits.push(edit);
  }
  const open = openEnd(lines, edits);
  for (const { at, count, lines: fresh } of edits.sort((a, b) => b.at - a.at)) lines.splice(at, count, ...fresh);
  return { text: joinLines(lines, open, mostEnd) };
}

/** The text of a new file: the added lines. */
export function addedText(hunks: readonly LooseHunk[]): string {
  const lines = hunks.flatMap((hunk) => hunk.lines.filter((line) => line.mark === '+'));
  const open = hunks.at(-1)?.open.new ?? false;
  return lines.map((line) => line.text).join('\n') + (open || lines.length === 0 ? '' : '\n');
}

type Place = { at: number; count: number; marked: readonly LooseLine[] };

function findPlace(search: Search, hunk: LooseHunk): Place | string {
  let most = 0;
  for (const part of narrowed(hunk.lines)) {
    const old = part.lines.filter((line) => line.mark !== '+');
    if (!old.some((line) => line.text.trim() !== '')) continue;
    for (const likeness of likenesses.keys()) {
      const places = occurrences(search, old, likeness);
      if (search.left <= 0) return 'takes too long to find';
      const chosen = part.dropped === 0 ? nearest(places, hunk.start) : places;
      if (chosen.length === 1) return { at: chosen[0] ?? 0, count: old.length, marked: part.lines };
      most = Math.max(most, places.length);
      if (places.length > 1) break;
    }
  }
  return most > 1 ? `fits in ${most} places: it needs more context` : 'has lines that are not in the file';
}

function* narrowed(all: readonly LooseLine[]): Generator<{ dropped: number; lines: readonly LooseLine[] }> {
  yield { dropped: 0, lines: all };
  // Words after a diff were taken for context.
  let end = all.length;
  while (end > 0 && all[end - 1]?.loose) end -= 1;
  const lines = all.slice(0, end);
  if (end < all.length) yield { dropped: 0, lines };
  const before = lines.findIndex((line) => line.mark !== ' ');
  const after = lines.length - 1 - lines.findLastIndex((line) => line.mark !== ' ');
  if (before < 0) return;
  for (let dropped = 1; dropped <= mostDropped && dropped <= Math.max(before, after); dropped += 1) {
    yield { dropped, lines: lines.slice(Math.min(dropped, before), lines.length - Math.min(dropped, after)) };
  }
}

function occurrences(search: Search, old: readonly LooseLine[], likeness: number): number[] {
  const alike = likenesses[likeness] ?? ((text: string) => text);
  const wanted = old.map((line) => alike(line.text.replace(/\r$/, '')));
  search.have[likeness] ??= search.lines.map((line) => alike(line.text));
  const have = search.have[likeness];
  const found: number[] = [];
  for (let at = 0; at + wanted.length <= have.length && search.left > 0; at += 1) {
    let same = 0;
    while (same < wanted.length && have[at + same] === wanted[same]) same += 1;
    search.left -= same + 1;
    if (same === wanted.length) found.push(at);
  }
  return found;
}

function nearest(places: readonly number[], start: number | null): readonly number[] {
  if (start === null || places.length < 2) return places;
  const least = places.reduce((best, place) => Math.min(best, Math.abs(place - (start - 1))), Number.POSITIVE_INFINITY);
  return places.filter((place) => Math.abs(place - (start - 1)) === least);
}

function newLines(lines: readonly Line[], { at, marked }: Place, end: string): Line[] {
  const indents = new Map<string, string>();
  const old = marked.filter((line) => line.mark !== '+');
  // Backwards, so that what stands before the first old line is indented as that one is.
  for (const [offset, line] of [...old.entries()].reverse())
    learnIndent(indents, line.text, lines[at + offset]?.text ?? '');
  let next = at;
  return marked.flatMap((line) => {
    if (line.mark === '+') return [{ text: fitIndent(indents, line.text.replace(/\r$/, '')), end }];
    const kept = lines[next++];
    learnIndent(indents, line.text, kept?.text ?? '');
    return line.mark === ' ' && kept !== undefined ? [kept] : [];
  });
}

function splitLines(text: string): Line[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((whole) => {
    const end = whole.endsWith('\r\n') ? '\r\n' : whole.endsWith('\n') ? '\n' : '';
    return { text: whole.slice(0, whole.length - end.length), end };
  });
}

// Who never says that the end is missing does not mean to add it.
function openEnd(lines: readonly Line[], edits: readonly Edit[]): boolean {
  const isOpen = lines.at(-1)?.end === '';
  const last = edits.find((edit) => edit.at + edit.count === lines.length);
  if (last === undefined) return isOpen;
  return last.hunk.open.new || (isOpen && !last.hunk.open.old);
}

// Only the last line may lack its end.
function joinLines(lines: readonly Line[], open: boolean, end: string): string {
  return lines.map((line, at) => line.text + (open && at === lines.length - 1 ? '' : line.end || end)).join('');
}
