import type { Machine, Parser, Run, Tally } from './define.ts';
import { failureOf, isJestReport, ofJest, reportFailures, reportTests, tallyIn } from './engine/jest-report.ts';
import { fields } from './engine/json-value.ts';
import { numbersIn, plus } from './engine/test-counts.ts';

const maxBlock = 200;
/** Vitest's line goes on with ` > test` or ` [ file ]`. */
const suite = /^ ?(FAIL|PASS) {1,2}(\S.{0,1023}?)(?: \([\d.]{1,20} m?s(?:, [^)]{1,60})?\))?$/;

/** `jest`, as text for people and as `--json`. */
export const jest: Parser = {
  name: 'jest',
  recipes: ['test'],
  json: {
    is: (value) => isJestReport(value) && ofJest(value),
    cut: ['"numFailedTestSuites":', '"numRuntimeErrorTestSuites":'],
  },
  cues: [
    'FAIL ',
    'Test Suites: ',
    'Tests:  ',
    'Ran all test suites',
    'No tests found, exiting with',
    'Unrecognized option "',
  ],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  /** With `--json` the words for people are printed as well. */
  let inReports: Tally | null = null;
  let inWords: Tally | null = null;
  let partial = false;
  let summed = false;
  let announced = 0;
  let told = 0;
  let ran = false;
  let file: string | null = null;
  let test: { name: string; lines: string[] } | null = null;
  const close = () => {
    if (test !== null && test.name !== 'Console') {
      // Its tests did not run.
      if (test.name === 'Test suite failed to run') partial = true;
      else told += 1;
      run.report({ ...failureOf(test.lines, file, run), code: test.name, raw: [test.name, ...test.lines].join('\n') });
    }
    test = null;
  };
  return {
    json(value) {
      documents += 1;
      inReports = plus(inReports, tallyIn(value));
      reportTests(value, ' › ', run);
      if (fields(value).wasInterrupted === true) partial = true;
      if (reportFailures(value, ' › ', run) > 0) partial = true;
    },
    line(line) {
      const named = line.includes(' > ') || line.includes(' [ ') ? null : suite.exec(line);
      if (named !== null) {
        close();
        file = named[1] === 'FAIL' ? (named[2] ?? null) : null;
        return file === null ? 'yes' : 'more';
      }
      const sum = /^Test Suites: (.{1,200}) total$/.exec(line);
      if (sum !== null) {
        close();
        file = null;
        summed = true;
        if (/ of \d/.test(sum[1] ?? '')) partial = true;
        run.saw();
        return 'yes';
      }
      const tests = /^Tests: {1,10}(\d.{1,200} total)$/.exec(line)?.[1];
      if (tests !== undefined && summed) {
        const number = numbersIn(tests);
        const tally = {
          passed: number('passed'),
          failed: number('failed'),
          skipped: number('skipped') + number('todo'),
        };
        announced += tally.failed;
        inWords = plus(inWords, tally);
      }
      if (/^Ran all test suites/.test(line)) {
        run.saw();
        ran = true;
        return 'yes';
      }
      if (/^No tests found, exiting with|^ {2}Unrecognized option "/.test(line)) {
        run.crashed(line.trim());
        return 'yes';
      }
      if (file === null) return 'no';
      const title = /^ {2}\u25cf (\S.{0,1000})$/.exec(line)?.[1];
      if (title !== undefined) {
        close();
        test = { name: title.trimEnd(), lines: [] };
        return 'more';
      }
      if (test !== null && (line === '' || /^ {3,}/.test(line))) {
        if (test.lines.length < maxBlock) test.lines.push(line.slice(0, 2000));
        return 'more';
      }
      // Before the failures a tree of the tests may come.
      if (line === '' || (test === null && line.startsWith('  '))) return 'more';
      close();
      file = null;
      return 'no';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      const said = inReports ?? inWords;
      if (said !== null) run.counted(said);
      return !partial && (documents > 0 || (summed && ran && announced <= told));
    },
  };
}
