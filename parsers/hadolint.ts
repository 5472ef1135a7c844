import type { Machine, Parser, Run } from './define.ts';
import { fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities = { error: 'error', warning: 'warn', info: 'info', style: 'info' } as const;
const tty = /^(\S[^:]{0,1000}):(\d{1,7}) ((?:DL|SC)\d{4}) (?:(error|warning|info|style): )?(.*)$/;
const unparsable = /^(\S[^:]{0,1000}):(\d{1,7}):(\d{1,7}) ((?:unexpected|missing|invalid|expecting|unknown)\b.*)$/;

/** `hadolint` as JSON and as it prints for people. */
export const hadolint: Parser = {
  name: 'hadolint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(
        value,
        (item) => /^(?:DL|SC)\d{3,5}$/.test(textOf(item.code) ?? '') && ('level' in item || 'file' in item),
      ),
    cut: ['"code":"', '"column":', '"level":"', '"file":"'],
  },
  cues: [' DL', ' SC', ' unexpected ', ' missing ', ' invalid ', ' expecting ', ' unknown ', 'hadolint: '],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let lines = 0;
  let broken = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) {
        const place = { line: numberOf(item.line), column: numberOf(item.column) };
        report(textOf(item.level), textOf(item.code), textOf(item.message) ?? '', item, textOf(item.file), place);
      }
    },
    line(line) {
      const found = tty.exec(line);
      if (found !== null) {
        const place = { line: Number(found[2]), column: null };
        report(found[4] ?? null, found[3] ?? null, found[5] ?? '', line, found[1] ?? null, place);
        return 'yes';
      }
      const syntax = run.runs() ? unparsable.exec(line) : null;
      if (syntax !== null) {
        broken = true;
        const place = { line: Number(syntax[2]), column: Number(syntax[3]) };
        report('error', 'DL1000', syntax[4] ?? '', line, syntax[1] ?? null, place);
        return 'yes';
      }
      if (!/^hadolint: /.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !broken && (documents > 0 || (lines > 0 && run.alone())),
  };

  function report(
    level: string | null,
    code: string | null,
    message: string,
    raw: unknown,
    file: string | null,
    place: { line: number | null; column: number | null },
  ) {
    lines += 1;
    broken ||= code === 'DL1000';
    const wiki = code?.startsWith('SC')
      ? 'https://www.shellcheck.net/wiki/'
      : 'https://github.com/hadolint/hadolint/wiki/';
    run.report({
      kind: 'lint',
      severity: Object.hasOwn(severities, level ?? '') ? severities[level as keyof typeof severities] : 'warn',
      tool_severity: level,
      code,
      file,
      ...place,
      message,
      url: code === null ? null : `${wiki}${code}`,
      raw,
    });
  }
}
