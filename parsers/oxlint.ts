import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities: Record<string, 'error' | 'warn' | 'info'> = { error: 'error', warning: 'warn', advice: 'info' };

/** `oxlint -f json`. */
export const oxlint: Parser = {
  name: 'oxlint',
  recipes: ['lint'],
  json: {
    is: (value) =>
      isFields(value) &&
      Array.isArray(value.diagnostics) &&
      (value.diagnostics.length === 0 ? 'number_of_files' in value : listWith(value.diagnostics, isDiagnostic)),
    cut: ['"diagnostics":', '"filename":', '"labels":'],
  },
  cues: ['Failed to parse oxlint configuration'],
  start,
};

function isDiagnostic(item: Fields): boolean {
  return typeof item.message === 'string' && 'filename' in item && ('labels' in item || 'causes' in item);
}

function start(run: Run): Machine {
  let documents = 0;
  let broken = 0;
  return {
    json(value) {
      documents += 1;
      for (const item of list(fields(value).diagnostics).map(fields)) {
        const level = textOf(item.severity) ?? '';
        const span = fields(fields(list(item.labels)[0]).span);
        run.report({
          kind: 'lint',
          severity: severities[level] ?? 'warn',
          tool_severity: level,
          // What the parser says has no code.
          code: textOf(item.code) ?? 'parse-error',
          tool_code: textOf(item.code),
          file: textOf(item.filename),
          line: numberOf(span.line),
          column: numberOf(span.column),
          message: textOf(item.message) ?? '',
          suggested_fix: textOf(item.help),
          url: textOf(item.url),
          raw: item,
        });
      }
    },
    line(line) {
      if (broken > 0) {
        broken -= 1;
        if (line.trim() === '') return 'more';
        run.crashed(line.replace(/^\s*[x\u00d7] /, ''));
        broken = 0;
        return 'yes';
      }
      if (!line.startsWith('Failed to parse oxlint configuration')) return 'no';
      run.saw();
      broken = 3;
      return 'more';
    },
    end: () => documents > 0,
  };
}
