import type { Machine, Parser, Run } from './define.ts';
import { cDiagnostic } from './engine/c-source.ts';

const checks = '\\[((?:[a-z][\\w.-]{0,100}-[\\w.+-]{1,150})(?:,-?[a-z][\\w.+-]{1,200}){0,20})\\]';
const diagnostic = cDiagnostic(`(error|warning): (.*) ${checks}`);
const placeless = new RegExp(`^(error|warning): (.{1,3000}) ${checks}$`);
const families =
  /^(?:abseil|altera|android|boost|bugprone|cert|clang|concurrency|cppcoreguidelines|darwin|fuchsia|google|hicpp|linuxkernel|llvm|llvmlibc|misc|modernize|mpi|objc|openmp|performance|portability|readability|zircon)-/;

/** `clang-tidy` and `run-clang-tidy`; what headers make them repeat is kept once. */
export const clangTidy: Parser = {
  name: 'clang-tidy',
  recipes: ['lint'],
  quiet: true,
  cues: [': warning: ', 'error: ', 'Suppressed ', 'Error while processing ', 'Error: no checks enabled'],
  start,
};

function start(run: Run): Machine {
  let seen = false;
  let broken = false;
  return {
    line(line) {
      const found = diagnostic.exec(line);
      const [file, row, column, severity, message, names] = found?.slice(1) ?? [
        null,
        null,
        null,
        ...(placeless.exec(line)?.slice(1) ?? []),
      ];
      if (names !== undefined && names !== null && (families.test(names) || run.runs())) {
        seen = true;
        const code = names.split(',')[0] ?? null;
        if (code === 'clang-diagnostic-error') broken = true;
        run.report({
          kind: 'lint',
          severity: severity === 'error' ? 'error' : 'warn',
          tool_severity: severity ?? null,
          code,
          tool_code: names,
          file: file ?? null,
          line: row == null ? null : Number(row),
          column: column == null ? null : Number(column),
          message: message ?? '',
          raw: line,
        });
        return 'yes';
      }
      if (/^Suppressed \d{1,9} warnings? \(/.test(line)) {
        seen = true;
        run.saw();
        return 'yes';
      }
      if (/^Error while processing .{1,1000}\.$/.test(line)) {
        broken = true;
        return 'yes';
      }
      if (!/^Error: no checks enabled/.test(line)) return 'no';
      run.crashed(line);
      return 'yes';
    },
    end: () => seen && !broken,
  };
}
