import { linesOf } from './agent-match.ts';

/** A part of a file as it stands there, from line `firstLine` (1-based); `whole` says that it is all of the file. */
export type SourcePiece = { readonly text: string; readonly firstLine: number; readonly whole: boolean };

type WindowLimits = {
  /** A file of at most so many lines and bytes is given whole. */
  readonly wholeLines: number;
  readonly wholeBytes: number;
  /** Lines on each side of a place. */
  readonly around: number;
  /** The most bytes of one file. */
  readonly maxBytes: number;
};

const usualWindow: WindowLimits = { wholeLines: 400, wholeBytes: 24 * 1024, around: 60, maxBytes: 96 * 1024 };

const maxPlaces = 200;

/**
 * What to show of a file of which these lines (1-based) matter: all of it when it is small, else the lines around each,
 * merged where they meet, fewer of them where the lines are long; from its beginning when no line is known. Lines past the
 * end mean the last one. Empty when not even the lines themselves fit.
 */
export function sourceWindow(
  text: string,
  lines: readonly number[],
  limits: WindowLimits = usualWindow,
): readonly SourcePiece[] {
  const all = linesOf(text).map((line) => line.text + line.end);
  if (all.length <= limits.wholeLines && Buffer.byteLength(text) <= Math.min(limits.wholeBytes, limits.maxBytes))
    return [{ text, firstLine: 1, whole: true }];
  const known = lines.filter((line) => Number.isSafeInteger(line) && line > 0);
  const places = [...new Set(known.map((line) => Math.min(line, all.length)))].slice(0, maxPlaces);
  if (places.length === 0) places.push(1);
  for (let around = limits.around; ; around = Math.floor(around / 2)) {
    const pieces = piecesAround(all, places, around);
    const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece.text), 0);
    if (bytes <= limits.maxBytes) return pieces;
    if (around > 0) continue;
    // The lines themselves are too many or too long: those that come first are the more important ones.
    if (places.length === 1) return [];
    places.length = Math.ceil(places.length / 2);
    around = limits.around;
  }
}

function piecesAround(all: readonly string[], places: readonly number[], around: number): SourcePiece[] {
  const spans: { from: number; to: number }[] = [];
  for (const place of [...places].sort((a, b) => a - b)) {
    const from = Math.max(1, place - around);
    const to = Math.min(all.length, place + around);
    const last = spans.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans.map(({ from, to }) => ({
    text: all.slice(from - 1, to).join(''),
    firstLine: from,
    whole: from === 1 && to === all.length,
  }));
}

/** The lines (1-based) that hold a word, at most so many of them. */
export function linesNaming(text: string, word: string, most = 8): number[] {
  if (word === '') return [];
  const found: number[] = [];
  for (const [index, line] of linesOf(text).entries()) {
    if (line.text.includes(word)) found.push(index + 1);
    if (found.length === most) break;
  }
  return found;
}
