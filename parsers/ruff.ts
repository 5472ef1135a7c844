import type { Json, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, listWith, numberOf, textOf } from './engine/json-value.ts';
import { ruffEdits } from './engine/ruff-edits.ts';

const concise =
  /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}):(\d{1,7}): ([A-Z]{1,5}\d{2,5}|invalid-syntax|SyntaxError)(:)? (\[\*\] )?(.*)$/;
/** `path:line: [F401] words` of the pylint format, which flake8 has too. */
const pylintLike = /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}): \[([A-Z]{1,5}\d{2,5}|invalid-syntax)\] (.*)$/;
/** Under the name of a file in the grouped format. */
const grouped = /^ {2,12}(\d{1,7}):(\d{1,7}) {1,8}([A-Z]{1,5}\d{2,5}|invalid-syntax):? (?:\[\*\] )?(\S.*)$/;
/** `F401 [*] words`, and since 0.16 `error[F401]: words` or `error: unused-import: words`. */
const headline =
  /^(?:(?:error|warning|info)\[([A-Z]{1,5}\d{2,5}|invalid-syntax)\](?: \[[*-]\])?: |(?:error|warning|info): (?:\[[*-]\] )?([a-z][a-z-]{2,60}): |([A-Z]{1,5}\d{2,5}|invalid-syntax)(?: \[[*-]\])?:? )(.*)$/;
const place = /^ *--> (.+?\.(?:pyi?|ipynb|toml|md)):(\d{1,7}):(\d{1,7})$/;

/** `ruff check` as JSON, JSON lines, concise and full text. Lint is `warn`, code that cannot be parsed `error`. */
export const ruff: Parser = {
  name: 'ruff',
  recipes: ['lint'],
  // `ruff format` is another tool.
  programs: ['ruff check'],
  quiet: true,
  json: {
    is: (value) => isDiagnostic(value) || listWith(value, isDiagnostic),
    cut: ['"noqa_row"', '"location"'],
    elements: true,
  },
  cues: [
    '-->',
    ': F',
    ': E',
    ': W',
    ': I',
    ': [',
    ': invalid-syntax',
    ': SyntaxError',
    '[*] ',
    'Found ',
    'All checks passed',
    'ruff failed',
    'Cause: ',
    '.py:',
    '.pyi:',
    '.ipynb:',
  ].concat('ABCDGLNPQRSTUY'.split('').map((letter) => `: ${letter}`)),
  start,
};

function isDiagnostic(value: Json): boolean {
  return (
    isFields(value) &&
    'filename' in value &&
    'location' in value &&
    ('noqa_row' in value || 'end_location' in value) &&
    value.code !== 'unformatted'
  );
}

function start(run: Run): Machine {
  let arrays = 0;
  let lines = 0;
  let summed = false;
  let failure = false;
  let group: string | null = null;
  /** Its formatter prints the same shapes, and is a tool of its own. */
  const formats = run.runs('ruff format') && !run.runs();
  return {
    json(value) {
      if (Array.isArray(value)) arrays += 1;
      else lines += 1;
      for (const item of Array.isArray(value) ? value : [value]) run.report(diagnostic(fields(item), run));
    },
    line(line, _stream, previous) {
      if (formats) return 'no';
      const found = concise.exec(line);
      if (
        found !== null &&
        isRead(found[1] ?? '') &&
        (run.runs('ruff') || !run.runs('flake8', 'pycodestyle', 'pylint'))
      ) {
        // A colon after a rule's code is pylint's.
        if (found[5] !== undefined && !/^[is]/i.test(found[4] ?? '')) return 'no';
        if (found[4] !== 'SyntaxError' && found[4] !== 'invalid-syntax' && found[5] !== undefined) return 'no';
        textual(found[4] ?? '', found[7] ?? '', found, line);
        return 'yes';
      }
      const row = group === null ? null : grouped.exec(line);
      if (row !== null) {
        textual(row[3] ?? '', row[4] ?? '', [line, group ?? '', row[1], row[2]], line);
        return 'more';
      }
      group = /^(\S.{0,1000}\.(?:pyi?|ipynb)):$/.exec(line)?.[1] ?? null;
      if (group !== null) return 'more';
      const like = run.runs('ruff') ? pylintLike.exec(line) : null;
      if (like !== null) {
        textual(like[3] ?? '', like[4] ?? '', [line, like[1], like[2]], line);
        return 'yes';
      }
      const where = place.exec(line);
      const head = where === null ? null : headline.exec(previous);
      if (where !== null && head !== null) {
        textual(head[1] ?? head[2] ?? head[3] ?? '', head[4] ?? '', where, `${previous}\n${line}`);
        return 'yes';
      }
      if (failure) {
        failure = /^ +Cause: /.test(line);
        if (failure) run.crashed(line.trim());
        return failure ? 'more' : 'no';
      }
      if (/^(?:ruff failed|error: .*ruff)/.test(line)) {
        run.saw();
        run.crashed(line);
        failure = true;
        return 'more';
      }
      if (/^(?:Found \d+ errors?(?: \(|\.)|All checks passed!)/.test(line) && (run.runs('ruff') || lines > 0)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      return 'no';
    },
    end: () => arrays > 0 || summed || (lines > 0 && run.alone('ruff')),
  };

  /** `E123 words` is what others print of other files. */
  function isRead(file: string): boolean {
    return run.runs('ruff') || /\.(?:pyi?|ipynb)$/.test(file);
  }

  function textual(code: string, message: string, where: readonly (string | undefined)[], raw: string) {
    lines += 1;
    const broken = code === 'E999' || /syntax/i.test(code);
    run.report({
      kind: 'lint',
      severity: broken ? 'error' : 'warn',
      code: broken && code !== 'E999' ? 'invalid-syntax' : code,
      tool_code: code,
      file: where[1] ?? null,
      line: Number(where[2]),
      column: where[3] === undefined ? null : Number(where[3]),
      message,
      raw,
    });
  }
}

function diagnostic(item: Fields, run: Run) {
  const code = textOf(item.code);
  const broken = code === null || code === 'E999' || code === 'invalid-syntax';
  const { row, column } = fields(item.location);
  // Rows of a notebook count from its cell, not from the file.
  const cell = numberOf(item.cell);
  const fix = fields(item.fix);
  const file = textOf(item.filename);
  const message = textOf(item.message) ?? '';
  return {
    kind: 'lint',
    severity: broken ? 'error' : 'warn',
    tool_severity: textOf(item.severity),
    code: code ?? 'invalid-syntax',
    tool_code: code,
    file,
    line: cell === null ? numberOf(row) : null,
    column: numberOf(column),
    end_line: numberOf(fields(item.end_location).row),
    message: cell === null ? message : `cell ${cell}, line ${numberOf(row) ?? 0}: ${message}`,
    suggested_fix: textOf(fix.message),
    url: textOf(item.url),
    edits: cell === null && file !== null && run.path(file) !== null ? ruffEdits(fix, file) : [],
    raw: item,
  } as const;
}
