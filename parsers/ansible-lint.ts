import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const severities: Readonly<Record<string, Severity>> = {
  blocker: 'error',
  critical: 'error',
  major: 'error',
  minor: 'warn',
  info: 'info',
};
const rule = '([a-z][a-z-]{1,60}(?:\\[[^\\]]{1,80}\\])?)';
/** The default: a rule and its words, and the place below. */
const head = new RegExp(`^${rule}: (\\S.*)$`);
const place = /^(\S.{0,1023}?\.\w{1,10}):(\d{1,7})(?::(\d{1,7}))?(?: (.*))?$/;
const pep8 = new RegExp(`^(\\S[^:]{0,1023}):(\\d{1,7})(?::(\\d{1,7}))?: ${rule}(?:\\[/\\])?: (\\S.*)$`);
const sum = /^(?:Passed|Failed): \d{1,7} failure\(s\), \d{1,7} warning\(s\) in \d{1,7} files processed/;

/** `ansible-lint`: its default and pep8 text, and its JSON, which is Code Climate's. */
export const ansibleLint: Parser = {
  name: 'ansible-lint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(
        value,
        (item) => item.type === 'issue' && /ansible\S{0,40}\/(?:projects\/)?lint/.test(textOf(item.url) ?? ''),
      ),
    cut: ['"type": "issue"', 'ansible'],
  },
  cues: ['.yml:', '.yaml:', 'Passed: ', 'Failed: ', 'ERROR ', 'CRITICAL ', 'Error: '],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  let documents = 0;
  let found = 0;
  let summed = false;
  let unread = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) structured(item);
    },
    line(line, _stream, previous) {
      if (sum.test(line) && (mine || found > 0)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      const short = mine || found > 0 ? pep8.exec(line) : null;
      if (short !== null) {
        const [, file = null, row, column, name = '', words = ''] = short;
        report(name, words, line, { file, line: Number(row), column: column === undefined ? null : Number(column) });
        return 'yes';
      }
      const at = place.exec(line);
      const above = at === null ? null : head.exec(previous);
      if (at !== null && above !== null && (mine || summed || found > 0)) {
        const [, file = null, row, column, more] = at;
        const words = more === undefined ? (above[2] ?? '') : `${above[2]} ${more}`;
        report(above[1] ?? '', words, `${previous}\n${line}`, {
          file,
          line: Number(row),
          column: column === undefined ? null : Number(column),
        });
        return 'yes';
      }
      if (!mine || !/^(?:ERROR|CRITICAL) {1,4}\S|^(?:[\w.]{1,80})?Error: /.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || summed || (found > 0 && run.alone())),
  };

  function structured(item: Fields) {
    const { path, lines, positions } = fields(item.location);
    const begin = fields(fields(positions).begin);
    const { body } = fields(item.content);
    const more = textOf(body);
    const words = textOf(item.description) ?? '';
    report(
      textOf(item.check_name) ?? '',
      more === null ? words : `${words} ${more}`,
      item,
      {
        file: textOf(path),
        line: numberOf(fields(lines).begin) ?? numberOf(begin.line),
        column: numberOf(begin.column),
        url: textOf(item.url),
      },
      textOf(item.severity),
    );
  }

  function report(
    code: string,
    message: string,
    raw: unknown,
    at: { file: string | null; line: number | null; column: number | null; url?: string | null },
    level: string | null = null,
  ) {
    found += 1;
    // After it nothing else is looked at in that file.
    unread ||= /^(?:syntax-check|load-failure|parser-error|internal-error)/.test(code);
    const mild = message.endsWith(' (warning)');
    run.report({
      kind: 'lint',
      severity: level === null ? (mild ? 'warn' : 'error') : (severities[level] ?? 'warn'),
      tool_severity: level ?? (mild ? 'warning' : null),
      code: code.replace(/\[\/\]$/, ''),
      message: mild ? message.slice(0, -' (warning)'.length) : message,
      raw,
      ...at,
    });
  }
}
