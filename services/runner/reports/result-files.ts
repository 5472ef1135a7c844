import type { Run, TestResult } from '../../../parsers/define.ts';
import type { TestReport } from '../../jobs/rules/test-report.ts';
import { collectReports } from './collect-reports.ts';
import { globWalk } from './glob-walk.ts';

/** Runners that write what each test came to in a process of their own, after the one that was tested, and where. */
const writers: readonly { readonly tool: string; readonly command: RegExp; readonly files: readonly string[] }[] = [
  { tool: 'surefire', command: /\bmvnw?\b/, files: ['**/target/{surefire,failsafe}-reports/TEST-*.xml'] },
  { tool: 'gradle', command: /\bgradlew?\b/, files: ['**/build/test-results/**/TEST-*.xml'] },
  { tool: 'sbt', command: /\bsbt\b/, files: ['**/target/test-reports/*.xml'] },
  { tool: 'dotnet test', command: /\bdotnet\b/, files: ['**/TestResults/**/*.trx'] },
  { tool: 'nextest', command: /\bnextest\b/, files: ['**/target/nextest/**/*.xml'] },
];

const noNotes = () => {};

/**
 * Result files that a command's runner leaves in the tree: those that were not there when this was called. Null where the command
 * has no such runner. What comes of it is null when none was left, or one cannot be read.
 */
export async function resultFiles(command: string, cwd: string): Promise<null | (() => Promise<TestReport | null>)> {
  const writer = writers.find((one) => one.command.test(command));
  if (writer === undefined) return null;
  const { tool, files } = writer;
  const old = new Set<string>();
  for await (const path of globWalk(files, cwd, noNotes)) old.add(path);
  return async () => {
    const reports = await collectReports(files, { root: cwd, cwd }, noNotes);
    const fresh = reports.filter(({ name }) => !old.has(name));
    if (fresh.length === 0) return null;
    const [{ readLog }, { junit }, { trx }] = await Promise.all([
      import('../../../parsers/read-log.ts'),
      import('../../../parsers/junit.ts'),
      import('../../../parsers/trx.ts'),
    ]);
    const tests: TestReport['tests'] = [];
    const told = [junit, trx].map((parser) => ({
      ...parser,
      tool: parser.tool ?? parser.name,
      start: (run: Run) => {
        // The same object: it keeps to itself what it was told.
        const counted = run.test.bind(run);
        run.test = (one) => {
          tests.push(testOf(one));
          counted(one);
        };
        return parser.start(run);
      },
    }));
    const reader = readLog({ language: 'other', recipe: 'test', command, subproject: '.', roots: [] }, told);
    for (const { name, bytes } of fresh) reader.report(name, bytes);
    const { unproven } = reader.end({ exitCode: 0, reason: 'exited' });
    return {
      sessions: [{ tool: `${tool} (files)`, ended: unproven === null }],
      tampered: false,
      changed: [],
      tests: tests.slice(0, 20_000),
    };
  };
}

function testOf({ suite, name, outcome, duration_ms }: TestResult): TestReport['tests'][number] {
  const id = [suite, name].filter(Boolean).join('.').slice(0, 1024);
  return { id, outcome, ms: Math.max(0, Math.round(duration_ms ?? 0)) };
}
