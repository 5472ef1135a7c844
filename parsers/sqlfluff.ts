import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const file = /^== \[(.{1,1024})\] (PASS|FAIL|SKIP)$/;
const row = /^L: {0,8}(\d{1,7}) \| P: {0,8}(\d{1,7}) \| {0,4}([A-Z]{2,20}\d{0,3}) \| (.*)$/;
const rest = /^ {10,40}\| (\S.*)$/;
/** Codes of what the templater, the lexer or the parser could not read: the rules said nothing of it. */
const unreadable = new Set(['PRS', 'LXR', 'TMP']);
const maxWords = 20;

type Open = { file: string; row: RegExpExecArray; words: string[] };

/** `sqlfluff lint` as JSON and as it prints for people, whose words go on below each other. */
export const sqlfluff: Parser = {
  name: 'sqlfluff',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => Array.isArray(item.violations) && 'filepath' in item),
    cut: ['"filepath":', '"violations":'],
    elements: true,
  },
  cues: ['== [', 'L: ', 'All Finished', 'Error: ', 'User Error', 'No dialect was specified'],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let finished = false;
  let unread = false;
  let path: string | null = null;
  let open: Open | null = null;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) {
        for (const one of list(item.violations).map(fields)) structured(one, textOf(item.filepath));
      }
    },
    line(line) {
      const more = open === null ? null : rest.exec(line);
      if (more !== null) {
        if (open !== null && open.words.length < maxWords) open.words.push(more[1] ?? '');
        return 'more';
      }
      flush();
      const head = file.exec(line);
      if (head !== null) {
        path = head[1] ?? null;
        run.saw();
        return 'yes';
      }
      const at = path === null ? null : row.exec(line);
      if (at !== null && path !== null) {
        open = { file: path, row: at, words: [at[4] ?? ''] };
        return 'more';
      }
      if (/^All Finished/.test(line) && (path !== null || run.runs())) {
        finished = true;
        run.saw();
        return 'yes';
      }
      if (!run.runs() || !/^(?:User Error|(?:[\w.]{1,60})?Error: |No dialect was specified)/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end() {
      flush();
      return !unread && (documents > 0 || finished);
    },
  };

  function flush() {
    if (open === null) return;
    const { file, row, words } = open;
    open = null;
    const text = words.join(' ');
    const name = / ?\[([\w.]{3,80})\]$/.exec(text);
    const message = name === null ? text : text.slice(0, -name[0].length);
    report(row[3] ?? null, message, text, { file, line: Number(row[1]), column: Number(row[2]) });
  }

  function structured(item: Fields, file: string | null) {
    report(
      textOf(item.code),
      textOf(item.description) ?? '',
      { ...item, fixes: undefined },
      {
        file,
        line: numberOf(item.start_line_no) ?? numberOf(item.line_no),
        column: numberOf(item.start_line_pos) ?? numberOf(item.line_pos),
        end_line: numberOf(item.end_line_no),
      },
    );
  }

  function report(
    code: string | null,
    message: string,
    raw: unknown,
    place: { file: string | null; line: number | null; column: number | null; end_line?: number | null },
  ) {
    const broken = code !== null && unreadable.has(code);
    unread ||= broken;
    run.report({ kind: 'lint', severity: broken ? 'error' : 'warn', code, message, raw, ...place });
  }
}
