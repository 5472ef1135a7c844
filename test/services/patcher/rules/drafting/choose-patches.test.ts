import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Candidate,
  choosePatches,
  judgeCandidate,
  type PatchPlan,
} from '../../../../../services/patcher/rules/drafting/choose-patches.ts';

const edit = { file: 'src/a.py', start: { line: 1, column: 1 }, end: { line: 2, column: 1 }, text: '', safe: true };
let ids = 0;

function candidate(more: Partial<Candidate> = {}): Candidate {
  ids += 1;
  return {
    id: ids,
    identity: ids.toString(16).padStart(32, '0'),
    kind: 'lint',
    severity: 'warn',
    state: 'open',
    tool: 'ruff',
    code: 'F401',
    file: 'src/a.py',
    line: 1,
    fixed_version: null,
    package: null,
    edits: [],
    project: 'p',
    subproject: '.',
    recipe: 'lint',
    ...more,
  };
}

function plan(more: Partial<PatchPlan> = {}): PatchPlan {
  return {
    kinds: ['lint', 'cve'],
    methods: ['tool_edit', 'bump', 'agent'],
    group: false,
    available: new Map([
      ['tool_edit', true],
      ['bump', true],
      ['agent', true],
    ]),
    maxAttempts: 3,
    ...more,
  };
}

const fresh = { attempts: 0, active: null, refused: null };
const leads = (findings: Candidate[], settings = plan()) =>
  choosePatches(findings, settings, () => fresh).map(({ lead }) => lead.id);

describe('what is proposed', () => {
  it('takes the most severe first, then the cheapest method, then the oldest', () => {
    const warnByAgent = candidate();
    const warnByTool = candidate({ edits: [edit] });
    const critical = candidate({ kind: 'cve', severity: 'critical', package: 'x', fixed_version: '2' });
    const olderError = candidate({ severity: 'error' });
    const newerError = candidate({ severity: 'error' });
    assert.deepEqual(
      leads([newerError, warnByAgent, warnByTool, olderError, critical]),
      [critical, olderError, newerError, warnByTool, warnByAgent].map(({ id }) => id),
    );
  });

  it('offers the methods that fit, cheapest first', () => {
    const methodsOf = (finding: Candidate, settings = plan()) => {
      const verdict = judgeCandidate(finding, settings, fresh);
      return verdict.actionable ? verdict.methods : verdict.reason;
    };
    assert.deepEqual(methodsOf(candidate({ edits: [edit] })), ['tool_edit', 'agent']);
    assert.deepEqual(methodsOf(candidate({ edits: [{ ...edit, safe: false }] })), ['agent']);
    assert.deepEqual(methodsOf(candidate({ tool: 'rubocop' })), ['tool_edit', 'agent']);
    assert.deepEqual(methodsOf(candidate({ kind: 'cve', package: 'x', fixed_version: '2' })), ['bump', 'agent']);
    assert.deepEqual(methodsOf(candidate({ edits: [edit] }), plan({ methods: ['agent'] })), ['agent']);
    assert.equal(methodsOf(candidate(), plan({ methods: ['bump'] })), 'no_method');
  });

  it('leaves alone what cannot be mended, and says why', () => {
    const reasonOf = (finding: Candidate, standing: object = {}) => {
      const verdict = judgeCandidate(finding, plan(), { ...fresh, ...standing });
      return verdict.actionable ? 'actionable' : verdict.reason;
    };
    assert.equal(reasonOf(candidate({ line: null })), 'not_actionable');
    assert.equal(reasonOf(candidate({ kind: 'cve', package: 'x' })), 'not_actionable');
    assert.equal(reasonOf(candidate({ kind: 'recipe_fail' })), 'not_actionable');
    assert.equal(reasonOf(candidate({ kind: 'test_fail' })), 'not_actionable');
    assert.equal(reasonOf(candidate({ state: 'suppressed' })), 'not_open');
    assert.equal(reasonOf(candidate({ state: 'resolved' })), 'not_open');
    assert.equal(reasonOf(candidate(), { refused: {} }), 'refused');
    assert.equal(reasonOf(candidate(), { active: {} }), 'active');
    assert.equal(reasonOf(candidate(), { attempts: 3 }), 'attempts_exhausted');
    assert.equal(reasonOf(candidate(), { attempts: 2 }), 'actionable');
  });

  it('takes failing tests when the project asks for them', () => {
    const verdict = judgeCandidate(
      candidate({ kind: 'test_fail', file: null, line: null }),
      plan({ kinds: ['test_fail'] }),
      fresh,
    );
    assert.deepEqual(verdict, { actionable: true, methods: ['agent'] });
  });

  it('names what is missing when only an agent could help', () => {
    const available: PatchPlan['available'] = new Map<'tool_edit' | 'agent', true | string>([
      ['tool_edit', true],
      ['agent', 'Set CRAFTING_CLAWDFORGE_URL.'],
    ]);
    const without = plan({ available });
    const verdict = judgeCandidate(candidate(), without, fresh);
    assert.deepEqual(verdict, { actionable: false, reason: 'no_method', why: 'Set CRAFTING_CLAWDFORGE_URL.' });
    assert.deepEqual(leads([candidate({ edits: [edit] })], without).length, 1, 'a tool edit needs no agent');
  });

  it('puts one rule of one subproject into one proposal when the project asks for groups', () => {
    const same = [candidate({ edits: [edit] }), candidate({ edits: [edit] })];
    const others = [
      candidate({ edits: [edit], subproject: 'b' }),
      candidate({ edits: [edit], code: 'F841' }),
      candidate(),
    ];
    const grouped = choosePatches([...same, ...others], plan({ group: true }), () => fresh);
    assert.deepEqual(grouped.map(({ members }) => members.length).sort(), [1, 1, 1, 2]);
    assert.equal(choosePatches([...same, ...others], plan(), () => fresh).length, 5);
  });

  it('takes all advisories of one package together: one version mends them', () => {
    const cve = (code: string, name: string) =>
      candidate({ kind: 'cve', code, package: name, fixed_version: '2', severity: 'high' });
    const chosen = choosePatches([cve('A', 'x'), cve('B', 'x'), cve('C', 'y')], plan(), () => fresh);
    assert.deepEqual(
      chosen.map(({ members }) => members.map(({ code }) => code)),
      [['A', 'B'], ['C']],
    );
  });
});
