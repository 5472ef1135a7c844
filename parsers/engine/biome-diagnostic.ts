import type { Run } from '../define.ts';
import { type Fields, fields, list, numberOf, textOf } from './json-value.ts';

/** Biome's words; any other one is for information. */
export const biomeSeverities: Record<string, 'error' | 'warn'> = { fatal: 'error', error: 'error', warning: 'warn' };

/** One diagnostic of `biome --reporter=json`, as 1.x and as newer ones print it. */
export function biomeDiagnostic(run: Run, item: Fields) {
  const code = textOf(item.category) ?? '';
  const parts = list(item.message).map((part) => textOf(fields(part).content) ?? '');
  const message = textOf(item.message) ?? textOf(item.description) ?? parts.join('');
  if (/^(?:configuration|deserialize|internalError|fs)\b/.test(code)) {
    run.crashed(`${code}: ${message}`);
    return;
  }
  const level = textOf(item.severity) ?? 'error';
  const location = fields(item.location);
  const [first, last] = list(location.span);
  const source = textOf(location.sourceCode);
  const begin = source === null ? fields(location.start) : placeAt(source, first);
  const finish = source === null ? fields(location.end) : placeAt(source, last);
  run.report({
    kind: 'lint',
    severity: biomeSeverities[level] ?? 'info',
    tool_severity: level,
    code,
    file: textOf(location.path) ?? textOf(fields(location.path).file),
    line: numberOf(begin.line),
    column: numberOf(begin.column),
    end_line: numberOf(finish.line),
    message,
    raw: source === null ? item : { ...item, location: { ...location, sourceCode: undefined } },
  });
}

/** Spans of 1.x count bytes of the source that comes with them. */
function placeAt(source: string, offset: unknown): Fields {
  if (typeof offset !== 'number') return {};
  const before = Buffer.from(source).subarray(0, offset).toString();
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}
