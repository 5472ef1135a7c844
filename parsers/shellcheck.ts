import type { Edit } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, wordOf } from './engine/json-value.ts';

const severities = { error: 'error', warning: 'warn', info: 'info', style: 'info', note: 'info' } as const;
const gcc = /^(\S[^:]{0,1023}):(\d{1,7}):(\d{1,7}): (error|warning|note): (.*) \[(SC\d{4})\]$/;
const place = /^In (.{1,1023}) line (\d{1,7}):$/;
const arrow = /^ *\^-*\^? (?:-- )?(SC\d{4}) \((error|warning|info|style)\): (.*)$/;

/** `shellcheck` as json, json1, gcc, and its own text for people. */
export const shellcheck: Parser = {
  name: 'shellcheck',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(value, isComment) || (isFields(value) && Object.keys(value).length === 1 && isComments(value.comments)),
    cut: ['"file":', '"endLine":', '"level":"'],
    elements: true,
  },
  cues: ['[SC', ' line ', ' SC', 'shellcheck: ', ': openBinaryFile: '],
  start,
};

function isComment(item: Fields): boolean {
  return typeof item.code === 'number' && ['file', 'level', 'endLine'].filter((key) => key in item).length > 1;
}

function isComments(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 0 || listWith(value, isComment));
}

function start(run: Run): Machine {
  let documents = 0;
  let lines = 0;
  let at: { file: string; line: number; ttl: number } | null = null;
  return {
    json(value) {
      documents += 1;
      for (const item of list(Array.isArray(value) ? value : fields(value).comments).map(fields)) {
        const level = textOf(item.level) ?? '';
        report(level, `SC${wordOf(item.code)}`, textOf(item.message) ?? '', item, {
          file: textOf(item.file),
          line: numberOf(item.line),
          column: numberOf(item.column),
          end_line: numberOf(item.endLine),
          edits: edits(item, Array.isArray(value)),
        });
      }
    },
    line(line) {
      const found = gcc.exec(line);
      if (found !== null) {
        report(found[4] ?? '', found[6] ?? '', found[5] ?? '', line, {
          file: found[1] ?? null,
          line: Number(found[2]),
          column: Number(found[3]),
        });
        return 'yes';
      }
      const where = place.exec(line);
      if (where !== null) {
        at = { file: where[1] ?? '', line: Number(where[2]), ttl: 12 };
        return 'more';
      }
      const said = at === null ? null : arrow.exec(line);
      if (at !== null && said !== null) {
        const column = line.indexOf('^') + 1;
        report(said[2] ?? '', said[1] ?? '', said[3] ?? '', line, { ...at, column });
        return 'more';
      }
      if (at !== null) {
        at = at.ttl > 0 && line !== '' ? { ...at, ttl: at.ttl - 1 } : null;
        return at === null ? 'no' : 'more';
      }
      if (!/^shellcheck: |^(?!hadolint: ).{1,1000}: openBinaryFile: /.test(line)) return 'no';
      run.crashed(line.replace(/^shellcheck: /, ''));
      return 'yes';
    },
    end: () => documents > 0 || (lines > 0 && run.alone()),
  };

  function report(
    level: string,
    code: string,
    message: string,
    raw: unknown,
    where: {
      file: string | null;
      line: number | null;
      column: number | null;
      end_line?: number | null;
      edits?: Edit[];
    },
  ) {
    lines += 1;
    run.report({
      kind: 'lint',
      severity: Object.hasOwn(severities, level) ? severities[level as keyof typeof severities] : 'warn',
      tool_severity: level,
      code,
      tool_code: code,
      file: where.file,
      line: where.line,
      column: where.column,
      end_line: where.end_line ?? null,
      edits: where.edits ?? [],
      message,
      url: `https://www.shellcheck.net/wiki/${code}`,
      raw,
    });
  }
}

/** `json` counts a tab as eight columns, `json1` as one: in the former only places before the ninth are what they seem. */
function edits(item: Fields, wideTabs: boolean): Edit[] {
  const file = textOf(item.file);
  const made: Edit[] = [];
  for (const one of list(fields(item.fix).replacements).map(fields)) {
    const [line, column, endLine, endColumn] = [one.line, one.column, one.endLine, one.endColumn].map(numberOf);
    if (file === null || line == null || column == null || endLine == null || endColumn == null) return [];
    if (wideTabs && Math.max(column, endColumn) > 8) return [];
    const text = typeof one.replacement === 'string' ? one.replacement : '';
    made.push({ file, start: { line, column }, end: { line: endLine, column: endColumn }, text, safe: false });
  }
  return made;
}
