import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = { Error: 'error', Warning: 'warn', Suggestion: 'info' };
const plain =
  /^(\S[^:]{0,1023}\.l?hsc?):(?:(\d{1,7}):(\d{1,7})(?:-\d{1,7})?|\((\d{1,7}),(\d{1,7})\)-\((\d{1,7}),\d{1,7}\)): (Error|Warning|Suggestion): (\S.*)$/;
const sum = /^(?:No hints|(\d{1,7}) hints?)(?: \(\d{1,7} ignored\))?$/;

/** `hlint` as JSON and as it prints for people. A hint's name is its rule; what it would write is the fix. */
export const hlint: Parser = {
  name: 'hlint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => 'hint' in item && ('startLine' in item || 'severity' in item)),
    cut: ['"hint":', '"startLine":'],
  },
  cues: [': Error: ', ': Warning: ', ': Suggestion: ', ' hint', 'No hints', "Couldn't find file: "],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let summed = false;
  let unread = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) structured(item);
    },
    line(line) {
      const at = plain.exec(line);
      if (at !== null) {
        const [, file = '', row, column, first, from, last, severity = '', hint = ''] = at;
        report(severity, hint, hint, line, {
          file,
          line: Number(row ?? first),
          column: Number(column ?? from),
          end_line: last === undefined ? null : Number(last),
        });
        return 'yes';
      }
      const end = sum.exec(line);
      if (end !== null && (found > 0 || run.runs())) {
        summed = true;
        run.saw();
        return 'yes';
      }
      if (!run.runs() || !/^Couldn't find file: /.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || summed),
  };

  function structured(item: Fields) {
    const severity = textOf(item.severity) ?? '';
    if (severity === 'Ignore') return;
    const hint = textOf(item.hint) ?? '';
    const to = textOf(item.to);
    const from = textOf(item.from);
    const words = from === null || to === null ? hint : `${hint}: ${from} is ${to}`;
    report(severity, hint, words.slice(0, 2000), item, {
      file: textOf(item.file),
      line: numberOf(item.startLine),
      column: numberOf(item.startColumn),
      end_line: numberOf(item.endLine),
      suggested_fix: to === null ? null : `write ${to}`,
    });
  }

  function report(
    severity: string,
    hint: string,
    message: string,
    raw: unknown,
    place: {
      file: string | null;
      line: number | null;
      column: number | null;
      end_line?: number | null;
      suggested_fix?: string | null;
    },
  ) {
    found += 1;
    const broken = hint.startsWith('Parse error');
    unread ||= broken;
    run.report({
      kind: 'lint',
      severity: severities[severity] ?? 'warn',
      tool_severity: severity,
      code: broken ? 'Parse error' : hint,
      message,
      raw,
      ...place,
    });
  }
}
