import { stringEnd } from './string-end.ts';

/** Chosen values of a document, one at a time; `path` are the keys and places that lead to it. */
type JsonValues = {
  write(text: string): void;
  /** After the last piece: null when the document is whole, else why it is not. */
  end(): string | null;
};

/** Characters of one value. */
const largest = 32 * 1024 * 1024;
const deepest = 512;
const longestKey = 4096;

type Level = { readonly kind: '{' | '['; key: string; count: number };

/**
 * Reads a JSON document of any length and hands over those values that are wanted, in order; nothing else is held.
 * `wants` is asked for each value with its path of at most `depth` keys. What is wanted comes parsed.
 */
export function jsonValues(
  depth: number,
  wants: (path: readonly string[]) => boolean,
  value: (path: readonly string[], value: unknown) => void,
): JsonValues {
  const levels: Level[] = [];
  let failed: string | null = null;
  let started = false;
  let done = false;
  /** Of the wanted value that is open: its text so far, and the level on which it stands. */
  let held: string[] | null = null;
  let heldSize = 0;
  let heldAt = 0;
  let inString = false;
  const string = stringEnd();
  /** The text of the key that is open, null in a string that is a value. */
  let key: string | null = null;
  let wantsKey = false;
  /** A number or a word is open. */
  let inWord = false;

  const path = () => levels.map((level) => (level.kind === '{' ? level.key : String(level.count)));
  const fail = (why: string) => {
    failed ??= why;
  };
  const begins = (at: number) => {
    if (levels.length === 0) {
      if (started) return fail('goes on after its end');
      started = true;
    }
    if (held !== null || levels.length > depth || !wants(path())) return;
    held = [];
    heldSize = 0;
    heldAt = levels.length;
    from = at;
  };
  let from = 0;
  const keep = (text: string, to: number) => {
    if (held === null) return;
    heldSize += to - from;
    if (heldSize > largest) return fail(`holds a value of more than ${largest} characters`);
    held.push(text.slice(from, to));
    from = to;
  };
  /** A value has ended on the present level. */
  const ends = (text: string, to: number) => {
    if (levels.length === 0) done = true;
    if (held === null || levels.length !== heldAt) return;
    keep(text, to);
    const whole = held.join('');
    held = null;
    try {
      value(path(), JSON.parse(whole));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      fail('is no JSON');
    }
  };
  return {
    write(text) {
      from = 0;
      for (let at = 0; at < text.length && failed === null; ) {
        if (inString) {
          const end = string.find(text, at);
          if (key !== null && key.length < longestKey) key += text.slice(at, end === -1 ? undefined : end);
          if (end === -1) break;
          at = end + 1;
          inString = false;
          const level = levels.at(-1);
          if (key === null) ends(text, at);
          else if (level !== undefined) level.key = plainKey(key);
          key = null;
          continue;
        }
        const char = text.charCodeAt(at);
        if (inWord && isEnd(char)) {
          inWord = false;
          ends(text, at);
        }
        const level = levels.at(-1);
        if (char === 34) {
          if (wantsKey) key = '';
          else begins(at);
          wantsKey = false;
          inString = true;
        } else if (char === 123 || char === 91) {
          begins(at);
          if (levels.length === deepest) fail('is nested deeper than any report');
          levels.push({ kind: char === 123 ? '{' : '[', key: '', count: 0 });
          wantsKey = char === 123;
        } else if (char === 125 || char === 93) {
          if (level === undefined || (level.kind === '{') !== (char === 125)) fail('is no JSON');
          levels.pop();
          wantsKey = false;
          ends(text, at + 1);
        } else if (char === 44) {
          if (level === undefined) fail('is no JSON');
          else level.count += 1;
          wantsKey = level?.kind === '{';
        } else if (!inWord && char !== 58 && !isBlank(char)) {
          inWord = true;
          begins(at);
        }
        at += 1;
      }
      if (failed === null) keep(text, text.length);
    },
    end: () => failed ?? (done ? null : 'is cut off'),
  };
}

const isBlank = (char: number) => char === 32 || char === 10 || char === 13 || char === 9 || char === 0xfeff;
const isEnd = (char: number) => isBlank(char) || char === 44 || char === 125 || char === 93;

function plainKey(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
