import type { Machine, Parser, Run } from './define.ts';
import { placeInText } from './engine/place-in-text.ts';
import { numbersIn, tallyOf } from './engine/test-counts.ts';

const summary =
  /^\d{1,6} tests?, \d{1,6} failures?(?:, \d{1,6} (?:skipped|not run)){0,2}(?: in [\d.]{1,12} seconds?)?$/;
/** The line of the next test: its name, how far it is, and the name again behind a mark. */
const next = /^ {3}\S.{0,1000}?\d{1,6}\/\d{1,6} (?:\u2717|\u2713|-) /;
const maxLines = 60;

/** bats' output for people; its TAP is read by `tap.ts`, its JUnit by `junit.ts`. */
export const bats: Parser = {
  name: 'bats',
  recipes: ['test'],
  cues: ['in test file ', '(from function ', ' failure', 'Error: Test file "', 'Error: Bad command line'],
  start,
};

function start(run: Run): Machine {
  let open: { name: string; lines: string[] } | null = null;
  let failed = false;
  let summed = false;
  return {
    line(line, _stream, previous) {
      if (open !== null) {
        if (line.startsWith('   ') && !next.test(line)) {
          if (open.lines.length < maxLines) open.lines.push(line.trim().slice(0, 2000));
          return 'more';
        }
        flush();
      }
      // A cursor moves over what is repeated: the name stands behind the last mark.
      const mark = previous.lastIndexOf('\u2717 ');
      if (mark !== -1 && /^ {3}\((?:in test file|from function) /.test(line)) {
        open = {
          name: previous
            .slice(mark + 2, mark + 1000)
            .replace(/ \[\d{1,9}\]$/, '')
            .trim(),
          lines: [line.trim()],
        };
        return 'more';
      }
      // ExUnit counts in the same words, one line below its time.
      const isOwn = !previous.startsWith('Finished in ');
      if (isOwn && summary.test(line) && (failed || run.runs() || /^(?:shell|bash|sh)$/.test(run.context.language))) {
        summed = true;
        const number = numbersIn(line);
        // What was `not run` is neither skipped nor executed.
        const left = number('skipped');
        run.counted(tallyOf(number('test') - number('not'), number('failure'), left));
        run.saw();
        return 'yes';
      }
      if (!/^Error: (?:Test file ".{1,1000}" does not exist|Bad command line)/.test(line)) return 'no';
      run.crashed(line.slice(0, 2000));
      return 'yes';
    },
    end() {
      flush();
      return summed;
    },
  };

  function flush() {
    if (open === null) return;
    const { name, lines } = open;
    open = null;
    failed = true;
    const text = lines.join('\n');
    const at = placeInText(lines.find((line) => line.includes('in test file ')) ?? text, run);
    const message = lines.slice(0, 8).join(' ');
    const place = { file: at?.file ?? null, line: at?.line ?? null };
    run.report({ kind: 'test_fail', severity: 'error', code: name, message, ...place, raw: text });
  }
}
