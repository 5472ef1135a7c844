import type { Machine, Parser, Run } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { tallyOf } from './engine/test-counts.ts';

const maxBlock = 120;
const section = /^There (?:was|were) \d{1,9} (?:PHPUnit )?(.{1,60}?)s?:$/;
const test = /^\d{1,9}\) (\S.{0,1500})$/;
const named = /^(.{1,1000}? with data set (?:"[^"]{0,500}"|#\d{1,9}))(?: \(.*\))?$/;

const maxDox = 2000;

/** `phpunit`, as text (9 and newer), with `--testdox` too. Warnings, risky, skipped and incomplete tests do not fail. */
export const phpunit: Parser = {
  name: 'phpunit',
  recipes: ['test'],
  cues: ['There was ', 'There were ', 'Tests: ', 'OK (', 'No tests executed!', 'by Sebastian Bergmann'],
  start,
};

type Block = { readonly name: string; readonly lines: string[] };

function start(run: Run): Machine {
  let announced = -1;
  let told = 0;
  let reading = false;
  let open: Block | null = null;
  /** With `--testdox`: the class at hand, and what failed, which newer versions tell again at the end. */
  let dox: Block[] = [];
  let inDox = false;
  let described = '';
  let doxed: Block | null = null;
  const close = () => {
    const own = open;
    open = null;
    if (own !== null) tell(own);
  };
  const tell = (own: Block) => {
    told += 1;
    const frames = own.lines.map((line) => /^(\S.{0,1023}\.\w{1,10}):(\d{1,7})$/.exec(line));
    const first = frames.findIndex((frame) => frame !== null);
    const at = frames.find((frame) => {
      const inside = frame === null ? null : run.path(frame[1] ?? '');
      return inside !== null && !/(?:^|\/)vendor\//.test(inside);
    });
    const words = own.lines.slice(0, first === -1 ? 20 : Math.min(first, 20)).map((line) => line.trim());
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: named.exec(own.name)?.[1] ?? own.name,
      file: at?.[1] ?? null,
      line: at == null ? null : Number(at[2]),
      message: words.filter((line) => line !== '').join(' ') || 'failed',
      raw: [own.name, ...own.lines].join('\n'),
    });
  };
  /** `Calc (App\CalcTest)`, then ` \u2718 Adds two` and `   \u2502 words`. */
  const describes = (line: string): boolean => {
    const failed = /^ \u2718 (\S.{0,1000}?)(?: \[[\d.]{1,20} ms\])?$/.exec(line)?.[1];
    if (failed !== undefined) {
      doxed = { name: `${described}: ${failed}`, lines: [] };
      if (dox.length < maxDox) dox.push(doxed);
    } else if (/^ {3}[\u2502\u251c\u2570\u2514\u2571\u2576\u250a\u256d\u2575]/.test(line)) {
      if (doxed !== null && doxed.lines.length < maxBlock) doxed.lines.push(line.slice(4, 2004).trim());
    } else {
      doxed = null;
      if (/^\S/.test(line))
        described = detached(/\(([\w\\]{1,300})\)$/.exec(line.slice(0, 1000))?.[1] ?? line.slice(0, 300));
    }
    return true;
  };
  return {
    line(line) {
      const title = section.exec(line)?.[1];
      if (title !== undefined) {
        close();
        reading = title === 'error' || title === 'failure';
        return reading ? 'more' : 'yes';
      }
      const sum = /^Tests: (\d{1,9}), Assertions: \d{1,9}(?:, (.{0,300}))?\.$/.exec(line);
      if (sum !== null) {
        close();
        reading = false;
        const bad = count(sum[2], 'Errors') + count(sum[2], 'Failures');
        inDox = false;
        if (told === 0 && dox.length === bad) for (const one of dox) tell(one);
        dox = [];
        announced = Math.max(announced, 0) + bad;
        run.counted(tallyOf(Number(sum[1]), bad, count(sum[2], 'Skipped') + count(sum[2], 'Incomplete')));
        run.saw();
        return 'yes';
      }
      const fine = /^OK \((\d{1,9}) tests?, \d{1,9} assertions?\)$/.exec(line)?.[1];
      if (fine !== undefined) {
        run.counted({ passed: Number(fine) });
        announced = Math.max(announced, 0);
        run.saw();
        return 'yes';
      }
      if (line === 'No tests executed!') {
        run.crashed(line);
        return 'yes';
      }
      if (/^PHPUnit [\d.]{1,12}\S* by Sebastian Bergmann/.test(line)) {
        inDox = true;
        return 'more';
      }
      if (!reading) return inDox && describes(line) ? 'more' : 'no';
      const name = test.exec(line)?.[1];
      if (name !== undefined) {
        close();
        open = { name, lines: [] };
        return 'more';
      }
      if (/^(?:--|ERRORS!|FAILURES!)$/.test(line)) {
        close();
        reading = false;
        return 'yes';
      }
      if (open !== null && open.lines.length < maxBlock) open.lines.push(line.slice(0, 2000));
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return announced === told;
    },
  };
}

function count(text: string | undefined, word: string): number {
  const at = (text ?? '').split(', ').find((part) => part.startsWith(`${word}: `));
  return at === undefined ? 0 : Number(at.slice(word.length + 2)) || 0;
}
