import type { Machine, Parser, Run } from './define.ts';
import { raisedAt, rubyFrame } from './engine/stack-frame.ts';
import { numbersIn, tallyOf } from './engine/test-counts.ts';

const maxBlock = 80;
/** `Class#test [file:line]:`, before version 5 `test(Class) [file:line]:`; an error has no place here. */
const head = /^([A-Z][\w:]{0,500}#.{1,500}?|[\w ]{1,500}\([\w:]{1,500}\))(?: \[(.{1,1023}):(\d{1,7})\])?:$/;

/** `minitest`, also through rake and `rails test`. */
export const minitest: Parser = {
  name: 'minitest',
  recipes: ['test'],
  cues: ['Failure:', 'Error:', ' assertions, '],
  start,
};

type Test = { name: string; file: string | null; line: number | null; lines: string[] };

function start(run: Run): Machine {
  let announced = -1;
  let told = 0;
  let waiting = false;
  let open: Test | null = null;
  const close = () => {
    const own = open;
    open = null;
    if (own === null) return;
    told += 1;
    const end = own.lines.findIndex(
      (line) => /^ {4,}\S.{0,1023}:\d{1,7}:in /.test(line) || /^(?:bin\/)?rails test /.test(line),
    );
    const words = own.lines.slice(0, end === -1 ? 20 : Math.min(end, 20)).map((line) => line.trim());
    const at = own.file === null ? raisedAt(own.lines.slice(1), rubyFrame, run) : null;
    run.report({
      ...{ kind: 'test_fail', severity: 'error', code: own.name, file: own.file, line: own.line, ...at },
      message: words.filter((line) => line !== '').join(' ') || 'failed',
      raw: [own.name, ...own.lines].join('\n'),
    });
  };
  return {
    line(line) {
      const sum = /^\d{1,9} (?:runs|tests), \d{1,9} assertions, (\d{1,9}) failures, (\d{1,9}) errors/.exec(line);
      if (sum !== null) {
        close();
        const bad = Number(sum[1]) + Number(sum[2]);
        announced = Math.max(announced, 0) + bad;
        const number = numbersIn(line);
        const left = number('skip') + number('pending') + number('omission');
        if (/ (?:skips|pendings)/.test(line)) run.counted(tallyOf(number('run') + number('test'), bad, left));
        run.saw();
        return 'yes';
      }
      if (waiting) {
        waiting = false;
        const at = head.exec(line);
        if (at === null) return 'no';
        open = { name: at[1] ?? '', file: at[2] ?? null, line: at[3] === undefined ? null : Number(at[3]), lines: [] };
        return 'more';
      }
      const kind = /^(?: {1,3}\d{1,9}\) )?(Failure|Error|Skipped):$/.exec(line)?.[1];
      if (kind !== undefined) {
        close();
        waiting = kind !== 'Skipped';
        return waiting ? 'more' : 'yes';
      }
      if (open === null) return 'no';
      if (open.lines.length < maxBlock) open.lines.push(line.slice(0, 2000));
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return announced === told;
    },
  };
}
