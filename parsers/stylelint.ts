import type { Edit } from '../events/finding.ts';
import type { Json, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities = { error: 'error', warning: 'warn' } as const;
const signs = { '\u2716': 'error', '\u00d7': 'error', '\u26a0': 'warning', '\u203c': 'warning' } as const;
const row = /^ {2,20}(\d{1,7}):(\d{1,7}) {2,20}([\u2716\u00d7\u26a0\u203c]) {1,20}(\S.*)$/;
const compact = /^(\S.{0,1023}?): line (\d{1,7}), col (\d{1,7}), (error|warning) - (.*) \(([\w@/-]{1,100})\)$/;
const unix = /^(\S[^:]{0,1023}):(\d{1,7}):(\d{1,7}): (.*) \(([\w@/-]{1,100})\) \[(error|warning)\]$/;
const failure = /^(?:ConfigurationError|NoFilesFoundError|AllFilesIgnoredError): /;

/** `stylelint` as JSON, which it writes to stderr, and its `string`, `verbose`, `compact` and `unix` text. */
export const stylelint: Parser = {
  name: 'stylelint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, isFile),
    cut: ['"source":', '"warnings":'],
    elements: true,
  },
  cues: [', error - ', ', warning - ', ') [error]', ') [warning]', ' problem', 'Error: '].concat(
    [...'0123456789'].map((digit) => `${digit}  `),
  ),
  start,
};

function isFile(item: Fields): boolean {
  return Array.isArray(item.warnings) && ('source' in item || 'errored' in item);
}

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let summed = false;
  /** What cannot be parsed hides what else is wrong with it. */
  let unread = false;
  let file: string | null = null;
  return {
    json(value) {
      documents += 1;
      for (const one of list(value).map(fields)) {
        const path = textOf(one.source);
        if (one.ignored !== true) run.looked(path);
        for (const warning of list(one.warnings).map(fields)) {
          const place = { line: numberOf(warning.line), column: numberOf(warning.column) };
          const edits = path !== null && run.path(path) !== null ? editOf(warning.fix, path) : [];
          report(path, place, textOf(warning.severity), textOf(warning.text) ?? '', textOf(warning.rule), warning, {
            end_line: numberOf(warning.endLine),
            edits,
          });
        }
        for (const wrong of list(one.invalidOptionWarnings).map(fields)) run.crashed(textOf(wrong.text) ?? '');
        for (const wrong of list(one.parseErrors).map(fields)) {
          const place = { line: numberOf(wrong.line), column: numberOf(wrong.column) };
          report(
            path,
            place,
            'error',
            textOf(wrong.text) ?? '',
            textOf(wrong.stylelintType) ?? 'parseError',
            wrong,
            {},
          );
        }
      }
    },
    line(line, _stream, previous) {
      const at = row.exec(line);
      if (at === null) file = null;
      else {
        // Wrapped words stand between two places of a file.
        if (file === null && !/^\s/.test(previous)) file = previous.trim() || null;
        if (file === null) return 'no';
        const words = (at[4] ?? '').trimEnd();
        const gap = words.lastIndexOf('  ');
        const message = (gap === -1 ? words : words.slice(0, gap)).trimEnd();
        const place = { line: Number(at[1]), column: Number(at[2]) };
        const severity = signs[at[3] as keyof typeof signs];
        report(file, place, severity, message, gap === -1 ? null : words.slice(gap + 2), line, {});
        return 'more';
      }
      const short = compact.exec(line);
      if (short !== null) {
        const place = { line: Number(short[2]), column: Number(short[3]) };
        report(short[1] ?? null, place, short[4] ?? null, short[5] ?? '', short[6] ?? null, line, {});
        return 'yes';
      }
      const colons = unix.exec(line);
      if (colons !== null) {
        const place = { line: Number(colons[2]), column: Number(colons[3]) };
        report(colons[1] ?? null, place, colons[6] ?? null, colons[4] ?? '', colons[5] ?? null, line, {});
        return 'yes';
      }
      if (found > 0 && /^(?:\u2716 )?\d{1,7} problems?(?: \(|$)/.test(line)) {
        summed = true;
        return 'yes';
      }
      const broken = failure.test(line) || (run.runs() && /^Error: /.test(line));
      if (!broken) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || summed || (found > 0 && run.alone())),
  };

  function report(
    path: string | null,
    place: { line: number | null; column: number | null },
    severity: string | null,
    words: string,
    rule: string | null,
    raw: unknown,
    more: { end_line?: number | null; edits?: Edit[] },
  ) {
    found += 1;
    unread ||= rule === 'CssSyntaxError' || rule === 'parseError';
    const named = ` (${rule})`;
    run.report({
      kind: 'lint',
      severity: severities[severity as keyof typeof severities] ?? 'error',
      tool_severity: severity,
      code: rule,
      file: path,
      ...place,
      message: words.endsWith(named) ? words.slice(0, -named.length) : words,
      raw,
      ...more,
    });
  }
}

/** With `--compute-edit-info`; `range` counts UTF-16 units of the file. */
function editOf(fix: Json, file: string): Edit[] {
  const { range, text } = fields(fix);
  const [start, end] = list(range);
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return [];
  return [{ file, start: { offset: start }, end: { offset: end }, text, safe: true }];
}
