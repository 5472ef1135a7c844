import type { TestReport } from '../../../jobs/rules/test-report.ts';

type Test = TestReport['tests'][number];
type Outcome = Test['outcome'];

/** How runners without plug-ins name each test in their output, and say how many there are to be, and were: `told`, a sum each. */
const forms: readonly {
  readonly tool: string;
  readonly line: RegExp;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly told: readonly RegExp[];
}[] = [
  {
    tool: 'go test',
    line: /^ {0,40}--- (?<how>PASS|FAIL|SKIP): (?<name>\S{1,500}) \((?<secs>[\d.]{1,12})s\)$/,
    outcomes: { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' },
    told: [/^ {0,40}=== RUN +\S/],
  },
  {
    tool: 'cargo test',
    line: /^test (?<name>\S.{0,500}?)(?: - should panic)? \.\.\. (?<how>ok|FAILED|ignored)(?:, .{0,200})?$/,
    outcomes: { ok: 'passed', FAILED: 'failed', ignored: 'skipped' },
    told: [
      /^running (\d{1,7}) tests?$/,
      /^test result: \w{1,20}\. (\d{1,7}) passed; (\d{1,7}) failed; (\d{1,7}) ignored;/,
    ],
  },
  {
    tool: 'TAP',
    line: /^(?<how>ok|not ok) \d{1,7} (?:- )?(?<name>[^#\n]{1,500}?)(?<directive> # (?:SKIP|TODO|skip|todo)\b.{0,200})?(?: # .{0,100})?$/,
    outcomes: { ok: 'passed', 'not ok': 'failed' },
    told: [/^1\.\.(\d{1,7})/],
  },
];

/**
 * The tests that the output of a run names, where its runner has no plug-ins: weaker than a channel of its own, since what is tested
 * can print as well. A session has ended when as many tests are named as it said before and after. Null when it names none.
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
    sessions: all.map(([tool, tests]) => ({ tool: `${tool} (output)`, ended: isWhole(tool, tests.length, text) })),
    tampered: false,
    changed: [],
    tests: all.flatMap(([, tests]) => tests).slice(0, 20_000),
  };
}

function isWhole(tool: string, named: number, text: string): boolean {
  const sums = forms.find((form) => form.tool === tool)?.told ?? [];
  return sums.every((pattern) => {
    const said = text.split('\n').flatMap((line) => {
      const [whole, ...counts] = pattern.exec(line.slice(0, 2000)) ?? [];
      if (whole === undefined) return [];
      return counts.length === 0 ? [1] : counts.map(Number);
    });
    return said.reduce((sum, one) => sum + one, 0) === named;
  });
}
