import type { Found, Scan } from './literal-scan.ts';

/** A way to write bytes as digits. A window of digits that a secret has too is masked, wherever it stands. */
type Notation = {
  /** How many bits a digit has. */
  readonly bits: number;
  /** How many make a window; 53 bits at most. */
  readonly digits: number;
  /** What a byte is: a digit's value, -1 for what ends a run, -2 for what may stand within one. */
  readonly value: Int8Array;
  /** Further digits and signs around a run hold bits of the same secret. */
  readonly spills: boolean;
  /** Which windows count; all of them unless said. */
  readonly counts?: (window: Buffer) => boolean;
};

const [ends, within] = [-1, -2];

function valuesOf(digits: readonly string[], between: string): Int8Array {
  const value = new Int8Array(256).fill(ends);
  for (const set of digits) for (const [at, digit] of [...set].entries()) value[digit.charCodeAt(0)] = at;
  for (const sign of between) value[sign.charCodeAt(0)] = within;
  return value;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Both alphabets, at any wrap. Seven digits are 42 bits, of six bytes at the worst of the three alignments. */
export const base64: Notation = {
  bits: 6,
  digits: 7,
  value: valuesOf([`${letters}+/`, `${letters}-_`], '\r\n'),
  spills: true,
};

/**
 * A piece of a token as it is, as `xxd`, `od -c`, `cut -c` or `fold` print it: eight letters and digits that are mixed as no word
 * is, so that the names and addresses that a secret may hold stay readable.
 */
export const plainPieces: Notation = {
  bits: 6,
  digits: 8,
  value: valuesOf([letters], ' \t\r\n'),
  spills: false,
  counts: (window) => {
    const kinds = [...window.toString('latin1')].map(kindOf);
    const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
    const numerals = kinds.filter((kind) => kind === 'digit').length;
    return changes >= 4 || (numerals >= 2 && numerals <= 6 && changes >= 2);
  },
};

function kindOf(letter: string): 'digit' | 'upper' | 'lower' {
  if (letter >= '0' && letter <= '9') return 'digit';
  if (letter >= 'A' && letter <= 'Z') return 'upper';
  return 'lower';
}

/** In either case, at any wrap, and as `73:65`, `%73%65`, `\x73\x65` or in groups. Twelve digits are six bytes. */
export const hexadecimal: Notation = {
  bits: 4,
  digits: 12,
  value: valuesOf(['0123456789abcdef', '0123456789ABCDEF'], '\r\n\t :%\\x'),
  spills: false,
};

/** Of the last digits so many decide whether to look closer: 18 bits at most. */
const glance = 3;

/** Finds the windows that these texts, which hold digits alone, have. */
export function digitScan(texts: readonly string[], notation: Notation): Scan {
  const { bits, digits, value, spills, counts = () => true } = notation;
  const glanceMask = 2 ** (bits * glance) - 1;
  const seen = new Uint8Array(glanceMask + 1);
  const all = new Set<number>();
  for (const text of texts) {
    const bytes = Buffer.from(text);
    for (let to = glance; to <= bytes.length; to += 1) {
      seen[windowBefore(bytes, to, glance, notation).digits] = 1;
      if (to >= digits && counts(bytes.subarray(to - digits, to)))
        all.add(windowBefore(bytes, to, digits, notation).digits);
    }
  }
  const windows = Float64Array.from(all).sort();
  const isDigit = (byte: number | undefined) => byte !== undefined && (value[byte] as number) >= 0;
  const mark = (bytes: Uint8Array, at: number, found: Found) => {
    const window = windowBefore(bytes, at + 1, digits, notation);
    if (!holds(windows, window.digits)) return;
    let [from, to] = [window.from, at + 1];
    if (spills && isDigit(bytes[from - 1])) from -= 1;
    if (spills && isDigit(bytes[to])) to += 1;
    while (spills && bytes[to] === equals) to += 1;
    found(from, to);
  };
  return (bytes, found) => {
    let [last, count] = [0, 0];
    for (let at = 0; at < bytes.length; at += 1) {
      const digit = value[bytes[at] as number] as number;
      if (digit >= 0) {
        last = ((last << bits) | digit) & glanceMask;
        count += 1;
        if (seen[last] !== 0 && count >= digits) mark(bytes, at, found);
      } else if (digit === ends) count = 0;
    }
    if (count < glance || seen[last] === 0) return bytes.length;
    return windowBefore(bytes, bytes.length, Math.min(count, digits), notation).from;
  };
}

const equals = 0x3d;

/** The last digits before a place, as one number, and where they begin. */
function windowBefore(bytes: Uint8Array, to: number, count: number, { bits, value }: Notation) {
  let [digits, unit, left, from] = [0, 1, count, to];
  while (left > 0 && from > 0) {
    from -= 1;
    const digit = value[bytes[from] as number] as number;
    if (digit < 0) continue;
    digits += digit * unit;
    unit *= 2 ** bits;
    left -= 1;
  }
  return { digits, from };
}

function holds(sorted: Float64Array, wanted: number): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as number) < wanted) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === wanted;
}
