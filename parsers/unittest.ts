import type { Machine, Parser, Run } from './define.ts';
import { tallyOf } from './engine/test-counts.ts';

const headline = /^(FAIL|ERROR|UNEXPECTED SUCCESS): (\S.{0,999})$/;
const frame = /^\s{0,20}File "([^"]{1,1024})", line (\d{1,7})(?:, in (.{1,500}))?$/;
const maxBlock = 2000;

type Block = {
  status: string;
  test: string;
  raw: string[];
  lines: number;
  inTrace: boolean;
  file: string | null;
  line: number | null;
  message: string;
};

/** Python's own test runner (also Django's): blocks of what failed, then `Ran 4 tests`, then `OK` or `FAILED (…)`. */
export const unittest: Parser = {
  name: 'unittest',
  recipes: ['test'],
  cues: ['FAIL: ', 'ERROR: ', 'UNEXPECTED SUCCESS: ', 'Ran '],
  start,
};

function start(run: Run): Machine {
  let block: Block | null = null;
  let wanted = 0;
  let summed = false;
  let ran = 0;
  /** Failures that are no test's of their own: those of set-ups, and further subtests of one test. */
  let extra = 0;
  let latest = '';
  const flush = () => {
    if (block === null) return;
    const { status, test, raw, file, line, message } = block;
    block = null;
    run.report({
      kind: 'test_fail',
      severity: 'error',
      tool_severity: status,
      code: nameOf(test),
      tool_code: test,
      file,
      line,
      message: message || status.toLowerCase(),
      raw: raw.join('\n'),
    });
  };
  const readOn = (line: string, own: Block) => {
    own.lines += 1;
    if (own.raw.length < 60) own.raw.push(line.slice(0, 1000));
    if (/^Traceback \(most recent call last\):$/.test(line)) own.inTrace = true;
    else if (own.inTrace && /^\s/.test(line)) {
      const at = frame.exec(line);
      if (at === null || run.path(at[1] ?? '') === null) return;
      own.file = at[1] ?? null;
      own.line = Number(at[2]);
    } else if (own.inTrace && line !== '') {
      // Of a chain of exceptions the last one counts.
      own.inTrace = false;
      own.message = line;
    }
  };
  return {
    line(line, _stream, previous) {
      if (wanted > 0) {
        wanted -= 1;
        if (/^(?:OK|FAILED)(?: \(|$)/.test(line)) {
          summed = true;
          count(line);
        } else if (line === 'NO TESTS RAN') {
          count(line);
          run.crashed('no tests ran');
        } else return line === '' ? 'more' : 'no';
        wanted = 0;
        return 'yes';
      }
      const found = /^={70}$/.test(previous) || block !== null ? headline.exec(line) : null;
      if (found !== null && (block === null || /^={70}$/.test(previous) || block.status === 'UNEXPECTED SUCCESS')) {
        flush();
        const [, status = '', test = ''] = found;
        const name = test.split(')', 1)[0] ?? '';
        if (name === latest || /^(?:setUp|tearDown)(?:Class|Module) \(/.test(test)) extra += 1;
        latest = name;
        block = { status, test, raw: [line], lines: 0, inTrace: false, file: null, line: null, message: '' };
        return 'more';
      }
      const sum = /^Ran (\d{1,9}) tests? in \d/.exec(line)?.[1];
      if (sum !== undefined && /^-{70}$|^$/.test(previous)) {
        ran = Number(sum);
        flush();
        run.saw();
        wanted = 3;
        return 'more';
      }
      if (block === null) return 'no';
      readOn(line, block);
      if (block.lines < maxBlock) return 'more';
      flush();
      return 'no';
    },
    end() {
      flush();
      return summed;
    },
  };

  /** `FAILED (failures=1, errors=2, skipped=3)`, `OK (expected failures=1)`. */
  function count(line: string) {
    const found = line.slice(0, 1000).matchAll(/([a-z][a-z ]{1,30})=(\d{1,9})/g);
    const numbers = new Map([...found].map(([, word, number]) => [word, Number(number)]));
    const number = (word: string) => numbers.get(word) ?? 0;
    const bad = number('failures') + number('errors') + number('unexpected successes');
    const tally = tallyOf(ran, bad - extra, number('skipped') + number('expected failures'));
    run.counted({ ...tally, errors: bad - (tally.failed ?? 0) });
    extra = 0;
    latest = '';
  }
}

/**
 * `test_a (pkg.mod.Class.test_a)` since Python 3.11, `test_a (pkg.mod.Class)` before: the dotted name, with what a
 * subtest adds. A module that could not be imported goes by its own name.
 */
function nameOf(test: string): string {
  const found = /^(\S{1,500}) \(([^\s()]{1,500})\)(.{0,500})$/.exec(test);
  if (found === null) return test;
  const [, name = '', inside = '', rest = ''] = found;
  if (inside.startsWith('unittest.loader._FailedTest')) return name;
  return `${inside === name || inside.endsWith(`.${name}`) ? inside : `${inside}.${name}`}${rest}`;
}
