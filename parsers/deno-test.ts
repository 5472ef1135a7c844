import type { Machine, Parser, Run, Taken } from './define.ts';
import { javascriptFrame, raisedAt } from './engine/stack-frame.ts';

const title = /^(\S.{0,1000}?) => (\S.{0,500}):(\d{1,7}):(\d{1,7})$/;
const sum =
  /^(?:ok|FAILED) \| (\d{1,7}) passed(?: \(\d{1,7} steps?\))? \| (\d{1,7}) failed(?: \((\d{1,7}) steps?\))?(?: \| (\d{1,7}) ignored)?(?: \(\d{1,7} steps?\))?(?: \| (\d{1,7}) (?:filtered out|measured))?.{0,80}$/;
const maxLines = 120;

type Open = { at: RegExpExecArray; lines: string[] };

/** `deno test`: the block of each failure, and the sum at the end. A step counts as its test. */
export const denoTest: Parser = {
  name: 'deno-test',
  recipes: ['test'],
  cues: ['running ', ' ERRORS ', ' FAILURES ', ' => ', ' passed', 'error: '],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  let inErrors = false;
  let open: Open | null = null;
  let tally: RegExpExecArray | null = null;
  return {
    line(line) {
      if (/^running \d{1,7} tests? from \S/.test(line)) {
        seen = true;
        run.saw();
        return 'yes';
      }
      if (!seen) return 'no';
      const trimmed = line.trim();
      if (trimmed === 'ERRORS' || trimmed === 'FAILURES') {
        flush();
        inErrors = trimmed === 'ERRORS';
        return 'more';
      }
      const ended = sum.exec(line);
      if (ended !== null) {
        flush();
        inErrors = false;
        tally = ended;
        run.saw();
        return 'yes';
      }
      return inErrors ? block(line) : other(line);
    },
    end(exit) {
      flush();
      if (tally !== null) {
        const failed = Number(tally[2]);
        run.counted({ passed: Number(tally[1]), failed, skipped: Number(tally[4] ?? 0) });
      }
      const early = exit.exitCode !== 0 && /(?:^|\s)--fail-fast\b/.test(run.context.command);
      return tally !== null && !early;
    },
  };

  function block(line: string): Taken {
    const head = title.exec(line);
    if (head !== null || /^\S.{0,500} \(uncaught error\)$/.test(line)) {
      flush();
      const path = line.replace(' (uncaught error)', '');
      // What is thrown outside of a test belongs to its file.
      open = { at: head ?? ([line, path, path] as unknown as RegExpExecArray), lines: [] };
    } else if (open !== null && open.lines.length < maxLines) open.lines.push(line.slice(0, 2000));
    return 'more';
  }

  function other(line: string): Taken {
    if (!run.runs() || !/^error: (?!Test failed)/.test(line)) return 'no';
    run.crashed(line.slice(0, 1000));
    return 'yes';
  }

  function flush() {
    if (open === null) return;
    const { at, lines } = open;
    open = null;
    const end = lines.findIndex((line) => /^\s{4}at /.test(line));
    const words = lines.slice(0, end === -1 ? 10 : Math.min(end, 10)).filter((line) => !/^\s*\^+$/.test(line));
    const place = raisedAt(lines, javascriptFrame, run);
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: at[1] ?? '',
      file: place?.file ?? at[2] ?? null,
      line: place?.line ?? (at[3] === undefined ? null : Number(at[3])),
      column: place?.column ?? null,
      message: (words[0] ?? '').replace(/^error: /, '').trim() || 'failed',
      raw: [at[0], ...lines].join('\n').slice(0, 8000),
    });
  }
}
