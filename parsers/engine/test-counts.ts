import type { TestCounts } from '../../events/jobs/job.ts';
import type { Tally } from '../define.ts';

/** What one parser counted of the tests of one tool. */
export type ToolTally = {
  readonly tool: string;
  readonly parser: string;
  /** Out of a result file, or a document that is one. */
  readonly report: boolean;
  /** The tool's tests are programs, which may print counts of their own. */
  readonly outer: boolean;
  readonly tally: Tally;
};

const most = 1_000_000_000;

/** Two tallies as one; what a tool cannot have meant counts as 0. */
export function plus(one: Tally | null, other: Tally): Tally {
  const sum = (a = 0, b = 0) => Math.min(whole(a) + whole(b), most);
  return {
    passed: sum(one?.passed, other.passed),
    failed: sum(one?.failed, other.failed),
    skipped: sum(one?.skipped, other.skipped),
    errors: sum(one?.errors, other.errors),
  };
}

/** Of a tool that says how many there were; `failed` may count more than tests, such as set-ups and subtests. */
export function tallyOf(total: number, failed: number, skipped: number): Tally {
  const executed = Math.max(total - skipped, 0);
  const bad = Math.max(Math.min(failed, executed), 0);
  return { passed: executed - bad, failed: bad, skipped: Math.min(skipped, total) };
}

/** The numbers of `2 failed, 1 error`, by their words in the singular; 0 for any other word. */
export function numbersIn(text: string): (word: string) => number {
  const found = text.slice(0, 1000).matchAll(/(?<!\d)(\d{1,9}) ([a-z]{1,20})/g);
  const numbers = new Map([...found].map(([, number, word = '']) => [singular(word), Number(number)]));
  return (word) => numbers.get(word) ?? 0;
}

/**
 * The tests of a run, each once; null when no tool said any number. Of one tool the parser that counted most is believed.
 * Of reports in several formats, the one that tells most is, or `figures`, those of all of them. Then either the reports or
 * the printed text counts, whichever tells of more tests, and the reports when they are even.
 */
export function testCounts(told: readonly ToolTally[], figures: Tally | null = null): TestCounts | null {
  const reports = perTool(told.filter((one) => one.report));
  const printed = perTool(told.filter((one) => !one.report));
  const outer = printed.filter((one) => one.outer);
  const all = (outer.length > 0 ? outer : printed).map((one) => one.tally);
  const text = all.length === 0 ? null : all.reduce(plus);
  const most = largest(reports)?.tally ?? null;
  // Several formats together may know of more tests than each of them.
  const report = most !== null && figures !== null && size(figures) > size(most) ? figures : most;
  const tally = report === null || (text !== null && size(text) > size(report)) ? text : report;
  if (tally === null) return null;
  const { passed, failed, skipped } = plus(null, tally);
  return { executed: (passed ?? 0) + (failed ?? 0), passed: passed ?? 0, failed: failed ?? 0, skipped: skipped ?? 0 };
}

/** One row a tool; several files of one format add up. */
function perTool(told: readonly ToolTally[]): ToolTally[] {
  const sums = new Map<string, ToolTally>();
  for (const one of told) {
    const key = `${one.tool}\n${one.parser}`;
    sums.set(key, { ...one, tally: plus(sums.get(key)?.tally ?? null, one.tally) });
  }
  return [...Map.groupBy(sums.values(), ({ tool }) => tool).values()].flatMap((rows) => largest(rows) ?? []);
}

function largest(told: readonly ToolTally[]): ToolTally | undefined {
  return [...told].sort((a, b) => size(b.tally) - size(a.tally))[0];
}

function size({ passed = 0, failed = 0, skipped = 0 }: Tally): number {
  return passed + failed + skipped;
}

function whole(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function singular(word: string): string {
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
