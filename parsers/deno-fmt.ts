import type { Machine, Parser, Run } from './define.ts';

const title = /^from (\S.{0,1023}):$/;
const row = /^ {0,8}(\d{1,7}) \| [-+]/;
const sum = /^error: Found (\d{1,7}) not formatted files? in \d{1,7} files?$/;

/** `deno fmt --check`: one finding a file, at the first line that it would change. */
export const denoFmt: Parser = {
  name: 'deno-fmt',
  recipes: ['lint'],
  cues: ['from ', ' | -', ' | +', ' not formatted file', 'Checked ', 'Error formatting'],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  let found = 0;
  let expected: number | null = null;
  let file: string | null = null;
  return {
    line(line) {
      const name = title.exec(line)?.[1];
      if (name !== undefined && mine) {
        file = name;
        run.saw();
        return 'more';
      }
      const at = file === null ? null : row.exec(line);
      if (at !== null && file !== null) {
        found += 1;
        run.report({
          kind: 'lint',
          severity: 'warn',
          code: 'format',
          tool_code: null,
          file,
          line: Number(at[1]),
          message: 'is not formatted as deno would',
          raw: `${file}\n${line}`,
        });
        file = null;
        return 'yes';
      }
      file = null;
      const ended = sum.exec(line);
      if (ended !== null) {
        expected = Number(ended[1]);
        run.saw();
        return 'yes';
      }
      if (mine && /^Checked \d{1,7} files?$/.test(line)) {
        expected = 0;
        run.saw();
        return 'yes';
      }
      if (!mine || !/^Error formatting/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => expected !== null && found >= expected,
  };
}
