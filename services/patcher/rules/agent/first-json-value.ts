/** A JSON object in a text: where it begins and ends (exclusive), and its value. */
export type FoundObject = { readonly from: number; readonly to: number; readonly value: Record<string, unknown> };

/** The objects of a text in their order; `broken` is the place where the one that went furthest stopped being JSON. */
type FoundObjects = { readonly objects: readonly FoundObject[]; readonly broken: number | null };

const deepest = 64;
/** A text of brackets that never close would otherwise be read again from each of them. */
const readings = 8;

/**
 * Finds JSON objects among prose, fences and code; objects inside of a found one are parts of it. Control characters inside
 * of strings, which models leave unescaped, are let through. Linear in the length of the text. Stops at the first object
 * that `enough` says yes to.
 */
export function findObjects(text: string, enough: (object: FoundObject) => boolean): FoundObjects {
  const objects: FoundObject[] = [];
  let budget = readings * text.length + 1000;
  let furthest = 0;
  let broken: number | null = null;
  let from = text.indexOf('{');
  while (from >= 0 && budget > 0) {
    const { end, complete } = readObject(text, from);
    budget -= end - from;
    const found = complete ? objectAt(text, from, end) : undefined;
    if (found !== undefined) {
      objects.push(found);
      if (enough(found)) return { objects, broken };
    } else if (end - from > furthest) {
      furthest = end - from;
      broken = complete ? (badEscape(text, from, end) ?? end) : end;
    }
    from = text.indexOf('{', found === undefined ? from + 1 : end);
  }
  return { objects, broken };
}

function objectAt(text: string, from: number, to: number): FoundObject | undefined {
  try {
    const value: unknown = JSON.parse(escapeControls(text.slice(from, to)));
    return { from, to, value: value as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

function badEscape(text: string, from: number, to: number): number | undefined {
  for (const found of text.slice(from, to).matchAll(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|([\s\S]))/g))
    if (found[1] !== undefined) return from + found.index;
  return undefined;
}

/** Escapes control characters inside of strings; those between the tokens stay. */
function escapeControls(json: string): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at)) {
    const end = stringEnd(json, at);
    pieces.push(json.slice(kept, at), json.slice(at, end).replace(/[\u0000-\u001f]/g, escaped));
    kept = end;
    at = end;
  }
  return pieces.join('') + json.slice(kept);
}

function escaped(control: string): string {
  return JSON.stringify(control).slice(1, -1);
}

type Reading = { readonly end: number; readonly complete: boolean };

/** Where the object that begins here ends, or where it stops being JSON. */
function readObject(text: string, from: number): Reading {
  const open: string[] = [];
  let at = from;
  let expects: 'value' | 'first' | 'key' | 'next' = 'value';
  for (;;) {
    at = afterSpace(text, at);
    const char = text[at];
    if (char === undefined) return { end: at, complete: false };
    const inside = open.at(-1);
    if (expects !== 'value' && char === inside && expects !== 'key') {
      open.pop();
      at += 1;
      if (open.length === 0) return { end: at, complete: true };
      expects = 'next';
    } else if (expects === 'next') {
      if (char !== ',') return { end: at, complete: false };
      at += 1;
      expects = inside === '}' ? 'key' : 'value';
    } else if (inside === '}' && (expects === 'key' || expects === 'first')) {
      const colon = afterSpace(text, stringEnd(text, at));
      if (char !== '"' || text[colon] !== ':') return { end: colon, complete: false };
      at = colon + 1;
      expects = 'value';
    } else if (char === '{' || char === '[') {
      if (open.length === deepest) return { end: at, complete: false };
      open.push(char === '{' ? '}' : ']');
      at += 1;
      expects = 'first';
    } else {
      const end = scalarEnd(text, at);
      if (end === at) return { end: at, complete: false };
      at = end;
      expects = 'next';
    }
  }
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

/** The place after a string's closing quote; the place itself when no string begins here, the text's end when it is open. */
function stringEnd(text: string, from: number): number {
  if (text[from] !== '"') return from;
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return at + 1;
    if (char === 0x5c) at += 1;
  }
  return text.length;
}

const scalar = /-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,10})?|true|false|null/y;

function scalarEnd(text: string, from: number): number {
  if (text[from] === '"') return stringEnd(text, from);
  scalar.lastIndex = from;
  return scalar.test(text) ? scalar.lastIndex : from;
}
