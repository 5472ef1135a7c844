import { parseJson } from '../../floor/text/parse-json.ts';

const mostWords = 500;
const mostRead = 64 * 1024;

/** What a failed answer says about itself, as one line of at most 500 characters; `''` when it says nothing. */
export function failureWords(body: string): string {
  const text = body.slice(0, mostRead);
  const told = texts(parseJson(text) ?? text, 0).join(': ');
  return oneLine(told).slice(0, mostWords);
}

/** the end of a program's complaints, as one line of at most 500 characters. */
export function lastWords(text: string): string {
  return oneLine(text.slice(-mostRead)).slice(-mostWords);
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u0020\u007f-\u009f]+/g, ' ').trim();
}

const told = ['error', 'detail', 'message', 'reason', 'stop_reason', 'stderr'];

// Frameworks put the words under `detail`, as a text, an object or a list of faults.
function texts(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value !== 'object' || value === null || depth > 3) return [];
  if (Array.isArray(value)) return value.slice(0, 5).flatMap((one) => texts(one, depth + 1));
  const fields = value as Record<string, unknown>;
  return [...told, 'msg'].flatMap((name) => texts(fields[name], depth + 1));
}
