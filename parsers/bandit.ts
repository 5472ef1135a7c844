import type { Machine, Parser, Run } from './define.ts';
import { fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const levels = { HIGH: 'error', MEDIUM: 'warn', LOW: 'info' } as const;

/** `bandit` as JSON, and the blocks of its text. */
export const bandit: Parser = {
  name: 'bandit',
  recipes: ['lint', 'audit'],
  json: {
    is: (value) =>
      isFields(value) &&
      Array.isArray(value.results) &&
      (listWith(value.results, (item) => 'test_id' in item || 'issue_confidence' in item) ||
        (value.results.length === 0 && isFields(value.metrics) && '_totals' in value.metrics)),
    cut: ['"generated_at"', '"errors"'],
    elements: true,
  },
  cues: ['>> Issue: [B', 'Test results:', 'Files skipped (', 'bandit: error: ', '[main]'],
  start,
};

type Block = { id: string; text: string; lines: string[] };

function start(run: Run): Machine {
  let whole = false;
  /** Files that could not be read. */
  let unread = false;
  let skipped = 0;
  let block: Block | null = null;

  const refused = (file: string, reason: string) => {
    unread = true;
    if (!/syntax error/.test(reason)) run.crashed(`${file}: ${reason}`);
    else run.report({ kind: 'lint', severity: 'error', code: 'syntax-error', file, message: reason, raw: reason });
  };
  const flush = () => {
    if (block === null) return;
    const { id, text, lines } = block;
    block = null;
    const of = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((found) => found !== null);
    const at = of(/^ {3}Location: (.{1,1024}?):(\d{1,7})(?::(\d{1,7}))?$/);
    const word = of(/^ {3}Severity: (\w{1,20})/)?.[1] ?? '';
    run.report({
      kind: 'lint',
      severity: severityOf(word),
      tool_severity: word,
      code: id,
      file: at?.[1] ?? null,
      line: at === undefined ? null : Number(at[2]),
      column: at?.[3] === undefined ? null : Number(at[3]) + 1,
      message: text,
      url: of(/^ {3}More Info: (\S{1,1000})$/)?.[1] ?? null,
      raw: [`>> Issue: [${id}] ${text}`, ...lines].join('\n'),
    });
  };
  return {
    json(value) {
      whole = true;
      const { errors, metrics, results } = fields(value);
      for (const path of Object.keys(fields(metrics))) if (path !== '_totals') run.looked(path);
      for (const item of list(errors).map(fields)) refused(textOf(item.filename) ?? '', textOf(item.reason) ?? '');
      for (const item of list(results).map(fields)) {
        const word = textOf(item.issue_severity) ?? '';
        const column = numberOf(item.col_offset);
        const range = list(item.line_range);
        run.report({
          kind: 'lint',
          severity: severityOf(word),
          tool_severity: word,
          code: textOf(item.test_id),
          file: textOf(item.filename),
          line: numberOf(item.line_number),
          column: column === null ? null : column + 1,
          end_line: numberOf(range.at(-1)),
          message: textOf(item.issue_text) ?? '',
          url: textOf(item.more_info),
          raw: item,
        });
      }
    },
    line(line) {
      if (block !== null) {
        if (/^ {3}\w/.test(line) && block.lines.length < 8) {
          block.lines.push(line);
          return 'more';
        }
        flush();
      }
      const head = /^>> Issue: \[(B\d{3})(?::\w{1,100})?\] (.*)$/.exec(line);
      if (head !== null) {
        block = { id: head[1] ?? '', text: head[2] ?? '', lines: [] };
        return 'more';
      }
      const file = skipped > 0 ? /^\t(\S.{0,1023}) \(([^()]{1,300})\)$/.exec(line) : null;
      if (file !== null) {
        skipped -= 1;
        refused(file[1] ?? '', file[2] ?? '');
        return 'more';
      }
      const count = /^Files skipped \((\d{1,6})\):$/.exec(line)?.[1];
      if (count !== undefined && (whole || run.runs())) {
        whole = true;
        skipped = Number(count);
        run.saw();
        return 'more';
      }
      const said = /^(?:bandit: error: |\[main\]\s+ERROR\s+)(.*)$/.exec(line)?.[1];
      // Threads of Java are called so too.
      if (said === undefined || (line.startsWith('[') && !whole && !run.runs())) return 'no';
      run.crashed(said);
      return 'yes';
    },
    end() {
      flush();
      return whole && !unread;
    },
  };
}

function severityOf(word: string): 'error' | 'warn' | 'info' {
  const upper = word.toUpperCase();
  return Object.hasOwn(levels, upper) ? levels[upper as keyof typeof levels] : 'warn';
}
