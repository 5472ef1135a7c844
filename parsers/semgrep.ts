import type { Edit } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const levels = {
  CRITICAL: 'error',
  HIGH: 'error',
  ERROR: 'error',
  MEDIUM: 'warn',
  WARNING: 'warn',
  LOW: 'info',
  INFO: 'info',
} as const;

/** `semgrep scan --json`; what a comment in the source ignores is left out. */
export const semgrep: Parser = {
  name: 'semgrep',
  recipes: ['lint', 'audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      Array.isArray(value.results) &&
      (value.results.length === 0
        ? Array.isArray(value.errors) && isFields(value.paths)
        : listWith(value.results, isResult)),
    cut: ['"check_id":'],
    elements: true,
  },
  cues: ['[ERROR] '],
  start,
};

function isResult(item: Fields): boolean {
  return typeof item.check_id === 'string' || (isFields(item.extra) && isFields(item.start) && 'path' in item);
}

function start(run: Run): Machine {
  let documents = 0;
  /** A file that was read in part only, or not at all. */
  let unread = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(fields(value).errors).map(fields)) {
        unread = true;
        if (textOf(item.level) !== 'error') continue;
        const words =
          textOf(item.message) ?? textOf(item.long_msg) ?? textOf(item.short_msg) ?? textOf(item.type) ?? '';
        run.crashed(words);
      }
      for (const item of list(fields(value).results).map(fields)) result(item);
    },
    line(line) {
      if (!run.runs() || !/^(?:\[\d\d\.\d\d\])?\[ERROR\] /.test(line)) return 'no';
      run.crashed(line.slice(line.indexOf('[ERROR] ') + 8));
      return 'yes';
    },
    end: () => documents > 0 && !unread,
  };

  function result(item: Fields) {
    const extra = fields(item.extra);
    if (extra.is_ignored === true) return;
    const word = textOf(extra.severity);
    const about = fields(extra.metadata);
    const file = textOf(item.path);
    const edit = file === null || run.path(file) === null ? null : fix(item, file);
    run.report({
      kind: 'lint',
      severity: word !== null && Object.hasOwn(levels, word) ? levels[word as keyof typeof levels] : 'warn',
      tool_severity: word,
      code: textOf(item.check_id),
      file,
      line: numberOf(fields(item.start).line),
      column: numberOf(fields(item.start).col),
      end_line: numberOf(fields(item.end).line),
      message: textOf(extra.message) ?? '',
      suggested_fix: edit === null ? null : `replace with: ${edit.text}`,
      url: textOf(about.source) ?? textOf(list(about.references)[0]),
      edits: edit === null ? [] : [edit],
      raw: item,
    });
  }
}

/** Written by the author of a rule for what it matched, and checked by nothing: not called safe. */
function fix(item: Fields, file: string): Edit | null {
  const text = fields(item.extra).fix;
  const place = (value: unknown) => ({
    line: numberOf(fields(value).line) ?? 0,
    column: numberOf(fields(value).col) ?? 0,
  });
  if (typeof text !== 'string') return null;
  return { file, start: place(item.start), end: place(item.end), text, safe: false };
}
