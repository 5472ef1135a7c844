import type { Machine, Parser, Run, Taken } from './define.ts';
import { javascriptFrame, raisedAt } from './engine/stack-frame.ts';

const file = /^((?:[\w.@+()[\]-]{1,200}\/){0,30}[\w.@+()[\]-]{1,200}\.[cm]?[jt]sx?):$/;
/** Bun's own rule for the names of files with tests. */
const testFile = /(?:\.|_)(?:test|spec)(?:\.|_)/;
const verdict =
  /^(\(pass\)|\(fail\)|\(skip\)|\(todo\)|[\u2713\u2717\u00bb\u270e]) (\S.{0,1000}?)(?: \[[\d.,]{1,20}(?:ms|s|m)\])?$/;
const sum = /^ {0,2}(\d{1,7}) (pass|fail|skip|todo|errors?)$/;
const ran = /^Ran \d{1,7} tests? across \d{1,7} files?\. /;
const maxLines = 200;

/** `bun test`: what it prints before each `(fail)` is why; the file is the heading above. */
export const bunTest: Parser = {
  name: 'bun-test',
  recipes: ['test'],
  together: true,
  cues: [
    '.ts:',
    '.js:',
    '.tsx:',
    '.jsx:',
    '.mjs:',
    '.cjs:',
    '.mts:',
    '(fail) ',
    'bun test v',
    ' pass',
    ' fail',
    ' skip',
    ' todo',
    ' error',
    'Ran ',
    'No tests found!',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs('bun test', 'bun run test');
  let path: string | null = null;
  let lines: string[] = [];
  let broken = false;
  /** A timeout is told below its test. */
  let late: string | null = null;
  const counts = new Map<string, number>();
  let ended = false;
  return {
    line(line) {
      const head = file.exec(line)?.[1];
      if (head !== undefined && (seen || testFile.test(head))) {
        seen = true;
        path = head;
        lines = [];
        return 'more';
      }
      if (/^bun test v\d/.test(line)) {
        seen = true;
        run.saw();
        return 'yes';
      }
      if (!seen) return 'no';
      if (ran.test(line)) {
        flush();
        ended = true;
        path = null;
        run.saw();
        return 'yes';
      }
      const counted = sum.exec(line);
      if (counted !== null) {
        flush();
        counts.set((counted[2] ?? '').replace('errors', 'error'), Number(counted[1]));
        return 'more';
      }
      if (line === 'No tests found!') {
        run.crashed(line);
        return 'yes';
      }
      return path === null ? 'no' : inside(line);
    },
    end(exit) {
      flush();
      const count = (name: string) => counts.get(name) ?? 0;
      if (counts.size > 0)
        run.counted({ passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') });
      const early = exit.exitCode !== 0 && /(?:^|\s)--bail\b/.test(run.context.command);
      return ended && !early;
    },
  };

  function inside(line: string): Taken {
    const told = verdict.exec(line);
    if (told !== null) {
      flush();
      if (/^(?:\(fail\)|\u2717)/.test(line)) late = told[2] ?? '';
      else lines = [];
      return 'more';
    }
    if (late !== null && /^ {2}\^ /.test(line)) {
      lines.push(`error: ${line.slice(4)}`);
      return 'more';
    }
    flush();
    if (line === '# Unhandled error between tests') broken = true;
    else if (broken && /^-{10,}$/.test(line) && lines.some((one) => one.startsWith('error: '))) {
      fail(path ?? 'unhandled error');
      broken = false;
    } else if (lines.length < maxLines && !/^-{10,}$/.test(line)) lines.push(line.slice(0, 2000));
    return 'more';
  }

  function flush() {
    if (late === null) return;
    const name = late;
    late = null;
    fail(name);
  }

  function fail(code: string) {
    const own = lines;
    lines = [];
    const from = own.findLastIndex((line) => /^(?:error|\w{1,60}Error|AssertionError): /.test(line));
    const words = from === -1 ? [] : own.slice(from).map((line) => line.trim());
    const end = words.findIndex((line) => line.startsWith('at '));
    const message = words
      .slice(0, end === -1 ? 12 : Math.min(end, 12))
      .filter((line) => line !== '')
      .join(' ');
    const place = raisedAt(own, javascriptFrame, run);
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code,
      file: place?.file ?? path,
      line: place?.line ?? null,
      column: place?.column ?? null,
      message: message.replace(/^error: /, '') || 'failed',
      raw: [code, ...own].join('\n').slice(0, 8000),
    });
  }
}
