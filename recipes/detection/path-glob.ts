/** A glob that was read: what is known of a path, segment by segment. */
export type PathGlob = readonly (readonly Segment[])[];

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  | { readonly kind: 'set'; readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };
/** `**`, or the pieces that one name of a path is held against. */
type Segment = '**' | readonly Piece[];

/** Bounds of one glob: reading one costs at most alternatives x characters, matching a name pieces x characters. */
const longest = 256;
const mostAlternatives = 64;

/**
 * Reads a glob: `*`, `?`, `[a-z]`, `**` for any folders, `{a,b}` and `{1..3}`; names that begin with a dot are taken only by a
 * glob that says the dot. Answers what is wrong with it as a sentence instead. Nothing is handed to an engine that goes
 * back over what it has read, so no text can take long.
 */
export function readGlob(text: string): PathGlob | string {
  if (text.length > longest) return `is longer than ${longest} characters`;
  if (/[\0\\]/.test(text)) return 'must use forward slashes, without escapes';
  if (/[@!+*?]\(/.test(text)) return 'uses @(…), !(…), +(…), *(…) or ?(…), which are not known here';
  const alternatives = expand(text);
  if (alternatives === null) return `stands for more than ${mostAlternatives} globs`;
  return alternatives.map((one) =>
    one
      .replace(/(^|\/)\*\*+\/*$/, '$1**/*')
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .map((part): Segment => (/^\*\*+$/.test(part) ? '**' : piecesOf(part))),
  );
}

/** Where a walk stands: for each alternative the segments that may come next. */
export type GlobState = readonly ReadonlySet<number>[];

/** The state before the first name of a path. */
export function globStart(glob: PathGlob): GlobState {
  return glob.map((segments) => skipped(segments, new Set([0])));
}

/** The state after one more name, or null when no path below it can match. */
export function globStep(glob: PathGlob, state: GlobState, name: string): GlobState | null {
  const next = glob.map((segments, index) => {
    const reached = new Set<number>();
    for (const at of state[index] ?? []) {
      const segment = segments[at];
      if (segment === '**' && !name.startsWith('.')) reached.add(at);
      else if (segment !== undefined && segment !== '**' && nameMatches(segment, name)) reached.add(at + 1);
    }
    return skipped(segments, reached);
  });
  return next.some((one) => one.size > 0) ? next : null;
}

/** Whether the names so far are a whole match. */
export function globEnds(glob: PathGlob, state: GlobState): boolean {
  return glob.some((segments, index) => state[index]?.has(segments.length));
}

/** Whether a glob takes a path; false for one that cannot be read. */
export function globMatches(text: string, path: string): boolean {
  const glob = readGlob(text);
  if (typeof glob === 'string') return false;
  let state: GlobState | null = globStart(glob);
  for (const name of path.split('/')) state = state && globStep(glob, state, name);
  return state !== null && globEnds(glob, state);
}

/** `**` also stands for no folder at all. */
function skipped(segments: readonly Segment[], at: Set<number>): Set<number> {
  for (const index of at) if (segments[index] === '**') at.add(index + 1);
  return at;
}

/** Goes back to the last `*` alone, so the work is at most pieces x characters. */
function nameMatches(pieces: readonly Piece[], name: string): boolean {
  const first = pieces[0];
  if (name.startsWith('.') && !(first?.kind === 'text' && first.text.startsWith('.'))) return false;
  let [piece, at, star, starAt] = [0, 0, -1, 0];
  for (;;) {
    const one = pieces[piece];
    if (one?.kind === 'many') {
      [star, starAt] = [piece, at];
      piece += 1;
      continue;
    }
    if (one === undefined && at === name.length) return true;
    const taken = one === undefined ? 0 : takes(one, name, at);
    if (taken > 0) {
      piece += 1;
      at += taken;
      continue;
    }
    if (star < 0 || starAt >= name.length) return false;
    starAt += 1;
    [piece, at] = [star + 1, starAt];
  }
}

/** How many characters a piece takes at a place; 0 for none. */
function takes(piece: Piece, name: string, at: number): number {
  if (piece.kind === 'text') return name.startsWith(piece.text, at) ? piece.text.length : 0;
  const char = name[at];
  if (char === undefined || piece.kind === 'many') return 0;
  if (piece.kind === 'one') return 1;
  return piece.ranges.some(([from, to]) => char >= from && char <= to) !== piece.not ? 1 : 0;
}

function piecesOf(part: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [word] of part.matchAll(/\*+|\?|\[[!^]?\]?[^\]]*\]|[^*?[]+|\[/g)) {
    if (word.startsWith('*')) pieces.push({ kind: 'many' });
    else if (word === '?') pieces.push({ kind: 'one' });
    else if (word.startsWith('[') && word.length > 2) pieces.push(setOf(word.slice(1, -1)));
    else pieces.push({ kind: 'text', text: word });
  }
  return pieces;
}

function setOf(inner: string): Piece {
  const not = /^[!^]/.test(inner);
  const ranges = [...inner.slice(not ? 1 : 0).matchAll(/(.)-(.)|(.)/gs)].map(
    ([, from, to, single]) => [from ?? single ?? '', to ?? single ?? ''] as const,
  );
  return { kind: 'set', not, ranges };
}

/** What the braces stand for, or null when that is too much; those without a comma or a range are text. */
function expand(text: string): string[] | null {
  const done: string[] = [];
  const open = [text];
  while (open.length > 0) {
    if (done.length + open.length > mostAlternatives) return null;
    const one = open.pop() ?? '';
    const found = firstBraces(one);
    if (found === null) {
      done.push(one);
      continue;
    }
    const { from, to, choices } = found;
    if (choices.length > mostAlternatives) return null;
    open.push(...choices.map((choice) => one.slice(0, from) + choice + one.slice(to)));
  }
  return done;
}

type Braces = { from: number; to: number; choices: string[] };

/** The first innermost braces that mean something. */
function firstBraces(text: string): Braces | null {
  for (const { 0: whole, 1: inner = '', index } of text.matchAll(/\{([^{}]*)\}/g)) {
    const to = index + whole.length;
    if (inner.includes(',')) return { from: index, to, choices: inner.split(',') };
    const [, low, high] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(inner) ?? [];
    if (low === undefined || high === undefined) continue;
    const [least, most] = [Math.min(Number(low), Number(high)), Math.max(Number(low), Number(high))];
    const count = Math.min(most - least, mostAlternatives) + 1;
    return { from: index, to, choices: Array.from({ length: count }, (_, step) => String(least + step)) };
  }
  return null;
}
