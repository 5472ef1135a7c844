import type { Machine, Parser, Run } from './define.ts';

const harness = /^(\S.{0,500}\.t) \.{2,200} ?(?:ok|skipped|Dubious|Failed|\d|$)/;
const failed = /^ {0,40}#\s{1,20}Failed test(?: '(.{1,1000})')?(?: in (\S.{0,500}) at line (\d{1,7})\.|\.?)$/;
const place = /^ {0,40}#\s{1,20}(?:in|at) (\S.{0,500}) (?:at )?line (\d{1,7})\.$/;
const words = /^ {0,40}#(\s.*)?$/;
const entry = /^(\S.{0,500}) {1,80}\(Wstat: \d{1,6} ?(?:\([^)]{1,40}\) )?Tests: (\d{1,9}) Failed: (\d{1,9})\)$/;
const sum = /^Files=(\d{1,7}), Tests=(\d{1,9}), /;
const maxTests = 20_000;
const maxWords = 30;

type Failure = { name: string; file: string | null; line: number | null; words: string[] };
type Entry = { file: string; failed: number; reasons: string[]; numbers: string };

/**
 * `prove`: what Test::More says of each failing test, and the report at the end, which also names files that died. With
 * `-v` the tests' own TAP is between them and tells nothing more.
 */
export const prove: Parser = {
  name: 'prove',
  recipes: ['test'],
  // The two streams tell of the same tests.
  together: true,
  cues: [
    '.t .',
    'Dubious, ',
    ' subtests',
    'Failed test',
    'Test Summary Report',
    'Files=',
    'Result: ',
    ' (Wstat: ',
    'not ok ',
    'ok ',
    '1..',
    "Cannot detect source of '",
  ],
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  let failure: Failure | null = null;
  let report: Entry | null = null;
  const failures: Failure[] = [];
  const entries: Entry[] = [];
  let tests = 0;
  let result: string | null = null;
  /** Files that went wrong, as was told when they ended: each has its entry in the report. */
  const bad = new Set<string>();
  let current = '';
  let fine = 0;
  let files = 0;
  return {
    line(line) {
      const said = failure === null ? null : words.exec(line);
      if (failure !== null && said !== null && !failed.test(line)) {
        const at: RegExpExecArray | null = failure.file === null ? place.exec(line) : null;
        if (at !== null) [failure.file, failure.line] = [at[1] ?? null, Number(at[2])];
        else if (/^\s*Looks like you/.test(said[1] ?? '')) failure = null;
        else if (failure.words.length < maxWords) failure.words.push((said[1] ?? '').trimEnd().slice(0, 1000));
        return failure === null ? 'yes' : 'more';
      }
      failure = null;
      const head = failed.exec(line);
      if (head !== null) {
        failure = {
          name: head[1] ?? 'unnamed test',
          file: head[2] ?? null,
          line: head[3] === undefined ? null : Number(head[3]),
          words: [],
        };
        if (failures.length < maxTests) failures.push(failure);
        return 'more';
      }
      const name = harness.exec(line)?.[1];
      if (name !== undefined) {
        seen = true;
        run.saw();
        current = name;
        if (/ \.{2,200} ?(?:Dubious|Failed)/.test(line)) bad.add(current);
        if (/ \.{2,200} ?(?:ok|skipped)/.test(line)) fine += 1;
        return 'yes';
      }
      if (!seen) return 'no';
      if (/^(?:Dubious, test returned|Failed \d{1,7}\/\d{1,7} subtests|No subtests run)/.test(line)) {
        if (bad.size < maxTests) bad.add(current);
        return 'yes';
      }
      if (/^Cannot detect source of '/.test(line)) {
        run.crashed(line.slice(0, 300));
        return 'yes';
      }
      return summary(line);
    },
    end(exit) {
      if (!seen) return false;
      tell();
      if (result === 'PASS') return exit.exitCode === 0;
      // With -v it is not told of a file by its name that it went well.
      const wrong = Math.max(1, bad.size, fine === 0 ? 0 : files - fine);
      return result === 'FAIL' && entries.length >= wrong;
    },
  };

  function summary(line: string): 'no' | 'yes' | 'more' {
    const listed = entry.exec(line);
    if (listed !== null) {
      report = { file: (listed[1] ?? '').trimEnd(), failed: Number(listed[3]), reasons: [], numbers: '' };
      if (entries.length < maxTests) entries.push(report);
      return 'more';
    }
    if (report !== null && line.startsWith('  ')) {
      const numbers = /^ {2}Failed tests?: {1,4}([\d, -]{1,4000})$/.exec(line)?.[1];
      if (numbers !== undefined) report.numbers += numbers;
      else if (!/^ {2}(?:TODO passed|Non-zero exit status)/.test(line) && report.reasons.length < maxWords)
        report.reasons.push(line.trim().slice(0, 500));
      else if (/^ {2}Non-zero exit/.test(line) && report.failed === 0) report.reasons.push(line.trim().slice(0, 100));
      return 'more';
    }
    report = null;
    const whole = sum.exec(line);
    if (whole !== null) {
      files = Number(whole[1]);
      tests = Number(whole[2]);
      return 'yes';
    }
    const end = /^Result: (PASS|FAIL|NOTESTS)$/.exec(line)?.[1];
    if (end === undefined) return /^(?:Test Summary Report|(?:not )?ok \d|1\.\.\d)/.test(line) ? 'yes' : 'no';
    result = end;
    run.saw();
    return 'yes';
  }

  function tell() {
    const told = new Map<string, number>();
    for (const { name, file, line, words } of failures) {
      if (file !== null) told.set(file, (told.get(file) ?? 0) + 1);
      test(name, file, line, words.join('\n').trim() || 'failed');
    }
    let broken = 0;
    for (const { file, failed, reasons, numbers } of entries) {
      if (failed > 0 && told.get(file) === undefined) {
        for (const number of numbered(numbers).slice(0, failed))
          test(`test ${number}`, file, null, `test ${number} failed`);
      } else if (failed === 0 && reasons.length > 0) {
        broken += 1;
        test(file, file, null, reasons.join('; '));
      }
    }
    const bad = entries.reduce((count, one) => count + one.failed, 0);
    if (result !== null) run.counted({ passed: Math.max(0, tests - bad), failed: bad, errors: broken });
  }

  function test(name: string, file: string | null, line: number | null, message: string) {
    run.report({ kind: 'test_fail', severity: 'error', code: name, file, line, message, raw: `${name}\n${message}` });
  }
}

/** `2-4, 7` is 2, 3, 4 and 7. */
function numbered(text: string): number[] {
  const all: number[] = [];
  for (const [, from, to] of text.slice(0, 4000).matchAll(/(\d{1,7})(?:-(\d{1,7}))?/g)) {
    const last = Math.min(Number(to ?? from), Number(from) + 1000);
    for (let at = Number(from); at <= last && all.length < 5000; at += 1) all.push(at);
  }
  return all;
}
