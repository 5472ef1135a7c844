import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const offense = /^(\S.{0,1023}?):(\d{1,7}):(\d{1,7}): ([IRCWEF]): (\[Correctable\] |\[Corrected\] )?(.*)$/;
const letters: Record<string, string> = {
  I: 'info',
  R: 'refactor',
  C: 'convention',
  W: 'warning',
  E: 'error',
  F: 'fatal',
};
const severities: Record<string, 'error' | 'warn'> = { fatal: 'error', error: 'error', warning: 'warn' };

/** `rubocop`, as JSON and as text (progress, clang, emacs). What it corrected itself is no finding. */
export const rubocop: Parser = {
  name: 'rubocop',
  recipes: ['lint'],
  json: {
    is: (value) =>
      isFields(value) &&
      isFields(value.summary) &&
      'offense_count' in value.summary &&
      Array.isArray(value.files) &&
      (value.files.length === 0 || listWith(value.files, (file) => Array.isArray(file.offenses))),
    cut: ['"rubocop_version":'],
    elements: true,
  },
  cues: [': C: ', ': W: ', ': E: ', ': F: ', ': R: ', ': I: ', ' inspected, ', ' cop was inspecting '],
  start,
};

function start(run: Run): Machine {
  let ended = false;
  let announced = 0;
  let told = 0;
  return {
    json(value) {
      ended = true;
      for (const file of list(fields(value).files).map(fields)) {
        run.looked(textOf(file.path));
        for (const item of list(file.offenses).map(fields)) document(item, textOf(file.path));
      }
    },
    line(line) {
      const at = offense.exec(line);
      if (at !== null) {
        const words = at[6] ?? '';
        const code = /^([A-Z]\w{0,100}(?:\/[A-Z]\w{0,100}){1,4}): /.exec(words)?.[1] ?? null;
        const place = { file: at[1] ?? null, line: Number(at[2]), column: Number(at[3]), raw: line };
        const message = code === null ? words : words.slice(code.length + 2);
        if (
          code === null &&
          !/\.(?:rb|rake|gemspec|ru|jbuilder|erb|thor)$|(?:^|\/)(?:Gem|Rake|Guard|Cap|Vagrant|Pod|Fast)file$/.test(
            at[1] ?? '',
          ) &&
          !run.runs('rubocop')
        )
          return 'no';
        told += 1;
        if (at[5] !== '[Corrected] ') report(letters[at[4] ?? ''] ?? '', code, message, at[5] !== undefined, place);
        return 'yes';
      }
      if (/^An error occurred while [A-Z][\w/]{1,200} cop was inspecting /.test(line)) {
        run.crashed(line);
        return 'yes';
      }
      const sum = /^\d{1,9} files? inspected, (no|\d{1,9}) offenses? detected/.exec(line);
      if (sum === null) return 'no';
      announced += sum[1] === 'no' ? 0 : Number(sum[1]);
      run.saw();
      ended = true;
      return 'yes';
    },
    // The report for editors ends without a sum.
    end: () => (ended ? announced === told : told > 0 && run.alone('rubocop')),
  };

  function document(item: Fields, file: string | null) {
    if (item.corrected === true) return;
    const at = fields(item.location);
    const place = {
      file,
      line: numberOf(at.start_line) ?? numberOf(at.line),
      column: numberOf(at.start_column) ?? numberOf(at.column),
      end_line: numberOf(at.last_line),
      raw: item,
    };
    const code = textOf(item.cop_name);
    const said = textOf(item.message) ?? '';
    const message = code !== null && said.startsWith(`${code}: `) ? said.slice(code.length + 2) : said;
    report(textOf(item.severity) ?? '', code, message, item.correctable === true, place);
  }

  function report(
    word: string,
    code: string | null,
    message: string,
    correctable: boolean,
    place: { file: string | null; line: number | null; column: number | null; end_line?: number | null; raw: unknown },
  ) {
    const severity = severities[word] ?? 'info';
    const suggested_fix = correctable ? 'run rubocop --autocorrect-all' : null;
    run.report({ kind: 'lint', severity, tool_severity: word, code, message, suggested_fix, ...place });
  }
}
