import type { Machine, Parser, Run } from './define.ts';
import { cDiagnostic } from './engine/c-source.ts';

const diagnostic = cDiagnostic('(error|warning): code should be clang-formatted \\[-Wclang-format-violations\\]');

/** `clang-format --dry-run`: it marks each place, and one of a line is told. Without --Werror it exits with 0. */
export const clangFormat: Parser = {
  name: 'clang-format',
  recipes: ['lint'],
  quiet: true,
  cues: ['code should be clang-formatted', 'Error reading ', ': No such file or directory'],
  start,
};

function start(run: Run): Machine {
  let found = 0;
  let before = '';
  return {
    line(line) {
      const at = diagnostic.exec(line);
      if (at !== null) {
        found += 1;
        const place = `${at[1]}:${at[2]}`;
        if (place === before) return 'yes';
        before = place;
        run.report({
          kind: 'lint',
          severity: 'warn',
          tool_severity: at[4] ?? null,
          code: 'format',
          tool_code: '-Wclang-format-violations',
          file: at[1] ?? null,
          line: Number(at[2]),
          message: 'is not formatted as clang-format would',
          raw: line,
        });
        return 'yes';
      }
      if (!run.runs() || !/^(?:Error reading |\S.{0,1000}: No such file or directory$)/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => found > 0 && run.alone(),
  };
}
