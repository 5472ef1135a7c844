import type { Machine, Parser, Run, Tally } from './define.ts';
import { failureOf, isJestReport, ofJest, reportFailures, reportTests, tallyIn } from './engine/jest-report.ts';
import { numbersIn, plus } from './engine/test-counts.ts';

const maxBlock = 120;
const unloaded = 'Test suite failed to run';
const failed = /^ FAIL {2}(?:\|[^|]{1,200}\| )?(\S[^>[]{0,1023}?)(?: > (.{1,1000})| \[ .{1,1023} \])$/;
const unhandled = /^\u23af+ (Uncaught Exception|Unhandled Rejection|Unhandled Error|Unhandled Source Error) \u23af+$/;

/** `vitest`, as text for people and as `--reporter=json`. */
export const vitest: Parser = {
  name: 'vitest',
  recipes: ['test'],
  together: true,
  json: {
    is: (value) => isJestReport(value) && !ofJest(value),
    cut: ['"numTotalTestSuites":', '"numPassedTestSuites":'],
  },
  cues: [
    ' FAIL  ',
    ' Test Files ',
    '  Tests  ',
    'Uncaught Exception',
    'Unhandled Rejection',
    'Unhandled Error',
    'Unhandled Source Error',
    'No test files found, exiting with',
    '    Errors  ',
    ' Failed Suites ',
  ],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  /** Several reporters may be at work. */
  let inReports: Tally | null = null;
  let inWords: Tally | null = null;
  let summed = false;
  let announced = 0;
  /** Failures that are no tests: errors that nobody handled, and files that could not be read. */
  let errors = 0;
  /** Tests of some file did not run. */
  let partial = false;
  let told = 0;
  /** Tests that failed in the same way are printed under each other, above one error. */
  let open: { tests: { file: string | null; name: string }[]; lines: string[]; stream: string } | null = null;
  const close = () => {
    const own = open;
    open = null;
    for (const { file, name } of own?.tests ?? []) {
      if (name === unloaded) partial = true;
      else told += 1;
      const lines = own?.lines ?? [];
      run.report({
        ...failureOf(firstPart(lines), file, run),
        ...placeOf(lines, file),
        code: name,
        raw: raw(name, lines),
      });
    }
  };
  const placeOf = (lines: readonly string[], file: string | null) => {
    const { line = null, column = null, file: at = null } = failureOf(lines, null, run);
    return at === null ? { file } : { file: at, line, column };
  };
  return {
    json(value) {
      documents += 1;
      inReports = plus(inReports, tallyIn(value));
      reportTests(value, ' > ', run);
      if (reportFailures(value, ' > ', run) > 0) partial = true;
    },
    line(line, stream) {
      errors += Number(
        /^ {5}Errors {2}(\d{1,6}) errors?$|^\u23af{3,40} Failed Suites (\d{1,6}) \u23af/
          .exec(line)
          ?.slice(1)
          .join('') ?? 0,
      );
      const name = failed.exec(line);
      if (name !== null) {
        if (open !== null && (open.lines.length > 0 || open.stream !== stream)) close();
        open ??= { tests: [], lines: [], stream };
        if (open.tests.length < 1000) {
          open.tests.push({ file: name[1] ?? null, name: name[2] ?? unloaded });
        }
        return 'more';
      }
      const thrown = unhandled.exec(line);
      if (thrown !== null) {
        close();
        open = { tests: [{ file: null, name: thrown[1] ?? '' }], lines: [], stream };
        return 'more';
      }
      if (open !== null && open.stream === stream) {
        if (/^\u23af{3}/.test(line) || open.lines.length >= maxBlock) {
          close();
          return 'yes';
        }
        open.lines.push(line.slice(0, 2000));
        return 'more';
      }
      if (/^ Test Files {2}\S.{0,200} \(\d{1,9}\)$/.test(line)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      const tests = /^ {6}Tests {2}(\d.{1,200} \(\d{1,9}\))$/.exec(line)?.[1];
      if (tests !== undefined) {
        const number = numbersIn(tests);
        const tally = {
          passed: number('passed'),
          failed: number('failed'),
          skipped: number('skipped') + number('todo'),
        };
        announced += tally.failed;
        inWords = plus(inWords, tally);
        return 'yes';
      }
      if (!/^No test files found, exiting with/.test(line)) return 'no';
      run.crashed(line);
      return 'yes';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      const said = inReports ?? inWords;
      if (said !== null) run.counted(inReports === null ? { ...said, errors } : said);
      return !partial && (documents > 0 || (summed && announced <= told));
    },
  };
}

/** The words of the error; a difference and the stack follow after a blank line. */
function firstPart(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line, at) => at > 0 && line.trim() === '');
  return end === -1 ? lines : lines.slice(0, end);
}

function raw(name: string, lines: readonly string[]): string {
  return [name, ...lines].join('\n');
}
