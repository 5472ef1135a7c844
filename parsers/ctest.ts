import type { Machine, Parser, Run } from './define.ts';
import { tallyOf } from './engine/test-counts.ts';

const result =
  /^ {0,6}\d{1,6}\/\d{1,6} Test {1,6}#\d{1,6}: (\S.{0,500}?) ?\.{0,200} ?\*\*\*(.{1,300}?) {1,20}[\d.]{1,12} sec$/;
const listed = /^\t? {0,8}\d{1,6} - (\S.{0,500}) \(([^()]{1,100})\)(?:\s.{0,500})?$/;
const summary = /^\d{1,3}% tests passed, (\d{1,7}) tests? failed out of (\d{1,7})$/;
const maxNames = 5000;

/** `ctest`'s own text; its JUnit file is read by `junit.ts`. Skipped and disabled tests are no failures. */
export const ctest: Parser = {
  name: 'ctest',
  recipes: ['test'],
  outer: true,
  cues: ['***', '% tests passed, ', 'The following tests FAILED:', 'No tests were found!!!', 'Test project '],
  start,
};

function start(run: Run): Machine {
  const names = new Set<string>();
  let summed = false;
  let skipped = 0;
  let disabled = 0;
  let listing = false;
  return {
    line(line) {
      if (listing) {
        const failed = listed.exec(line);
        if (failed !== null) {
          report(failed[1] ?? '', failed[2] ?? '', line);
          return 'more';
        }
        listing = false;
      }
      if (line === 'The following tests FAILED:') {
        run.saw();
        listing = true;
        return 'more';
      }
      const one = result.exec(line);
      if (one !== null) {
        run.saw();
        const why = (one[2] ?? '').trim();
        if (why.startsWith('Skipped')) skipped += 1;
        else if (/^(?:Not Run \(Disabled\)|Disabled)/.test(why)) disabled += 1;
        else report(one[1] ?? '', why, line);
        return 'yes';
      }
      const sum = summary.exec(line);
      if (sum !== null) {
        summed = true;
        // Disabled tests are none of the total, skipped ones count as passed.
        run.counted(tallyOf(Number(sum[2]) + disabled, Number(sum[1]), skipped + disabled));
        skipped = 0;
        disabled = 0;
        run.saw();
        return 'yes';
      }
      if (!/^(?:Test project \S|No tests were found!!!$)/.test(line)) return 'no';
      if (run.runs('ctest', 'cmake', 'make', 'ninja')) run.saw();
      return 'yes';
    },
    end: () => summed,
  };

  /** Told where it ran and again in the list at the end, in other words. */
  function report(name: string, why: string, raw: string) {
    if (names.has(name)) return;
    if (names.size < maxNames) names.add(name);
    run.report({ kind: 'test_fail', severity: 'error', tool_severity: why, code: name, message: why, raw });
  }
}
