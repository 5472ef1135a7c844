import type { Machine, Parser, Run } from './define.ts';
import { diffHunk, editsOf, type LineChange } from './engine/diff-hunk.ts';

const title = /^Diff in (\S.{0,1023}?\.rs)(?::| at line )(\d{1,7}):$/;
const maxLines = 400;

type Open = { file: string; from: number; lines: string[] };

/** `cargo fmt --check` and `rustfmt --check`: one finding a difference, with what would stand there, or a file with `-l`. */
export const rustfmt: Parser = {
  name: 'rustfmt',
  recipes: ['lint'],
  quiet: true,
  cues: ['Diff in ', '.rs', 'error'],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  const lists = mine && /(?:^|\s)(?:-l|--list|--files-with-diff)(?:\s|$)/.test(run.context.command);
  let found = 0;
  let broken = false;
  let open: Open | null = null;
  return {
    line(line) {
      if (open !== null && /^[ +-]/.test(line)) {
        if (open.lines.length < maxLines) open.lines.push(line.slice(0, 2000));
        else broken = true;
        return 'more';
      }
      flush();
      const at = title.exec(line);
      if (at !== null) {
        open = { file: at[1] ?? '', from: Number(at[2]), lines: [] };
        return 'more';
      }
      // What cannot be parsed is told as rustc tells it, and is its finding.
      if (mine && /^error(?:\[E\d{4}\])?: /.test(line)) broken = true;
      if (!lists || !/^[^\s:]{1,1000}\.rs$/.test(line)) return 'no';
      report(line, null, null, line);
      return 'yes';
    },
    end() {
      flush();
      if (mine && broken) run.saw();
      return !broken && found > 0 && run.alone();
    },
  };

  function flush() {
    if (open === null) return;
    const { file, from, lines } = open;
    open = null;
    const [old, fresh] = ['-', '+'].map((mark) => lines.filter((one) => one.startsWith(mark) || one.startsWith(' ')));
    const hunk = diffHunk(`@@ -${from},${old?.length} +${from},${fresh?.length} @@`);
    for (const one of lines) hunk?.line(one);
    const change = lines.length < maxLines ? (hunk?.change() ?? null) : null;
    report(file, from, change, `Diff in ${file}:${from}:\n${lines.join('\n').slice(0, 4000)}`);
  }

  function report(file: string, from: number | null, change: LineChange | null, raw: string) {
    found += 1;
    run.report({
      kind: 'lint',
      severity: 'warn',
      code: 'format',
      tool_code: null,
      file,
      line: change?.start ?? from,
      end_line: change === null ? null : Math.max(change.start, change.end - 1),
      message: 'is not formatted as rustfmt would',
      edits: editsOf(file, change),
      raw,
    });
  }
}
