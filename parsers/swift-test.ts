import type { Machine, Parser, Run } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { tallyOf } from './engine/test-counts.ts';

/** `path:line: error: -[Module.Class test] : words` on macOS, `path:line: error: Class.test : words` elsewhere. */
const xctest =
  /^(<\w{1,20}>|(?:[A-Za-z]:)?[^\s:<][^:]{0,1000}):(\d{1,7}): error: (-\[[\w.]{1,300} \w{1,300}\]|[\w.]{1,300}\.\w{1,300}) : (.*)$/;
const testCase = /^Test Case '(-\[[\w.]{1,300} \w{1,300}\]|[\w.]{1,300})' (started|passed|failed|skipped)\b/;
const executed = /^\s{0,8}Executed (\d{1,9}) tests?, with (?:\d{1,9} tests? skipped and )?(\d{1,9}) failures? \(/;
/** A symbol before it, another one and two blanks on macOS, or none. */
const symbol = /^(?:[^\s\w]{1,4} {1,2})?(Test|Suite) (\S.*)$/;
const placed = /^(?: with .{0,600}?)? at ([^\s:][^:]{0,300}\.swift):(\d{1,7}):(\d{1,7}): (.*)$/;
const unplaced = /^(?: with .{0,600}?)?: (.*)$/;
const signalled = /^error: (?:.{0,500} )?exited with (?:unexpected )?signal code \d{1,4}/i;
const maxHeld = 2000;
const maxWords = 20;

type Test = { printed: string; words: string[]; raw: string[]; file: string | null; line: number | null };

/** `swift test`: XCTest and Swift Testing, which one run may both print. One finding a test, however many issues it has. */
export const swiftTest: Parser = {
  name: 'swift-test',
  recipes: ['test'],
  cues: [
    ': error: ',
    "Test Case '",
    "Test Suite '",
    'Executed ',
    ' recorded an issue',
    ' failed after ',
    ' skipped',
    'Test run ',
    'Fatal error: ',
    ' signal code ',
  ],
  together: true,
  start,
};

function start(run: Run): Machine {
  const held = new Map<string, Test>();
  let latest: Test | null = null;
  let current: string | null = null;
  let fatal = '';
  let told = 0;
  let announced = 0;
  let executions = 0;
  let outermost = false;
  let started = 0;
  let ended = 0;
  /** Of Swift Testing, up to the line that sums them up. */
  let failures = 0;
  let skipped = 0;

  const hold = (printed: string): Test => {
    const found = held.get(printed);
    if (found !== undefined) return found;
    if (held.size >= maxHeld) finish();
    const test = { printed: detached(printed), words: [], raw: [], file: null, line: null };
    held.set(test.printed, test);
    return test;
  };
  const say = (test: Test, words: string, raw: string) => {
    if (test.words.length >= maxWords) return;
    test.words.push(detached(words.slice(0, 2000)));
    test.raw.push(detached(raw.slice(0, 2000)));
  };
  const report = (printed: string) => {
    const test = held.get(printed);
    if (test === undefined) return;
    held.delete(printed);
    if (latest === test) latest = null;
    const { words, raw, file, line } = test;
    const message = [...new Set(words)].join(' | ') || 'failed';
    const code = nameOf(printed);
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code,
      tool_code: printed,
      message,
      file,
      line,
      raw: raw.join('\n'),
    });
  };
  const finish = () => {
    for (const printed of [...held.keys()]) report(printed);
  };

  return {
    line(line) {
      // `↳ words of the author` below an issue.
      const comment = latest === null ? null : /^\s{0,4}\S{1,4} {1,2}(?:\u21b3 )?(.*)$/.exec(line);
      if (latest !== null && comment !== null && /^\s{0,4}(?:\u21b3|\u{100135}) /u.test(line)) {
        say(latest, comment[1] ?? '', line);
        return 'more';
      }
      latest = null;
      const failure = xctest.exec(line);
      if (failure !== null) {
        const test = hold(failure[3] ?? '');
        told += 1;
        if (test.words.length === 0 && !failure[1]?.startsWith('<')) {
          test.file = detached(failure[1] ?? '');
          test.line = Number(failure[2]);
        }
        say(test, failure[4] ?? '', line);
        run.saw();
        return 'yes';
      }
      return xctestLine(line) ? 'yes' : testingLine(line);
    },
    end(exit) {
      finish();
      return (exit.exitCode === 0 || announced <= told) && started <= ended && (outermost ? executions > 0 : ended > 0);
    },
  };

  function xctestLine(line: string): boolean {
    const at = testCase.exec(line);
    const sum = executed.exec(line);
    const suite = /^Test Suite '(.{1,500})' (started|passed|failed) at /.exec(line);
    if (at !== null) {
      const [, printed = '', state] = at;
      current = state === 'started' ? detached(printed) : null;
      if (state === 'passed' || state === 'failed' || state === 'skipped') run.counted({ [state]: 1 });
      if (state === 'failed') hold(printed);
      if (state === 'failed') report(printed);
      else if (state !== 'started') held.delete(printed);
    } else if (suite !== null) {
      // The outermost one ends last, and sums up all.
      if (suite[2] === 'started') outermost = true;
    } else if (sum !== null) {
      executions += 1;
      announced = Math.max(announced, Number(sum[2]));
    } else if (/(?:^|: )Fatal error: /.test(line.slice(0, 2000))) fatal = detached(line.slice(0, 2000));
    else if (signalled.test(line)) {
      if (current !== null) say(hold(current), fatal || line, line);
      run.crashed([line, fatal].filter(Boolean).join(': '));
    } else return false;
    if (fatal === '' || at !== null) run.saw();
    return true;
  }

  function testingLine(line: string): 'no' | 'yes' | 'more' {
    const at = symbol.exec(line);
    const rest = (at?.[2] ?? '').slice(0, 4000);
    if (at?.[1] === 'Test' && /^run (?:started|with )/.test(rest)) {
      if (rest.startsWith('run started')) started += 1;
      else if (/ (?:passed|failed) after /.test(rest)) {
        ended += 1;
        run.counted(tallyOf(Number(/^run with (\d{1,9}) tests? /.exec(rest)?.[1] ?? 0), failures, skipped));
        failures = 0;
        skipped = 0;
      }
      run.saw();
      return 'yes';
    }
    const issue = rest.indexOf(' recorded an issue');
    if (issue > 0) {
      const said = rest.slice(issue + ' recorded an issue'.length);
      const place = placed.exec(said);
      const words = place?.[4] ?? unplaced.exec(said)?.[1];
      if (words === undefined) return 'no';
      latest = hold(rest.slice(0, issue));
      // It names the file without its folder, which is no place.
      say(latest, place === null ? words : `${words} (${place[1]}:${place[2]}:${place[3]})`, line);
      run.saw();
      return 'more';
    }
    if (at?.[1] === 'Test' && /^(?:"[^"]*"|\S{1,300}\([^)]*\)) skipped(?:\.|: )/.test(rest)) {
      skipped += 1;
      return 'yes';
    }
    const failed = rest.indexOf(' failed after ');
    if (at?.[1] !== 'Test' || failed <= 0 || rest.startsWith('case ')) return 'no';
    const name = rest.slice(0, failed);
    if (!/^(?:".*"|\S{1,300}\(.*\))$/.test(name)) return 'no';
    failures += 1;
    hold(name);
    report(name);
    return 'yes';
  }
}

/** `Class.test` on either system; the display name or the name of the function of Swift Testing. */
function nameOf(printed: string): string {
  const method = /^-\[(?:\w{1,300}\.)*(\w{1,300}) (\w{1,300})\]$/.exec(printed);
  if (method !== null) return `${method[1]}.${method[2]}`;
  return /^"(.+)"$/s.exec(printed)?.[1] ?? printed;
}
