import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Occurrence } from '../../../../../events/finding.ts';
import { comparePatched, type PatchedRun } from '../../../../../services/patcher/rules/drafting/compare-patched.ts';

function seen(name: string, more: Partial<Occurrence> = {}): Occurrence {
  return {
    identity: name.padStart(32, '0'),
    finding_id: 1,
    is_new: false,
    kind: 'lint',
    severity: 'warn',
    tool: 'ruff',
    tool_severity: null,
    tool_code: null,
    file: 'src/a.py',
    line: 3,
    column: 1,
    end_line: null,
    code: 'F401',
    message: 'unused',
    suggested_fix: null,
    fingerprint: '0'.repeat(16),
    package: null,
    installed_version: null,
    fixed_version: null,
    aliases: [],
    url: null,
    edits: [],
    raw_json: '{}',
    ...more,
  };
}

function run(occurrences: Occurrence[], more: Partial<PatchedRun> = {}): PatchedRun {
  return {
    jobId: '01k9v5h3z8q4m7n2p6r1s0t5wx',
    command: 'ruff check .',
    reason: 'exited',
    exitCode: occurrences.length > 0 ? 1 : 0,
    durationMs: 5,
    tests: null,
    tools: [{ tool: 'ruff', complete: true }],
    occurrences,
    ...more,
  };
}

const a = seen('a');
const other = seen('b', { code: 'E501' });
const compare = (before: PatchedRun, after: PatchedRun, targets: Occurrence[], equal: Occurrence[][] = []) =>
  comparePatched({
    before,
    after,
    targets: targets.map(({ identity }) => identity),
    renamed: new Map(),
    siblings: (identity) => {
      const group = equal.find((ones) => ones.some((one) => one.identity === identity));
      return new Set(group ? group.map((one) => one.identity) : [identity]);
    },
  });
const reasonOf = (...facts: Parameters<typeof compare>) => compare(...facts).failure?.reason ?? 'proven';

describe('a patched tree against the tree before', () => {
  it('is better when the target is gone and all else is as it was, whatever the exit code says', () => {
    const { failure, evidence } = compare(run([a, other]), run([other]), [a]);
    assert.equal(failure, null);
    assert.deepEqual(evidence.gone, [a.identity]);
    assert.deepEqual([evidence.identities_before, evidence.identities_after], [2, 1]);
    assert.deepEqual(evidence.targets[0]?.gone, true);
  });

  it('is no better when the target is still there, though the exit code is 0', () => {
    assert.equal(reasonOf(run([a]), run([a], { exitCode: 0 }), [a]), 'still_there');
  });

  it('is no better when the target has only moved to another line', () => {
    assert.equal(reasonOf(run([a]), run([seen('moved', { line: 9 })]), [a]), 'new_findings');
  });

  it('is no better with something new beside it', () => {
    assert.equal(reasonOf(run([a, other]), run([other, seen('c', { code: 'F811' })]), [a]), 'new_findings');
  });

  it('takes another finding on a line that was changed for the same one', () => {
    assert.equal(reasonOf(run([a, other]), run([seen('changed', { code: 'E501' })]), [a]), 'proven');
  });

  it('does not take two for one', () => {
    const twice = [seen('c1', { code: 'E501' }), seen('c2', { code: 'E501' })];
    assert.equal(reasonOf(run([a, other]), run(twice), [a]), 'new_findings');
  });

  it('counts equal lines: of three one less is left, whichever it was', () => {
    const three = [seen('0'), seen('1'), seen('2')];
    const [first, second, third] = three as [Occurrence, Occurrence, Occurrence];
    assert.equal(reasonOf(run(three), run([first, second]), [first], [three]), 'proven');
    assert.equal(reasonOf(run(three), run([first, second]), [third], [three]), 'proven');
    assert.equal(reasonOf(run(three), run([first, second]), [first, second], [three]), 'still_there');
    assert.equal(reasonOf(run(three), run([first]), [first, second], [three]), 'proven');
  });

  it('proves nothing when the tool did not run to its end, or not at all', () => {
    assert.equal(reasonOf(run([a]), run([], { tools: [{ tool: 'ruff', complete: false }] }), [a]), 'not_proven');
    assert.equal(reasonOf(run([a]), run([], { tools: [] }), [a]), 'not_proven');
    for (const reason of ['timeout', 'log_limit', 'orphaned'])
      assert.equal(reasonOf(run([a]), run([], { reason }), [a]), `job_${reason}`);
  });

  it('is no better with a worse exit code', () => {
    assert.equal(reasonOf(run([a], { exitCode: 0 }), run([], { exitCode: 1 }), [a]), 'exit_code_worse');
    assert.equal(reasonOf(run([a], { exitCode: 1 }), run([], { exitCode: 2 }), [a]), 'exit_code_worse');
    assert.equal(reasonOf(run([a, other], { exitCode: 1 }), run([other], { exitCode: 1 }), [a]), 'proven');
  });

  it('is no better with fewer tests, or with one that newly fails', () => {
    const counted = (executed: number, passed = executed) => ({
      tests: { executed, passed, failed: executed - passed, skipped: 0 },
    });
    const failing = seen('t', { kind: 'test_fail', code: 'test_x', file: null });
    const before = run([failing], counted(10, 9));
    assert.equal(reasonOf(before, run([], counted(10)), [failing]), 'proven');
    assert.equal(reasonOf(before, run([], counted(9)), [failing]), 'fewer_tests');
    assert.equal(reasonOf(before, run([]), [failing]), 'fewer_tests');
    const another = seen('u', { kind: 'test_fail', code: 'test_y', file: null });
    assert.equal(reasonOf(before, run([another], counted(10, 9)), [failing]), 'test_newly_failing');
  });
});
