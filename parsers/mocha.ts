import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';
import { javascriptFrame, raisedAt } from './engine/stack-frame.ts';

const maxBlock = 120;

/** `mocha`: the spec reporter's list of failures (dot, min and others print the same) and `--reporter json`. */
export const mocha: Parser = {
  name: 'mocha',
  recipes: ['test'],
  json: {
    is: (value) =>
      isFields(value) && isFields(value.stats) && Array.isArray(value.failures) && Array.isArray(value.passes),
    cut: ['"stats":', '"suites":', '"passes":'],
  },
  cues: [' passing (', ' pending', ' failing', 'Exception during run: ', 'Error: No test files found'],
  start,
};

type Failure = { title: string[]; titled: boolean; lines: string[]; framed: boolean };

function start(run: Run): Machine {
  let passing = false;
  let announced = 0;
  let listed = 0;
  let open: Failure | null = null;
  let reading = false;
  let broken: string | null = null;
  let ttl = 0;
  let skipped = false;
  const close = () => {
    const own = open;
    open = null;
    if (own === null) return;
    const end = own.lines.findIndex((line) => /^\s+(?:at \S|\+ expected - actual)/.test(line));
    const words = own.lines.slice(0, end === -1 ? 20 : Math.min(end, 20)).map((line) => line.trim());
    fail(own.title.join(' '), words.filter((line) => line !== '').join(' '), own.lines, null);
  };
  return {
    json(value) {
      const { failures, stats } = fields(value);
      passing = true;
      announced = numberOf(fields(stats).failures) ?? -1;
      run.counted({
        passed: numberOf(fields(stats).passes) ?? 0,
        failed: numberOf(fields(stats).failures) ?? 0,
        skipped: numberOf(fields(stats).pending) ?? 0,
      });
      for (const item of list(failures).map(fields)) document(item);
      reportTests(value, run);
    },
    line(line) {
      const passed = /^ {2}(\d{1,9}) passing \([\d.]{1,20}[a-z]{1,2}\)$/.exec(line)?.[1];
      if (passed !== undefined) {
        passing = true;
        run.counted({ passed: Number(passed) });
        run.saw();
        return 'yes';
      }
      const pending = passing ? /^ {2}(\d{1,9}) pending$/.exec(line)?.[1] : undefined;
      if (pending !== undefined) {
        run.counted({ skipped: Number(pending) });
        return 'yes';
      }
      const count = /^ {2}(\d{1,9}) failing$/.exec(line)?.[1];
      if (count !== undefined) {
        run.counted({ failed: Number(count) });
        announced += Number(count);
        reading = true;
        run.saw();
        return 'more';
      }
      if (/^Error: No test files found/.test(line)) {
        run.crashed(line);
        return 'yes';
      }
      if (/^ ?Exception during run: /.test(line)) {
        run.saw();
        broken = line.trim();
        ttl = 20;
        return 'more';
      }
      if (broken !== null && ttl > 0) {
        ttl -= 1;
        // The place comes first, then an excerpt, then the error.
        if (!/^\w{0,60}Error(?: \[\w{1,100}\])?: /.test(line)) return 'more';
        run.crashed(`${broken}: ${line}`);
        broken = null;
        return 'yes';
      }
      if (!reading) return 'no';
      const head = /^ {2}(\d{1,9}) ?\) (\S.{0,1000})$/.exec(line);
      if (head !== null && Number(head[1]) === listed + 1) {
        close();
        listed += 1;
        open = { title: [], titled: false, lines: [], framed: false };
        return titled(open, head[2] ?? '');
      }
      if (open === null) return line.trim() === '' ? 'more' : stop();
      if (!open.titled) return titled(open, line.trim());
      if (/^ {6}at /.test(line)) open.framed = true;
      // What comes after the stack of the last one is another program's.
      else if (open.framed && /^\S/.test(line)) return stop();
      if (open.lines.length < maxBlock) open.lines.push(line.slice(0, 2000));
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      if (broken !== null) run.crashed(broken);
      return passing && !skipped && announced === listed;
    },
  };

  function stop() {
    close();
    reading = false;
    return 'no' as const;
  }

  /** Names of suites and test, one to a line; the last one ends in a colon. */
  function titled(failure: Failure, text: string) {
    failure.titled = text.endsWith(':') || failure.title.length > 20;
    failure.title.push(text.replace(/:$/, '').slice(0, 500));
    return 'more' as const;
  }

  function document(item: Fields) {
    listed += 1;
    const { stack, message } = fields(item.err);
    const said = textOf(stack)?.split('\n')[0] ?? '';
    const words = (textOf(message) ?? '').split('\n').map((line) => line.trim());
    const name = /^([\w. ]{1,100}(?: \[\w{1,100}\])?): /.exec(said)?.[1];
    const text = `${name === undefined ? '' : `${name}: `}${words.filter((line) => line !== '').join(' ')}`;
    fail(textOf(item.fullTitle) ?? '', text, (textOf(stack) ?? '').split('\n'), item);
  }

  function fail(code: string, message: string, lines: readonly string[], item: Fields | null) {
    const file = textOf(item?.file);
    // Tests behind a hook that failed did not run.
    if (/"(?:before|after) (?:each|all)" hook\b/.test(code)) skipped = true;
    const place = raisedAt(lines.slice(0, maxBlock), javascriptFrame, run);
    const raw = item ?? [code, ...lines].join('\n');
    run.report({ kind: 'test_fail', severity: 'error', code, file, message: message || 'failed', ...place, raw });
  }
}

/** The tests of the JSON reporter, one by one; it says how often each was tried again. */
function reportTests(value: unknown, run: Run): void {
  const { tests, pending, failures } = fields(value);
  const titles = (some: unknown) => new Set(list(some).map((one) => textOf(fields(one).fullTitle)));
  const [left, bad] = [titles(pending), titles(failures)];
  for (const test of list(tests).map(fields)) {
    const name = textOf(test.title) ?? '';
    const whole = textOf(test.fullTitle) ?? name;
    run.test({
      suite: whole.endsWith(name) ? whole.slice(0, whole.length - name.length).trim() : null,
      name,
      file: textOf(test.file),
      outcome: left.has(whole) ? 'skipped' : bad.has(whole) ? 'failed' : 'passed',
      duration_ms: numberOf(test.duration),
      attempts: (numberOf(test.currentRetry) ?? 0) + 1,
    });
  }
}
