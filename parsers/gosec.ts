import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, wordOf } from './engine/json-value.ts';

const levels = { HIGH: 'error', MEDIUM: 'warn', LOW: 'info' } as const;
const text =
  /^\[([^\s\]][^\]]{0,1023}):(\d{1,7})(?:-(\d{1,7}))?\] - (G\d{3}) \(CWE-(\d{1,5})\): (.*) \(Confidence: (\w{1,20}), Severity: (\w{1,20})\)$/;

/** `gosec` as JSON and as text. */
export const gosec: Parser = {
  name: 'gosec',
  recipes: ['lint', 'audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      ('Golang errors' in value || listWith(value.Issues, (item) => 'rule_id' in item)) &&
      ('Issues' in value || 'Stats' in value),
    cut: ['"Golang errors"'],
    elements: true,
  },
  cues: [' (CWE-', '[gosec] ', 'Golang errors in file: [', '  > [line ', 'Issues : ', 'Issues: '],
  start,
};

function start(run: Run): Machine {
  let whole = false;
  let broken = false;
  let file: string | null = null;
  let said: string | null = null;

  const compile = (path: string, line: number | null, column: number | null, message: string, raw: unknown) => {
    broken = true;
    const place = { file: path, line: line === 0 ? null : line, column: column === 0 ? null : column };
    run.report({ kind: 'lint', severity: 'error', code: 'compile', tool_code: null, message, ...place, raw });
  };
  return {
    json(value) {
      whole = true;
      const { Issues: issues, 'Golang errors': errors } = fields(value);
      for (const [path, all] of Object.entries(fields(errors))) {
        // What the compiler said of a package; its places are told below their files again.
        if (path === '' && Object.keys(fields(errors)).length > 1) continue;
        for (const one of list(all).map(fields)) {
          compile(path, numberOf(one.line), numberOf(one.column), textOf(one.error) ?? '', { path, ...one });
        }
      }
      for (const item of list(issues).map(fields)) issue(item);
    },
    line(line) {
      const found = text.exec(line);
      if (found !== null) {
        const [, path = '', from, to, rule = '', cwe, words = '', , level = ''] = found;
        run.report({
          kind: 'lint',
          severity: severityOf(level),
          tool_severity: level,
          code: rule,
          file: path,
          line: Number(from),
          end_line: Number(to ?? from),
          message: words,
          url: `https://cwe.mitre.org/data/definitions/${cwe}.html`,
          raw: line,
        });
        return 'yes';
      }
      const head = /^Golang errors in file: \[([^\]]{1,1024})\]:$/.exec(line)?.[1];
      if (head !== undefined) {
        file = head;
        run.saw();
        return 'yes';
      }
      const error = file === null ? null : /^ {2}> \[line (\d{1,7}) : column (\d{1,7})\] - (.*)$/.exec(line);
      if (error !== null && file !== null) {
        compile(file, Number(error[1]), Number(error[2]), error[3] ?? '', line);
        return 'yes';
      }
      const log = /^\[gosec\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)$/.exec(line)?.[1];
      if (log !== undefined) {
        run.saw();
        if (!/^(?:In|Ex)cluding |^Import directory|^Checking |^Searching /.test(log)) said = log;
        return 'yes';
      }
      if (!/^ {2}Issues ?: \d{1,7}$/.test(line) || !(run.runs() || file !== null)) return 'no';
      whole = true;
      run.saw();
      return 'yes';
    },
    end(exit) {
      if (!whole && said !== null && exit.exitCode !== 0) run.crashed(said);
      return whole && !broken;
    },
  };

  function issue(item: Fields) {
    // Someone looked at it and decided to live with it.
    if (item.nosec === true || listWith(item.suppressions, () => true)) return;
    const lines = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(wordOf(item.line));
    const column = Number(wordOf(item.column));
    const level = textOf(item.severity) ?? '';
    run.report({
      kind: 'lint',
      severity: severityOf(level),
      tool_severity: level,
      code: textOf(item.rule_id),
      file: textOf(item.file),
      line: lines === null ? null : Number(lines[1]),
      column: column > 0 ? column : null,
      end_line: lines === null ? null : Number(lines[2] ?? lines[1]),
      message: textOf(item.details) ?? '',
      suggested_fix: textOf(item.autofix),
      url: textOf(fields(item.cwe).url),
      raw: item,
    });
  }
}

function severityOf(word: string): 'error' | 'warn' | 'info' {
  return Object.hasOwn(levels, word) ? levels[word as keyof typeof levels] : 'warn';
}
