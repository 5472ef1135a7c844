import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { fiveBad, type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const text = fiveBad['src/f1.js'] ?? '';
const one = { files: { 'src/f1.js': text } };
const polling = { env: { CRAFTING_PATCHER_POLL_SECS: '1' } };

/** Lets the forge's own clock pass: within a minute of a change it may not know yet whether a merge is possible. */
function later({ parts }: PatchLife): void {
  for (const pull of parts.forge.pulls) pull.updated = new Date(Date.now() - 120_000).toISOString();
}

/** Somebody changes the lines beside the finding on `main`: what was proposed conflicts with that, the finding stays. */
function changeBeside(life: PatchLife, words: string): void {
  life.commit({ 'src/f1.js': text.replace('const before1 = 1;', `const before1 = ${words};`) });
  later(life);
}

const refreshed = (patch: Json) => patch.refreshed && patch.status === 'pr_opened' && !patch.conflicted;

describe('a pull request that conflicts with its base', () => {
  it('is drafted, proven and pushed once more: same branch, same number, new text', () =>
    withLife(one, async (life) => {
      const { run, proposed, becomes, parts, events } = life;
      const first = await proposed(await run());
      const before = { ...parts.forge.pulls[0] };
      changeBeside(life, '"moved"');
      // A push to the base is all that a forge tells.
      assert.equal(await pushed(life), 202);
      const again = await becomes(first.id, refreshed);
      await until(async () => (await events('PrUpdated')).length === 1);
      assert.deepEqual([again.branch, again.pr_number], [first.branch, first.pr_number]);
      const tip = git(parts.bare, 'rev-parse', 'main');
      assert.equal(again.base.sha, tip);
      assert.equal(git(parts.bare, 'rev-parse', `${first.branch}^`), tip, 'one commit on the newest base');
      assert.match(git(parts.bare, 'show', `${first.branch}:src/f1.js`), /"moved";\nconst v1 = "good";/);
      assert.equal(parts.forge.pulls.length, 1);
      assert.notEqual(parts.forge.pulls[0]?.body, before.body);
      assert.match(parts.forge.pulls[0]?.body ?? '', new RegExp(tip.slice(0, 7)));
      const [push] = (await events('BranchPushed')).slice(1);
      assert.equal(push?.data.replaces, first.commit);
      changeBeside(life, '"moved again"');
      await pushed(life);
      await becomes(first.id, ({ conflicted }) => conflicted);
      await run();
      await life.quiet();
      const counts = ['PatchRefreshRequested', 'PrUpdated', 'BranchPushed', 'PrOpened'] as const;
      const found = await Promise.all(counts.map(async (type) => (await events(type)).length));
      assert.deepEqual(found, [1, 1, 2, 1]);
      assert.equal((await life.attempt(first.id)).status, 'pr_opened');
      assert.ok(life.apiCalls() <= 8, JSON.stringify(parts.forge.calls));
    }));

  it('is noticed by looking, too', () =>
    withLife({ ...one, ...polling }, async (life) => {
      const { id } = await life.proposed(await life.run());
      changeBeside(life, '"moved"');
      await life.becomes(id, refreshed);
    }));

  it('stays as it is when it cannot be renewed', () =>
    withLife(one, async (life) => {
      const { run, proposed, becomes, parts, events } = life;
      const first = await proposed(await run());
      const { body } = parts.forge.pulls[0] ?? {};
      parts.forge.failNext({ route: 'git POST git-receive-pack', status: 403, message: 'no' });
      changeBeside(life, '"moved"');
      await pushed(life);
      const left = await becomes(first.id, ({ failure }) => failure !== null);
      await life.quiet();
      assert.deepEqual([left.status, left.open, left.pr_number, left.commit], ['pr_opened', true, 1, first.commit]);
      assert.deepEqual([left.failure.step, left.failure.reason], ['push', 'unauthorized']);
      assert.equal(git(parts.bare, 'rev-parse', first.branch), first.commit);
      assert.equal(parts.forge.pulls[0]?.body, body);
      assert.deepEqual(await events('PrUpdated'), []);
      parts.forge.close(1);
      await life.tell(1);
      await becomes(first.id, ({ status }) => status === 'closed');
    }));

  it('is not refreshed when its finding is gone from the base', () =>
    withLife(one, async (life) => {
      const { run, proposed, commit, becomes, events } = life;
      const { id } = await proposed(await run());
      commit({ 'src/f1.js': text.replace('"bad"', '"fine"') });
      later(life);
      await pushed(life);
      await becomes(id, ({ conflicted }) => conflicted);
      await until(async () => (await events('FindingResolved')).length === 1);
      await life.quiet();
      assert.deepEqual(await events('PatchRefreshRequested'), []);
    }));

  it('is none while the forge is only still looking', () =>
    withLife(one, async (life) => {
      const { run, proposed, tell, events, parts } = life;
      await proposed(await run());
      parts.forge.doubt(1);
      later(life);
      await tell(1, 'edited');
      await pushed(life);
      // Seen by another look, which comes after those.
      parts.forge.comment(1);
      await tell(1, 'created', 'issue_comment');
      await until(async () => (await events('PrCommented')).length === 1);
      assert.deepEqual(await events('PrConflicted'), []);
    }));

  for (const told of [true, false])
    it(`that is closed while it is renewed stays closed (${told ? 'told' : 'seen'})`, () =>
      withLife({ ...one, ...(told ? {} : polling) }, async (life) => {
        const { run, proposed, tell, becomes, parts, events } = life;
        const { id, branch, commit } = await proposed(await run());
        parts.forge.failNext({ route: 'git GET git-receive-pack', status: 500, times: Infinity });
        changeBeside(life, '"moved"');
        await pushed(life);
        await until(async () => (await events('PatchVerified')).length === 2);
        parts.forge.close(1);
        if (told) await tell(1);
        await becomes(id, ({ status }) => status === 'closed');
        // Only now may a push go through: none may before it is seen.
        parts.forge.calm();
        await life.quiet();
        assert.equal((await life.attempt(id)).status, 'closed');
        assert.equal((await events('BranchPushed')).length, 1);
        assert.deepEqual(await events('PrUpdated'), []);
        assert.equal(git(parts.bare, 'rev-parse', branch), commit);
      }));
});

/** The forge tells of a push to `main`. */
async function pushed({ parts, farm }: PatchLife): Promise<number> {
  return parts.forge.pushed(`${farm.url}/forge/webhook`, 'webhook-secret-0123456789', 'acme/app', 'main');
}
