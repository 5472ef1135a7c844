import { Parser } from 'htmlparser2';
import type { XmlElement } from '../define.ts';

/** `reading` on; `done`: the root has ended; `refused`: nobody wants this root; `broken`: deeper than any report is. */
type XmlState = 'reading' | 'done' | 'refused' | 'broken';

export type XmlReader = {
  /** Reads on; the state after it, and for `done` how many characters of this piece the document took. */
  write(piece: string): { readonly state: XmlState; readonly taken: number };
  /** The root, once its start tag has been read. */
  readonly root: XmlElement | null;
};

type XmlEvents = {
  /** The names of the elements that are wanted whole, or null when nobody wants this document. */
  root(root: XmlElement): ReadonlySet<string> | null;
  /** A wanted element at its end with its parents, root first; the root itself comes last, without either. */
  element(element: XmlElement, parents: readonly XmlElement[]): void;
};

type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string; kept: boolean };

const maxDepth = 100;
const maxAttributes = 100;
const maxAttribute = 32_768;
const maxText = 65_536;
/** Of one wanted element with all that is in it. */
const maxUnitText = 1024 * 1024;
const maxUnitElements = 5000;

/**
 * Reads one XML document piece by piece, tolerantly: an unescaped `<`, a missing end tag and control characters do not
 * end it, no entity but XML's own five is known, declarations are skipped. What is kept is bounded: of wanted elements all
 * up to the bounds above, of their parents name and attributes, of the rest nothing.
 */
export function xmlReader(events: XmlEvents): XmlReader {
  const stack: Open[] = [];
  let state: XmlState = 'reading';
  let root: Open | null = null;
  let wanted: ReadonlySet<string> = new Set();
  let elements = 0;
  let characters = 0;
  let written = 0;
  let end = 0;

  const stop = (why: XmlState) => {
    state = why;
    end = parser.endIndex + 1;
    parser.pause();
  };
  const open = (printed: string, printedAttributes: Record<string, string>) => {
    if (state !== 'reading') return;
    const name = printed.slice(printed.lastIndexOf(':') + 1);
    const element: Open = { name, attributes: bounded(printedAttributes), children: [], text: '', kept: false };
    const parent = stack.at(-1);
    if (parent === undefined) {
      const units = root === null ? events.root(element) : null;
      if (units === null) return stop('refused');
      root = element;
      wanted = units;
    } else if (parent.kept) element.kept = true;
    else if (wanted.has(name)) {
      element.kept = true;
      elements = 0;
      characters = 0;
    }
    if (stack.length === maxDepth) return stop('broken');
    stack.push(element);
  };
  const close = (implied: boolean) => {
    if (state !== 'reading') return;
    const element = stack.pop();
    const parent = stack.at(-1);
    if (element === undefined) return;
    if (parent === undefined) {
      events.element(element, []);
      stop('done');
    } else if (!element.kept) return;
    else if (!parent.kept) events.element(element, [...stack]);
    else if (elements < maxUnitElements) {
      elements += 1;
      parent.children.push(element);
      // Never closed: it was text with a `<` in it, such as `<init>`.
      if (implied) addText(parent, `<${startTag(element)}>${element.text}`);
    }
  };
  const addText = (element: Open, text: string) => {
    const room = Math.min(maxText - element.text.length, maxUnitText - characters);
    if (room <= 0) return;
    const added = text.length > room ? text.slice(0, room) : text;
    element.text += added;
    characters += added.length;
  };

  const parser = new Parser(
    {
      onopentag: open,
      onclosetag: (_name, implied) => close(implied),
      ontext(text) {
        const element = stack.at(-1);
        if (element?.kept && state === 'reading') addText(element, text);
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  return {
    write(piece) {
      const before = written;
      written += piece.length;
      parser.write(piece);
      return { state, taken: state === 'reading' ? piece.length : Math.min(Math.max(end - before, 0), piece.length) };
    },
    get root() {
      return root;
    },
  };
}

function startTag({ name, attributes }: Open): string {
  return [name, ...Object.keys(attributes)].join(' ').slice(0, 500);
}

function bounded(attributes: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  let count = 0;
  for (const name in attributes) {
    if (count++ === maxAttributes) break;
    kept[name] = (attributes[name] ?? '').slice(0, maxAttribute);
  }
  return kept;
}
