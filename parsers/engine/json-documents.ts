import { type JsonElements, jsonElements } from './json-elements.ts';
import { jsonScanner, type Scan } from './json-scanner.ts';
import { maxJson, maxTextLine } from './text-lines.ts';

type DocumentSink = {
  /** Whether someone wanted the document; what nobody wants is read as text. */
  json(value: unknown): boolean;
  /** Some elements of a document that is too long to be held, within what stands around them. */
  part(value: unknown): boolean;
  text(line: string): void;
  /**
   * The start of a document that broke off; `likely` when it did so as a cut one does, inside a string or with the log.
   * Whether someone knows it as theirs.
   */
  cut(head: string, likely: boolean): boolean;
};

type JsonDocuments = {
  line(line: string): void;
  /** A piece of a line that is too long to be held; `isLast` when it ends there. */
  piece(text: string, isLast: boolean): void;
  tooLong(): void;
  end(): void;
};

/** Where a document may start at the start of a line, and within one: there it must look like more than a brace. */
const atStart = /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[[{\]"\-\dtfn]|$))/;
const within = /\{ ?"|\[ ?\{ ?"/g;
const headLength = 4096;
const maxReplay = 4 * maxTextLine;

/**
 * Finds the JSON documents in the lines of one stream: one to a line, several glued together, or printed over many
 * lines. Every line is scanned at most three times, whatever it holds.
 */
export function jsonDocuments(sink: DocumentSink): JsonDocuments {
  const scanner = jsonScanner();
  let open: string[] = [];
  /** Reads a document that is too long to be held. */
  let long: JsonElements | null = null;
  let inPieces = false;
  /** Text of the line in which the open document starts, before it. */
  let before = '';
  let size = 0;

  const text = (line: string) => sink.text(line.length > maxTextLine ? line.slice(0, maxTextLine) : line);

  const scan = (line: string, mayOpen: boolean) => {
    if (wholeLine(line) && accept(line)) return;
    let at = 0;
    let rest = 0;
    let attempts = 0;
    const pieces: string[] = [];
    for (let start = nextStart(line, 0); start !== -1; start = nextStart(line, at)) {
      scanner.reset();
      const found = scanner.feed(line, start);
      at = Math.max(found.at, start + 1);
      if (found.state === 'done') {
        if (!accept(line.slice(start, found.at))) continue;
        pieces.push(line.slice(rest, start));
        rest = found.at;
      } else if (found.state === 'open') {
        if (!mayOpen) break;
        for (const piece of pieces) if (piece.trim() !== '') text(piece);
        before = line.slice(rest, start);
        open = [line.slice(start)];
        size = line.length - start;
        return;
      } else if (
        // A line of nothing but starts of documents is no place to ask about each of them.
        attempts++ < 4 &&
        sink.cut(line.slice(start, start + headLength), brokeOff(found, line) && line.slice(0, start).trim() === '')
      ) {
        pieces.push(line.slice(rest, start));
        rest = found.at;
      }
    }
    pieces.push(line.slice(rest));
    for (const piece of pieces) if (rest === 0 || piece.trim() !== '') text(piece);
  };

  const accept = (document: string): boolean => {
    let value: unknown;
    try {
      value = JSON.parse(document);
    } catch {
      return false;
    }
    return sink.json(value);
  };

  /** Gives back what was taken for a document: as text, or as documents of one line. */
  const replay = (lines: readonly string[], asText: boolean) => {
    const first = before + (lines[0] ?? '');
    if (size > maxReplay) return;
    text(first);
    for (const line of lines.slice(1)) {
      if (asText) text(line);
      else scan(line, false);
    }
  };

  const close = () => {
    const lines = open;
    open = [];
    return lines;
  };

  const part = (document: string): boolean => {
    try {
      return sink.part(JSON.parse(document));
    } catch {
      return false;
    }
  };
  /** Whether all of the piece was of the long document. */
  const readLong = (text: string, isLast: boolean) => {
    const found = long?.feed(text);
    if (found === undefined || found.state === 'open') return;
    long = null;
    if (found.state === 'failed') sink.cut('', true);
    else if (isLast && text.slice(found.at).trim() !== '') scan(text.slice(found.at), true);
  };
  const goOn = (line: string) => {
    const found = scanner.feed(line, 0);
    size += line.length + 1;
    if (found.state === 'open' && size <= maxJson) {
      open.push(line);
      return;
    }
    if (found.state === 'open') {
      long = jsonElements(part);
      for (const held of [...close(), line]) readLong(`${held}\n`, true);
      return;
    }
    const lines = close();
    if (found.state === 'done') {
      lines.push(line.slice(0, found.at));
      if (accept(lines.join('\n'))) {
        if (before.trim() !== '') text(before);
      } else replay(lines, true);
      if (line.slice(found.at).trim() !== '') scan(line.slice(found.at), true);
      return;
    }
    const known = sink.cut(headOf([...lines, line]), brokeOff(found, line) && before.trim() === '');
    if (!known) replay(lines, false);
    if (!known || found.at < line.length) scan(line, true);
  };

  return {
    line(line) {
      if (long !== null) readLong(`${line}\n`, true);
      else if (open.length > 0) goOn(line);
      else if (line.includes('{') || line.includes('[')) scan(line, true);
      else text(line);
    },
    piece(text, isLast) {
      if (open.length > 0) return this.tooLong();
      if (!inPieces) long = jsonElements(part);
      inPieces = !isLast;
      if (long !== null) readLong(text, isLast);
    },
    tooLong() {
      long = null;
      const lines = close();
      sink.cut(lines.length > 0 ? headOf(lines) : '', true);
    },
    end() {
      if (long !== null) sink.cut('', true);
      long = null;
      if (open.length === 0) return;
      const lines = close();
      if (!sink.cut(headOf(lines), before.trim() === '')) replay(lines, false);
    },
  };
}

function headOf(lines: readonly string[]): string {
  return lines
    .slice(0, 400)
    .map((line) => line.slice(0, headLength))
    .join('\n')
    .slice(0, headLength);
}

/** The line ended inside a string: what only looks like JSON rarely does that. */
function brokeOff(found: Scan, line: string): boolean {
  return found.state === 'failed' && found.at >= line.length;
}

function nextStart(line: string, from: number): number {
  if (from === 0 && atStart.test(line)) return line.search(/[[{]/);
  // Glued to the end of the document before.
  if (from > 0 && /[[{]/.test(line.charAt(from)) && /[\]}]/.test(line.charAt(from - 1))) return from;
  within.lastIndex = from;
  return within.exec(line)?.index ?? -1;
}

/** Worth trying `JSON.parse` on at once: the common case of one document on one line, without a scan of our own. */
function wholeLine(line: string): boolean {
  const first = line.charCodeAt(0);
  if (first !== 123 && first !== 91) return false;
  const last = line.charCodeAt(line.length - 1);
  return last === 125 || last === 93;
}
