import { placesOf, type ReadSource, readSource } from './doubt/standing-line.ts';
import { affinity, baseName, type Home } from './path-pairs.ts';

/** The texts of files at two commits, as lines; null where a file was not there, undefined where it was not read. */
type TracedTexts = {
  readonly paths: readonly string[];
  readonly before: (path: string) => readonly string[] | null | undefined;
  readonly now: (path: string) => readonly string[] | null | undefined;
  /** New path -> old path, as git pairs them. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly home: Home;
  /** Whether nothing stood on that line of that file: what is there now goes to others first. */
  readonly isFree: (path: string, line: string) => boolean;
  /** How many findings on that line of that file were closed since. */
  readonly closed: (path: string, line: string) => number;
  /** How many of the places that a line has now in a file are those of other findings. */
  readonly taken: (path: string, line: string) => number;
};

type Holder = { readonly path: string; left: number };

/** Below that a pair is no move: the line stands in both by chance. */
const plausible = 0.5;

/**
 * Says into which files the lines of a file went that it no longer holds. Every file that has the line more often than
 * before is asked, and every file that has it less often: each place is taken once, by the file that goes with it best.
 */
export function lineTracer(texts: TracedTexts): (file: string, line: string) => readonly string[] {
  const known = new Map<string, ReadonlyMap<string, readonly string[]>>();
  return (file, line) => {
    const moves = known.get(line) ?? movesOf(line, texts);
    known.set(line, moves);
    return moves.get(file) ?? [];
  };
}

function movesOf(line: string, texts: TracedTexts): ReadonlyMap<string, readonly string[]> {
  const word = longestWord(line);
  const count = (path: string, lines: readonly string[] | null | undefined) =>
    lines == null || !lines.some((one) => one.includes(word)) ? 0 : placesOf(line, readSource(path, lines)).length;
  const counts = texts.paths.map((path) => {
    const now = count(path, texts.now(path));
    const then = count(path, texts.before(path));
    return { path, now, by: now - then, more: now - Math.max(0, then - texts.closed(path, line)) };
  });
  const lost = counts.flatMap(({ path, by }): Holder[] => (by < 0 ? [{ path, left: -by }] : []));
  const gained = counts.flatMap(({ path, now, more }): Holder[] => {
    const left = Math.min(more, now - texts.taken(path, line));
    return left > 0 ? [{ path, left }] : [];
  });
  const pairs = lost.flatMap((from) =>
    gained.map((to) => ({ from, to, score: scoreOf(from.path, to.path, line, texts) })),
  );
  const moves = new Map<string, string[]>();
  for (const { from, to, score } of pairs.sort((a, b) => b.score - a.score)) {
    if (score === Number.NEGATIVE_INFINITY || from.left === 0 || to.left === 0) continue;
    const taken = Math.min(from.left, to.left);
    from.left -= taken;
    to.left -= taken;
    moves.set(from.path, [...(moves.get(from.path) ?? []), to.path]);
  }
  return moves;
}

function scoreOf(
  from: string,
  to: string,
  line: string,
  { before: then, now, renamed, home, isFree }: TracedTexts,
): number {
  const [before, after] = [then(from) ?? [], now(to) ?? []];
  const share = shared(readSource(from, before), readSource(to, after));
  const isPair = renamed.get(to) === from;
  const isSameName = baseName(from) === baseName(to) && now(from) == null;
  const isMove = isPair || isSameName || share >= plausible || areNeighbours(line, [from, before], [to, after]);
  if (!isMove) return Number.NEGATIVE_INFINITY;
  return affinity(from, to, home) + 30 * share + (isPair ? 1 : 0) + (isFree(from, line) ? 0 : 60);
}

/** Which part of the smaller one's lines of code stands in both. */
function shared(one: ReadSource, other: ReadSource): number {
  const [own, theirs] = [codeOf(one), codeOf(other)];
  if (own.size === 0 || theirs.size === 0) return 0;
  let both = 0;
  for (const line of own) if (theirs.has(line)) both += 1;
  return both / Math.min(own.size, theirs.size);
}

const known = new WeakMap<ReadSource, ReadonlySet<string>>();

function codeOf(source: ReadSource): ReadonlySet<string> {
  const before = known.get(source);
  if (before !== undefined) return before;
  const code = new Set(source.code.filter((line) => line.length > 1));
  known.set(source, code);
  return code;
}

type File = readonly [path: string, lines: readonly string[]];

/** Whether the line of code before it or after it went along. */
function areNeighbours(line: string, one: File, other: File): boolean {
  const own = aroundOf(line, one);
  return [...aroundOf(line, other)].some((near) => own.has(near));
}

function aroundOf(line: string, [path, lines]: File): Set<string> {
  const source = readSource(path, lines);
  const near = (from: number, step: number) => {
    for (let at = from + step; at >= 0 && at < source.code.length; at += step) {
      const code = source.code[at] ?? '';
      if (code.length > 3) return [`${step} ${code}`];
    }
    return [];
  };
  return new Set(placesOf(line, source).flatMap(({ from, to }) => [...near(from, -1), ...near(to, 1)]));
}

function longestWord(line: string): string {
  const words = line.match(/\w{1,200}/g) ?? [];
  return words.reduce((long, word) => (word.length > long.length ? word : long), '');
}
