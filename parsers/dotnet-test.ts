import type { Machine, Parser, Run, Stream } from './define.ts';
import { dotnetPlace, dotnetTestName, isDotnetFrame } from './engine/dotnet-frame.ts';
import { detached } from './engine/plain-text.ts';

const maxBlock = 200;
/** `  Failed Name [12 ms]`; `  X Name [12ms]` up to SDK 3.1. */
const vstest = /^ {2}(?:Failed|X) (\S.{0,1000}?) \[(?:< )?\d[\d., ]{0,20} ?(?:ms|s|m|h)(?: \d{1,3} ?(?:ms|s|m))*\]$/;
const platform = /^failed (\S.{0,1000}?) \((?:\d{1,7}(?:h|m|s|ms)[ )]){1,4}$/;
const summary =
  /^(?:Failed|Passed|Skipped)! {1,2}- Failed: {1,9}(\d{1,9}), Passed: {1,9}(\d{1,9}), Skipped: {1,9}(\d{1,9})(?!\d)/;
const word = /^ {1,8}(failed|passed|succeeded|skipped): {1,9}(\d{1,9})$/i;
const aborted =
  /^(?:The active test run was aborted\..{0,2000}|Testhost process .{0,1000} exited with error.{0,1000}|Test Run Aborted\.?)$/;

type Test = {
  name: string;
  stream: Stream;
  modern: boolean;
  part: 'words' | 'stack' | 'rest';
  words: string[];
  stack: string[];
};

/** `dotnet test`: the console of vstest, and of Microsoft.Testing.Platform, which tells failures and sums on either stream. */
export const dotnetTest: Parser = {
  name: 'dotnet-test',
  recipes: ['test'],
  cues: [
    '  Failed ',
    '  X ',
    'failed ',
    '! - Failed: ',
    '!  - Failed: ',
    'Test run for ',
    'Test run summary: ',
    'Running tests from ',
    'Total tests: ',
    ' test run was aborted',
    'Testhost process ',
    'Test Run Aborted',
    ': error ',
  ],
  together: true,
  start,
};

function start(run: Run): Machine {
  let open: Test | null = null;
  let told = 0;
  let announced = 0;
  let started = 0;
  let summed = 0;
  let broken = false;
  /** The stream on which the block of sums of the platform, or of SDK 3.1, is open. */
  let sums: Stream | null = null;
  let modern = run.runs('dotnet test');

  const close = () => {
    const test = open;
    open = null;
    if (test === null) return;
    told += 1;
    const at = dotnetPlace(test.stack, run);
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: dotnetTestName(test.name, test.stack),
      tool_code: test.name,
      file: at?.file ?? null,
      line: at?.line ?? null,
      message:
        test.words
          .map((word) => word.trim())
          .join(' ')
          .trim() || 'failed',
      raw: [test.name, ...test.words, ...test.stack].join('\n'),
    });
  };

  return {
    line(line, stream) {
      if (sums === stream) {
        const count = word.exec(line);
        const [kind, number] = [count?.[1]?.toLowerCase(), Number(count?.[2])];
        if (kind === 'failed') announced += number;
        if (kind !== undefined) run.counted({ [kind === 'succeeded' ? 'passed' : kind]: number });
        if (/^ {2,}\S|^$/.test(line)) return 'more';
        sums = null;
      }
      const next = vstest.exec(line) ?? (modern ? platform.exec(line) : null);
      if (next !== null) {
        close();
        const isModern = line.startsWith('failed ');
        open = { name: detached(next[1] ?? ''), stream, modern: isModern, part: 'words', words: [], stack: [] };
        run.saw();
        return 'more';
      }
      if (open !== null && open.stream === stream) {
        if (add(open, line)) return 'more';
        close();
      }
      return other(line, stream);
    },
    end() {
      // What a cut log broke off in is told, without what is missing of it.
      close();
      return !broken && summed > 0 && summed >= started && announced === told;
    },
  };

  function other(line: string, stream: Stream) {
    const sum = summary.exec(line)?.map(Number);
    if (sum !== undefined) {
      const [, failed = 0, passed = 0, skipped = 0] = sum;
      run.counted({ failed, passed, skipped });
      announced += failed;
      summed += 1;
    } else if (/^Test run summary: \S/.test(line)) {
      summed = started + 1;
      sums = stream;
    } else if (/^Total tests: \d{1,9}$/.test(line)) {
      summed += 1;
      sums = stream;
    } else if (/^Test run for \S.{0,1000} ?\(\.NET/.test(line)) started += 1;
    else if (/^Running tests from \S.{0,1000} \(net[\w.]{0,20}\|\w{1,10}\)$/.test(line)) modern = true;
    else if (aborted.test(line)) run.crashed(line);
    else {
      // A project that does not compile is left out without a word.
      if (/: error [A-Z]{2,10}\d{1,6}: /.test(line.slice(0, 4000))) broken = true;
      return 'no' as const;
    }
    run.saw();
    return sums === stream ? ('more' as const) : ('yes' as const);
  }
}

/** Whether a line belongs to the failure before it. */
function add(test: Test, line: string): boolean {
  const [heads, isHead] = test.modern ? [false, false] : [true, /^ {2}[A-Z][\w ]{0,60}:$/.test(line)];
  if (heads && isHead) {
    test.part = /^ {2}Error Message:$/.test(line) ? 'words' : /^ {2}Stack Trace:$/.test(line) ? 'stack' : 'rest';
    return true;
  }
  if (test.modern ? !/^(?: {2}|$)/.test(line) : isEnd(line)) return false;
  if (test.modern && /^ {2}from \S.{0,1000}\)$/.test(line)) return true;
  if (test.modern && test.part === 'words' && isDotnetFrame(line)) test.part = 'stack';
  if (test.modern && /^ {2}(?:Standard output|Error output)$/.test(line)) test.part = 'rest';
  const kept = test.part === 'words' ? test.words : test.stack;
  if (test.part !== 'rest' && kept.length < maxBlock) kept.push(detached(line.slice(0, 2000)));
  return true;
}

/** Assertions and what a test printed go to the left edge too: only what vstest itself says ends a failure. */
function isEnd(line: string): boolean {
  return (
    summary.test(line) ||
    aborted.test(line) ||
    /^ {2}(?:Passed|Skipped|√|!) \S.{0,1000}\]$/.test(line) ||
    /^(?:\[xUnit\.net |Test run for |Total tests: |Test Run Failed|Results File: |Attachments:|\s{2}\S{1,200} -> )/.test(
      line,
    )
  );
}
