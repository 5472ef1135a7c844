import type { TestResult } from '../define.ts';
import { detached, plain } from './plain-text.ts';
import { codeOf } from './result-test.ts';
import { areOne, keysOf, type TestName, testName } from './test-identity.ts';

/** The tests of a suite, added up; durations in milliseconds, null where nobody says. */
type SuiteFigures = {
  readonly name: string;
  executed: number;
  failed: number;
  skipped: number;
  flaky: number;
  duration_ms: number | null;
};

type SlowTest = {
  readonly suite: string;
  readonly name: string;
  readonly file: string | null;
  readonly duration_ms: number;
};
type FlakyTest = {
  readonly suite: string;
  readonly name: string;
  readonly file: string | null;
  readonly attempts: number;
};

/** What result files say of their tests, one by one. */
export type TestFigures = {
  readonly formats: readonly string[];
  readonly executed: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly flaky: number;
  readonly duration_ms: number | null;
  /** How many suites there are; `suites` holds the longest of them. */
  readonly suite_count: number;
  readonly suites: readonly SuiteFigures[];
  readonly slowest: readonly SlowTest[];
  readonly flaky_tests: readonly FlakyTest[];
};

export type TestSum = {
  readonly format: string;
  /** `failures`: how often it failed before in the same file, and was added so. */
  add(test: TestResult, file: string | null, failures?: number): void;
  readonly count: number;
  /** Takes what another file of the same format holds. */
  take(other: TestSum): void;
  read(): TestFigures;
  readonly all: SuiteFigures & { passed: number };
  readonly suites: ReadonlyMap<string, SuiteFigures>;
  readonly slowest: readonly SlowTest[];
  readonly flaky: readonly FlakyTest[];
  /** Its tests one by one; null where there are more than are held. */
  readonly tests: ReadonlyMap<string, HeldTest> | null;
};

/** A test with what names it, as it ended. */
type HeldTest = {
  readonly test: TestResult;
  readonly file: string | null;
  readonly name: TestName;
  times: number;
};

const mostHeld = 20_000;
const mostSuites = 5_000;
const mostShown = 500;
const mostSlow = 50;
const mostFlaky = 200;
const longest = 500;
/** A day: what takes longer was measured wrongly. */
const mostMs = 24 * 3_600_000;

/** Adds up the tests of one format. */
export function testSum(format: string): TestSum {
  const suites = new Map<string, SuiteFigures>();
  const all = { ...empty(''), passed: 0 };
  let slowest: SlowTest[] = [];
  const flaky: FlakyTest[] = [];
  let tests: Map<string, HeldTest> | null = new Map();

  const hold = ({ test, file, name, times }: HeldTest) => {
    const key = `${name.words}\n${file}`;
    const before = tests?.get(key);
    if (before !== undefined) before.times += times;
    else if (tests !== null && tests.size < mostHeld) tests.set(key, { test, file, name, times });
    else tests = null;
  };
  const suiteOf = (name: string): SuiteFigures => {
    const known = suites.get(name);
    if (known !== undefined) return known;
    const key = suites.size < mostSuites ? detached(name) : 'other suites';
    const suite = suites.get(key) ?? empty(key);
    suites.set(key, suite);
    return suite;
  };
  const slow = (some: readonly SlowTest[]) => {
    slowest.push(...some);
    // Sorted seldom: what comes in between is bounded.
    if (slowest.length >= 4 * mostSlow) slowest = longestOf(slowest, mostSlow);
  };
  return {
    format,
    all,
    suites,
    flaky,
    get tests() {
      return tests;
    },
    get slowest() {
      return slowest;
    },
    take(other) {
      addTo(all, other.all);
      all.passed += other.all.passed;
      for (const suite of other.suites.values()) addTo(suiteOf(suite.name), suite);
      slow(other.slowest);
      if (other.tests === null) tests = null;
      else for (const one of other.tests.values()) hold(one);
      flaky.push(...other.flaky.slice(0, mostFlaky - flaky.length));
    },
    get count() {
      return all.executed + all.skipped;
    },
    add(test, file, failures = 0) {
      if (failures === 0) hold({ ...heldOf(test, file), times: 1 });
      const suite = plain(test.suite ?? '', longest) || file || 'no suite';
      const name = plain(test.name, longest) || 'unnamed';
      const ms = durationOf(test.duration_ms);
      const attempts = (test.attempts ?? 1) + failures;
      const isFlaky = test.outcome === 'passed' && attempts > 1;
      for (const sum of [all, suiteOf(suite)]) {
        sum.executed -= failures;
        sum.failed -= failures;
        if (test.outcome === 'skipped') sum.skipped += 1;
        else sum.executed += 1;
        if (test.outcome === 'failed') sum.failed += 1;
        if (isFlaky) sum.flaky += 1;
        if (ms !== null) sum.duration_ms = (sum.duration_ms ?? 0) + ms;
      }
      if (test.outcome === 'passed') all.passed += 1;
      const own = () => ({ suite: detached(suite), name: detached(name), file: file === null ? null : detached(file) });
      if (isFlaky && flaky.length < mostFlaky) flaky.push({ ...own(), attempts: Math.min(attempts, 1000) });
      if (ms === null || test.outcome === 'skipped' || ms <= (slowest[mostSlow - 1]?.duration_ms ?? 0)) return;
      slow([{ ...own(), duration_ms: Math.round(ms) }]);
    },
    read: () => ({
      formats: [format],
      executed: all.executed,
      passed: all.passed,
      failed: all.failed,
      skipped: all.skipped,
      flaky: all.flaky,
      duration_ms: rounded(all.duration_ms),
      suite_count: suites.size,
      suites: longestOf([...suites.values()], mostShown).map((one) => ({
        ...one,
        duration_ms: rounded(one.duration_ms),
      })),
      slowest: longestOf(slowest, mostSlow),
      flaky_tests: [...flaky].sort(byName),
    }),
  };
}

/**
 * The tests of a run. Files of one format add up. Several formats may tell of the same tests: the one that tells most of them
 * counts, and what the others tell of tests that it does not know.
 */
export function figuresOf(sums: readonly TestSum[]): TestFigures | null {
  const perFormat = new Map<string, TestSum>();
  for (const sum of sums) {
    const own = perFormat.get(sum.format) ?? testSum(sum.format);
    own.take(sum);
    perFormat.set(sum.format, own);
  }
  const told = [...perFormat.values()].filter(({ count }) => count > 0);
  const largest = Math.max(...told.map(({ count }) => count));
  // Where a test is tried again some formats count each try; one that knows of flaky tests knows better.
  const knows = ({ count, all }: TestSum) => Number(all.flaky > 0 && count * 2 >= largest);
  const [most] = told.sort((a, b) => knows(b) - knows(a) || b.count - a.count || (a.format < b.format ? -1 : 1));
  if (most === undefined || told.length === 1) return most?.read() ?? null;
  const { formats, ...all } = together(most, told).read();
  const others = told.map(({ format }) => format).filter((one) => !formats.includes(one));
  return { formats: [...formats, ...others.sort()], ...all };
}

/** The first of several formats with the tests of the others that it does not name. */
function together(first: TestSum, all: readonly TestSum[]): TestSum {
  const sum = testSum(first.format);
  sum.take(first);
  for (const other of all) {
    if (other === first || other.tests === null || sum.tests === null) continue;
    const known = new Map<string, { name: TestName; left: number }[]>();
    for (const { name, times } of sum.tests.values())
      for (const key of keysOf(name)) known.set(key, [...(known.get(key) ?? []), { name, left: times }]);
    for (const { test, file, name, times } of other.tests.values()) {
      for (let left = times; left > 0; left -= 1) {
        const same = keysOf(name)
          .flatMap((key) => known.get(key) ?? [])
          .find((one) => one.left > 0 && areOne(one.name, name));
        if (same === undefined) sum.add(test, file);
        else same.left -= 1;
      }
    }
  }
  return sum;
}

function heldOf(test: TestResult, file: string | null): Omit<HeldTest, 'times'> {
  const { suite = null, name, outcome, duration_ms = null, attempts = 1 } = test;
  const short = {
    suite: suite === null ? null : detached(suite.slice(0, longest)),
    name: detached(name.slice(0, longest)),
    outcome,
    duration_ms,
    attempts,
  };
  return { test: short, file, name: testName(codeOf(short.suite, short.name), file) };
}

function addTo(sum: SuiteFigures, { executed, failed, skipped, flaky, duration_ms }: SuiteFigures): void {
  sum.executed += executed;
  sum.failed += failed;
  sum.skipped += skipped;
  sum.flaky += flaky;
  if (duration_ms !== null) sum.duration_ms = (sum.duration_ms ?? 0) + duration_ms;
}

function empty(name: string): SuiteFigures {
  return { name, executed: 0, failed: 0, skipped: 0, flaky: 0, duration_ms: null };
}

function durationOf(ms: number | null | undefined): number | null {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? Math.min(ms, mostMs) : null;
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));

type Named = { readonly name: string; readonly suite?: string };

function longestOf<One extends Named & { readonly duration_ms: number | null }>(
  some: readonly One[],
  most: number,
): One[] {
  return [...some].sort((a, b) => (b.duration_ms ?? -1) - (a.duration_ms ?? -1) || byName(a, b)).slice(0, most);
}

function byName(a: Named, b: Named): number {
  const [one, other] = [`${a.suite ?? ''}\n${a.name}`, `${b.suite ?? ''}\n${b.name}`];
  return one < other ? -1 : Number(one > other);
}
