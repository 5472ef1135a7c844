import { isAscii } from 'node:buffer';
import { cleanLine } from './clean-line.ts';

/** Characters of a line of text; the rest of a longer one is dropped. */
export const maxTextLine = 1024 * 1024;
/** Characters of a line, or of a document over many lines, that may be JSON or XML. */
export const maxJson = 64 * 1024 * 1024;

/** What a line was before it was cut: `cut` when its rest was dropped. */
type LineSink = (line: string, cut: boolean) => void;

/** Takes pieces of a line that may be JSON and is too long to be held; null takes none. */
type PieceSink = (piece: string, isLast: boolean) => void;

export type TextLines = { write(chunk: Uint8Array): void; end(): void };

/** A step of the command began (`C`), or ended with an exit code (`D`). */
type Mark = { readonly step: number; readonly exitCode: number | null };

const markStart = '\u001b]133;';
const mark = /\u001b\]133;(?:C|D;(\d{1,3}));step=(\d{1,3})\u0007/;
const longestMark = 32;
const marks = new RegExp(mark, 'g');

/** A text as the command printed it, without what marks its steps. */
export const withoutMarks = (text: string): string => text.replace(marks, '');

/** Takes what marks steps out of a stream of bytes, also where a mark is spread over pieces. */
export function withoutMarksIn(): { write(bytes: Uint8Array): Buffer; end(): Buffer } {
  let held = '';
  return {
    write(bytes) {
      const text = (held + Buffer.from(bytes).toString('latin1')).replace(marks, '');
      const from = text.lastIndexOf('\u001b', text.length);
      const tail = from === -1 || text.length - from > longestMark ? '' : text.slice(from);
      held =
        tail !== '' && (markStart.startsWith(tail) || (tail.startsWith(markStart) && !tail.includes('\u0007')))
          ? tail
          : '';
      return Buffer.from(held === '' ? text : text.slice(0, from), 'latin1');
    },
    end: () => Buffer.from(held, 'latin1'),
  };
}

/** Decodes one stream as UTF-8, or UTF-16 where it begins so, and splits it into clean lines. Memory is bounded by `maxJson`, whatever comes. */
export function textLines(
  sink: LineSink,
  { marked, pieces }: { marked?: (found: Mark) => void; pieces?: PieceSink } = {},
): TextLines {
  let decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The first bytes, until there are enough to tell how they are encoded. */
  let head: Uint8Array | null = new Uint8Array();
  let parts: string[] = [];
  let length = 0;
  let limit = maxTextLine;
  let cut = false;
  /** The line goes on in pieces. */
  let isLong = false;
  let whole = true;

  const add = (part: string) => {
    if (part === '') return;
    if (length === 0) limit = mayBeDocument(part) ? maxJson : maxTextLine;
    const room = limit - length;
    if (isLong || (part.length > room && limit === maxJson && pieces !== undefined && mayBeJson(parts[0] ?? part))) {
      for (const held of parts) pieces?.(held, false);
      parts = [];
      isLong = true;
      length = 1;
      pieces?.(part, false);
      return;
    }
    if (part.length > room) cut = true;
    if (room > 0) parts.push(part.length > room ? part.slice(0, room) : part);
    length += Math.min(part.length, Math.max(room, 0));
  };
  const flush = () => {
    if (isLong) {
      isLong = false;
      length = 0;
      cut = false;
      pieces?.('', true);
      return;
    }
    const line = parts.length === 1 ? (parts[0] ?? '') : parts.join('');
    const wasCut = cut;
    parts = [];
    length = 0;
    cut = false;
    if (!wasCut) sink(cleanLine(line), false);
    else if (limit === maxJson) sink('', true);
    else sink(cleanLine(line), true);
  };
  /** Begins like a mark, and goes on in the next chunk. */
  let begun = '';
  const feed = (chunk: string) => {
    if (marked === undefined || (begun === '' && !chunk.includes('\u001b'))) return take(chunk);
    let text = begun + chunk;
    begun = '';
    for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
      take(text.slice(0, found.index));
      if (length > 0) flush();
      marked({ step: Number(found[2]), exitCode: found[1] === undefined ? null : Number(found[1]) });
      text = text.slice(found.index + found[0].length);
    }
    const at = text.lastIndexOf('\u001b');
    const isOpen = at !== -1 && text.length - at < longestMark && mayBeMark(text.slice(at));
    take(isOpen ? text.slice(0, at) : text);
    if (isOpen) begun = text.slice(at);
  };
  const take = (text: string) => {
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      if (length === 0 && at - from <= maxTextLine) sink(cleanLine(text.slice(from, at)), false);
      else {
        add(text.slice(from, at));
        flush();
      }
      from = at + 1;
    }
    if (from < text.length) add(text.slice(from));
  };
  const decode = (chunk: Uint8Array) => {
    // Nearly all output is ASCII, which needs no decoder, as long as none holds the start of a character.
    if (whole && isAscii(chunk)) feed(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1'));
    else feed(decoder.decode(chunk, { stream: true }));
    whole = decoder.encoding === 'utf-8' && (chunk[chunk.length - 1] ?? 0) < 128;
  };
  const begin = (bytes: Uint8Array) => {
    head = null;
    const wide = wideEncoding(bytes);
    if (wide !== null) {
      decoder = new TextDecoder(wide);
      whole = false;
    }
    if (bytes.length > 0) decode(bytes);
  };
  return {
    write(chunk) {
      if (chunk.length === 0) return;
      if (head === null) return decode(chunk);
      const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (bytes.length >= 4) begin(bytes);
      else head = Uint8Array.from(bytes);
    },
    end() {
      if (head !== null) begin(head);
      feed(decoder.decode());
      take(begun);
      if (length > 0) flush();
    },
  };
}

/** Decided on what a line begins with, so that its bound does not depend on how the bytes were split. */
function mayBeDocument(start: string): boolean {
  return /^[\s\uFEFF\u001b[\]{}"<0-9-]/.test(start);
}

/** PowerShell's `>` writes UTF-16: by its mark, or by the zeros between the letters. */
function wideEncoding([first, second, third, fourth]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first && second === 0 && third && fourth === 0) return 'utf-16le';
  return first === 0 && second && third === 0 && fourth ? 'utf-16be' : null;
}

function mayBeMark(text: string): boolean {
  return text.length < markStart.length
    ? markStart.startsWith(text)
    : text.startsWith(markStart) && !text.includes('\u0007');
}

function mayBeJson(start: string): boolean {
  return /^\s*[[{]/.test(start);
}
