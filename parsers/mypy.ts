import type { Machine, Parser, Run } from './define.ts';
import { fields, isFields, numberOf, textOf } from './engine/json-value.ts';

const text =
  /^((?:[A-Za-z]:)?[^\s:][^:]{0,1023}\.(?:pyi?|ipynb)):(\d{1,7})(?::(\d{1,7}))?(?::(\d{1,7}):\d{1,7})?: (error|warning|note): (.*)$/;

/** `mypy`, as text and with `--output=json`. Notes explain the error before them and are no findings. */
export const mypy: Parser = {
  name: 'mypy',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      isFields(value) && 'hint' in value && typeof value.file === 'string' && 'code' in value && 'severity' in value,
    cut: ['"file": ', '"line": ', '"hint": '],
  },
  cues: ['.py:', '.pyi:', '.ipynb:', 'Success: no issues', 'Found ', 'mypy: ', 'INTERNAL ERROR'],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let summed = false;
  let blocked = false;
  /** A line was certainly its own. */
  let hasCodes = false;
  let open: { found: RegExpExecArray; line: string; rest: string[] } | null = null;
  const flush = () => {
    if (open === null) return;
    const { found, line, rest } = open;
    open = null;
    const words = [found[6] ?? '', ...rest].join(' ').trimEnd();
    const code = codeOf(words);
    run.report({
      kind: 'lint',
      severity: found[5] === 'error' ? 'error' : 'warn',
      tool_severity: found[5] ?? null,
      code,
      file: found[1] ?? null,
      line: Number(found[2]),
      column: found[3] === undefined ? null : Number(found[3]),
      end_line: found[4] === undefined ? null : Number(found[4]),
      message: code === null ? words : words.slice(0, -(code.length + 4)),
      raw: [line, ...rest].join('\n'),
      alike: code === null,
    });
  };
  return {
    json(value) {
      documents += 1;
      const { file, line, column, message, hint, code, severity, end_line: end } = fields(value);
      if (severity === 'note') return;
      const zeroBased = numberOf(column);
      if (code === 'syntax') blocked = true;
      run.report({
        kind: 'lint',
        severity: severity === 'error' ? 'error' : 'warn',
        tool_severity: textOf(severity),
        code: textOf(code),
        file: textOf(file),
        line: numberOf(line),
        column: zeroBased === null || zeroBased < 0 ? null : zeroBased + 1,
        end_line: numberOf(end),
        message: textOf(message) ?? '',
        suggested_fix: textOf(hint),
        raw: value,
      });
    },
    line(line) {
      const found = text.exec(line);
      if (
        open !== null &&
        found === null &&
        !/^(?: {4}|Found \d|mypy: |[^\s:]{1,500}:\d)/.test(line) &&
        open.rest.length < 4
      ) {
        open.rest.push(line);
        if (!codeOf(line)) return 'more';
        flush();
        return 'yes';
      }
      flush();
      if (found !== null) {
        if (found[5] === 'note') return 'yes';
        open = { found, line, rest: [] };
        if ((found[6] ?? '').startsWith('INTERNAL ERROR')) run.crashed(line);
        // With --pretty a message is wrapped, and its code comes at the end.
        if (codeOf(line) === null && (hasCodes || run.runs())) return 'more';
        hasCodes ||= codeOf(line) !== null;
        flush();
        return 'yes';
      }
      if (/^(?:Success: no issues found in \d+|Found \d+ errors? in \d+ files?)/.test(line)) {
        run.saw();
        run.sign();
        summed = true;
        if (line.includes('prevented further checking')) blocked = true;
        return 'yes';
      }
      if (/^mypy: (?!.*note: )/.test(line) || /^(?:error: )?INTERNAL ERROR/.test(line)) {
        run.crashed(line.replace(/^mypy: /, ''));
        return 'yes';
      }
      return 'no';
    },
    // JSON has no last line: only the exit code of mypy itself says that it went through.
    end(exit) {
      flush();
      return !blocked && (summed || (documents > 0 && (exit.exitCode === 0 || run.alone())));
    },
  };
}

/** Two blanks and a code in brackets end an error. */
function codeOf(words: string): string | null {
  return / {2}\[([a-z][a-z0-9-]{0,60})\]$/.exec(words.trimEnd())?.[1] ?? null;
}
