import { base64, digitScan, hexadecimal, plainPieces } from './digit-scan.ts';
import { literalScan, type Scan } from './literal-scan.ts';

/** Replaces secrets in text that is about to leave the process. */
export type Redactor = {
  readonly text: (text: string) => string;
  /** The same over a stream of bytes: holds back what could be the beginning of a secret until more arrives. */
  readonly stream: () => { write(chunk: Buffer): Buffer; end(): Buffer };
};

const mask = Buffer.from('[redacted]');
/** Shorter strings are too common in ordinary text to be masked without making a log useless. */
const shortest = 6;
/** More is not held back: whoever prints nothing but one secret without an end is not to fill the memory. */
const mostHeld = 256 * 1024;
/** What has left is looked at again as far as a window of digits reaches. */
const context = 64;

/** Whether a value is long enough to be kept out of what jobs print. */
export function isMaskable(secret: string): boolean {
  return secret.trim().length >= shortest;
}

/**
 * A redactor that knows these secrets; the identity when there is none. Masked are a whole value and each of its lines, without
 * the space around them, of six characters or more: as they are, as JSON and percent-encoded; and six bytes or more of them
 * in hexadecimal and in base64; and eight characters or more of what looks made by chance, as it is.
 */
export function redactorOf(secrets: readonly string[]): Redactor {
  const known = secrets.filter(isMaskable);
  if (known.length === 0)
    return { text: (input) => input, stream: () => ({ write: (chunk) => chunk, end: () => Buffer.alloc(0) }) };
  const needles = new Set(
    known.flatMap(piecesOf).flatMap((piece) => [piece, inJson(piece), piece.replaceAll(' ', '+')]),
  );
  const bytes = known.map((secret) => Buffer.from(secret));
  const scans = [
    literalScan([...needles].map((needle) => Buffer.from(needle))),
    digitScan(bytes.flatMap(base64Texts), base64),
    digitScan(
      known.flatMap((secret) => secret.match(/[a-z0-9]{8,}/gi) ?? []),
      plainPieces,
    ),
    digitScan(
      bytes.flatMap((secret) => [secret, ...swapped(secret)]).map((secret) => secret.toString('hex')),
      hexadecimal,
    ),
  ];
  return {
    text: (input) => {
      const all = Buffer.from(input);
      const { spots } = look(scans, all);
      return spots.length === 0 ? input : masked(all, spots, { from: 0, to: all.length }).toString();
    },
    stream: () => redactStream(scans),
  };
}

/** The lines of a secret, trimmed; one that is too short to be masked by itself together with its neighbours. */
function piecesOf(secret: string): string[] {
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim());
  const long = lines.filter((line) => line.length >= shortest);
  const joined = lines.flatMap((line, at) =>
    line === '' || line.length >= shortest
      ? []
      : [lines.slice(Math.max(0, at - 1), at + 1), lines.slice(at, at + 2)].flatMap((some) => [
          some.join('\n'),
          some.join('\r\n'),
        ]),
  );
  return [...long, ...joined.filter((text) => text.trim().length >= shortest && text.includes('\n'))];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As `hexdump` and `od -x` print words of two bytes, wherever the first one begins. */
function swapped(bytes: Buffer): Buffer[] {
  return [0, 1].map((from) => {
    const even = bytes.subarray(from, from + 2 * Math.floor((bytes.length - from) / 2));
    return Buffer.from(even).swap16();
  });
}

/** The digits that these bytes alone decide, at each of the three alignments. */
function base64Texts(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

type Spot = { from: number; to: number };

/** What is to be masked, in order and apart, and where something begins that could become such. */
function look(scans: readonly Scan[], bytes: Buffer): { spots: Spot[]; open: number } {
  const found: Spot[] = [];
  let open = bytes.length;
  for (const scan of scans)
    open = Math.min(
      open,
      scan(bytes, (from, to) => void add(found, from, to)),
    );
  found.sort((a, b) => a.from - b.from);
  const spots: Spot[] = [];
  for (const spot of found) add(spots, spot.from, spot.to);
  return { spots, open };
}

function add(spots: Spot[], from: number, to: number): void {
  const last = spots.at(-1);
  if (last && from < last.to && from >= last.from) last.to = Math.max(last.to, to);
  else spots.push({ from, to });
}

function masked(bytes: Buffer, spots: readonly Spot[], { from, to }: Spot): Buffer {
  const parts: Buffer[] = [];
  let at = from;
  for (const spot of spots) {
    if (spot.to <= from || spot.from >= to) continue;
    parts.push(bytes.subarray(at, Math.max(at, spot.from)), mask);
    at = Math.min(spot.to, to);
  }
  return Buffer.concat([...parts, bytes.subarray(at, to)]);
}

function redactStream(scans: readonly Scan[]) {
  /** What has left, as far as it counts, and what waits. */
  let [left, held] = [Buffer.alloc(0), Buffer.alloc(0)];
  /** What left last was masked to its end. */
  let endsMasked = false;
  const release = (chunk: Buffer, isEnd: boolean): Buffer => {
    const all = Buffer.concat([left, held, chunk]);
    const { spots, open } = look(scans, all);
    let to = isEnd ? all.length : Math.max(open, left.length);
    const across = spots.find((spot) => spot.from < to && to <= spot.to);
    if (!isEnd && across && to < all.length) to = Math.max(across.from, left.length);
    if (all.length - to > mostHeld) to = all.length;
    const goesOn = endsMasked && spots.some((spot) => spot.from < left.length && spot.to > left.length);
    const out = masked(all, spots, { from: left.length, to });
    if (to > left.length) endsMasked = spots.some((spot) => spot.from < to && spot.to >= to);
    held = Buffer.from(all.subarray(to));
    left = Buffer.from(all.subarray(Math.max(0, to - context), to));
    return goesOn ? out.subarray(mask.length) : out;
  };
  return {
    write: (chunk: Buffer) => release(chunk, false),
    end: () => release(Buffer.alloc(0), true),
  };
}
