import type { TestReport } from '../../../jobs/rules/test-report.ts';

type Test = TestReport['tests'][number];
type Outcome = Test['outcome'];

/** How runners without plug-ins name each test in their output; the second group says how it ended. */
const forms: readonly {
  readonly tool: string;
  readonly line: RegExp;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}[] = [
  {
    tool: 'go test',
    line: /^ {0,40}--- (?<how>PASS|FAIL|SKIP): (?<name>\S{1,500}) \((?<secs>[\d.]{1,12})s\)$/,
    outcomes: { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' },
  },
  {
    tool: 'cargo test',
    line: /^test (?<name>\S{1,500})(?: - should panic)? \.\.\. (?<how>ok|FAILED|ignored)(?:, .{0,200})?$/,
    outcomes: { ok: 'passed', FAILED: 'failed', ignored: 'skipped' },
  },
  {
    tool: 'TAP',
    line: /^(?<how>ok|not ok) \d{1,7} (?:- )?(?<name>[^#\n]{1,500}?)(?<directive> # (?:SKIP|TODO|skip|todo)\b.{0,200})?(?: # .{0,100})?$/,
    outcomes: { ok: 'passed', 'not ok': 'failed' },
  },
];

/**
 * The tests that the output of a run names, where its runner has no plug-ins: weaker than a channel of its own, since what is tested
 * can print as well. Null when it names none.
 */
export function testsInText(text: string): TestReport | null {
  const found = new Map<string, Test[]>();
  const seen = new Map<string, number>();
  for (const line of text.split('\n')) {
    for (const { tool, line: pattern, outcomes } of forms) {
      const named = pattern.exec(line.slice(0, 2000))?.groups;
      if (!named) continue;
      // Which binary it is of stands in another pipe, which comes at its own pace: equal names are counted.
      const key = `${tool} ${named['name']}`;
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      const how = outcomes[named['how'] ?? ''] ?? 'doubtful';
      const outcome = named['directive'] ? (how === 'failed' ? 'xfailed' : 'skipped') : how;
      const ms = Math.round(Number(named['secs'] ?? 0) * 1000);
      const id = `${named['name']}${count > 1 ? ` #${count}` : ''}`.slice(0, 1024);
      const told = found.get(tool) ?? [];
      told.push({ id, outcome, ms });
      found.set(tool, told);
    }
  }
  const all = [...found];
  if (all.length === 0) return null;
  return {
    sessions: all.map(([tool]) => ({ tool: `${tool} (output)`, ended: true })),
    tampered: false,
    changed: [],
    tests: all.flatMap(([, tests]) => tests).slice(0, 20_000),
  };
}
