import type { XmlElement } from '../define.ts';
import { maxJson } from './text-lines.ts';
import { type XmlReader, xmlReader } from './xml-reader.ts';

type XmlSink = {
  /** Whether a root of this name can be anyone's, known before its start tag has been read. */
  knows(rootName: string): boolean;
  /** The names of the elements that are wanted whole, or null when nobody wants this document. */
  root(root: XmlElement): ReadonlySet<string> | null;
  element(element: XmlElement, parents: readonly XmlElement[]): void;
  /** The document broke off or is too long; null when not even its root is known. */
  cut(rootName: string | null): void;
  /** Lines outside of documents. */
  other(line: string): void;
};

type XmlDocuments = { line(line: string): void; tooLong(): boolean; end(): void };

/** What stands at the start of a line, blanks aside, when a document starts there. */
const rootAtStart = /^\s{0,200}<(?:!DOCTYPE\s{1,20})?(?:[\w.-]{1,60}:)?([A-Za-z_][\w.-]{0,60})(?=[\s>/[]|$)/;
const maxHead = 64 * 1024;
const piece = 16 * 1024;
/** Documents glued to each other on one line; the rest of such a line is text. */
const maxGlued = 64;

/**
 * Finds XML documents in the lines of one stream: at the start of a line by the name of a root that a parser reads, or
 * anywhere in it by `<?xml`. What nobody reads is handed on as lines, as if it had never been tried.
 */
export function xmlDocuments(sink: XmlSink): XmlDocuments {
  let reader: XmlReader | null = null;
  /** The lines until the root is known, to be handed on if nobody wants it. */
  let head: string[] = [];
  /** Text of the line in which the document starts, before it. */
  let before = '';
  let size = 0;
  let inCdata = false;

  const start = () => {
    head = [];
    size = 0;
    inCdata = false;
    reader = xmlReader({ root: sink.root, element: sink.element });
    return reader;
  };
  const giveBack = () => {
    const [first, ...rest] = head;
    reader = null;
    head = [];
    if (first !== undefined) sink.other(before + first);
    for (const line of rest) sink.other(line);
  };
  const giveUp = () => {
    const name = reader?.root?.name ?? knownIn(head, sink);
    const declared = before.trim() === '' && /^<\?xml\s/.test(head[0]?.trimStart() ?? '');
    if (name === null) giveBack();
    if (name === null && !declared) return;
    reader = null;
    head = [];
    sink.cut(name);
  };

  /** Returns what of the line comes after the end of the document, or null. */
  const goOn = (own: XmlReader, line: string): string | null => {
    size += line.length + 1;
    const rooted = own.root !== null;
    if (!rooted) head.push(line);
    for (let at = 0; at <= line.length; at += piece) {
      const text = at + piece > line.length ? `${line.slice(at)}\n` : line.slice(at, at + piece);
      const { state, taken } = own.write(text);
      if (state === 'reading') continue;
      if (state === 'refused') giveBack();
      else if (state === 'broken') giveUp();
      else {
        reader = null;
        head = [];
        if (!rooted && before.trim() !== '') sink.other(before);
        return line.slice(at + taken);
      }
      return null;
    }
    if (own.root !== null) {
      head = [];
      if (!rooted && before.trim() !== '') sink.other(before);
    } else if (size > maxHead || head.length > 64) giveBack();
    if (size > maxJson) giveUp();
    else inCdata = staysInCdata(line, inCdata);
    return null;
  };

  const line = (whole: string) => {
    let text = whole;
    for (let glued = 0; ; glued += 1) {
      if (reader !== null && !inCdata && /^\s{0,200}<\?xml\s/.test(text)) giveUp();
      let own = reader;
      if (own === null) {
        const at = glued < maxGlued ? startIn(text, sink) : -1;
        if (at === -1) return sink.other(text);
        before = text.slice(0, at);
        text = text.slice(at);
        own = start();
      }
      const rest = goOn(own, text);
      if (rest === null || rest.trim() === '') return;
      text = rest;
    }
  };

  return {
    line,
    tooLong() {
      const mine = reader !== null;
      if (mine) giveUp();
      return mine;
    },
    end() {
      if (reader !== null) giveUp();
    },
  };
}

function startIn(text: string, sink: XmlSink): number {
  const first = text.indexOf('<');
  if (first === -1) return -1;
  const name = rootAtStart.exec(text)?.[1];
  return name !== undefined && sink.knows(name) ? first : text.indexOf('<?xml ', first);
}

/** The root's name, when its start tag was begun. */
function knownIn(head: readonly string[], sink: XmlSink): string | null {
  for (const line of head) {
    const text = line.replace(/^\s{0,200}<\?xml[^>]{0,500}\?>/, '');
    const name = rootAtStart.exec(text)?.[1];
    if (name !== undefined && sink.knows(name)) return name;
  }
  return null;
}

function staysInCdata(line: string, before: boolean): boolean {
  const opened = line.lastIndexOf('<![CDATA[');
  const closed = line.lastIndexOf(']]>');
  return opened === -1 && closed === -1 ? before : opened > closed;
}
