import type { Machine, Parser, Run } from './define.ts';
import { formatCheck } from './engine/format-check.ts';
import { fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';
import { ruffEdits } from './engine/ruff-edits.ts';

const message = 'is not formatted as ruff would';
const place = /^ *--> (.+?\.(?:pyi?|ipynb)):(\d{1,7}):(\d{1,7})$/;
const concise = /^(\S[^:]{0,1023}):(\d{1,7}):(\d{1,7}): unformatted: /;

/** `ruff format --check` and `--diff`: names, diffs, and the forms of `ruff check`. A finding a file, or a hunk of a diff. */
export const ruffFormat: Parser = {
  name: 'ruff-format',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => item.code === 'unformatted' && 'filename' in item),
    cut: ['"unformatted"', '"filename"'],
  },
  cues: [
    'Would reformat: ',
    '+++ ',
    '@@ -',
    ' would be reformatted',
    ' already formatted',
    '--> ',
    ': unformatted: ',
    'ruff failed',
    'Cause: ',
  ],
  start,
};

function start(run: Run): Machine {
  const inner = formatCheck(run, {
    tool: 'ruff',
    diffOf: (minus, plus) => (run.runs() && minus === plus ? plus : null),
    listed: /^Would reformat: (\S.{0,1023})$/,
    crash: /^ruff failed|^ {2}Cause: /,
    sum: /^\d{1,7} files? (?:would be reformatted|already formatted)(?:, \d{1,7} files? already formatted)?$/,
  });
  let documents = 0;
  let unread = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) {
        const file = textOf(item.filename);
        const { row } = fields(item.location);
        const broken = item.code !== 'unformatted';
        unread ||= broken;
        run.report({
          kind: 'lint',
          severity: broken ? 'error' : 'warn',
          tool_severity: textOf(item.severity),
          code: broken ? 'syntax' : 'format',
          tool_code: textOf(item.code),
          file,
          line: numberOf(row),
          end_line: numberOf(fields(item.end_location).row),
          message: broken ? (textOf(item.message) ?? '') : message,
          edits: file !== null && run.path(file) !== null ? ruffEdits(fields(item.fix), file) : [],
          raw: item,
        });
      }
    },
    line(line, stream, previous) {
      const short = concise.exec(line);
      const below = short === null ? place.exec(line) : null;
      const isBroken = below !== null && previous.startsWith('invalid-syntax: ') && run.runs();
      if (short !== null || isBroken || (below !== null && previous.startsWith('unformatted: '))) {
        const at = short ?? below ?? [];
        unread ||= isBroken;
        run.report({
          kind: 'lint',
          severity: isBroken ? 'error' : 'warn',
          code: isBroken ? 'syntax' : 'format',
          tool_code: isBroken ? 'invalid-syntax' : 'unformatted',
          file: at[1] ?? null,
          line: Number(at[2]),
          message: isBroken ? previous.slice('invalid-syntax: '.length) : message,
          raw: `${short === null ? `${previous}\n` : ''}${line}`,
        });
        return 'yes';
      }
      return inner.line?.(line, stream, previous) ?? 'no';
    },
    end(exit) {
      const proved = inner.end(exit);
      return !unread && (proved || documents > 0);
    },
  };
}
