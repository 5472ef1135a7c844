import type { Draft, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './engine/json-value.ts';

const context = / \(in context of .{1,500}\)$/;

/** `phpstan analyse`, as JSON and as its table. */
export const phpstan: Parser = {
  name: 'phpstan',
  recipes: ['lint'],
  json: {
    is: (value) =>
      isFields(value) &&
      ((isFields(value.totals) && 'file_errors' in value.totals && ('files' in value || 'errors' in value)) ||
        (isFields(value.files) &&
          Array.isArray(value.errors) &&
          Object.values(value.files).some((file) => isFields(file) && Array.isArray(file.messages)))),
    cut: ['"totals":', '"file_errors":'],
  },
  cues: ['  Line   ', ' [ERROR] Found ', ' [OK] No errors', 'Result is incomplete because of'],
  start,
};

function start(run: Run): Machine {
  let ended = false;
  let announced = 0;
  let told = 0;
  let file: string | null = null;
  let row: (Draft & { raw: string }) | null = null;
  const close = () => {
    if (row !== null) {
      told += 1;
      run.report(row);
    }
    row = null;
  };
  return {
    json(value) {
      ended = true;
      // `files` is an empty array where there are none.
      for (const [path, { messages }] of Object.entries(fields(fields(value).files)).map(pair)) {
        for (const item of list(messages).map(fields)) document(item, path.replace(context, ''));
      }
      for (const words of texts(fields(value).errors)) run.crashed(words);
    },
    line(line) {
      const header = /^ {2}Line {3,6}(\S.{0,1023})$/.exec(line)?.[1];
      if (header !== undefined) {
        close();
        file = header.trimEnd().replace(context, '');
        return 'more';
      }
      const sum = /^ \[(?:ERROR|OK)\] (?:Found (\d{1,9}) errors?|No errors) {0,200}$/.exec(line);
      if (sum !== null || /^.{0,8}Result is incomplete because of/.test(line)) {
        close();
        file = null;
        if (sum !== null) {
          ended = true;
          announced += Number(sum[1] ?? 0);
        } else run.crashed(line.trim().replace(/^[^A-Z]{0,8}/, ''));
        run.saw();
        return 'yes';
      }
      if (file === null) return 'no';
      if (/^ -{3,} -{3,} ?$/.test(line)) return 'more';
      const cells = /^ {2}(?::?(\d{1,7})| {2,6}) {2,8}(\S.{0,4000})$/.exec(line);
      if (cells === null) {
        close();
        file = null;
        return 'no';
      }
      const [, number, words = ''] = cells;
      if (number !== undefined) {
        close();
        row = { ...lint, file, line: Number(number), message: words.trimEnd(), raw: line };
      } else if (row !== null) extend(row, words.trimEnd(), line);
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return ended && announced === told;
    },
  };

  function document(item: Fields, file: string) {
    const message = textOf(item.message) ?? '';
    if (/^Internal error: /.test(message)) run.crashed(`${file}: ${message}`);
    const code = textOf(item.identifier);
    run.report({
      ...lint,
      ...{ code, file, line: numberOf(item.line), message, suggested_fix: textOf(item.tip), raw: item },
    });
  }
}

const lint = { kind: 'lint', severity: 'error', code: null } as const;

function pair([path, value]: [string, unknown]): [string, Fields] {
  return [path, fields(value)];
}

/** Further lines of a cell: more words, the identifier behind its sign, a tip behind its lamp. */
function extend(row: Draft & { raw: string }, words: string, line: string) {
  row.raw = `${row.raw}\n${line}`.slice(0, 8000);
  const code = /^(?:\u{1faaa}) {1,3}([\w.]{1,200})$/u.exec(words)?.[1];
  const tip = /^(?:\u{1f4a1}) {0,3}(.*)$/u.exec(words)?.[1];
  if (code !== undefined) row.code = code;
  else if (tip !== undefined) row.suggested_fix = tip;
  else if (row.suggested_fix) row.suggested_fix = `${row.suggested_fix} ${words}`.slice(0, 8000);
  else if (!/^(?:\u270f|at )/u.test(words)) row.message = `${row.message} ${words}`.slice(0, 20_000);
}
