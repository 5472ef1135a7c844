import type { Language, Syntax } from './source-language.ts';

/** `line` counts from 1. `own`: nothing but white space stands before it on its line, or the brace that JSX needs there. */
export type Comment = { readonly text: string; readonly line: number; readonly own: boolean };

/** `code` is as long as the text, line for line, with comments and what stands inside of strings as blanks. */
type Masked = { readonly code: string; readonly comments: readonly Comment[] };

const escaped = /[.*+?^${}()|[\]\\/]/g;
const openers = new WeakMap<Syntax, RegExp>();
const blank = (text: string) => text.replace(/[^\n]/g, ' ');

/** Linear in the length of the text, whatever it holds. Of an unknown language every line may be code, or a comment. */
export function maskSource(text: string, language: Language | null): Masked {
  if (language === null) return { code: text, comments: everyLine(text) };
  if (language.syntax === null) return { code: '', comments: [] };
  return scan(text, language.syntax) ?? { code: text, comments: everyLine(text) };
}

/** Tells the lines of places that are asked for from the first to the last. */
export function lineCounter(text: string): (at: number) => { line: number; start: number } {
  let line = 1;
  let start = 0;
  let next = text.indexOf('\n');
  return (at) => {
    while (next !== -1 && next < at) {
      line += 1;
      start = next + 1;
      next = text.indexOf('\n', start);
    }
    return { line, start };
  };
}

function everyLine(text: string): Comment[] {
  return text.split('\n').map((line, index) => ({ text: line.trimStart(), line: index + 1, own: true }));
}

/** All that may end the code, longest first, as one expression. */
function openerOf(syntax: Syntax): RegExp {
  const known = openers.get(syntax);
  if (known !== undefined) return known;
  const all = [...syntax.block.map(([open]) => open), ...syntax.long, ...syntax.strings, ...syntax.line];
  if (syntax.quirk === 'regex') all.push('/');
  all.sort((a, b) => b.length - a.length);
  const raw = syntax.quirk === 'lifetime' ? 'r#{0,16}"|\'|' : '';
  const made = new RegExp(raw + all.map((one) => one.replace(escaped, '\\$&')).join('|'), 'g');
  openers.set(syntax, made);
  return made;
}

function isFirst(before: string, isBlock: boolean): boolean {
  const code = before.trimStart();
  return code === '' || (isBlock && code === '{');
}

/** Null when the text ends inside of a comment or a long string: it was misread, and nothing of it must be passed over. */
function scan(text: string, syntax: Syntax): Masked | null {
  const opener = new RegExp(openerOf(syntax));
  const parts: string[] = [];
  const comments: Comment[] = [];
  let from = 0;
  const count = lineCounter(text);
  for (let found = opener.exec(text); found !== null; found = opener.exec(text)) {
    const open = found[0];
    const at = found.index;
    const block = syntax.block.find(([start]) => start === open);
    if (block !== undefined || syntax.line.includes(open)) {
      if (block === undefined && !beginsComment(text, at, open, syntax)) continue;
      const end = block === undefined ? lineEnd(text, at) : blockEnd(text, at, block, syntax.nested === true);
      if (end < 0) return null;
      const { line, start } = count(at);
      comments.push({ text: text.slice(at, end), line, own: isFirst(text.slice(start, at), block !== undefined) });
      parts.push(text.slice(from, at), blank(text.slice(at, end)));
      from = end;
    } else {
      const end = stringEnd(text, at, open, syntax);
      if (end === null) return null;
      if (end <= at + open.length) continue;
      parts.push(text.slice(from, at + open.length), blank(text.slice(at + open.length, end)));
      from = end;
      const close = open.startsWith('r') ? open.slice(1).split('').reverse().join('') : open;
      if (text.startsWith(close, end)) {
        parts.push(text.slice(end, end + close.length));
        from += close.length;
      }
    }
    opener.lastIndex = from;
  }
  parts.push(text.slice(from));
  return { code: parts.join(''), comments };
}

function beginsComment(text: string, at: number, open: string, syntax: Syntax): boolean {
  if (open === '#' && text.charAt(at + 1) === '[' && syntax.line.length > 1) return false;
  return syntax.spaced !== true || at === 0 || /[\s;&|()]/.test(text.charAt(at - 1));
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function blockEnd(text: string, at: number, [open, close]: readonly [string, string], nested: boolean): number {
  let depth = 1;
  let here = at + open.length;
  let inner = nested ? text.indexOf(open, here) : -1;
  for (;;) {
    const end = text.indexOf(close, here);
    if (end < 0) return -1;
    if (inner >= 0 && inner < end) {
      depth += 1;
      here = inner + open.length;
      inner = text.indexOf(open, here);
      continue;
    }
    here = end + close.length;
    depth -= 1;
    if (depth === 0) return here;
    if (inner >= 0 && inner < here) inner = text.indexOf(open, here);
  }
}

/** Where the inside of a string ends; `at` or before when it is no string; null when it has no end. */
function stringEnd(text: string, at: number, open: string, syntax: Syntax): number | null {
  if (open === '/') return regexEnd(text, at);
  const from = at + open.length;
  if (open.startsWith('r')) {
    if (/\w/.test(text.charAt(at - 1))) return at;
    const end = text.indexOf(`"${'#'.repeat(open.length - 2)}`, from);
    return end < 0 ? null : end;
  }
  if (syntax.quirk === 'lifetime' && open === "'") {
    const char = /^(?:\\[^\n]{1,10}?|[^\\'\n]{1,2})(?=')/.exec(text.slice(from, from + 12));
    return char === null ? at : from + char[0].length;
  }
  const long = syntax.long.includes(open);
  const escapes = !(open === '`' && syntax.quirk === 'raw');
  for (let here = from; here < text.length; here += 1) {
    const char = text.charCodeAt(here);
    if (escapes && char === 92) here += 1;
    else if (char === 10 && !long) return here;
    else if (char === open.charCodeAt(0) && text.startsWith(open, here)) return here;
  }
  return long ? null : text.length;
}

/** A slash begins a regular expression where an operand may stand, and when another ends it on the same line. */
function regexEnd(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  const operand =
    before === '' || /(?:[(,=:[!&|?{};+*%~^-]|=>|\b(?:return|typeof|case|in|of|throw|await))$/.test(before);
  if (!operand) return at;
  let inClass = false;
  for (let here = at + 1; here < text.length; here += 1) {
    const char = text.charAt(here);
    if (char === '\n') return at;
    if (char === '\\') here += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return here;
  }
  return at;
}
