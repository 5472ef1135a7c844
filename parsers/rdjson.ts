import type { Edit, Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = { ERROR: 'error', WARNING: 'warn', INFO: 'info' };

/** Reviewdog's diagnostics, as one document (rdjson) or one to a line (rdjsonl). Their source says who found them. */
export const rdjson: Parser = {
  name: 'rdjson',
  recipes: ['lint'],
  results: true,
  json: {
    is: (value) => isFields(value) && (isWhole(value) || isLine(value)),
    cut: ['"diagnostics":', '"location":'],
  },
  start,
};

/** https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto */
const keys: ReadonlySet<string> = new Set(
  'message location severity source code suggestions original_output originalOutput related_locations relatedLocations'.split(
    ' ',
  ),
);

const isWhole = (value: Fields) =>
  Array.isArray(value.diagnostics) && (isFields(value.source) || value.diagnostics.some((one) => isLine(fields(one))));

/** A message at a path, whatever else there is: neither a range nor a source nor a code has to be. */
function isLine(value: Fields): boolean {
  const { path, range } = fields(value.location);
  if (typeof path !== 'string' || typeof value.message !== 'string') return false;
  return isFields(range) || Object.keys(value).every((key) => keys.has(key));
}

/** Also by its number in the protocol. */
const levelOf = (value: unknown) => textOf(value) ?? [null, 'ERROR', 'WARNING', 'INFO'][numberOf(value) ?? 0] ?? null;

function start(run: Run): Machine {
  let whole = 0;
  let lines = 0;
  return {
    json(value) {
      const document = fields(value);
      if (!isWhole(document)) {
        lines += 1;
        return report(document, document);
      }
      whole += 1;
      const name = textOf(fields(document.source).name);
      if (name !== null) run.saw(name.toLowerCase());
      for (const one of list(document.diagnostics).map(fields)) report(one, document);
    },
    // Nothing tells whether a line was the last one.
    end: () => whole > 0 && lines === 0,
  };

  function report(one: Fields, document: Fields) {
    const { path, range } = fields(one.location);
    const [start, end] = [fields(fields(range).start), fields(fields(range).end)];
    const { value: code, url } = fields(one.code);
    const name = textOf(fields(one.source).name) ?? textOf(fields(document.source).name);
    const severity = levelOf(one.severity) ?? levelOf(document.severity);
    const file = textOf(path) ?? '';
    const edits = list(one.suggestions).flatMap((suggestion) => editOf(fields(suggestion), file) ?? []);
    run.report({
      kind: 'lint',
      severity: severities[severity ?? ''] ?? 'warn',
      ...(name === null ? {} : { tool: name.toLowerCase() }),
      tool_severity: severity,
      code: textOf(code),
      url: textOf(url),
      message: textOf(one.message) ?? '',
      file: file || null,
      line: numberOf(start.line),
      column: numberOf(start.column),
      end_line: numberOf(end.line),
      edits: edits.length === list(one.suggestions).length ? edits : [],
      raw: one,
    });
  }
}

/** Columns count bytes of UTF-8, and so are believed only where a line has nothing else: this one may not. */
function editOf(suggestion: Fields, file: string): Edit | null {
  const [start, end] = [fields(fields(suggestion.range).start), fields(fields(suggestion.range).end)];
  const [from, to] = [numberOf(start.line), numberOf(end.line)];
  const isWholeLines = (numberOf(start.column) ?? 1) === 1 && (numberOf(end.column) ?? 1) === 1;
  if (from === null || to === null || !isWholeLines || typeof suggestion.text !== 'string') return null;
  return { file, start: { line: from, column: 1 }, end: { line: to, column: 1 }, text: suggestion.text, safe: false };
}
