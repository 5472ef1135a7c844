import type { Machine, Parser, Run } from './define.ts';

const error = /^(?:PHP )?(Parse|Fatal|Deprecated)(?: error)?: {1,2}(\S.{0,4000}) in (\S.{0,1023}) on line (\d{1,7})$/;

/** `php -l`. It prints every error twice when errors go to the log and to the output. */
export const phpLint: Parser = {
  name: 'php-lint',
  recipes: ['lint', 'build'],
  cues: ['Parse error: ', 'Fatal error: ', 'Deprecated: ', 'No syntax errors detected in ', 'Errors parsing '],
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let files = 0;
  return {
    line(line) {
      if (/^(?:No syntax errors detected in|Errors parsing) \S/.test(line)) {
        files += 1;
        run.saw();
        return 'yes';
      }
      const at = error.exec(line);
      // The others are said by programs that run, too.
      if (at === null || (at[1] !== 'Parse' && !/\bphp .{0,200}-l\b/.test(run.context.command))) return 'no';
      const word = at[1] === 'Deprecated' ? 'Deprecated' : `${at[1]} error`;
      run.report({
        kind: 'lint',
        severity: at[1] === 'Deprecated' ? 'warn' : 'error',
        tool_severity: word,
        code: at[1] === 'Parse' ? 'parse-error' : at[1] === 'Fatal' ? 'fatal-error' : 'deprecated',
        tool_code: null,
        file: at[3] ?? null,
        line: Number(at[4]),
        message: at[2] ?? '',
        raw: line,
      });
      return 'yes';
    },
    // Where commands are chained, the first file that fails ends it: only `find` and `xargs` go on.
    end(exit) {
      const all = /\bxargs\b|-exec\b/.test(run.context.command) && !/&&|;\s*(?:done|exit)/.test(run.context.command);
      return files > 0 && (exit.exitCode === 0 || all || (run.alone('php -l') && exit.told));
    },
  };
}
