import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter, usualRules } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm, type Told } from '../../support/patch-farm.ts';

const { bad, worse, evil } = usualRules;
const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = 1;\nconst c = "worse";\nconst e = "evil";\nconst d = 1;\n',
};

const edit = (search: string, replace: string) =>
  JSON.stringify({ edits: [{ file: 'src/a.js', search, replace }], explanation: 'It was not good.', confidence: 0.8 });
const good = edit('"worse"', '"fine"');
const noJson = 'I am sorry, I cannot find it.';
const misplaced = edit('"nowhere"', '"fine"');
const silenced = edit('const c = "worse";', 'const c = "worse"; // eslint-disable-line no-worse');
const stays = edit('"worse"', '"worse still"');
const elsewhere = edit('const d = 1;', 'const d = 2;');
const trades = edit('"worse"', '"evil"');

describe('an agent that is told what was wrong', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({ files });
  });
  after(() => farm.close());

  /** Lets the agent answer like this about `no-worse` of a project of its own. */
  const answered = async (name: string, ...answers: Told[]): Promise<Json> => {
    farm.script(name, ...answers);
    return farm.mend(await farm.seen(name), 'no-worse');
  };
  const sessionsAreClosed = (attempt: Json) => {
    assert.deepEqual(
      attempt.sessions.map(({ closed }: Json) => closed),
      attempt.sessions.map(() => true),
    );
    for (const { session_id } of attempt.sessions)
      assert.notEqual(farm.parts.agent?.sessions.get(session_id)?.closed_at ?? null, null);
  };
  const closedSoon = (id: string) => farm.settled(id, ({ sessions }) => sessions.every(({ closed }: Json) => closed));

  const firsts = [
    ['no JSON', 'unread', noJson, 'agent', 'reply_unreadable', /holds no JSON object/],
    ['an edit that does not apply', 'unfit', misplaced, 'apply', 'does_not_apply', /src\/a\.js/],
    ['a suppression', 'silent', silenced, 'policy', 'suppression_added', /src\/a\.js:2/],
    ['a change beside the finding', 'beside', elsewhere, 'verify', 'still_there', /src\/a\.js:2 eslint no-worse/],
    ['a change that leaves the finding', 'stay', stays, 'verify', 'new_findings', /no-worse/],
    ['a change that brings another finding', 'trade', trades, 'verify', 'new_findings', /src\/a\.js:2 eslint no-evil/],
  ] as const;
  for (const [what, name, first, step, reason, words] of firsts)
    it(`mends ${what} when it hears the exact error in the same conversation`, async () => {
      const attempt = await answered(name, first, good);
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      const [told, ...more] = attempt.sent_back;
      assert.deepEqual([told.turn, told.method, told.step, told.reason], [1, 'agent', step, reason]);
      assert.match(told.detail, words);
      assert.deepEqual(more, []);
      const asked = farm.asked(name);
      assert.equal(asked.length, 2);
      assert.equal(asked[1]?.sessionId, asked[0]?.sessionId);
      assert.ok(asked[1]?.prompt.includes(told.detail), asked[1]?.prompt);
      assert.doesNotMatch(asked[1]?.prompt ?? '', /You write a patch/, 'what was said before is not said again');
      assert.match(asked[1]?.prompt ?? '', /You have 2 answers left/);
      assert.equal(attempt.agent_turns, 2);
      assert.equal(attempt.cost.turns, 2);
      assert.equal(attempt.sessions.length, 1);
      sessionsAreClosed(attempt);
      assert.match(git(farm.parts.bare, 'show', `${attempt.branch}:src/a.js`), /^const c = "fine";$/m);
    });

  it('is asked three times at most, and every try is told in the end', async () => {
    const attempt = await answered('third', noJson, trades, good);
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.deepEqual(
      attempt.sent_back.map(({ turn, step }: Json) => [turn, step]),
      [
        [1, 'agent'],
        [2, 'verify'],
      ],
    );
    assert.match(farm.asked('third')[2]?.prompt ?? '', /This is your last answer/);
    assert.equal(attempt.verify_jobs.length, 2);
    assert.equal(attempt.evidence.after_job, attempt.verify_jobs[1]);
  });

  const lasts = [
    ['unreadable', 'lost-a', noJson, 'declined', 'agent', 'reply_unreadable', /no JSON object/],
    ['unfit', 'lost-b', misplaced, 'apply_failed', 'apply', 'does_not_apply', /src\/a\.js/],
    ['forbidden', 'lost-c', silenced, 'refused', 'policy', 'suppression_added', /silences a tool/],
    ['no better', 'lost-d', trades, 'verify_failed', 'verify', 'new_findings', /no-evil/],
  ] as const;
  for (const [what, name, bad, status, step, reason, words] of lasts)
    it(`ends the attempt when its third answer is ${what} too, and says what to do next`, async () => {
      // Another draft each time: the same one is not proven twice.
      const answers = [1, 2, 3].map((turn) => bad.replaceAll('evil', `evil${turn}`));
      const attempt = await answered(name, ...answers, good);
      assert.equal(attempt.status, status);
      assert.equal(attempt.open, false);
      assert.deepEqual([attempt.failure.step, attempt.failure.reason], [step, reason]);
      assert.match(attempt.failure.detail, words);
      assert.ok(attempt.failure.next.length > 10);
      assert.equal(attempt.sent_back.length, 2);
      assert.equal(farm.asked(name).length, 3);
      sessionsAreClosed(await closedSoon(attempt.id));
      assert.deepEqual(
        farm.parts.branches().filter((branch) => branch === attempt.branch),
        [],
      );
      if (status === 'verify_failed') assert.equal(attempt.evidence.appeared[0].code, 'no-evil');
    });

  it('ends the attempt at once when it declines, in its own words', async () => {
    const attempt = await answered('decline', JSON.stringify({ decline: 'The word is part of the protocol.' }), good);
    assert.equal(attempt.status, 'declined');
    assert.deepEqual(attempt.failure.reason, 'declined');
    assert.equal(attempt.failure.detail, 'The word is part of the protocol.');
    assert.match(attempt.failure.next, /by hand/);
    assert.equal(farm.asked('decline').length, 1);
    sessionsAreClosed(await closedSoon(attempt.id));
  });

  it('is said to have taken the time of all its turns, and each turn its own', async () => {
    const slowly = async () => {
      await pause(300);
      return silenced;
    };
    const attempt = await answered('slowly', slowly, trades, good);
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    const [first, second] = attempt.sent_back.map(({ duration_ms }: Json) => duration_ms);
    assert.ok(first >= 299 && second < first, JSON.stringify(attempt.sent_back));
    assert.ok(
      attempt.cost.duration_ms >= first + second && attempt.cost.duration_ms < 2 * first,
      `${attempt.cost.duration_ms}`,
    );
  });

  it('may answer with a diff, and decline later', async () => {
    const diff =
      '--- a/src/a.js\n+++ b/src/a.js\n@@ -1,3 +1,3 @@\n const a = 1;\n-const c = "worse";\n+const c = "evil";\n const e = "evil";\n';
    const attempt = await answered('diff', JSON.stringify({ diff }), JSON.stringify({ decline: 'Then I cannot.' }));
    assert.equal(attempt.status, 'declined');
    assert.deepEqual(
      attempt.sent_back.map(({ step, reason }: Json) => [step, reason]),
      [['verify', 'new_findings']],
    );
    assert.equal(attempt.failure.detail, 'Then I cannot.');
  });
});

describe('an edit of the tool that does not prove itself', () => {
  it('gives way to the agent in the same attempt', async () => {
    // What the tool offers for `bad` brings another finding here.
    const linter = mendingLinter({ rules: [{ ...bad, fix: 'worse' }, worse, evil] });
    const farm = await openPatchFarm({ files: { 'lint.pl': linter, 'src/a.js': 'const a = "bad";\n' } });
    try {
      farm.script('p', edit('"bad"', '"good"'));
      const attempt = await farm.mend(await farm.seen('p'), 'no-bad');
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      assert.equal(attempt.method, 'agent');
      assert.deepEqual(attempt.methods, ['tool_edit', 'agent']);
      const [told] = attempt.sent_back;
      assert.deepEqual([told.turn, told.method, told.reason], [1, 'tool_edit', 'new_findings']);
      assert.equal(attempt.attempt_number, 1);
      assert.equal(attempt.cost.turns, 1);
      const [first] = farm.asked('p');
      assert.match(first?.prompt ?? '', /You write a patch/);
      assert.equal(attempt.evidence.identities_after, 0);
      assert.deepEqual(farm.parts.branches(), [attempt.branch]);
    } finally {
      await farm.close();
    }
  });
});
