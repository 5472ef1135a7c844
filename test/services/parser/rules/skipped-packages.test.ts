import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skippedKey } from '../../../../parsers/engine/reading.ts';
import { readLog } from '../../../../parsers/read-log.ts';
import { compareFindings, type KnownFinding } from '../../../../services/parser/rules/compare-findings.ts';

function skippedIn(command: string, text: string) {
  const reader = readLog({ language: 'python', recipe: 'audit', command, subproject: '.', roots: [] });
  reader.write('stdout', Buffer.from(text));
  return reader.end({ exitCode: 0, reason: 'exited' });
}

const table = [
  'No known vulnerabilities found',
  'Name     Skip Reason',
  '-------- ------------------------------------------------------------------------',
  'flask    Dependency not found on PyPI and could not be audited: flask (0.5)',
  '',
].join('\n');
const json = JSON.stringify({
  dependencies: [
    { name: 'Flask', skip_reason: 'Dependency not found on PyPI and could not be audited: Flask (0.5)' },
    { name: 'requests', version: '2.32.0', vulns: [] },
  ],
  fixes: [],
});

test('an advisory of a package that the audit passed over stays open, and one of another package is closed', () => {
  for (const [command, text] of [
    ['pip-audit -r requirements.txt', table],
    ['pip-audit -f json', json],
  ] as const) {
    const { skipped, tools } = skippedIn(command, text);
    assert.deepEqual([...skipped], [skippedKey('pip-audit', 'flask')], command);
    assert.ok(tools.some(({ tool, complete }) => tool === 'pip-audit' && complete));
    const known = (name: string, at: number): KnownFinding => ({
      ...{ id: at, identity: name, kind: 'cve', tool: 'pip-audit', package: name, state: 'open' },
      ...{ firstSeenJob: 'a', seenRun: 1, goneRun: 0, suppressedUntil: null },
    });
    const open = [known('FLASK', 1), known('requests', 2)];
    const run = {
      ...{ jobId: 'b', seq: 2, reread: false, endedAt: '2026-01-01T00:00:00.000Z', offBranch: null },
      ...{ completeTools: new Set(['pip-audit']), succeeded: true, unproven: null },
      skipped: (tool: string, name: string) => skipped.has(skippedKey(tool, name)),
    };
    const compared = compareFindings([], run, {
      ...{ known: () => undefined, open, provenRun: () => 0, provenRuns: [], hasLine: () => true },
      ...{ newerThan: (other) => other < 2, executedToo: () => false, doubt: () => null },
    });
    assert.deepEqual([compared.resolved, compared.notObserved], [['requests'], 'pip-audit passed FLASK over']);
  }
});
