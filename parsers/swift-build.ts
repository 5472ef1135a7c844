import type { Draft, Machine, Parser, Run } from './define.ts';

const diagnostic =
  /^(<unknown>|(?:[A-Za-z]:)?[^\s:][^:]{0,1000}\.swift):(\d{1,7})(?::(\d{1,7}))?: (error|warning|remark): (.*)$/;
/** A test of XCTest that fails prints the same form: its message starts with the name of the test. */
const xctest = /^(?:-\[[\w.]{1,300} \w{1,300}\]|[\w.]{1,300}) : /;
const bare = /^(error|warning): (.*)$/;
/** What follows from diagnostics that were printed. */
const consequence =
  /^(?:(?:emit-module|compile|link|fatal)\S{0,20} (?:command )?failed|fatalError$|terminated\(\d|Compilation failed|exit(?:ed)? (?:with )?(?:status|code)|build had \d)/i;
const group = /^(.*?) \[#([\w-]{1,100})\]$/;
const severities = { error: 'error', warning: 'warn', remark: 'info' } as const;

/**
 * swiftc's diagnostics as `swift build` and xcodebuild show them: like clang's, and since Swift 6 with a box of source
 * below, which says the same again. Told once for each module and architecture, kept once. Notes belong to what is before them.
 */
export const swiftBuild: Parser = {
  name: 'swift-build',
  tool: 'swiftc',
  recipes: ['build', 'test'],
  errorsOnly: true,
  sign: /^(?: {0,8}\d{0,7} \| |\s{0,400}\^[~^ ]{0,400}$|\[\d{1,6}\/\d{1,6}\] |Compiling |Building for |SwiftCompile )/,
  cues: ['error: ', 'warning: ', 'remark: ', 'Compiling ', 'Build complete!', 'Test Suite ', 'Test run started'],
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  const ours = run.runs('swift build', 'swift test', 'swift run', 'swift package');
  let errors = 0;
  let compiled = 0;
  let complete = false;
  let building = true;
  return {
    line(line) {
      const at = diagnostic.exec(line);
      if (at !== null && !xctest.test((at[5] ?? '').slice(0, 1000))) {
        const word = at[4] as keyof typeof severities;
        if (word === 'error') errors += 1;
        const isPlace = at[1] !== '<unknown>';
        const words = group.exec((at[5] ?? '').slice(0, 8000));
        run.report({
          kind: 'lint',
          severity: severities[word],
          tool_severity: word,
          code: words?.[2] ?? null,
          file: isPlace ? (at[1] ?? null) : null,
          line: isPlace ? Number(at[2]) : null,
          column: at[3] === undefined ? null : Number(at[3]),
          message: words?.[1] ?? at[5] ?? '',
          raw: line,
          alike: words === null,
        } satisfies Draft);
        return 'yes';
      }
      // `[3/7] Compiling App main.swift`; xcodebuild's `SwiftCompile` lines say nothing of the end.
      if (/^\[\d{1,6}\/\d{1,6}\] Compiling (?!(?:C|C\+\+|Rust|Fortran|D|Cython) (?:object|source))\S/.test(line)) {
        compiled += 1;
        run.saw();
        return 'no';
      }
      if (/^Build complete!/.test(line)) {
        complete = true;
        building = false;
        run.saw();
        return 'yes';
      }
      // From here on it is the tests that print.
      if (/^(?:Test Suite '|\S{1,4} {1,2}Test run started)/.test(line)) building = false;
      const said = building && ours ? bare.exec(line) : null;
      if (said === null || consequence.test((said[2] ?? '').slice(0, 300))) return 'no';
      const message = said[2] ?? '';
      if (said[1] === 'error') run.crashed(message);
      else
        run.report({ kind: 'lint', severity: 'warn', tool: 'swiftpm', tool_severity: 'warning', message, raw: line });
      return 'yes';
    },
    // What was up to date is not compiled again, and says nothing; errors stop the compiler before the rest.
    end: () => complete && compiled > 0 && errors === 0,
  };
}
