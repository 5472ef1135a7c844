import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const plain =
  /^((?:file:\/\/)?(?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(\d{1,7}):(\d{1,7}): (.{1,2000}) \(([a-z][\w-]{0,60}(?::[\w-]{1,60})?)\)$/;
const bare = /^((?:file:\/\/)?(?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(\d{1,7}):(\d{1,7}): (\S.{0,2000})$/;
const invalid = 'Not a valid Kotlin file';

/** `ktlint`, plain and JSON. */
export const ktlint: Parser = {
  name: 'ktlint',
  recipes: ['lint', 'build'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(
        value,
        (item) => typeof item.file === 'string' && Array.isArray(item.errors) && item.errors.some(isError),
      ),
    cut: ['"file"', '"errors"', '"column"', '"rule"'],
  },
  cues: ['.kt:', '.kts:', 'Internal Error ('],
  start,
};

function isError(value: unknown): boolean {
  return isFields(value) && typeof value.rule === 'string' && 'line' in value && 'message' in value;
}

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let rules = 0;
  let unparsed = false;
  return {
    json(value) {
      documents += 1;
      for (const file of list(value).map(fields)) {
        for (const error of list(file.errors).map(fields)) {
          report(
            textOf(file.file),
            numberOf(error.line),
            numberOf(error.column),
            textOf(error.message) ?? '',
            textOf(error.rule),
            error,
          );
        }
      }
    },
    line(line) {
      const at = plain.exec(line);
      if (at !== null) {
        rules += 1;
        report(at[1] ?? null, Number(at[2]), Number(at[3]), at[4] ?? '', at[5] ?? null, line);
        return 'yes';
      }
      if (/(?:^|\s)Internal Error \(/.test(line.slice(0, 500))) {
        run.crashed(line);
        return 'yes';
      }
      const without = bare.exec(line);
      const words = without?.[4] ?? '';
      const broken = words.startsWith(invalid);
      // Old versions name no rule unless asked: then only the command tells whose line it is. Beside rules it is a cut one.
      if (without === null || !(broken || (rules === 0 && run.runs())) || /^(?:error|warning|info): /.test(words))
        return 'no';
      report(without[1] ?? null, Number(without[2]), Number(without[3]), words, broken ? 'parse-error' : null, line);
      return 'yes';
    },
    // A file that cannot be parsed hides what else is wrong with it. The plain format has no end.
    end: () => !unparsed && (documents > 0 || (found > 0 && run.alone())),
  };

  function report(
    file: string | null,
    line: number | null,
    column: number | null,
    words: string,
    rule: string | null,
    raw: string | Fields,
  ) {
    found += 1;
    unparsed ||= rule === 'parse-error' || words.startsWith(invalid);
    // Fixed by `ktlint -F` unless it says otherwise, but it prints no edits.
    const manual = words.endsWith(' (cannot be auto-corrected)');
    run.report({
      kind: 'lint',
      severity: 'error',
      code: rule || (words.startsWith(invalid) ? 'parse-error' : null),
      file,
      line,
      column,
      alike: typeof raw === 'string' && rule !== 'parse-error' && rule?.includes(':') !== true,
      message: manual ? words.slice(0, -' (cannot be auto-corrected)'.length) : words,
      raw,
    });
  }
}
