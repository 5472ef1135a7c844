import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Occurrence } from '../../../../../events/finding.ts';
import type { TestReport } from '../../../../../services/jobs/rules/test-report.ts';
import type { PatchedRun } from '../../../../../services/patcher/rules/drafting/compare-patched.ts';
import { evaluateProof, type Judging, keyOf } from '../../../../../services/patcher/rules/proof/evaluate-proof.ts';
import { type ProofFacts, type ProofRun, roundsOf } from '../../../../../services/patcher/rules/proof/proof-plan.ts';

const failing = (name: string) =>
  ({
    identity: name.padStart(32, '0'),
    kind: 'test_fail',
    tool: 'pytest',
    code: name,
    file: 'test_a.py',
    message: name,
  }) as Occurrence;
const target = failing('target');
const run = (occurrences: Occurrence[], more: Partial<PatchedRun> = {}): PatchedRun => ({
  jobId: '01k9v5h3z8q4m7n2p6r1s0t5wx',
  command: 'pytest',
  reason: 'exited',
  exitCode: occurrences.length > 0 ? 1 : 0,
  durationMs: 100,
  tests: { executed: 3, passed: 3 - occurrences.length, failed: occurrences.length, skipped: 0 },
  tools: [{ tool: 'pytest', complete: true }],
  occurrences,
  sandbox: 'bwrap',
  ...more,
});
const red = run([target]);
const green = run([]);
const reportOf = (isRed: boolean): TestReport => ({
  sessions: [{ tool: 'pytest', ended: true }],
  tampered: false,
  changed: [],
  tests: ['target', 'b', 'c'].map((id) => ({ id, outcome: isRed && id === 'target' ? 'failed' : 'passed', ms: 5 })),
});
const mutant = (line: number) => ({ file: 'a.py', line, text: 'x', what: 'it returns None' });
const facts = (more: Partial<ProofFacts> = {}): ProofFacts => ({
  ...{ recipe: 'test', others: [], rounds: 3, sources: ['a.py'], hasJudges: false, isWhole: false, fast: null },
  ...{ mutants: [mutant(1), mutant(2)], canDisguise: false, ...more },
});
const judging = (more: Partial<ProofFacts> = {}, rest: Partial<Judging> = {}): Judging => ({
  ...{ facts: facts(more), conditions: 'strict', before: red, targets: [target.identity], touched: new Set(['a.py']) },
  siblings: (identity) => new Set([identity]),
  ...rest,
});

/** Runs what is asked for until there is a verdict; answers it and the names of the runs. */
function prove(given: Judging, say: (run: ProofRun) => PatchedRun) {
  const results = new Map<string, PatchedRun>();
  for (;;) {
    const said = evaluateProof(given, results);
    if (said.kind !== 'next') return { said, asked: [...results.keys()] };
    assert.ok(results.size < 100);
    results.set(keyOf(said.run), say(said.run));
  }
}
const honest = ({ stage, round }: ProofRun) => (stage === 'base' || (stage === 'mutant' && round === 2) ? red : green);

describe('a proof of a mended test', () => {
  it('takes three runs of the base, three of the draft, and lines made wrong', () => {
    const { said, asked } = prove(judging(), honest);
    assert.equal(said.kind, 'proven');
    assert.deepEqual(asked, [
      ...['base test 1', 'full test 1', 'base test 2', 'base test 3', 'again test 2', 'again test 3'],
      ...['mutant test 1', 'mutant test 2'],
    ]);
    const { proof } = said.kind === 'proven' ? said.evidence : {};
    assert.deepEqual(proof?.rounds, { base_failed: 3, passed: 3 });
    assert.deepEqual(
      proof?.mutants?.map(({ end }) => end),
      ['survived', 'killed'],
    );
    assert.equal(proof?.runs.length, 8);
  });

  const refusals: [what: string, reason: string, say: (run: ProofRun) => PatchedRun][] = [
    ['passes once on the base', 'flaky', (one) => (one.stage === 'base' && one.round === 3 ? green : honest(one))],
    ['fails once on the draft', 'flaky', (one) => (one.stage === 'again' && one.round === 3 ? red : honest(one))],
    ['is changed where no test looks', 'not_exercised', (one) => (one.stage === 'mutant' ? green : honest(one))],
    ['runs without what shuts it in', 'not_shut_in', (one) => ({ ...honest(one), sandbox: 'none' })],
    [
      'is not failing on the base at all',
      'not_reproduced',
      (one) => (one.stage === 'base' ? run([failing('other')]) : honest(one)),
    ],
    [
      'cannot reach what it needs',
      'environment',
      (one) =>
        run([], {
          ...honest(one),
          exitCode: 1,
          failure: { cause: 'environment', kind: 'registry', detail: 'no network' },
        }),
    ],
  ];
  for (const [what, reason, say] of refusals)
    it(`refuses one that ${what}`, () => {
      const { said } = prove(judging(), say);
      assert.deepEqual([said.kind, said.kind === 'failed' && said.why.reason], ['failed', reason]);
    });

  it('does not count a wrong line that does not even load', () => {
    const broken = run([], { exitCode: 2, tools: [], tests: null });
    const { said } = prove(judging(), (one) => (one.stage === 'mutant' ? broken : honest(one)));
    assert.equal(said.kind, 'proven');
    assert.deepEqual(said.kind === 'proven' && said.evidence.proof?.mutants?.map(({ end }) => end), [
      'invalid',
      'invalid',
    ]);
  });

  it('refuses what does otherwise where it cannot see that it is tested', () => {
    const told = (one: PatchedRun): PatchedRun => ({ ...one, report: reportOf(one === red) });
    const { said } = prove(judging({ canDisguise: true }), (one) =>
      told(one.stage === 'disguised' ? red : honest(one)),
    );
    assert.equal(said.kind === 'failed' && said.why.reason, 'knows_its_test');
  });

  it('runs with the judges of the base, and once more with all of the draft', () => {
    const { asked } = prove(judging({ hasJudges: true, rounds: 0, mutants: [] }), honest);
    assert.deepEqual(asked, ['full test 1', 'whole test 1']);
  });
});

describe('the other recipes of a subproject', () => {
  const lint = { recipe: 'lint', others: ['build', 'test'], rounds: 0, mutants: [] } as const;
  it('refuse a draft that breaks them', () => {
    const { said } = prove(judging(lint), (one) => (one.recipe === 'test' && one.stage === 'other' ? red : green));
    assert.deepEqual(said.kind === 'failed' && [said.why.reason, /target/.test(said.why.detail)], [
      'breaks_test',
      true,
    ]);
  });

  it('that say nothing on the base are said to prove nothing', () => {
    const lost = run([], { exitCode: 1, failure: { cause: 'environment', kind: 'registry', detail: 'no network' } });
    const { said, asked } = prove(judging(lint), (one) => (one.recipe === 'build' ? lost : green));
    assert.deepEqual(asked, ['full lint 1', 'base build 1', 'base test 1', 'other test 1']);
    assert.deepEqual(said.kind === 'proven' && said.evidence.proof?.not_run.map(({ recipe }) => recipe), ['build']);
  });

  it('may fail on the draft as they did on the base', () => {
    const old = run([failing('old')]);
    assert.equal(prove(judging(lint), (one) => (one.recipe === 'test' ? old : green)).said.kind, 'proven');
  });
});

describe('the rounds of a test', () => {
  it('are three, and more for one whose history is mixed', () => {
    assert.equal(roundsOf([]), 3);
    assert.equal(roundsOf([{ failures: 5, runs: 5 }]), 3);
    assert.equal(roundsOf([{ failures: 1, runs: 2 }]), 5);
    assert.equal(roundsOf([{ failures: 1, runs: 9 }]), 10);
  });
});
