import { toolNamed, tools } from '../../../../parsers/tools/registry.ts';
import { readSide, type Side } from '../../../patcher/rules/policy/reading/patch-reading.ts';
import { type Directive, directivesOf } from '../../../patcher/rules/policy/suppressions/directives.ts';
import { normalised } from '../identify-findings.ts';

/** Where a line of old stands in a file of today, from its first line to its last, counted from 0. */
export type Place = { readonly from: number; readonly to: number };

/** A file as it is asked for silence: its lines and its code with white space folded, and what silences tools in it. */
export type ReadSource = {
  readonly side: Side;
  readonly folded: readonly string[];
  readonly code: readonly string[];
  readonly directives: readonly Directive[];
};

/** Files that were read: many findings of one run are asked about in one file. */
const known = new WeakMap<readonly string[], ReadSource>();

export function readSource(path: string, lines: readonly string[]): ReadSource {
  const before = known.get(lines);
  if (before?.side.path === path) return before;
  const side = readSide(path, lines.join('\n'));
  const source = {
    side,
    folded: side.lines.map(normalised),
    code: side.codeLines.map(normalised),
    directives: directivesOf(side),
  };
  known.set(lines, source);
  return source;
}

/** Below that a line is too short to be known again once it was wrapped: a brace stands everywhere. */
const shortest = 8;

/**
 * The places where a line stands: as it was, with another comment behind it, or written in another layout.
 * @param line its text when it was seen, with white space folded
 */
export function placesOf(line: string, { side, folded, code: codes }: ReadSource): Place[] {
  const code = codeOf(line, side);
  const exact = folded.flatMap((now, at) => {
    // Of an unknown language a comment is what begins like one.
    if (now === line || (now.startsWith(line) && /^\s*(?:#|\/\/|\/\*|--|<!--|;)/.test(now.slice(line.length))))
      return [at];
    return code !== '' && codes[at] === code ? [at] : [];
  });
  if (exact.length > 0) return exact.map((at) => ({ from: at, to: at }));
  const squeezed = squeeze(code);
  return squeezed.length < shortest ? [] : wrapped(squeezed, side);
}

/** The code of a single line, without the comment behind it. */
function codeOf(line: string, { path }: Side): string {
  const [code = ''] = readSide(path, line).codeLines;
  return normalised(code);
}

function squeeze(code: string): string {
  return code.replace(/[\s"'`;,()]+/g, '');
}

/** A line that is now on several ones, or in another layout. */
function wrapped(squeezed: string, { codeLines }: Side): Place[] {
  const found: Place[] = [];
  for (let from = 0; from < codeLines.length; from += 1) {
    let text = '';
    for (let to = from; to < Math.min(from + 12, codeLines.length); to += 1) {
      text += squeeze(codeLines[to] ?? '');
      if (text === squeezed) found.push({ from, to });
      if (text === '' || !squeezed.startsWith(text)) break;
    }
  }
  return found;
}

/** A tool that is known by its name in a document alone may obey anything. */
function obeyed(tool: string): ReadonlySet<string> | null {
  const known = toolNamed(tool);
  if (known === undefined) return null;
  return new Set([tool, ...(known.obeys ?? []), ...platforms]);
}

const platforms = tools.filter(({ platform }) => platform === true).map(({ name }) => name);

/** The directives that silence a tool about a rule at a place. */
export function silencersAt(
  { side, directives }: ReadSource,
  place: Place,
  { tool, names }: { readonly tool: string; readonly names: readonly string[] },
): Directive[] {
  const heard = obeyed(tool);
  return directives.filter(
    (one) => (heard === null || heard.has(one.tool)) && covers(one, names) && reaches(one, place, side),
  );
}

/** The directives that silence a tool about a rule anywhere in the file. */
export function silencersIn(
  { directives }: ReadSource,
  { tool, names }: { readonly tool: string; readonly names: readonly string[] },
): Directive[] {
  const heard = obeyed(tool);
  return directives.filter((one) => (heard === null || heard.has(one.tool)) && covers(one, names));
}

/** A directive that names other rules alone says nothing of this one. What does not look like a name of a rule is prose. */
function covers({ codes }: Directive, names: readonly string[]): boolean {
  if (codes === null) return true;
  const own = names.map((name) => name.toLowerCase());
  const shaped = codes.filter((code) => own.some((name) => sameShape(code, name)));
  if (shaped.length === 0) return true;
  return shaped.some((code) =>
    own.some(
      (name) =>
        name === code ||
        name.startsWith(code) ||
        name.split(/[/:.]/).includes(code) ||
        code.split(/[/:.]/).includes(name) ||
        globs(code, name),
    ),
  );
}

function globs(code: string, name: string): boolean {
  return code.includes('*') && name.startsWith(code.slice(0, code.indexOf('*')));
}

/** Whether a word could be the name of a rule where this one is: `e501` beside `f401`, `no-var` beside `no-undef`. */
function sameShape(code: string, name: string): boolean {
  const isNumbered = (word: string) => /^[a-z]{1,8}-?\d+$/.test(word);
  if (isNumbered(name)) return isNumbered(code) || /^[a-z]{1,4}$/.test(code);
  return (
    !isNumbered(code) && /^[@\w/:.*-]+$/.test(code) && (/[-/:.*]/.test(code) === /[-/:.]/.test(name) || code === name)
  );
}

function reaches(directive: Directive, { from, to }: Place, side: Side): boolean {
  const at = directive.line - 1;
  switch (directive.reach) {
    case 'line':
      return at >= from && at <= to;
    case 'next':
      return (at >= from && at <= to) || nextCode(at, side) === from;
    case 'declaration':
      return (at >= from && at <= to) || (at < from && from <= endOfDeclaration(at, side));
    case 'block':
      return (at >= from && at <= to) || (at < from && !isEnded(directive, from, side));
    case 'file':
      return directive.end === null || at <= from ? directive.end === null || !isEnded(directive, from, side) : false;
    default:
      return directive.reach satisfies never;
  }
}

/** The first line after one that holds code. */
function nextCode(at: number, { codeLines, lines }: Side): number {
  for (let next = at + 1; next < lines.length; next += 1) {
    const code = (codeLines[next] ?? '').trim();
    // Attributes and decorators belong to what follows them.
    if (code !== '' && !/^(?:@[\w.]+(?:\(.*\))?|#\[.*\])$/.test(code)) return next;
  }
  return lines.length;
}

const indentOf = (line: string) => line.length - line.trimStart().length;

/** The last line of the statement or declaration that follows a line: what is indented deeper, and what closes it. */
function endOfDeclaration(at: number, side: Side): number {
  const first = nextCode(at, side);
  const depth = indentOf(side.lines[first] ?? '');
  let end = first;
  for (let next = first + 1; next < side.lines.length; next += 1) {
    const code = side.codeLines[next] ?? '';
    if (code.trim() === '') continue;
    const inner = indentOf(side.lines[next] ?? '') > depth;
    if (!inner && !/^\s*(?:[}\])]|end\b|fi\b|done\b|esac\b|else\b|elif\b|except\b|catch\b|finally\b|\{)/.test(code))
      break;
    end = next;
  }
  return end;
}

function isEnded({ end, line }: Directive, from: number, { lines }: Side): boolean {
  if (end === null) return false;
  return lines.slice(line, from).some((one) => one.search(end) >= 0);
}
