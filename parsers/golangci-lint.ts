import type { Edit } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { goLinters } from './engine/go-linters.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, texts } from './engine/json-value.ts';

const text = /^([^\s:][^:]{0,1023}\.go):(\d{1,7})(?::(\d{1,7}))?: (\S.*) \(([a-z][a-z0-9_-]{1,40})\)$/;
const levels = { error: 'error', high: 'error', warning: 'warn', medium: 'warn', low: 'info', info: 'info' } as const;
/** What these replace are whole lines that differ in blanks and order only. */
const formatters = new Set(['gci', 'gofmt', 'gofumpt', 'goimports', 'golines', 'whitespace']);
const maxLines = 200;

/** `golangci-lint run` of versions 1 and 2, as JSON and as text. */
export const golangciLint: Parser = {
  name: 'golangci-lint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      isFields(value) &&
      'Issues' in value &&
      (value.Issues === null || listWith(value.Issues, isIssue) || isEmpty(value.Issues)) &&
      (isFields(value.Report) || listWith(value.Issues, isIssue)),
    cut: ['"FromLinter":'],
    elements: true,
  },
  cues: ['.go:', ' issues', 'level=error', 'level=fatal', 'Error: '],
  start,
};

function isIssue(item: Fields): boolean {
  return typeof item.FromLinter === 'string' || (typeof item.Text === 'string' && isFields(item.Pos));
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function start(run: Run): Machine {
  let documents = 0;
  let summed = false;
  let broken = false;
  const report = (linter: string, words: string, severity: string | null, more: Partial<Draft>, raw: unknown) => {
    const own = /^(SA\d{4}|ST\d{4}|QF\d{4}|S\d{4}|U\d{4}|G\d{3}): (\S.*)$/.exec(words);
    const compiled = linter === 'typecheck';
    if (compiled) broken = true;
    const known = severity !== null && Object.hasOwn(levels, severity);
    run.report({
      kind: 'lint',
      severity: known ? levels[severity as keyof typeof levels] : compiled ? 'error' : 'warn',
      tool_severity: severity,
      code: own?.[1] ?? linter,
      tool_code: linter,
      message: own?.[2] ?? words,
      ...more,
      raw,
    });
  };
  return {
    json(value) {
      documents += 1;
      const { Issues: issues, Report: about } = fields(value);
      const failure = textOf(fields(about).Error);
      if (failure !== null) run.crashed(failure);
      for (const item of list(issues).map(fields)) {
        const place = fields(item.Pos);
        const file = textOf(place.Filename);
        const line = numberOf(place.Line);
        const edits = file === null || run.path(file) === null ? [] : editsOf(item, file, line);
        const hints = list(item.SuggestedFixes).map((fix) => textOf(fields(fix).Message));
        const more = {
          file,
          line,
          column: numberOf(place.Column),
          end_line: numberOf(fields(item.LineRange).To),
          edits,
        };
        const hint = hints.find((one) => one !== null) ?? null;
        report(
          textOf(item.FromLinter) ?? '',
          textOf(item.Text) ?? '',
          textOf(item.Severity),
          { ...more, suggested_fix: hint },
          { ...item, SourceLines: texts(item.SourceLines).slice(0, 20) },
        );
      }
    },
    line(line) {
      const said = /^(?:time=\S{1,50} |level=(?:error|fatal) )?.{0,40}?msg="(.*)"$/.exec(line);
      if (said !== null && /level=(?:error|fatal) /.test(line.slice(0, 100)) && run.runs()) {
        run.crashed((said[1] ?? '').replaceAll('\\"', '"'));
        return 'yes';
      }
      if (/^Error: /.test(line) && run.runs()) {
        run.crashed(line.slice(7));
        return 'yes';
      }
      if (/^\d{1,7} issues[.:]$/.test(line)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      const at = text.exec(line);
      // `compile` is staticcheck's word.
      const named = goLinters.has(at?.[5] ?? '') || (run.runs() && at?.[5] !== 'compile');
      if (at === null || !named) return 'no';
      const column = at[3] === undefined ? null : Number(at[3]);
      report(at[5] ?? '', at[4] ?? '', null, { file: at[1] ?? null, line: Number(at[2]), column }, line);
      return 'yes';
    },
    // Any other exit code is a run that was stopped, or none at all.
    end: () => (documents > 0 || summed) && !broken,
  };
}

type Draft = {
  file: string | null;
  line: number | null;
  column: number | null;
  end_line: number | null;
  suggested_fix: string | null;
  edits: Edit[];
};

/** Version 1 only: the positions that version 2 gives count from a base that nobody knows. */
function editsOf(item: Fields, file: string, line: number | null): Edit[] {
  if (!isFields(item.Replacement) || line === null) return [];
  const { NeedOnlyDelete: deletes, NewLines: lines, Inline: inline } = item.Replacement;
  const safe = formatters.has(textOf(item.FromLinter) ?? '');
  if (isFields(inline)) {
    const from = numberOf(inline.StartCol) ?? -1;
    const length = numberOf(inline.Length) ?? -1;
    const words = inline.NewString;
    if (from < 0 || length < 0 || typeof words !== 'string') return [];
    // Columns count bytes, and are right as they stand only in a line of ASCII.
    const [first] = texts(item.SourceLines);
    if (first === undefined || /[^\t -~]/.test(first)) return [];
    return [{ file, start: { line, column: from + 1 }, end: { line, column: from + length + 1 }, text: words, safe }];
  }
  const range = fields(item.LineRange);
  const [from, to] = [numberOf(range.From) ?? line, numberOf(range.To) ?? line];
  const added = texts(lines);
  if ((deletes !== true && added.length === 0) || added.length > maxLines || to < from) return [];
  const words = added.map((one) => `${one}\n`).join('');
  return [{ file, start: { line: from, column: 1 }, end: { line: to + 1, column: 1 }, text: words, safe }];
}
