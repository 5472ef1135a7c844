import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subproject } from '../../../../events/projects/project.ts';
import type { FindingDoc } from '../../../../projections/findings/findings.ts';
import type { RecipeSourceDoc } from '../../../../projections/projects/recipe-sources.ts';
import { changedRecipes } from '../../../../services/recipe-sets/rules/changed-recipes.ts';
import { findingsChange } from '../../../../services/recipe-sets/rules/compare-findings-of.ts';
import { type Canary, judgeCanaries, type RunEnd } from '../../../../services/recipe-sets/rules/judge-canaries.ts';
import { rolloutMeant, versionMeant } from '../../../../services/recipe-sets/rules/rollout-meant.ts';
import { nextStep } from '../../../../services/recipe-sets/rules/rollout-step.ts';

const run = (before: RunEnd | null, after: RunEnd | null, recipe: 'lint' | 'test' = 'lint') => ({
  ...{ project: 'one', subproject: '.', recipe },
  before: before && { job_id: 'before', ended: before },
  after: after && { job_id: 'after', ended: after },
});
const canary = (runs: Canary['runs'], more: Partial<Canary> = {}): Canary => ({
  ...{ project: 'one', has: true, refused: null, documents: ['python'], runs },
  ...more,
});

describe('how canaries are judged', () => {
  const cases: [string, Canary[], string][] = [
    ['a run that passes as before', [canary([run('passed', 'passed')])], 'no_worse'],
    ['one that fails as before', [canary([run('failed', 'failed')])], 'no_worse'],
    ['one that fails and did not', [canary([run('passed', 'failed')])], 'worse'],
    ['one whose tool says nothing any more', [canary([run('failed', 'silent')])], 'worse'],
    ['one that is killed and failed by itself before', [canary([run('failed', 'broken')])], 'worse'],
    ['a new recipe that does not pass', [canary([run(null, 'failed')])], 'worse'],
    ['a run that is missing', [canary([run('passed', 'passed'), run('passed', null, 'test')])], 'wait'],
    ['a worse run beside one that is missing', [canary([run('passed', 'failed'), run('passed', null)])], 'worse'],
    ['a canary that has it not yet', [canary([], { has: false })], 'wait'],
    ['a canary that cannot take it', [canary([], { refused: 'asks for a secret' })], 'worse'],
    ['no canary', [], 'ask'],
    ['a document that no canary names', [canary([run('passed', 'passed')], { documents: ['go'] })], 'ask'],
    ['a change of which nothing runs', [canary([])], 'ask'],
  ];
  for (const [what, canaries, verdict] of cases)
    it(`says ${verdict} for ${what}`, () => assert.equal(judgeCanaries(canaries, ['python']).verdict, verdict));
});

const version = (sha: string, digest = sha) => ({ sha, digest, documents: [], at: '2030-01-01T00:00:00.000Z' });
const source = (more: Partial<RecipeSourceDoc>) =>
  ({
    ...{ id: 'farm/s', owner: null, versions: [version('b2'), version('a1')], canary: 'a1', production: 'a1' },
    ...{ holds: [], decisions: [] },
    ...more,
  }) as unknown as RecipeSourceDoc;
const step = (more: Partial<RecipeSourceDoc>, verdict = judgeCanaries([canary([run('passed', 'passed')])], [])) => {
  const next = nextStep({ source: source(more), verdict: () => verdict });
  return next.does === 'decide'
    ? `${next.step} ${next.sha}`
    : `${next.does}${next.does === 'wait' && next.needs ? ' for a person' : ''}`;
};
const held = { by: 'ann', reason: 'release week', at: '' };

describe('what follows for the newest version', () => {
  const worse = judgeCanaries([canary([run('passed', 'failed')])], []);
  const cases: [string, string, string][] = [
    ['the first goes everywhere', step({ canary: null, production: null }), 'first b2'],
    ['a later one goes to canaries', step({}), 'canary b2'],
    ['one that ran no worse goes to production', step({ canary: 'b2' }), 'production b2'],
    ['one that ran worse is held', step({ canary: 'b2' }, worse), 'held b2'],
    ['one that is held waits for a person', step({ holds: [{ ...held, sha: 'b2' }] }), 'wait for a person'],
    ['everything held waits for a person', step({ holds: [{ ...held, sha: null }] }), 'wait for a person'],
    ['a newer one than what is held goes to canaries', step({ holds: [{ ...held, sha: 'a1' }] }), 'canary b2'],
    [
      'what is held under another commit waits, too',
      step({ versions: [version('c3', 'b2'), version('b2'), version('a1')], holds: [{ ...held, sha: 'b2' }] }),
      'wait for a person',
    ],
    ['what is everywhere stays', step({ canary: 'b2', production: 'b2' }), 'nothing'],
    [
      'the same documents at another commit are no news',
      step({ versions: [version('c3', 'a1'), version('a1')] }),
      'nothing',
    ],
    ['without a canary a person has to', step({ canary: 'b2' }, judgeCanaries([], ['python'])), 'wait for a person'],
    ['what nobody takes goes on by itself', step({ canary: 'b2' }, judgeCanaries([], [])), 'production b2'],
  ];
  for (const [what, got, wanted] of cases) it(what, () => assert.equal(got, wanted));
});

describe('what a person decides', () => {
  const by = 'ann';
  const decision = (sha: string, step: 'first' | 'production') => ({
    step,
    sha,
    from: null,
    by: 'farm',
    reason: '',
    runs: [],
    at: '',
    seq: 1,
  });
  const history = {
    decisions: [decision('b2', 'production'), decision('a1', 'first')],
    production: 'b2',
    canary: 'b2',
  };

  it('rolls back to what production had before, and holds what it had', () => {
    const { step: made, sha, from } = rolloutMeant('rollback', source(history), { by });
    assert.deepEqual([made, sha, from], ['rolled_back', 'a1', 'b2']);
  });

  it('refuses to roll back to nothing, to release what is not held, and a version that is none', () => {
    assert.throws(() => rolloutMeant('rollback', source({}), { by }), /had no other version/);
    assert.throws(() => rolloutMeant('release', source({}), { by }), /Nothing of farm\/s is held/);
    assert.throws(() => versionMeant(source({}), 'ffffffff'), /no version ffffffff/);
  });
});

describe('the recipes that a version changes', () => {
  const python = (more: Partial<Subproject>): Subproject => ({
    path: '.',
    language: 'python',
    timeout_secs: 60,
    ...more,
  });
  const words = (before: Subproject[], after: Subproject[]) =>
    changedRecipes(before, after).map(({ recipe, before: was, after: is, fields }) =>
      [recipe, was, is, ...fields].join(' '),
    );

  it('are those whose command or surroundings differ, and no others', () => {
    const before = python({ lint: 'ruff check', test: 'pytest', audit: 'pip-audit' });
    assert.deepEqual(words([before], [before]), []);
    assert.deepEqual(words([before], [{ ...before, lint: 'ruff check --preview' }]), [
      'lint ruff check ruff check --preview',
    ]);
    assert.deepEqual(words([before], [{ ...before, min_coverage: 80 }]), ['test pytest pytest min_coverage']);
    assert.deepEqual(words([before], [{ ...before, install: 'uv sync', install_for: ['test'] }]), [
      'test pytest pytest install install_for',
      'lint ruff check ruff check install_for',
      'audit pip-audit pip-audit install_for',
    ]);
    assert.deepEqual(words([before], [{ ...before, enabled: false }]), [
      'test pytest ',
      'lint ruff check ',
      'audit pip-audit ',
    ]);
  });
});

describe('what a rehearsal says of findings', () => {
  const finding = (id: number, more: Partial<FindingDoc> = {}) =>
    ({
      id,
      tool: 'ruff',
      code: `E${id}`,
      file: 'a.py',
      line: id,
      message: 'm',
      severity: 'warn',
      state: 'open',
      ...more,
    }) as FindingDoc;
  const ids = (change: ReturnType<typeof findingsChange>) => [
    change.would_open.map(({ id }) => id),
    change.would_close.map(({ id }) => id),
    change.would_merge.map(({ id }) => id),
    change.in_question,
  ];
  const open = [finding(1), finding(2)];

  it('opens and closes by a stored run of the very command', () => {
    const known = {
      job_id: 'j',
      saw: [finding(2), finding(3, { state: 'resolved' }), finding(4, { state: 'suppressed' })],
    };
    assert.deepEqual(ids(findingsChange({ open, known, elsewhere: [], stays: true })), [[3], [1], [], 0]);
  });

  it('leaves in question what no run tells', () => {
    assert.deepEqual(ids(findingsChange({ open, known: null, elsewhere: [], stays: true })), [[], [], [], 2]);
  });

  it('merges what another recipe reports in the same place when a recipe goes', () => {
    const elsewhere = [finding(9, { code: 'E1', line: 1 })];
    assert.deepEqual(ids(findingsChange({ open, known: null, elsewhere, stays: false })), [[], [], [1], 1]);
  });
});
