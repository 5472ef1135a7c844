import type { Machine, Parser, Run, Taken } from './define.ts';
import { javascriptFrame, raisedAt } from './engine/stack-frame.ts';

const title =
  /^ {2,4}(?:\d{1,6}\) )?((?:\[[^\]]{1,100}\] \u203a )?)((?:[\w.@+()[\]-]{1,200}\/){0,30}[\w.@+()[\]-]{1,200}\.[cm]?[jt]sx?):(\d{1,7}):(\d{1,7}) \u203a (.{1,1000}?)(?: [\u2500\u2550]{2,200})?$/;
const sum = /^ {2}(\d{1,7}) (failed|flaky|skipped|interrupted|did not run|passed)(?: \([\d.]{1,12}(?:ms|s|m|h)\))?$/;
const stray = /^ {2}\d{1,7} errors? (?:was|were) not a part of any test/;
const maxLines = 200;
const maxTests = 5000;

type Failure = {
  key: string;
  code: string;
  file: string;
  line: number;
  column: number;
  lines: string[];
  retried: boolean;
};

/**
 * Playwright's list, line and dot reporters. What failed is known at the end, which also names tests that passed when
 * they were tried again.
 */
export const playwright: Parser = {
  name: 'playwright',
  recipes: ['test'],
  cues: [
    '.ts:',
    '.js:',
    '.tsx:',
    '.jsx:',
    '.mts:',
    '.mjs:',
    ' failed',
    ' flaky',
    ' passed (',
    ' did not run',
    ' interrupted',
    ' using 1 worker',
    ' workers',
    'Testing stopped early',
    'Error: ',
    ' not a part of any test',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = false;
  let open: Failure | null = null;
  const failures = new Map<string, Failure>();
  /** The list that is being read, and the tests in it. */
  let section: string | null = null;
  const named = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  let strayed = false;
  /** At its largest number of failures, which it counts as an error too. */
  let stopped = false;
  let startError: string | null = null;
  return {
    line(line) {
      if (/^Running \d{1,7} tests? using \d{1,4} workers?/.test(line)) {
        seen = true;
        run.saw();
        return 'yes';
      }
      if (!seen) return beforeStart(line);
      return within(line);
    },
    end() {
      if (startError !== null) run.crashed(startError);
      if (!seen) return false;
      tell();
      const whole = counts.has('passed') || counts.has('failed') || counts.has('skipped');
      const cut = (counts.get('did not run') ?? 0) + (counts.get('interrupted') ?? 0) > 0;
      return whole && !cut && !strayed;
    },
  };

  function beforeStart(line: string): Taken {
    if (!run.runs() || !/^(?:\w{0,40}Error: |Error: No tests found)/.test(line)) return 'no';
    if (startError === null || /No tests found/.test(startError)) startError = line.slice(0, 1000);
    return 'yes';
  }

  function within(line: string): Taken {
    const ended = sum.exec(line);
    if (ended !== null) {
      open = null;
      section = ended[2] ?? null;
      counts.set(section ?? '', Number(ended[1]));
      return 'more';
    }
    if (/^Testing stopped early after \d/.test(line)) {
      stopped = true;
      return 'yes';
    }
    if (stray.test(line)) {
      strayed = true;
      return 'yes';
    }
    const at = title.exec(line);
    if (at !== null) return titled(at, line);
    if (open === null) return 'no';
    if (/^\[\d{1,7}\/\d{1,7}\] |^ {2}[\u2713\u2718-] /.test(line)) {
      open = null;
      return 'no';
    }
    open.retried ||= /^ {4}Retry #\d/.test(line);
    if (!open.retried && open.lines.length < maxLines) open.lines.push(line.slice(0, 2000));
    return 'more';
  }

  function titled(at: RegExpExecArray, line: string): Taken {
    const [, project = '', file = '', row = '', column = '', name = ''] = at;
    const key = `${project}${file}:${row}:${column} ${name}`;
    if (/^ {2}\d/.test(line)) {
      const code = `${project}${name}`;
      open = { key, code, file, line: Number(row), column: Number(column), lines: [], retried: false };
      section = null;
      if (failures.size < maxTests && !failures.has(key)) failures.set(key, open);
      return 'more';
    }
    if (section === null) return open === null ? 'no' : 'more';
    const tests = named.get(section) ?? new Set<string>();
    named.set(section, tests.add(key));
    return 'more';
  }

  function tell() {
    const flaky = named.get('flaky') ?? new Set<string>();
    for (const failure of failures.values()) {
      if (flaky.has(failure.key)) continue;
      const words = failure.lines.map((line) => line.trim());
      const end = words.findIndex((line) => /^(?:>? ?\d{1,6} \||at |Error Context: |attachment #)/.test(line));
      const message = words
        .slice(0, end === -1 ? 20 : Math.min(end, 20))
        .filter((line) => line !== '')
        .join(' ');
      const place = raisedAt(failure.lines, javascriptFrame, run) ?? failure;
      run.report({
        kind: 'test_fail',
        severity: 'error',
        code: failure.code,
        file: place.file,
        line: place.line,
        column: place.column,
        message: message || 'failed',
        raw: [failure.key, ...failure.lines].join('\n').slice(0, 8000),
      });
    }
    const count = (name: string) => counts.get(name) ?? 0;
    run.counted({ passed: count('passed') + count('flaky'), failed: count('failed'), skipped: count('skipped') });
    if (strayed && !stopped) run.crashed('an error was not a part of any test');
  }
}
