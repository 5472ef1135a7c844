import type { Machine, Parser, Run } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { numbersIn } from './engine/test-counts.ts';

const word = 'FAIL|LEAK-FAIL|FAIL \\+ LEAK|ABORT|TIMEOUT|SIG[A-Z0-9]{1,8}';
const time = '\\[ {0,12}[\\d.]{1,12}s\\] {1,4}(?:\\( {0,8}[\\d\\u2500]{1,8}(?:/ {0,8}\\d{1,8})?\\) {1,2})?';
const status = new RegExp(`^ {1,20}(?:TRY \\d{1,4} )?(${word}) {1,4}${time}(\\S.{0,998})$`);
const fine = new RegExp(`^ {1,20}(?:(?:TRY \\d{1,4} )?PASS|LEAK|FLAKY \\d{1,4}/\\d{1,4}) {1,4}${time}(\\S.{0,998})$`);
const output = /^[-\u2500]{3,6} (?:TRY \d{1,4} )?STD(?:OUT|ERR): {1,20}(\S.{0,998}?)(?: -{3,6})?$/;
const summary = /^ {1,20}Summary \[ {0,12}[\d.]{1,12}s\] {1,4}(\d{1,8})(?:\/(\d{1,8}))? tests? run: /;
const panic =
  /^ {0,8}thread '.{1,500}?'(?: \(\d{1,12}\))? panicked at (?:(.*), )?([^\s:][^:]{0,1023}):(\d{1,7}):(\d{1,7})(:)?$/;
const maxTests = 5000;
const maxBlock = 400;

type Test = { word: string; file: string | null; line: number | null; message: string; raw: string[]; lines: number };

/** `cargo nextest run`: a line for each test, the output of those that failed, then the failures once more. */
export const nextest: Parser = {
  name: 'nextest',
  recipes: ['test'],
  cues: ['s] ', 'STDOUT: ', 'STDERR: ', 'Nextest run ID '],
  start,
};

function start(run: Run): Machine {
  const failed = new Map<string, Test>();
  let current: Test | null = null;
  let wants = false;
  let whole = false;
  /** Past the sums only names come, of what was told before. */
  let told = false;
  const hold = (test: Test | null) => {
    current = test;
    wants = false;
    return test === null ? 'yes' : 'more';
  };
  return {
    line(line) {
      const found = status.exec(line);
      if (found !== null) {
        run.saw();
        const test = of(found[2] ?? '', found[1] ?? '');
        return hold(told ? null : test);
      }
      const passed = fine.exec(line);
      if (passed !== null) {
        run.saw();
        // It failed in another try.
        if (/^ {1,20}(?:FLAKY|TRY) /.test(line)) failed.delete(passed[1] ?? '');
        return hold(null);
      }
      const sum = summary.exec(line);
      if (sum !== null) {
        run.saw();
        told = true;
        const number = numbersIn(line.slice(line.indexOf(' run: ')));
        // What neither passed nor was left out has failed, timed out or could not be started.
        const passed = number('passed');
        run.counted({ passed, failed: Number(sum[1]) - passed, skipped: number('skipped') });
        // `12/30 tests run` is a run that stopped at its first failure.
        whole = sum[2] === undefined || sum[1] === sum[2];
        return hold(null);
      }
      if (/^ {1,4}Nextest run ID [0-9a-f-]{1,40} /.test(line)) {
        run.saw();
        told = false;
        whole = false;
        return hold(null);
      }
      const head = output.exec(line)?.[1];
      if (head !== undefined) return hold(failed.get(head.trim()) ?? null);
      if (current === null) return 'no';
      if (/^error: test run failed/.test(line)) return hold(null);
      read(line, current);
      current.lines += 1;
      if (current.lines % maxBlock !== 0) return 'more';
      current = null;
      return 'no';
    },
    end() {
      for (const [test, { word, file, line, message, raw }] of failed) {
        run.report(
          {
            kind: 'test_fail',
            severity: 'error',
            tool_severity: word,
            code: test,
            file,
            line,
            message: message || `failed: ${word}`,
            raw: raw.join('\n') || `${word} ${test}`,
          },
          'workspace',
        );
      }
      return whole;
    },
  };

  function of(test: string, word: string): Test {
    const known = failed.get(test) ?? { word, file: null, line: null, message: '', raw: [], lines: 0 };
    if (failed.size < maxTests) failed.set(detached(test), known);
    return known;
  }

  function read(line: string, test: Test): void {
    if (test.raw.length < 40) test.raw.push(detached(line.slice(0, 500)));
    const found = panic.exec(line);
    if (found !== null && test.file === null) {
      test.file = detached(found[2] ?? '');
      test.line = Number(found[3]);
      test.message = detached((found[1] ?? '').replace(/^'|'$/g, ''));
      wants = test.message === '';
    } else if (wants && line.trim() !== '') {
      test.message = detached(line.trim().slice(0, 2000));
      wants = false;
    } else if (test.message === '' && /^ {0,8}Error: /.test(line)) test.message = detached(line.trim().slice(0, 2000));
  }
}
