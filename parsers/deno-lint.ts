import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

const source = '\\.[cm]?[jt]sx?|\\.jsonc?';
const header = /^error\[([a-z][a-z0-9/-]{1,80})\]: (\S.*)$/;
const place = new RegExp(`^ *--> (.+?(?:${source})):(\\d{1,7}):(\\d{1,7})$`);
const compact = new RegExp(
  `^((?:file:\\/\\/)?\\/?\\S.{0,1000}?(?:${source})): line (\\d{1,7}), col (\\d{1,7}) - (.*) \\(([a-z][a-z0-9/-]{1,80})\\)$`,
);

/** `deno lint` as JSON, compact, and as it prints for people. */
export const denoLint: Parser = {
  name: 'deno-lint',
  tool: 'deno',
  recipes: ['lint'],
  json: {
    is: (value) =>
      isFields(value) && Array.isArray(value.diagnostics) && Array.isArray(value.errors) && 'checked_files' in value,
    cut: ['"diagnostics"', '"bytePos"'],
  },
  cues: ['--> ', ', col ', 'Checked ', 'Found ', 'error: '],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  let documents = 0;
  let found = 0;
  let checked = false;
  let unread = false;
  return {
    json(value) {
      documents += 1;
      const { diagnostics, errors } = fields(value);
      for (const item of list(diagnostics).map(fields)) structured(item);
      for (const item of list(errors).map(fields)) {
        unread = true;
        const message = textOf(item.message) ?? 'cannot be parsed';
        run.report({
          kind: 'lint',
          severity: 'error',
          code: 'parse-error',
          file: textOf(item.file_path),
          message,
          raw: item,
        });
      }
    },
    line(line, _stream, previous) {
      const at = place.exec(line);
      const head = at === null ? null : header.exec(previous);
      if (at !== null && head !== null) {
        report(head[1] ?? null, head[2] ?? '', `${previous}\n${line}`, at);
        return 'yes';
      }
      const short = compact.exec(line);
      if (short !== null) {
        report(short[5] ?? null, short[4] ?? '', line, short);
        return 'yes';
      }
      if (/^Checked \d{1,7} files?$/.test(line) && (mine || found > 0)) {
        checked = true;
        run.saw();
        return 'yes';
      }
      if (!mine || !/^error: (?!Found \d)/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || checked),
  };

  function structured(item: Fields) {
    const { start: from, end: to } = fields(item.range);
    const column = numberOf(fields(from).col);
    found += 1;
    run.report({
      kind: 'lint',
      severity: 'error',
      code: textOf(item.code),
      file: textOf(item.filename),
      line: numberOf(fields(from).line),
      // Lines count from 1, columns from 0.
      column: column === null ? null : column + 1,
      end_line: numberOf(fields(to).line),
      message: textOf(item.message) ?? '',
      suggested_fix: textOf(item.hint),
      raw: item,
    });
  }

  function report(code: string | null, message: string, raw: string, at: RegExpExecArray) {
    found += 1;
    run.report({
      kind: 'lint',
      severity: 'error',
      code,
      file: at[1] ?? null,
      line: Number(at[2]),
      column: Number(at[3]),
      message,
      raw,
    });
  }
}
