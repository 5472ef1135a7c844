import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** The report under which a job of a proof leaves what the runners of its tests said. No file of a tree can go by that name. */
export const testReportName = '../crafting-table-tests.json';

const testOutcomes = ['passed', 'failed', 'error', 'skipped', 'xfailed', 'xpassed', 'doubtful'] as const;

/**
 * What the runners of one job said on a channel of their own. `whole`: each session that began has ended; `tampered`: somebody else
 * wrote to the channel, too. `changed`: what judges and was replaced meanwhile.
 */
export const TestReport = Type.Object({
  sessions: Type.Array(Type.Object({ tool: Type.String({ maxLength: 64 }), ended: Type.Boolean() }), { maxItems: 64 }),
  tampered: Type.Boolean(),
  changed: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64 }),
  tests: Type.Array(
    Type.Object({
      id: Type.String({ maxLength: 1024 }),
      outcome: Type.Union(testOutcomes.map((one) => Type.Literal(one))),
      ms: Type.Integer({ minimum: 0 }),
    }),
  ),
});
export type TestReport = Static<typeof TestReport>;

const Line = Type.Union([
  Type.Object({ k: Type.Literal('start'), tool: Type.String() }),
  Type.Object({ k: Type.Literal('test'), id: Type.String(), outcome: Type.String(), ms: Type.Number() }),
  Type.Object({ k: Type.Literal('end'), changed: Type.Array(Type.String()) }),
]);

/** Tests that are kept of one job. */
const mostTests = 20_000;

/**
 * Reads the lines of the sessions of one job. `macOf` signs a line with the key of its session and what stood before it: a line
 * that is signed otherwise was written by somebody else. Never throws.
 */
export function readSessions(
  sessions: readonly { readonly text: string; readonly macOf: (before: string, line: string) => string }[],
): TestReport {
  const report: TestReport = { sessions: [], tampered: false, changed: [], tests: [] };
  for (const { text, macOf } of sessions.slice(0, 64)) {
    let mac = '';
    let session: TestReport['sessions'][number] | null = null;
    const lines = text.split('\n');
    if (lines.pop() !== '') report.tampered = true;
    for (const signed of lines) {
      const line = signed.slice(65);
      const said = parsed(line);
      mac = macOf(mac, line);
      if (signed.slice(0, 65) !== `${mac} ` || said === null || session?.ended) {
        report.tampered = true;
        break;
      }
      if (said.k === 'start') {
        session = { tool: said.tool.slice(0, 64), ended: false };
        report.sessions.push(session);
      } else if (said.k === 'end') {
        if (session) session.ended = true;
        report.changed.push(...said.changed.map((one) => one.slice(0, 256)).slice(0, 64 - report.changed.length));
      } else if (report.tests.length < mostTests) {
        const outcome = testOutcomes.find((one) => one === said.outcome) ?? 'doubtful';
        report.tests.push({ id: said.id.slice(0, 1024), outcome, ms: Math.max(0, Math.round(said.ms)) });
      }
    }
  }
  return report;
}

/** A report that was kept; null when it is none. */
export function openTestReport(text: string): TestReport | null {
  try {
    const report: unknown = JSON.parse(text);
    return Value.Check(TestReport, report) ? report : null;
  } catch {
    return null;
  }
}

function parsed(line: string): Static<typeof Line> | null {
  try {
    const said: unknown = JSON.parse(line);
    return Value.Check(Line, said) ? said : null;
  } catch {
    return null;
  }
}
