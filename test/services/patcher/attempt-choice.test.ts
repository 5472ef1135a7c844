import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter, usualRules } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';

const many = Array.from({ length: 60 }, (_, n) => `const m${n} = "bad";\n`).join('');
const { bad, evil } = usualRules;
const files = {
  'lint.pl': mendingLinter(),
  'small/lint.pl': mendingLinter(),
  'small/src/a.js': 'const a = "bad";\nconst b = ["bad"];\nconst c = "worse";\n',
  'small/src/b.js': 'const d = "bad";\nconst e = "evil";\n',
  'large/lint.pl': mendingLinter(),
  'large/src/many.js': many,
  // Two edits that overlap: `badbad` is read as one thing by a tool that offers to replace it twice.
  'torn/lint.pl': mendingLinter({
    rules: [
      bad,
      { code: 'no-bad', word: 'badad', fix: 'good', message: 'badad is worse', column: 90, part: [1, 5] },
      evil,
    ],
  }),
  'torn/src/a.js': 'const a = "bad";\nconst b = "badad";\n',
};
const sub = (path: string) => ({ path, language: 'javascript', lint: 'perl lint.pl # eslint -f json' });

describe('a project that asks for groups', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({ files });
  });
  after(() => farm.close());

  const grouped = (name: string, path: string) =>
    farm.seen(name, { subprojects: [sub(path)], patch: { group: true, methods: ['tool_edit'] } });

  it('gets one proposal for all findings of a rule, with each of them in the evidence', async () => {
    const seen = await grouped('small', 'small');
    const attempt = await farm.mend(seen, 'no-bad');
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    const wanted = seen.findings.filter(({ code }) => code === 'no-bad').map(({ identity }) => identity);
    assert.equal(wanted.length, 3);
    assert.deepEqual(attempt.members.map(({ identity }: Json) => identity).sort(), wanted.sort());
    assert.deepEqual([...attempt.targets].sort(), wanted);
    assert.ok(attempt.evidence.targets.every(({ gone }: Json) => gone));
    assert.deepEqual([attempt.evidence.identities_before, attempt.evidence.identities_after], [5, 2]);
    assert.deepEqual(
      attempt.files.map(({ path }: Json) => path),
      ['small/src/a.js', 'small/src/b.js'],
    );
    assert.match(attempt.title, /Fix 3 findings of no-bad in small/);
    const shown = git(farm.parts.bare, 'show', `${attempt.branch}:small/src/a.js`);
    assert.equal(shown, 'const a = "good";\nconst b = ["good"];\nconst c = "worse";');
    const again = await farm.mend(seen, 'no-bad', { file: 'small/src/b.js' });
    assert.equal(again.id, attempt.id, 'a member is being mended');
  });

  it('leaves out what cannot be mended together with the others, and says so', async () => {
    const seen = await grouped('torn', 'torn');
    assert.equal(seen.findings.length, 3);
    const attempt = await farm.mend(seen, 'no-bad', { line: 1 });
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure ?? attempt.sent_back));
    assert.equal(attempt.members.length, 3);
    assert.equal(attempt.targets.length, 2);
    assert.match(attempt.explanation, /1 more could not be mended together with them/);
    assert.equal(attempt.evidence.targets.length, 2);
    assert.equal(
      git(farm.parts.bare, 'show', `${attempt.branch}:torn/src/a.js`),
      'const a = "good";\nconst b = "goodad";',
    );
  });

  it('takes sixty findings in one proposal', async () => {
    const seen = await grouped('large', 'large');
    assert.equal(seen.findings.length, 60);
    const attempt = await farm.mend(seen, 'no-bad');
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.equal(attempt.members.length, 60);
    assert.equal(attempt.targets.length, 60);
    assert.equal(attempt.evidence.identities_after, 0);
    assert.equal(attempt.evidence.exit_after, 0);
    assert.doesNotMatch(git(farm.parts.bare, 'show', `${attempt.branch}:large/src/many.js`), /bad/);
    const { json } = await farm.http.get('/projects/large/proposals');
    assert.equal(json.open.length, 1);
    assert.deepEqual(json.waiting, []);
  });
});

describe('attempts that are counted', () => {
  it('are counted for a finding as long as it lives, through moved lines and a renamed file, until they are lifted', async () => {
    const farm = await openPatchFarm({
      files: { 'lint.pl': mendingLinter(), 'src/a.js': 'const a = 1;\nconst c = "worse";\n' },
      env: { CRAFTING_PATCHER_MAX_ATTEMPTS: '2' },
    });
    try {
      const { parts, http } = farm;
      const decline = JSON.stringify({ decline: 'Not today.' });
      farm.script('p', decline, decline, decline, decline);
      const push = (change: Record<string, string>) => {
        commitFiles(parts.work, change);
        git(parts.work, 'push', '--quiet', 'origin', 'main');
      };
      const first = await farm.seen('p');
      const one = await farm.mend(first, 'no-worse');
      assert.deepEqual([one.status, one.attempt_number], ['declined', 1]);
      push({ 'src/a.js': 'const z = 0;\n\n\nconst a = 1;\nconst c = "worse";\n' });
      const second = await farm.run('p');
      const two = await farm.mend(second, 'no-worse', { line: 5 });
      assert.deepEqual([two.status, two.attempt_number, two.identity], ['declined', 2, one.identity]);
      git(parts.work, 'mv', 'src/a.js', 'src/renamed.js');
      push({});
      const third = await farm.run('p');
      const finding = third.findings.find(({ file }) => file === 'src/renamed.js');
      assert.equal(finding.identity, one.identity);
      const ask = () => http.post(`/jobs/${third.job}/patches?wait=300`, { finding_id: finding.id });
      const no = await ask();
      assert.equal(no.status, 409, no.text);
      assert.equal(no.json.code, 'attempts_exhausted', no.text);
      assert.match(no.text, /CRAFTING_PATCHER_MAX_ATTEMPTS/);
      const best = await http.post(`/jobs/${third.job}/patches`);
      assert.deepEqual([best.status, best.json.attempt], [200, null], best.text);
      const { waiting } = (await http.get('/projects/p/proposals')).json;
      assert.deepEqual([waiting[0].reason, waiting[0].actionable], ['attempts_exhausted', false]);
      const lifted = await http.post(`/patches/${one.id}/reconsider`, { reason: 'a new model' });
      assert.equal(lifted.status, 200, lifted.text);
      assert.equal(lifted.json.attempt.reconsidered.reason, 'a new model');
      const three = (await ask()).json.attempt;
      assert.deepEqual([three.status, three.attempt_number], ['declined', 3]);
      assert.equal((await ask()).json.attempt.attempt_number, 4);
      assert.equal((await ask()).status, 409);
      assert.equal(farm.asked('p').length, 4);
    } finally {
      await farm.close();
    }
  });
});
