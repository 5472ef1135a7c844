import type { TestResult } from '../define.ts';
import type { Kept } from './observations.ts';
import { detached } from './plain-text.ts';

/** A test that failed and then passed: what was kept of its failures, and how often it failed. */
type Passed = { readonly tool: string; readonly kept: readonly Kept[]; readonly failures: number };

export type Retries = {
  /** A failing test was kept; before or after its result is told. */
  told(tool: string, code: string | null, kept: Kept): void;
  /** How often the same test failed before, when this is the try that passed; else 0. */
  failuresBefore(result: TestResult, tool: string): number;
  readonly passed: readonly Passed[];
  /** How many failing tests did not pass later. */
  readonly left: number;
};

const mostTests = 20_000;

/**
 * The tests of result files that stand there more than once: runners that try a test again write each try. Two are one test
 * where all that names them is the same: their suite and its place in the file, name, file and code.
 */
export function retries(): Retries {
  const failing = new Map<string, { failures: number; tool: string; code: string; kept: Kept[] }>();
  /** What was kept of a code since its last result. */
  const loose = new Map<string, Kept[]>();
  const passed: Passed[] = [];
  let last: { tool: string; code: string; kept: Kept[] } | null = null;
  return {
    told(tool, code, kept) {
      if (code === null) return;
      // Some tell the finding first, others the result.
      if (last?.tool === tool && last.code === code) {
        last.kept.push(kept);
        last = null;
      } else {
        loose.clear();
        loose.set(`${tool}\n${code}`, [kept]);
      }
    },
    failuresBefore(result, tool) {
      const { suite, name, file, code, outcome, group } = result;
      if (code === undefined) return 0;
      const key = JSON.stringify([tool, code, suite, name, file, group]);
      const mine = loose.get(`${tool}\n${code}`) ?? [];
      loose.clear();
      last = null;
      const before = failing.get(key);
      if (outcome === 'failed') {
        const own = before ?? { failures: 0, tool: detached(tool), code: detached(code), kept: [] };
        own.failures += 1;
        own.kept.push(...mine);
        if (before === undefined && failing.size < mostTests) failing.set(detached(key), own);
        last = mine.length === 0 ? own : null;
        return 0;
      }
      if (outcome !== 'passed' || before === undefined) return 0;
      failing.delete(key);
      passed.push(before);
      return before.failures;
    },
    passed,
    get left() {
      return failing.size;
    },
  };
}
