import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import { fiveBad, type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const text = fiveBad['src/f1.js'] ?? '';
const one = { files: { 'src/f1.js': text } };

/** Lets the forge's own clock pass: within a minute of a change it may not know yet whether a merge is possible. */
function later({ parts }: PatchLife): void {
  for (const pull of parts.forge.pulls) pull.updated = new Date(Date.now() - 120_000).toISOString();
}

/** Somebody changes the lines beside the finding on `main`: what was proposed conflicts with that, the finding stays. */
function changeBeside(life: PatchLife, words: string): void {
  life.commit({ 'src/f1.js': text.replace('const before1 = 1;', `const before1 = ${words};`) });
  later(life);
}

describe('a branch of the loop', () => {
  it('is left alone for good once a person has pushed to it', () =>
    withLife(one, async (life) => {
      const { run, proposed, commit, tell, becomes, parts, events } = life;
      const { id, branch } = await proposed(await run());
      const theirs = commit({ 'src/f1.js': text.replace('"bad"', '"best"') }, branch);
      assert.equal(await tell(1, undefined, 'push'), 202);
      const taken = await becomes(id, ({ taken_over }) => taken_over !== null);
      assert.deepEqual([taken.taken_over, taken.status, taken.open], [theirs, 'pr_opened', true]);
      changeBeside(life, '"moved"');
      await tell(1, 'synchronize');
      await run();
      await life.quiet();
      assert.equal(git(parts.bare, 'rev-parse', branch), theirs);
      assert.deepEqual(
        [await events('PrConflicted'), await events('PatchRefreshRequested'), await events('PrUpdated')],
        [[], [], []],
      );
      assert.equal((await events('BranchTakenOver')).length, 1);
      git(parts.bare, 'update-ref', 'refs/heads/main', 'refs/heads/main~1');
      parts.forge.merge(1);
      await tell(1);
      await becomes(id, ({ status }) => status === 'merged');
    }));

  it('is not written over when it was somebody else’s before the first push', () =>
    withLife(one, async ({ run, ask, commit, parts, events }) => {
      const { job, findings } = await run();
      const branch = `crafting-table/auto/${job}-${findings[0].id}`;
      git(parts.bare, 'branch', branch, 'main');
      const theirs = commit({ 'mine.txt': 'mine\n' }, branch);
      const { attempt } = (await ask(job, findings[0])).json;
      assert.equal(attempt.status, 'abandoned');
      assert.deepEqual([attempt.failure.step, attempt.failure.reason], ['push', 'branch_taken']);
      assert.match(attempt.failure.detail, new RegExp(`${theirs} to ${branch}; it is left alone`));
      assert.match(attempt.failure.next, /rename or delete it/);
      assert.equal(git(parts.bare, 'rev-parse', branch), theirs);
      assert.deepEqual(parts.forge.pulls, []);
      assert.equal((await events('BranchPushed')).length, 0);
    }));

  it('is not written over by a refresh when a person pushes to it meanwhile', () =>
    withLife(one, async (life) => {
      const { run, proposed, tell, becomes, parts, commit, events } = life;
      const { id, branch } = await proposed(await run());
      changeBeside(life, '"moved"');
      const theirs = commit({ 'src/f1.js': text.replace('"bad"', '"best"') }, branch);
      // The forge still shows the commit from before: only the push itself finds the other one.
      git(parts.bare, 'update-ref', `refs/heads/${branch}`, `${theirs}~1`);
      await tell(1, 'synchronize');
      await until(async () => (await events('PrConflicted')).length === 1);
      git(parts.bare, 'update-ref', `refs/heads/${branch}`, theirs);
      const left = await becomes(id, ({ failure }) => failure !== null);
      assert.deepEqual([left.status, left.taken_over, left.failure.reason], ['pr_opened', theirs, 'branch_taken']);
      assert.equal(git(parts.bare, 'rev-parse', branch), theirs);
      assert.deepEqual(await events('PrUpdated'), []);
      parts.forge.close(1);
      await tell(1);
      await becomes(id, ({ status }) => status === 'closed');
    }));
});
