import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, numberOf, textOf } from './engine/json-value.ts';

const text = /^([^\s:][^:]{0,1023}):(?:(\d{1,7}):(\d{1,7}):)? (\S.*) \(((?:SA|ST|QF|S|U)\d{4}|compile)\)$/;

/** `staticcheck` as text and `-f json`. What does not compile is said by the tool `go-build`, as with `go vet`. */
export const staticcheck: Parser = {
  name: 'staticcheck',
  recipes: ['lint'],
  quiet: true,
  json: { is: isProblem, cut: ['"code":"', '"severity":"', '"location":{"file"'] },
  cues: [' (SA', ' (ST1', ' (S1', ' (QF1', ' (U1', ' (compile)'],
  start,
};

function isProblem(value: unknown): boolean {
  if (!isFields(value) || !isFields(value.location) || typeof value.message !== 'string') return false;
  return typeof value.code === 'string' && 'file' in value.location && ('severity' in value || 'end' in value);
}

type Place = { file: string; line: number | null; column: number | null; end_line?: number | null };

function start(run: Run): Machine {
  let found = 0;
  /** A package that does not compile is not looked at. */
  let broken = false;
  const report = (code: string, word: string | null, message: string, place: Place, raw: unknown) => {
    found += 1;
    const compiled = code === 'compile';
    if (compiled) broken = true;
    if (compiled && (place.file === '' || place.file === '-')) {
      // Newer versions put what the compiler said, with its places, into the words.
      const inside = [
        ...message.slice(0, 20_000).matchAll(/(?:^|\n)(\S[^:\n]{0,1000}\.go):(\d{1,7}):(\d{1,7}): ([^\n]{1,2000})/g),
      ];
      for (const [whole, file = '', line, column, words = ''] of inside)
        report(code, word, words, { file, line: Number(line), column: Number(column) }, whole.trim());
      if (inside.length > 0) return;
      run.crashed(message);
      return;
    }
    run.report({
      kind: 'lint',
      severity: compiled ? 'error' : 'warn',
      tool: compiled ? 'go-build' : 'staticcheck',
      tool_severity: word,
      code,
      message,
      ...place,
      url: compiled ? null : `https://staticcheck.dev/docs/checks#${code}`,
      raw,
    });
  };
  const placeOf = (location: Fields, end: Fields): Place => ({
    file: textOf(location.file) ?? '',
    line: numberOf(location.line),
    column: numberOf(location.column),
    end_line: numberOf(end.line),
  });
  return {
    json(value) {
      const { code, severity, location, end, message } = fields(value);
      run.saw();
      if (severity === 'ignored') return;
      report(
        textOf(code) ?? '',
        textOf(severity),
        textOf(message) ?? '',
        placeOf(fields(location), fields(end)),
        value,
      );
    },
    line(line) {
      const at = text.exec(line);
      if (at === null) return 'no';
      const place = { file: at[1] ?? '', line: at[2] === undefined ? null : Number(at[2]), column: Number(at[3]) };
      report(at[5] ?? '', null, at[4] ?? '', place, line);
      return 'yes';
    },
    // Neither form has a last line: only the exit code of staticcheck itself says that it went through.
    end: () => !broken && found > 0 && run.alone(),
  };
}
