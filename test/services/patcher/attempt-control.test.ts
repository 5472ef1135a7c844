import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';
import { until } from '../../support/until.ts';

/** Offers `let` for `var`, and `const` for `let`: the one edit brings the other finding along. */
const passes = `const fs = require('node:fs');
const rules = [['no-var', 'var ', 'let '], ['prefer-const', 'let ', 'const ']];
const text = fs.readFileSync('src/v.js', 'utf8');
const messages = rules.flatMap(([ruleId, from, to]) => [...text.matchAll(new RegExp('^' + from, 'gm'))].map(({ index }) => ({
  ruleId, severity: 2, message: ruleId, line: text.slice(0, index).split('\\n').length, column: 1,
  fix: { range: [index, index + from.length], text: to } })));
const filePath = process.cwd() + '/src/v.js';
process.stdout.write(JSON.stringify([{ filePath, messages, errorCount: messages.length, fatalErrorCount: 0, warningCount: 0,
  fixableErrorCount: messages.length, fixableWarningCount: 0, usedDeprecatedRules: [] }]));
process.exit(messages.length > 0 ? 1 : 0);
`;
const files = {
  'lint.pl': mendingLinter({ silentAt: 'quiet' }),
  'passes.cjs': passes,
  'src/a.js': 'const c = "worse";\n',
  'src/v.js': 'var a = 1;\nvar b = 2;\nconsole.log(a + b);\n',
};
const wrong = JSON.stringify({
  edits: [{ file: 'src/a.js', search: '"worse"', replace: '"worse" + 1' }],
  explanation: '',
});
const fine = JSON.stringify({ edits: [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }], explanation: '' });
const decline = JSON.stringify({ decline: 'That was all.' });
const byAgent = { patch: { methods: ['agent'] } };

let farm: PatchFarm;
before(async () => {
  farm = await openPatchFarm({ files, env: { CRAFTING_PATCHER_MAX_ATTEMPTS: '9' } });
});
after(() => farm.close());

const begin = async (name: string, more: Record<string, unknown> = byAgent): Promise<Json> => {
  const { job, findings } = await farm.seen(name, more);
  const { id } = findings.find(({ code }) => code === 'no-worse') ?? {};
  return (await farm.http.post(`/jobs/${job}/patches`, { finding_id: id })).json.attempt;
};

describe('a tool that brings findings of its own along', () => {
  it('makes its next edits on top, in as many passes as it needs, before anybody else is asked', async () => {
    const lint = 'node passes.cjs # eslint -f json';
    const seen = await farm.seen('passes', {
      subprojects: [{ path: '.', language: 'javascript', lint }],
      patch: { methods: ['tool_edit'], group: true },
    });
    const attempt = await farm.mend(seen, 'no-var');
    assert.equal(attempt.status, 'pr_opened', JSON.stringify([attempt.failure, attempt.sent_back]));
    assert.deepEqual(
      attempt.sent_back.map((one: Json) => [one.method, one.reason]),
      [['tool_edit', 'more_to_mend']],
    );
    assert.match(attempt.diff, /-var a = 1;\n-var b = 2;\n\+const a = 1;\n\+const b = 2;/);
    assert.match(attempt.explanation, /prefer-const/);
  });
});

describe('the same draft on the same commit', () => {
  it('is not proven twice, within an attempt or in the next one, and what its turns took is kept', async () => {
    const seen = await farm.seen('same', byAgent);
    farm.script('same', wrong, wrong, decline);
    const first = await farm.mend(seen, 'no-worse');
    assert.deepEqual(
      first.sent_back.map((one: Json) => one.reason),
      ['new_findings', 'same_draft'],
    );
    assert.equal(first.verify_jobs.length, 1);
    assert.equal(first.cost.turns, 3, 'failed turns count');
    assert.deepEqual(
      first.sent_back.map((one: Json) => one.cost.turns),
      [1, 1],
    );
    farm.script('same', wrong, decline);
    const second = await farm.mend(seen, 'no-worse');
    assert.deepEqual(
      second.sent_back.map((one: Json) => one.reason),
      ['same_draft'],
    );
    assert.match(second.sent_back[0].detail, new RegExp(`attempt ${first.id}, turn 1`));
    assert.deepEqual(second.verify_jobs, []);
  });
});

describe('an attempt that somebody stops', () => {
  it('ends with who did it; its job is cancelled and nothing is pushed', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    farm.script('stopped', async () => {
      await held;
      return fine;
    });
    const { id } = await begin('stopped');
    await until(() => farm.asked('stopped').length === 1);
    const stopped = await farm.http.post(`/patches/${id}/stop`, { reason: 'by hand' });
    assert.equal(stopped.json.attempt.status, 'stopped', stopped.text);
    assert.match(stopped.json.attempt.failure.detail, /admin stopped it: by hand/);
    release();
    const ended = await farm.settled(id, ({ sessions }) => sessions.every(({ closed }: Json) => closed));
    assert.deepEqual([ended.status, ended.open, ended.verify_jobs], ['stopped', false, []]);
    assert.equal((await farm.http.post(`/patches/${id}/stop`, {})).json.error?.name ?? 'patch_over', 'patch_over');
    assert.deepEqual(
      farm.parts.branches().filter((name) => name.includes(ended.job_id)),
      [],
    );
  });

  it('has its running job cancelled', async () => {
    const lint =
      'test -e go || { grep -q fine src/a.js && while :; do sleep 0.1; done; }; perl lint.pl # eslint -f json';
    farm.script('slow', fine);
    const { id } = await begin('slow', { ...byAgent, subprojects: [{ path: '.', language: 'javascript', lint }] });
    const { verify_jobs } = await farm.settled(id, (one) => one.verify_jobs.length === 1);
    await until(async () => (await farm.http.get(`/jobs/${verify_jobs[0]}`)).json.job.status === 'running');
    assert.equal((await farm.http.post(`/patches/${id}/stop`, {})).status, 200);
    assert.equal((await farm.http.ended(verify_jobs[0])).job?.status ?? 'cancelled', 'cancelled');
    assert.equal((await farm.http.get(`/patches/${id}`)).json.attempt.status, 'stopped');
  });
});

describe('a patch loop that is paused', () => {
  it('takes no step before it goes on, and then all of them', async () => {
    const paused = await farm.http.post('/admin/patching/pause', { reason: 'the model is away' });
    assert.equal(paused.json.paused.reason, 'the model is away', paused.text);
    farm.script('paused', fine);
    const { id } = await begin('paused');
    // What comes after it in the log has been handled, so that it would have begun by now.
    await farm.run('paused');
    const waiting = (await farm.http.get(`/patches/${id}`)).json.attempt;
    assert.deepEqual([waiting.status, farm.asked('paused').length], ['requested', 0]);
    assert.equal((await farm.http.get('/admin/patching')).json.paused.by, 'admin');
    const resumed = await farm.http.post('/admin/patching/resume', {});
    assert.equal(resumed.json.paused, null);
    const ended = await farm.settled(id, ({ status }) => status === 'pr_opened');
    assert.equal(ended.pr_number > 0, true);
  });
});
