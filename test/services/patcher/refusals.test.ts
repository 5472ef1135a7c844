import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { fiveBad, type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const one = { files: { 'src/f1.js': fiveBad['src/f1.js'] ?? '' } };
const polling = { env: { CRAFTING_PATCHER_POLL_SECS: '1' } };

/** What is answered to somebody who asks for the only finding of a new run. */
async function askAgain({ run, ask }: PatchLife) {
  const { job, findings } = await run();
  assert.equal(findings.length, 1);
  const { status, json } = await ask(job, findings[0]);
  return { status, code: json.code, attempt: json.attempt };
}
const refused = { status: 409, code: 'refused', attempt: undefined };

describe('a pull request that was closed without being merged', () => {
  it('is a refusal that outlives new runs, moved lines, a renamed file and another model', () =>
    withLife({ ...one, project: { notify: { auto_patch: true } } }, async (life) => {
      const { run, parts, tell, commit, becomes, attempts } = life;
      await run();
      const id = await until(async () => (await attempts())[0]?.id);
      await becomes(id, ({ status }) => status === 'pr_opened');
      parts.forge.close(1);
      assert.equal(await tell(1), 202);
      const closed = await becomes(id, ({ status }) => status === 'closed');
      assert.equal(closed.open, false);
      assert.deepEqual(await askAgain(life), refused, 'a new run');
      commit({ 'src/f1.js': `// one\n// two\n// three\n${fiveBad['src/f1.js']}` });
      assert.deepEqual(await askAgain(life), refused, 'moved lines');
      git(parts.work, 'mv', 'src/f1.js', 'src/renamed.js');
      commit({ 'src/other.js': 'const x = 1;\n' });
      assert.deepEqual(await askAgain(life), refused, 'a renamed file');
      await life.change({ notify: { auto_patch: true }, patch: { methods: ['agent', 'tool_edit'] } });
      assert.deepEqual(await askAgain(life), refused, 'another method');
      const { waiting } = await life.proposals();
      assert.deepEqual(
        waiting.map(({ reason, actionable }: Json) => [reason, actionable]),
        [['refused', false]],
      );
      assert.match(waiting[0].detail, /POST \/patches\/\{id\}\/reconsider lifts that/);
      assert.equal((await attempts()).length, 1);
      assert.equal(parts.forge.pulls.length, 1);
    }));

  it('is noticed by looking, and proposed anew when the refusal is lifted: as another pull request', () =>
    withLife({ ...one, ...polling }, async (life) => {
      const { run, proposed, parts, becomes, http, ask, events } = life;
      const seen = await run();
      const { id, pr_number } = await proposed(seen);
      parts.forge.close(pr_number);
      await becomes(id, ({ status }) => status === 'closed');
      const early = await http.post(`/jobs/${seen.job}/patches`);
      assert.equal(early.json.attempt, null);
      const lifted = await http.post(`/patches/${id}/reconsider`, { reason: 'we thought again' });
      assert.equal(lifted.status, 200, lifted.text);
      const { json, text } = await ask(seen.job, seen.findings[0]);
      assert.equal(json.attempt?.status, 'pr_opened', text);
      assert.equal(json.attempt.pr_number, 2);
      assert.equal(json.attempt.attempt_number, 2);
      assert.equal(parts.forge.pulls.length, 2);
      assert.equal((await events('PrClosed')).length, 1);
      assert.equal((await life.attempt(id)).status, 'closed', 'what was refused stays so');
    }));

  it('is proposed anew where the forge shows the branch as it is now for pull requests that are over', () =>
    withLife(one, async (life) => {
      const { run, proposed, parts, tell, becomes, http, ask } = life;
      const seen = await run();
      const { id } = await proposed(seen);
      parts.forge.close(1);
      await tell(1);
      await becomes(id, ({ status }) => status === 'closed');
      parts.forge.followBranches();
      await http.post(`/patches/${id}/reconsider`);
      const { json, text } = await ask(seen.job, seen.findings[0]);
      assert.equal(json.attempt?.pr_number, 2, text);
      assert.equal(parts.forge.pulls[1]?.state, 'open');
    }));

  it('is open again when people open it again, told or not', () =>
    withLife({ ...one, ...polling }, async ({ run, proposed, parts, tell, becomes, events, proposals }) => {
      const { id } = await proposed(await run());
      for (const told of [true, false]) {
        parts.forge.close(1);
        if (told) await tell(1, 'closed');
        await becomes(id, ({ status }) => status === 'closed');
        parts.forge.reopen(1);
        if (told) await tell(1, 'reopened');
        const again = await becomes(id, ({ status }) => status === 'pr_opened');
        assert.deepEqual([again.open, again.ended_at, again.pr_number], [true, null, 1]);
      }
      assert.equal((await proposals()).open.length, 1);
      assert.equal((await events('PrOpened')).length, 3);
      assert.equal((await events('PrClosed')).length, 2);
    }));
});
