import { type FoundObject, findObjects } from './first-json-value.ts';

/** One replacement: `search` stands exactly once in the file; an empty one makes a new file. */
export type AgentEdit = { readonly file: string; readonly search: string; readonly replace: string };

type AgentChange =
  | { readonly kind: 'edits'; readonly edits: readonly AgentEdit[] }
  | { readonly kind: 'diff'; readonly diff: string };

/** What an agent answered. `reason` is a sentence that can be sent back to it. */
export type AgentAnswer =
  | {
      readonly ok: true;
      readonly change: AgentChange;
      readonly explanation: string;
      /** From 0 to 1, or null. */
      readonly confidence: number | null;
    }
  | { readonly ok: true; readonly declined: string }
  | { readonly ok: false; readonly reason: string };

const maxEdits = 200;
const maxFile = 1024;
const maxText = 200_000;
const maxDiff = 500_000;
const maxExplanation = 8192;

/**
 * Reads the first JSON object of a reply that has `edits`, `diff` or `decline`, whatever stands around it; without one, the
 * first fence that holds a diff. Unknown fields are ignored.
 */
export function readReply(text: string): AgentAnswer {
  const { objects, broken } = findObjects(text, isAnswer);
  const found = objects.at(-1);
  if (found !== undefined && isAnswer(found)) return readAnswer(found.value);
  const diff = fencedDiff(text);
  if (diff !== undefined) return readAnswer({ diff });
  if (broken !== null && broken >= text.trimEnd().length)
    return no('Your answer ends before its JSON object is complete. Give one complete, shorter JSON object.');
  if (broken !== null) return no(`Your answer holds no usable JSON object: ${placeOf(text, broken)}.`);
  if (found !== undefined)
    return no('The JSON object of your answer has none of the fields "edits", "diff" and "decline".');
  return no('Your answer holds no JSON object. Answer with one JSON object that has "edits", "diff" or "decline".');
}

function isAnswer({ value }: FoundObject): boolean {
  return ['edits', 'diff', 'decline'].some((name) => Object.hasOwn(value, name));
}

function placeOf(text: string, at: number): string {
  const line = text.slice(0, at).split('\n').length;
  return `what begins as one stops being JSON in line ${line} of the answer, at ${JSON.stringify(text.slice(at, at + 40))}`;
}

function no(reason: string): AgentAnswer {
  return { ok: false, reason };
}

function readAnswer(value: Record<string, unknown>): AgentAnswer {
  const { edits, diff, decline, explanation = null, confidence = null } = value;
  const fault = faultOf({ diff, decline, explanation });
  if (fault !== undefined) return no(fault);
  if (confidence !== null && typeof confidence !== 'number')
    return no('"confidence" must be a number from 0 to 1, or left out.');
  const change = typeof diff === 'string' && diff.trim() !== '' ? readDiff(diff) : undefined;
  const list = edits === undefined || edits === null ? [] : readEdits(edits);
  if (typeof list === 'string') return no(list);
  if (typeof change === 'string' && list.length === 0) return no(change);
  const declined = typeof decline === 'string' ? decline.trim() : '';
  if (declined !== '' && (list.length > 0 || change !== undefined))
    return no('Your answer both changes something and declines. Leave "decline" out, or everything else.');
  if (declined !== '') return { ok: true, declined: declined.slice(0, maxExplanation) };
  const words = {
    explanation: typeof explanation === 'string' ? explanation.slice(0, maxExplanation) : '',
    confidence: confidence !== null && confidence >= 0 && confidence <= 1 ? confidence : null,
  };
  if (list.length > 0) return { ok: true, change: { kind: 'edits', edits: list }, ...words };
  if (typeof change === 'object') return { ok: true, change, ...words };
  return no('Your answer changes nothing. Give at least one edit or a diff, or say in "decline" why you give none.');
}

function faultOf(texts: Record<string, unknown>): string | undefined {
  const wrong = Object.entries(texts).find(
    ([, value]) => value !== undefined && value !== null && typeof value !== 'string',
  );
  return wrong === undefined ? undefined : `"${wrong[0]}" must be a string.`;
}

function readEdits(edits: unknown): AgentEdit[] | string {
  if (!Array.isArray(edits)) return '"edits" must be a list of objects with "file", "search" and "replace".';
  if (edits.length > maxEdits) return `"edits" holds ${edits.length} edits; at most ${maxEdits} are taken.`;
  const read: AgentEdit[] = [];
  for (const [index, edit] of edits.entries()) {
    const { file, search, replace } = (typeof edit === 'object' && edit !== null ? edit : {}) as Record<
      string,
      unknown
    >;
    if (typeof file !== 'string' || typeof search !== 'string' || typeof replace !== 'string')
      return `Edit ${index + 1} must have "file", "search" and "replace", each a string.`;
    if (file === '' || file.length > maxFile) return `The "file" of edit ${index + 1} is empty or too long.`;
    if (search.length > maxText || replace.length > maxText)
      return `Edit ${index + 1} is longer than ${maxText} characters; give smaller edits.`;
    read.push({ file, search, replace });
  }
  return read;
}

function readDiff(text: string): AgentChange | string {
  const diff = fencedDiff(text) ?? text;
  if (diff.length > maxDiff) return `"diff" is longer than ${maxDiff} characters.`;
  if (!/^(?:diff --git |--- |@@ )/m.test(diff))
    return '"diff" must be a unified diff, with lines that begin with ---, +++ and @@.';
  return { kind: 'diff', diff: diff.endsWith('\n') ? diff : `${diff}\n` };
}

/** What the first fence marked as a diff holds; to the text's end when the fence is not closed. */
function fencedDiff(text: string): string | undefined {
  const opening = /^```(?:diff|patch|udiff)[^\n]{0,200}\n/m.exec(text);
  if (opening === null) return undefined;
  const rest = text.slice(opening.index + opening[0].length);
  const closing = /^```[ \t]{0,8}\r?$/m.exec(rest);
  const diff = closing === null ? rest : rest.slice(0, closing.index);
  return /^(?:diff --git |--- |@@ )/m.test(diff) ? diff : undefined;
}
