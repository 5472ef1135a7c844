import type { Machine, Parser, Run, Taken } from './define.ts';

const head = /^ {2}(\d{1,6})\) (\S.{0,1000}) \((\S.{0,300})\)$/;
const place = /^ {5}(\S.{0,500}\.exs?):(\d{1,7})$/;
const frame = /^ {7}(?:\(\S{1,100} \S{1,60}\) )?(\S.{0,500}\.exs?):(\d{1,7}): /;
const sum =
  /^(?:\d{1,7} (?:doctests?|properties|property), )*(\d{1,7}) tests?, (\d{1,7}) failures?(?:, (\d{1,7}) (?:excluded|invalid))?(?:, (\d{1,7}) invalid)?(?:, (\d{1,7}) skipped)?$/;
const compile = /^\*\* \(([A-Z]\w{2,60})\) (\S.{0,500}\.exs?):(\d{1,7})(?::(\d{1,7}))?: (.*)$/;
const maxLines = 80;

type Open = {
  name: string;
  module: string;
  file: string | null;
  line: number | null;
  raised: RegExpExecArray | null;
  lines: string[];
};

/** `mix test` (ExUnit): the numbered failures, in its dots and its trace, and code that cannot be compiled. */
export const mixTest: Parser = {
  name: 'mix-test',
  recipes: ['test'],
  cues: [
    '  1) ',
    '  2) ',
    '  3) ',
    '  4) ',
    '  5) ',
    '  6) ',
    '  7) ',
    '  8) ',
    '  9) ',
    '0) ',
    ' failure',
    '** (',
    '== Compilation error in file',
    'Finished in ',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  let open: Open | null = null;
  let tally: RegExpExecArray | null = null;
  let broken = false;
  return {
    line(line) {
      const at = head.exec(line);
      if (at !== null) {
        flush();
        open = { name: at[2] ?? '', module: at[3] ?? '', file: null, line: null, raised: null, lines: [] };
        return 'more';
      }
      if (open !== null) {
        if (/^ {5}/.test(line)) return within(open, line);
        const blank = line.trim() === '';
        if (blank && open.lines.length > 0 && !open.lines.at(-1)?.endsWith('stacktrace:')) return 'more';
        flush();
      }
      return outside(line);
    },
    end(exit) {
      flush();
      if (tally !== null) {
        const [total = 0, failed = 0, excluded = 0, , skipped = 0] = tally.slice(1).map((one) => Number(one ?? 0));
        run.counted({ passed: Math.max(0, total - failed - skipped - excluded), failed, skipped: skipped + excluded });
      }
      const early = exit.exitCode !== 0 && /(?:^|\s)--max-failures\b/.test(run.context.command);
      return !broken && !early && tally !== null;
    },
  };

  function within(own: Open, line: string): Taken {
    const where = own.file === null ? place.exec(line) : null;
    if (where !== null) {
      [own.file, own.line] = [where[1] ?? null, Number(where[2])];
      seen = true;
      return 'more';
    }
    // Another list of numbers, not ExUnit's.
    if (own.file === null) {
      open = null;
      return 'no';
    }
    const raised = frame.exec(line);
    if (own.raised === null && raised !== null && !(raised[1] ?? '').startsWith('(')) own.raised = raised;
    if (own.lines.length < maxLines) own.lines.push(line.trim().slice(0, 2000));
    return 'more';
  }

  function outside(line: string): Taken {
    const counted = sum.exec(line);
    if (counted !== null && seen) {
      tally = counted;
      run.saw();
      return 'yes';
    }
    if (line.startsWith('== Compilation error in file ')) {
      broken = true;
      seen = true;
      return 'more';
    }
    const wrong = broken ? compile.exec(line) : null;
    if (wrong !== null) {
      run.report({
        kind: 'lint',
        severity: 'error',
        code: wrong[1] ?? null,
        file: wrong[2] ?? null,
        line: Number(wrong[3]),
        column: wrong[4] === undefined ? null : Number(wrong[4]),
        message: wrong[5] ?? '',
        raw: line,
      });
      return 'yes';
    }
    if (!run.runs() || !/^\*\* \(Mix(?:\.\w{1,40})?\) /.test(line)) return 'no';
    run.crashed(line.slice(0, 1000));
    return 'yes';
  }

  function flush() {
    if (open === null) return;
    const { name, module, file, line, raised, lines } = open;
    open = null;
    if (file === null) return;
    const end = lines.findIndex((one) => /^(?:stacktrace:|The following output was logged)/.test(one));
    const message = lines
      .slice(0, end === -1 ? 12 : Math.min(end, 12))
      .filter((one) => one !== '')
      .join(' ');
    const isOwn =
      raised !== null && run.path(raised[1] ?? '') !== null && !/^(?:deps|lib\/ex_unit)\//.test(raised[1] ?? '');
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: `${module} ${name}`,
      file: isOwn ? (raised?.[1] ?? file) : file,
      line: isOwn ? Number(raised?.[2]) : line,
      message: message || 'failed',
      raw: [`${name} (${module})`, ...lines].join('\n').slice(0, 8000),
    });
  }
}
