import { type LineMatch, linesOf, sameLines, shifted, shiftedLines, type TextLine } from './agent-match.ts';
import type { AgentEdit } from './agent-reply.ts';

/** What a set of edits makes of a tree: whole new contents of the files that differ, or a sentence for the agent. */
type AppliedEdits =
  | { readonly ok: true; readonly files: Map<string, string | null> }
  | { readonly ok: false; readonly reason: string };

type Replaced = { readonly text: string } | { readonly reason: string };

const mostShown = 5;
const mostCounted = 100;

/**
 * Applies edits one after the other. `contents` holds every file that they may name, by its path from the repository's root:
 * what is not in it does not exist. A search must stand exactly once. It is looked for character by character; else as whole
 * lines, up to trailing white space and line ends; else up to one shift of the indentation, which the replacement gets too.
 */
export function applyEdits(edits: readonly AgentEdit[], contents: ReadonlyMap<string, string>): AppliedEdits {
  const files = new Map<string, string>();
  for (const [index, edit] of edits.entries()) {
    const path = pathInside(edit.file);
    if (path === undefined)
      return no(`The file of edit ${index + 1}, ${quoted(edit.file)}, is not a path inside of the repository.`);
    const before = files.get(path) ?? contents.get(path);
    const after = replaceIn(before, edit);
    if ('reason' in after) return no(`Edit ${index + 1} of ${quoted(path)} cannot be made: ${after.reason}`);
    files.set(path, after.text);
  }
  const changed = [...files].filter(([path, text]) => contents.get(path) !== text);
  if (changed.length === 0) return no('The edits change nothing: every replacement is the text that is there already.');
  return { ok: true, files: new Map(changed) };
}

function no(reason: string): AppliedEdits {
  return { ok: false, reason };
}

/** A path from the root with plain slashes and no empty, `.` or `..` part; undefined when it cannot be one. */
export function pathInside(file: string): string | undefined {
  if (file.startsWith('/') || /[\u0000-\u001f\u007f\\]|^[A-Za-z]:/.test(file)) return undefined;
  const parts = file.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..') || file.endsWith('/')) return undefined;
  return parts.join('/');
}

function replaceIn(before: string | undefined, { search, replace }: AgentEdit): Replaced {
  if (before === undefined)
    return search === '' ? { text: replace } : { reason: 'there is no such file; a new file needs an empty "search".' };
  if (search === '')
    return before === '' ? { text: replace } : { reason: 'the file exists, so "search" must be a part of its text.' };
  const windows = before.includes('\r\n') && !/(?:^|[^\r])\n|\r(?!\n)/.test(before);
  if (!windows && before.includes('\r')) return replaceText(before, search, replace);
  const done = replaceText(plain(before), plain(search), plain(replace));
  return windows && 'text' in done ? { text: done.text.replaceAll('\n', '\r\n') } : done;
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function replaceText(before: string, search: string, replace: string): Replaced {
  const at = before.indexOf(search);
  if (at >= 0 && before.indexOf(search, at + 1) < 0)
    return { text: before.slice(0, at) + replace + before.slice(at + search.length) };
  if (at >= 0) return { reason: ambiguous(exactLines(before, search)) };
  const lines = linesOf(before);
  const wanted = linesOf(search);
  for (const find of [sameLines, shiftedLines]) {
    const matches = find(lines, wanted);
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return { text: replaceLines(lines, only, replace) };
    if (matches.length > 1) return { reason: ambiguous(matches.map(({ first }) => first + 1)) };
  }
  return { reason: absent(lines, wanted) };
}

function replaceLines(lines: readonly TextLine[], { first, count, shift }: LineMatch, replace: string): string {
  const last = lines[first + count - 1]?.end ?? '';
  const end = lines[first]?.end || '\n';
  const inserted = linesOf(replace).map(({ text }, index, all) => {
    const kept = index === all.length - 1 ? last : end;
    return shifted(text, shift) + kept;
  });
  const rest = (some: readonly TextLine[]) => some.map(({ text, end: ending }) => text + ending).join('');
  return rest(lines.slice(0, first)) + inserted.join('') + rest(lines.slice(first + count));
}

/** The lines in which a text begins, overlapping places included; one more than are shown is enough. */
function exactLines(text: string, search: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let counted = 0;
  for (let at = text.indexOf(search); at >= 0 && lines.length <= mostCounted; at = text.indexOf(search, at + 1)) {
    line += text.slice(counted, at).split('\n').length - 1;
    counted = at;
    lines.push(line);
  }
  return lines;
}

function ambiguous(lines: readonly number[]): string {
  const places = lines.length > mostCounted ? `more than ${mostCounted}` : String(lines.length);
  const shown = lines.slice(0, mostShown).join(', ');
  const more = lines.length > mostShown ? ', ...' : '';
  return `its "search" matches ${places} places (lines ${shown}${more}); take more of the lines around the right one into it.`;
}

function absent(lines: readonly TextLine[], wanted: readonly TextLine[]): string {
  const sought = wanted.find(({ text }) => text.trim() !== '')?.text.trim() ?? '';
  const near = lines.flatMap(({ text }, index) => (sought !== '' && text.trim() === sought ? [index] : []));
  const [first] = near;
  if (first === undefined) return 'its "search" is not in the file. Copy the lines exactly as they were given to you.';
  const shown = lines.slice(first, first + Math.min(wanted.length, mostShown)).map(({ text }) => text.slice(0, 200));
  return `its "search" is not in the file as a whole. Its first line is line ${first + 1}, which goes on as ${JSON.stringify(shown.join('\n'))}. Copy the lines exactly.`;
}

function quoted(file: string): string {
  return JSON.stringify(file.slice(0, 200));
}
