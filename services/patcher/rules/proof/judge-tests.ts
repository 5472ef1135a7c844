import { createHash } from 'node:crypto';
import type { TestCounts } from '../../../../events/jobs/job.ts';
import type { TestReport } from '../../../jobs/rules/test-report.ts';
import type { NotProven } from './proof-plan.ts';

/** What a run says of its tests: the runner's own report, where one of ours was there, and what its output counts. */
type TestsSaid = { readonly report?: TestReport | null; readonly tests: TestCounts | null };

const ran = new Set(['passed', 'failed', 'error', 'xfailed', 'xpassed', 'doubtful']);
const shown = 5;
const list = (all: readonly string[]) =>
  all.slice(0, shown).join(', ') + (all.length > shown ? ` and ${all.length - shown} more` : '');

/** Whether the tests of a draft are those of the base, and what they say is what their runner says. Null when nothing speaks against it. */
export function judgeTests(base: TestsSaid, after: TestsSaid): NotProven | null {
  const before = base.report ?? null;
  const report = after.report ?? null;
  if (report?.tampered)
    return { reason: 'report_tampered', detail: 'Something else than the runner wrote to the report of the tests.' };
  if (before === null) return null;
  if (report === null)
    return {
      reason: 'report_missing',
      detail: 'The runner of the tests did not report: it did not start, or something took its place.',
    };
  const cut = report.sessions.find(({ ended }) => !ended);
  if ((cut && before.sessions.every(({ ended }) => ended)) || report.sessions.length < before.sessions.length)
    return {
      reason: 'runner_cut_off',
      detail: `${cut?.tool ?? 'A runner of tests'} ended before its summary: that is no pass.`,
    };
  const replaced = report.changed.filter((name) => !before.changed.includes(name));
  if (replaced.length > 0)
    return {
      reason: 'judge_replaced',
      detail: `What judges was replaced, or read, while the tests ran: ${list(replaced)}.`,
    };
  return judgeEach(before, report) ?? disagreement(base, after);
}

/** From the worst to the best. */
const byWorth: readonly TestReport['tests'][number]['outcome'][] = [
  ...(['doubtful', 'error', 'failed', 'skipped', 'xpassed', 'xfailed', 'passed'] as const),
];

/** Each test by its name. One that several sessions speak of has the worst end: what is tested could begin a session, too. */
function byName({ tests }: TestReport): Map<string, TestReport['tests'][number]> {
  const worst = tests.toSorted((a, b) => byWorth.indexOf(b.outcome) - byWorth.indexOf(a.outcome));
  return new Map(worst.map((one) => [one.id, one]));
}

function judgeEach(before: TestReport, report: TestReport): NotProven | null {
  const now = byName(report);
  const isRun = (id: string) => ran.has(now.get(id)?.outcome ?? '');
  const gone = before.tests.filter(({ id, outcome }) => ran.has(outcome) && !isRun(id)).map(({ id }) => id);
  if (gone.length > 0)
    return { reason: 'tests_vanished', detail: `Tests that ran on the base did not run: ${list(gone)}.` };
  const doubtful = report.tests.filter(({ outcome }) => outcome === 'doubtful').map(({ id }) => id);
  if (doubtful.length > 0)
    return { reason: 'report_doubtful', detail: `Tests that raised an error were called passed: ${list(doubtful)}.` };
  const worse = [...byName(before).values()].filter(
    ({ id, outcome }) => outcome === 'passed' && now.get(id)?.outcome !== 'passed',
  );
  if (worse.length > 0)
    return { reason: 'test_newly_failing', detail: `Newly failing: ${list(worse.map(({ id }) => id))}.` };
  return null;
}

/** Where report and output told the same of the base, they have to tell the same of the draft. */
function disagreement(base: TestsSaid, after: TestsSaid): NotProven | null {
  const failed = (said: TestsSaid) =>
    said.report?.tests.filter(({ outcome }) => outcome === 'failed' || outcome === 'error').length ?? 0;
  const executed = (said: TestsSaid) => said.report?.tests.filter(({ outcome }) => ran.has(outcome)).length ?? 0;
  const agree = (said: TestsSaid) =>
    said.tests !== null && said.tests.executed === executed(said) && said.tests.failed === failed(said);
  if (!agree(base) || agree(after)) return null;
  return {
    reason: 'report_disagrees',
    detail: `The output counts ${after.tests?.executed ?? 'no'} tests, ${after.tests?.failed ?? 0} of them failing; the runner's report ${executed(after)} and ${failed(after)}.`,
  };
}

/** The tests that ran on both sides, by a digest of their sorted names. */
export function testsOnBothSides(base: TestsSaid, after: TestsSaid) {
  const [tool] = after.report?.sessions ?? [];
  if (!base.report || !after.report || tool === undefined) return null;
  const before = new Set(base.report.tests.filter(({ outcome }) => ran.has(outcome)).map(({ id }) => id));
  const both = after.report.tests.filter(({ id, outcome }) => ran.has(outcome) && before.has(id)).map(({ id }) => id);
  const digest = createHash('sha256')
    .update([...new Set(both)].sort().join('\n'))
    .digest('hex');
  return { reporter: tool.tool, executed: new Set(both).size, digest };
}

/** Below this a test is quick anyway, in ms. */
const quickMs = 200;

/** Tests that took their time before and take none now, in words. */
export function suddenlyQuick(base: TestsSaid, after: TestsSaid): string[] {
  const now = new Map(after.report?.tests.map((one) => [one.id, one]));
  return (base.report?.tests ?? [])
    .filter(({ id, ms }) => ms >= quickMs && (now.get(id)?.ms ?? ms) <= ms / 20)
    .slice(0, shown)
    .map(({ id, ms }) => `${id.slice(0, 200)} took ${ms} ms before and takes ${now.get(id)?.ms} ms now.`);
}
