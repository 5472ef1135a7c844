import type { Machine, Parser, Run } from './define.ts';

const plain = /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}):(\d{1,7}): ([A-Z]{1,4}\d{1,4}) (\S.*)$/;
const likePylint = /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}): \[([A-Z]{1,4}\d{1,4})\] (\S.*)$/;
/** flake8's own checks begin in small letters or with a quoted name, those of ruff in capitals or with a backtick. */
const ownWords =
  /^(?:[a-z']|(?:SyntaxError|IndentationError|TabError|TokenError|FileNotFoundError|UnicodeDecodeError): )/;

/** `flake8` and `pycodestyle`, also with `--format=pylint`. What their plug-ins say is told from ruff by the company. */
export const flake8: Parser = {
  name: 'flake8',
  recipes: ['lint'],
  quiet: true,
  cues: ['flake8: error: ', 'There was a critical error during execution of Flake8', ': ['].concat(
    [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `: ${letter}`),
  ),
  start,
};

function start(run: Run): Machine {
  let lines = 0;
  const isMine = (words: string) => {
    if (ownWords.test(words)) return true;
    if (run.runs('ruff') || /^\[\*\] |`/.test(words.slice(0, 1000))) return false;
    return lines > 0 || run.runs();
  };
  return {
    line(line) {
      const found = plain.exec(line);
      if (found !== null) return take(found[4] ?? '', found[5] ?? '', found[1] ?? '', found[2], found[3]);
      const other = likePylint.exec(line);
      if (other !== null) return take(other[3] ?? '', other[4] ?? '', other[1] ?? '', other[2], undefined);
      if (!/^(?:flake8: error: |There was a critical error during execution of Flake8)/.test(line)) return 'no';
      run.crashed(line.replace(/^flake8: error: /, ''));
      return 'yes';

      function take(code: string, message: string, file: string, row: string | undefined, column: string | undefined) {
        if (
          !isMine(message) ||
          !/\.(?:pyi?|ipynb|pyx|pxd)$|^(?:stdin|-|\S{0,400}\/[^./]{1,100}|[^./]{1,100})$/.test(file)
        )
          return 'no';
        lines += 1;
        if (code === 'E902') {
          run.crashed(`${file}: ${message}`);
          return 'yes';
        }
        run.report({
          kind: 'lint',
          severity: code === 'E999' ? 'error' : 'warn',
          tool: run.runs('pycodestyle') && !run.runs('flake8', 'pflake8') ? 'pycodestyle' : 'flake8',
          code,
          file,
          line: Number(row),
          column: column === undefined ? null : Number(column),
          message,
          raw: line,
        });
        return 'yes';
      }
    },
    end: (exit) => lines > 0 && exit.exitCode !== 0 && run.alone(),
  };
}
