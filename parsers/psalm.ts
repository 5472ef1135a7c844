import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const issue = /^(ERROR|INFO): ([A-Z]\w{2,100}) - (\S.{0,1023}?):(\d{1,7}):(\d{1,7}) - (.*)$/;

/** `psalm`, as JSON (a bare array) and as text. */
export const psalm: Parser = {
  name: 'psalm',
  recipes: ['lint'],
  quiet: true,
  json: { is: (value) => listWith(value, isIssue), cut: ['"line_from":', '"file_name":'], elements: true },
  cues: ['ERROR: ', 'INFO: ', 'No errors found!', ' errors found', ' error found'],
  start,
};

function isIssue(item: Fields): boolean {
  return 'line_from' in item && ('file_name' in item || 'file_path' in item) && 'type' in item;
}

function start(run: Run): Machine {
  let ended = false;
  let announced = 0;
  let told = 0;
  return {
    json(value) {
      ended = true;
      for (const item of list(value).map(fields)) {
        run.report({
          kind: 'lint',
          severity: item.severity === 'error' ? 'error' : 'info',
          tool_severity: textOf(item.severity),
          code: textOf(item.type),
          file: textOf(item.file_path) ?? textOf(item.file_name),
          line: numberOf(item.line_from),
          column: numberOf(item.column_from),
          end_line: numberOf(item.line_to),
          message: textOf(item.message) ?? '',
          url: textOf(item.link),
          raw: { ...item, other_references: undefined, taint_trace: undefined },
        });
      }
    },
    line(line) {
      const at = issue.exec(line);
      if (at !== null) {
        const words = at[6] ?? '';
        if (at[1] === 'ERROR') told += 1;
        const link = /\(see (https:\/\/psalm\.dev\/\d{1,5})\)$/.exec(words.slice(-60));
        run.report({
          kind: 'lint',
          severity: at[1] === 'ERROR' ? 'error' : 'info',
          tool_severity: at[1] ?? null,
          code: at[2] ?? null,
          file: at[3] ?? null,
          line: Number(at[4]),
          column: Number(at[5]),
          message: link === null ? words : words.slice(0, -link[0].length).trimEnd(),
          url: link?.[1] ?? null,
          raw: line,
        });
        return 'yes';
      }
      const sum = /^\s{0,80}(?:No|(\d{1,9})) errors? found!?$/.exec(line.slice(0, 300).trimEnd());
      // Other tools count their errors in these words.
      if (sum === null || (sum[1] !== undefined && told === 0 && !run.runs('psalm'))) return 'no';
      announced += Number(sum[1] ?? 0);
      ended = true;
      run.saw();
      return 'yes';
    },
    // 2: with errors.
    end: () => ended && announced === told,
  };
}
