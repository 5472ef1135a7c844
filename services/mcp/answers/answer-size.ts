import { cleaned } from './untrusted-text.ts';

/** An answer of 8,000 tokens, counted as 3.5 bytes of JSON each. */
export const maxAnswerBytes = 28_000;

/** What the rows of an answer may take up, in prose and in data together; the rest is for the words around them. */
export const roomForRows = 23_000;

/** What one thing may take up that stands twice in an answer, as data and as JSON in a text. */
const roomForDocument = 19_000;

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** Quotes in a text that is JSON are escaped once more. */
function bytesOfBoth(value: unknown): number {
  return bytesOf(value) + bytesOf(JSON.stringify(value));
}

/** How many of the first pieces, of these sizes in bytes, have room. */
export function fitting(sizes: readonly number[], room: number): number {
  let left = room;
  const index = sizes.findIndex((size) => {
    left -= size + 1;
    return left < 0;
  });
  return index === -1 ? sizes.length : index;
}

type Limits = { readonly chars: number; readonly items: number; readonly keys: number };

const steps: readonly Limits[] = [
  { chars: 2_000, items: 50, keys: 64 },
  { chars: 1_000, items: 30, keys: 48 },
  { chars: 400, items: 20, keys: 24 },
  { chars: 160, items: 10, keys: 12 },
  { chars: 80, items: 5, keys: 6 },
  { chars: 40, items: 3, keys: 3 },
];

/** Down to here the fields of a document are known and few; what lies deeper may be of any number. */
const knownDepth = 3;

/**
 * A document cut until its JSON has room, and what was cut. Lists keep their beginning, those in `keepEnds` their end.
 */
export function cutToFit<T extends object>(
  document: T,
  keepEnds: readonly string[] = [],
): { document: T; cut: string[] } {
  let last: { document: T; cut: string[] } = { document, cut: [] };
  for (const limits of steps) {
    const cut: string[] = [];
    last = { document: shortened(document, [], { ...limits, keepEnds, cut }) as T, cut };
    if (bytesOfBoth(last) <= roomForDocument) break;
  }
  return last;
}

type Cutting = Limits & { readonly keepEnds: readonly string[]; readonly cut: string[] };

function shortened(value: unknown, path: readonly string[], cutting: Cutting): unknown {
  if (typeof value === 'string') {
    if (value.length <= cutting.chars) return cleaned(value);
    note(cutting, path, `${cutting.chars} of ${value.length} characters`);
    return `${cleaned(value.slice(0, cutting.chars)).toWellFormed()}…`;
  }
  if (Array.isArray(value)) {
    const fromEnd = cutting.keepEnds.includes(path.join('.'));
    const kept = fromEnd ? value.slice(-cutting.items) : value.slice(0, cutting.items);
    if (kept.length < value.length)
      note(cutting, path, `the ${fromEnd ? 'last' : 'first'} ${kept.length} of ${value.length}`);
    return kept.map((one) => shortened(one, path, cutting));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const kept = path.length < knownDepth ? entries : entries.slice(0, cutting.keys);
  if (kept.length < entries.length) note(cutting, path, `${kept.length} of ${entries.length} fields`);
  return Object.fromEntries(kept.map(([key, one]) => [key, shortened(one, [...path, key], cutting)]));
}

const mostNotes = 12;

/** Elements of one list are cut for the same reason: it is said once. */
function note({ cut }: Cutting, path: readonly string[], what: string): void {
  const where = cleaned(path.join('.')).slice(0, 80);
  if (cut.length < mostNotes && !cut.some((one) => one.startsWith(`${where}: `))) cut.push(`${where}: ${what}`);
}
