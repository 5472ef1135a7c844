import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import { fiveBad, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const text = fiveBad['src/f1.js'] ?? '';
const one = { files: { 'src/f1.js': text } };

describe('a pull request whose finding was mended in another way', () => {
  it('is closed with a comment, gives its place and its branch back, and is no refusal', () =>
    withLife({ ...one, twice: true }, async (life) => {
      const { run, proposed, parts, commit, becomes, events, proposals, ask } = life;
      const { id, branch } = await proposed(await run());
      commit({ 'src/f1.js': text.replace('"bad"', '"best"') });
      const { job } = await run();
      const patch = await becomes(id, ({ status, branch_removed }) => status === 'superseded' && branch_removed);
      assert.deepEqual([patch.open, patch.failure], [false, null]);
      const [pull] = parts.forge.pulls;
      assert.deepEqual([pull?.state, pull?.comments.length], ['closed', 1]);
      assert.match(pull?.comments[0] ?? '', new RegExp(`Job .*${job}.* on .main. no longer sees what this mends`));
      assert.deepEqual([parts.branches().includes(branch), (await proposals()).open], [false, []]);
      await life.tell(1);
      await life.quiet();
      assert.deepEqual([(await events('PrClosed')).length, (await events('PrSuperseded')).length], [0, 1]);
      commit({ 'src/f1.js': text });
      const again = await run();
      assert.equal((await ask(again.job, again.findings[0])).json.attempt?.status, 'pr_opened');
    }));

  it('is taken for merged where people merged it and nobody told', () =>
    withLife(one, async ({ run, proposed, parts, becomes, events }) => {
      const { id, branch } = await proposed(await run());
      parts.forge.merge(1);
      await run();
      await becomes(id, ({ status, branch_removed }) => status === 'merged' && branch_removed);
      assert.deepEqual([await events('PrSuperseded'), parts.branches().includes(branch)], [[], false]);
    }));
});

describe('the branch of a pull request that was merged', () => {
  it('stays where somebody else has pushed to it', () =>
    withLife(one, async ({ run, proposed, parts, commit, becomes, events, tell, quiet }) => {
      const { id, branch } = await proposed(await run());
      parts.forge.merge(1);
      const theirs = commit({ 'more.txt': 'more\n' }, branch);
      await tell(1);
      await becomes(id, ({ status }) => status === 'merged');
      await quiet();
      assert.equal(git(parts.bare, 'rev-parse', branch), theirs);
      assert.deepEqual(await events('BranchRemoved'), []);
    }));
});

describe('a poll', () => {
  it('asks for one list a repository, and for a pull request only when it changed', () =>
    withLife({ files: fiveBad, env: { CRAFTING_PATCHER_POLL_SECS: '1' } }, async (life) => {
      const { parts, becomes, proposed, run } = life;
      const seen = await run();
      const ids = [];
      for (const { file } of seen.findings.slice(0, 2)) ids.push((await proposed(seen, file)).id);
      for (const pull of parts.forge.pulls) pull.updated = new Date(Date.now() - 120_000).toISOString();
      const [list, read] = ['gitea GET /repos/{owner}/{repo}/pulls', 'gitea GET /repos/{owner}/{repo}/pulls/{index}'];
      const calls = (key: string) => parts.forge.calls[key] ?? 0;
      // What was set above is a change: it is looked at once more, and then all is known.
      const begun = calls(list);
      await until(() => calls(list) >= begun + 4);
      const [lists, reads] = [calls(list), calls(read)];
      await until(() => calls(list) >= lists + 2);
      assert.equal(calls(read), reads);
      parts.forge.close(2);
      await becomes(ids[1], ({ status }) => status === 'closed');
      assert.ok(calls(read) <= reads + 2, `${calls(read)} of ${reads}`);
    }));
});
