import type { Machine, Parser, Run, Taken } from './define.ts';

const rule = /^(?:={78,200}|-{78,200})$/;
const status = /^(\S.{0,200}?) {1,80}\| (PASS|FAIL|SKIP) \|$/;
const sum = /^(\d{1,7}) (?:tests?|tasks?), (\d{1,7}) passed, (\d{1,7}) failed(?:, (\d{1,7}) skipped)?$/;
const dotted = /^FAIL: (\S.{0,1000})$/;
const maxWords = 40;

type Open = { name: string; words: string[] };

/** Robot Framework's console, verbose and dotted. A test's name is that of its suites and its own. */
export const robot: Parser = {
  name: 'robot',
  recipes: ['test'],
  cues: [
    '| PASS |',
    '| FAIL |',
    '| SKIP |',
    '=========',
    '---------',
    ' passed, ',
    'FAIL: ',
    "Running suite '",
    '[ ERROR ] ',
    'Output: ',
    'Report: ',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  let suite = '';
  let open: Open | null = null;
  let tally: RegExpExecArray | null = null;
  let ended = false;
  let error: string | null = null;
  let held = '';
  return {
    line(line, _stream, previous) {
      if (rule.test(line)) {
        // Between two double rules stands the name of a suite, and of its document.
        if (line.startsWith('=') && held !== '' && /^\S/.test(held)) suite = held.split(' :: ')[0]?.trimEnd() ?? '';
        held = '';
        flush();
        return seen ? 'more' : 'no';
      }
      const told = status.exec(line);
      if (told !== null) {
        seen = true;
        run.saw();
        return result(told);
      }
      const counted = sum.exec(line);
      if (counted !== null && seen) {
        // A suite ends with the sum of its tests: its own line was no test.
        open = null;
        tally = counted;
        return 'more';
      }
      return words(line, previous);
    },
    end() {
      flush();
      // With results it is about a report that it could not write.
      if (tally === null && error !== null) run.crashed(error);
      if (tally !== null)
        run.counted({ passed: Number(tally[2]), failed: Number(tally[3]), skipped: Number(tally[4] ?? 0) });
      // It exits with the number of failing tests, 250 at most.
      return tally !== null && ended;
    },
  };

  function words(line: string, previous: string): Taken {
    if (/^Running suite '.{1,500}' with \d{1,7} (?:test|task)s?\.$/.test(line)) {
      seen = true;
      run.saw();
      return 'yes';
    }
    if (/^(?:Output|Report|Log): {1,4}\S/.test(line) && tally !== null) {
      ended = true;
      return 'yes';
    }
    if (/^\[ ERROR \] /.test(line) && run.runs()) {
      if (error === null && !/Error in file/.test(line)) error = line.slice(10, 1000);
      return 'yes';
    }
    const name = seen ? dotted.exec(line)?.[1] : undefined;
    if (name !== undefined && rule.test(previous)) {
      flush();
      open = { name, words: [] };
      return 'more';
    }
    if (open !== null) {
      if (open.words.length < maxWords) open.words.push(line.slice(0, 2000));
      return 'more';
    }
    if (!seen || !rule.test(previous)) return 'no';
    held = line;
    return 'more';
  }

  function result([, name = '', verdict]: RegExpExecArray): Taken {
    flush();
    held = '';
    const isSuite = name === suite || name.split(' :: ')[0] === suite || suite.startsWith(`${name.split(' :: ')[0]}.`);
    if (verdict !== 'FAIL' || isSuite) return 'more';
    open = { name: suite === '' ? name : `${suite}.${name}`, words: [] };
    return 'more';
  }

  function flush() {
    if (open === null) return;
    const { name, words } = open;
    open = null;
    const message = words.join('\n').trim();
    const file = fileOf(name.split('.').slice(0, -1));
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: name,
      file,
      message: message || 'failed',
      raw: `${name}\n${message}`,
    });
  }

  /** The one file of the tree whose name is that of the suite; the console names none. */
  function fileOf(suites: readonly string[]): string | null {
    const wanted = plain(suites.at(-1) ?? '');
    const found = (run.context.tree ?? []).filter((file) => file.endsWith('.robot') && plain(nameOf(file)) === wanted);
    return found.length === 1 ? (found[0] ?? null) : null;
  }
}

const nameOf = (file: string) => file.slice(file.lastIndexOf('/') + 1, -'.robot'.length).replace(/^\d{1,6}_{1,2}/, '');
const plain = (name: string) => name.replace(/[\s_]/g, '').toLowerCase();
