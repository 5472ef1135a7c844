import type { Machine, Parser, Run } from './define.ts';
import { pyflakesCode } from './engine/pyflakes-code.ts';

const plain = /^((?:[A-Za-z]:)?[^\s:][^:]{0,1023}):(\d{1,7})(?::(\d{1,7}):?|:) (\S.*)$/;
const unread =
  /^((?:[A-Za-z]:)?[^\s:][^:]{0,1023}): (problem decoding source|No such file or directory|Is a directory)$/;
const broken =
  /^(?:invalid|unexpected|unterminated|unmatched|expected|cannot|can't|EOL while|EOF while|f-string|positional|non-default|duplicate argument|keyword argument|unindent|inconsistent|closing|'[^']{1,40}' (?:was never closed|outside)|Did you mean|Missing parentheses|[a-z].{0,80} syntax)/;

/** `pyflakes`. It prints no codes: those of flake8, which names its messages, stand for them. */
export const pyflakes: Parser = {
  name: 'pyflakes',
  recipes: ['lint'],
  quiet: true,
  cues: ['.py:', '.pyi:', '<stdin>:', ': problem decoding source', ': No such file or directory'],
  start,
};

function start(run: Run): Machine {
  const isOurs = run.runs();
  let found = 0;
  let isUnread = false;
  let caret = false;
  const isMine = (words: string) => pyflakesCode(words) !== null || (isOurs && broken.test(words));
  return {
    line(line) {
      const at = plain.exec(line);
      const words = at?.[4] ?? '';
      if (at !== null && isMine(words)) {
        found += 1;
        const code = pyflakesCode(words) ?? 'syntax-error';
        caret = code === 'syntax-error';
        // What cannot be parsed was not looked at.
        isUnread ||= caret;
        run.report({
          kind: 'lint',
          severity: /^(?:syntax-error|F821|F82[23]|F70\d|F63[14])/.test(code) ? 'error' : 'warn',
          code,
          tool_code: null,
          file: at[1] ?? null,
          line: Number(at[2]),
          column: at[3] === undefined ? null : Number(at[3]),
          message: words,
          raw: line,
        });
        return caret ? 'more' : 'yes';
      }
      // A file that cannot be parsed is shown with a caret.
      if (caret) {
        caret = !/^\s{0,400}\^/.test(line);
        return caret && /^\s|^\S/.test(line) ? 'more' : 'yes';
      }
      const other = isOurs ? unread.exec(line) : null;
      if (other === null) return 'no';
      run.crashed(line);
      return 'yes';
    },
    end: (exit) => found > 0 && !isUnread && exit.exitCode !== 0 && run.alone(),
  };
}
