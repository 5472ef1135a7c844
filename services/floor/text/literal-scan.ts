/** Reports where something to be masked lies, as positions from and to (exclusive). */
export type Found = (from: number, to: number) => void;

/** Looks through bytes; answers where something begins that more bytes could make whole, or the length. */
export type Scan = (bytes: Uint8Array, found: Found) => number;

type Machine = {
  /** What a byte is to the machine; 0 for those in no needle. */
  readonly kind: Uint8Array;
  readonly kinds: number;
  /** The next state, by state and kind. */
  readonly next: Int32Array;
  /** The longest needle that ends in a state, and how much of one a state has seen. */
  readonly ends: Int32Array;
  readonly depth: Int32Array;
};

/** Finds any of some needles in one pass, also where they are percent-encoded in whole or in part (Aho and Corasick). */
export function literalScan(needles: readonly Uint8Array[]): Scan {
  if (needles.length === 0) return (bytes) => bytes.length;
  const machine = machineOf(needles);
  return (bytes, found) => Math.min(run(machine, bytes, found), runDecoded(machine, bytes, found));
}

function run({ kind, kinds, next, ends, depth }: Machine, bytes: Uint8Array, found: Found): number {
  let state = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    state = next[state * kinds + (kind[bytes[at] as number] as number)] as number;
    const length = ends[state] as number;
    if (length > 0) found(at + 1 - length, at + 1);
  }
  return bytes.length - (depth[state] as number);
}

const percent = 0x25;

/** The same over what the bytes mean where `%41` means one. */
function runDecoded(machine: Machine, bytes: Uint8Array, found: Found): number {
  const first = bytes.indexOf(percent);
  if (first < 0) return bytes.length;
  const plain = new Uint8Array(bytes.length);
  const starts = new Uint32Array(bytes.length + 1);
  let [at, length] = [0, 0];
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    const value = byte === percent ? hexPair(bytes, at + 1) : byte;
    // The rest of a pair may be on its way.
    if (value === undefined) break;
    starts[length] = at;
    plain[length++] = value === null ? byte : value;
    at += byte === percent && value !== null ? 3 : 1;
  }
  starts[length] = at;
  const open = run(machine, plain.subarray(0, length), (from, to) =>
    found(starts[from] as number, starts[to] as number),
  );
  return starts[open] as number;
}

/** Null when there is none, undefined when the bytes end before one could be whole. */
function hexPair(bytes: Uint8Array, at: number): number | null | undefined {
  const [high, low] = [bytes[at], bytes[at + 1]];
  if (high === undefined) return undefined;
  const [first, second] = [hexDigit(high), low === undefined ? 0 : hexDigit(low)];
  if (first < 0 || second < 0) return null;
  return low === undefined ? undefined : first * 16 + second;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function machineOf(needles: readonly Uint8Array[]): Machine {
  const kind = new Uint8Array(256);
  let kinds = 1;
  for (const needle of needles) for (const byte of needle) if (kind[byte] === 0) kind[byte] = kinds++ & 255;
  // More kinds than a byte can count: every byte is its own.
  if (kinds > 255) {
    kinds = 256;
    for (let byte = 0; byte < 256; byte += 1) kind[byte] = byte;
  }
  const most = needles.reduce((sum, { length }) => sum + length, 1);
  const next = new Int32Array(most * kinds);
  const ends = new Int32Array(most);
  const depth = new Int32Array(most);
  let states = 1;
  for (const needle of needles) {
    let state = 0;
    for (const byte of needle) {
      const step = state * kinds + (kind[byte] as number);
      if (next[step] === 0) {
        depth[states] = (depth[state] as number) + 1;
        next[step] = states++;
      }
      state = next[step] as number;
    }
    ends[state] = needle.length;
  }
  link(next, ends, { states, kinds });
  return { kind, kinds, next, ends, depth };
}

/** Makes every step lead somewhere: to where the longest end of what was seen leads. */
function link(next: Int32Array, ends: Int32Array, { states, kinds }: { states: number; kinds: number }): void {
  const fallback = new Int32Array(states);
  const queue: number[] = [];
  for (let step = 0; step < kinds; step += 1) if (next[step] !== 0) queue.push(next[step] as number);
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] as number;
    const back = fallback[state] as number;
    if (ends[state] === 0) ends[state] = ends[back] as number;
    for (let step = 0; step < kinds; step += 1) {
      const to = next[state * kinds + step] as number;
      const other = next[back * kinds + step] as number;
      if (to === 0) next[state * kinds + step] = other;
      else {
        fallback[to] = other;
        queue.push(to);
      }
    }
  }
}
