import type { Edit } from '../events/finding.ts';
import type { Json, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, wordOf } from './engine/json-value.ts';

/** `eslint` as JSON, `json-with-metadata`, and its own stylish text. */
export const eslint: Parser = {
  name: 'eslint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(value, isFile) || (isFields(value) && 'metadata' in value && listWith(value.results, isFile)),
    cut: ['"filePath":', '"messages":'],
    elements: true,
  },
  cues: ['  error  ', '  warning  ', ' problem', 'Oops! Something went wrong'],
  start,
};

function indent(line: string): number {
  return line.length - line.trimStart().length;
}

function isFile(item: Fields): boolean {
  return Array.isArray(item.messages) && ('filePath' in item || 'errorCount' in item);
}

/** What it says of a file that was named and is ignored: it did not look at that. */
function isPassedOver(message: Json): boolean {
  const { ruleId, message: words } = fields(message);
  return textOf(ruleId) === null && /^File ignored /.test(textOf(words) ?? '');
}

function start(run: Run): Machine {
  let documents = 0;
  let summed = false;
  let file: string | null = null;
  let oops = 0;
  let lines = 0;
  return {
    json(value) {
      documents += 1;
      for (const one of list(Array.isArray(value) ? value : fields(value).results)) {
        const path = textOf(fields(one).filePath) ?? '';
        if (!list(fields(one).messages).some(isPassedOver)) run.looked(path);
        for (const message of list(fields(one).messages)) problem(fields(message), path);
      }
    },
    line(line, _stream, previous) {
      if (oops > 0) {
        oops -= 1;
        const words = line.trim();
        if (words === '' || /^ESLint: \d/.test(words)) return 'more';
        // Stacks and advice follow; the first sentence is the reason.
        run.crashed(words);
        oops = 0;
        return 'yes';
      }
      if (line.startsWith('Oops! Something went wrong')) {
        run.saw();
        oops = 10;
        return 'more';
      }
      // stylelint counts in the same words.
      if ((lines > 0 || run.runs()) && /^ {0,12}\u2716 \d+ problems? \(\d+ errors?, /.test(line)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      const at = /^ {2,20}(\d{1,7}):(\d{1,7}) {2,20}(error|warning) {2,20}(\S.*)$/.exec(line);
      if (at === null) {
        file = null;
        return 'no';
      }
      const words = (at[4] ?? '').trimEnd();
      const gap = words.lastIndexOf('  ');
      // The name of a rule in brackets is yamllint's.
      if (words.slice(gap + 2).startsWith('(') || words.endsWith(' (syntax)')) return 'no';
      // Runners such as nx print all of it further in.
      if (file === null) file = indent(previous) < indent(line) && previous.trim() !== '' ? previous.trim() : null;
      if (file === null) return 'no';
      const severity = at[3] === 'error' ? 'error' : 'warn';
      lines += 1;
      run.report({
        kind: 'lint',
        severity,
        tool_severity: at[3] ?? null,
        code: gap === -1 ? (words.startsWith('Parsing error') ? 'parse-error' : null) : words.slice(gap + 2),
        file,
        line: Number(at[1]),
        column: Number(at[2]),
        message: gap === -1 ? words : words.slice(0, gap).trimEnd(),
        raw: line,
      });
      return 'more';
    },
    end: () => documents > 0 || summed,
  };

  function problem(message: Fields, path: string) {
    run.report({
      kind: 'lint',
      severity: message.severity === 2 ? 'error' : 'warn',
      tool_severity: wordOf(message.severity),
      // A file that cannot be parsed, and an unused directive, have no rule.
      code: textOf(message.ruleId) ?? (message.fatal === true ? 'parse-error' : null),
      tool_code: textOf(message.ruleId),
      file: path,
      line: numberOf(message.line),
      column: numberOf(message.column),
      end_line: numberOf(message.endLine),
      message: textOf(message.message) ?? '',
      suggested_fix: message.suggestions === undefined ? null : textOf(fields(list(message.suggestions)[0]).desc),
      edits: message.fix !== undefined && run.path(path) !== null ? edits(message.fix, path) : [],
      raw: message,
    });
  }
}

/** `range` counts UTF-16 units; a byte order mark makes it start at -1, which is no edit of text. */
function edits(fix: Json, file: string): Edit[] {
  const { range, text } = fields(fix);
  const [start, end] = list(range);
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return [];
  return [{ file, start: { offset: start }, end: { offset: end }, text, safe: true }];
}
