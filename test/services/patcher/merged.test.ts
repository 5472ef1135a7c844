import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fiveBad, lintSubproject, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const one = { files: { 'src/f1.js': fiveBad['src/f1.js'] ?? '' } };
const polling = { env: { CRAFTING_PATCHER_POLL_SECS: '1' } };

describe('a pull request that was merged', () => {
  for (const told of [true, false])
    it(`makes one run of its recipe, which proves that the finding is gone (${told ? 'told' : 'seen'})`, () =>
      withLife({ ...one, ...(told ? {} : polling) }, async (life) => {
        const { run, proposed, parts, tell, becomes, events, proposals, http } = life;
        const seen = await run();
        const { id, pr_number } = await proposed(seen);
        const merged = parts.forge.merge(pr_number);
        if (told) assert.deepEqual([await tell(1), await tell(1), await tell(1)], [202, 202, 202]);
        const patch = await becomes(id, ({ status }) => status === 'merged');
        assert.equal(patch.open, false);
        await until(async () => (await events('FindingResolved')).length === 1);
        await life.quiet();
        const [fact, ...more] = await events('PrMerged');
        assert.equal(fact?.data.commit, merged.mergeCommit);
        assert.deepEqual(more, []);
        const runs = (await events('JobEnqueued')).filter(({ data }) => data.purpose !== 'verify');
        assert.equal(runs.length, 2, 'the first one, and one after the merge');
        const again = (await http.get(`/jobs/${runs[1]?.data.job_id}`)).json.job;
        assert.deepEqual([again.branch, again.recipe, again.sha], ['main', 'lint', merged.mergeCommit]);
        const found = (await http.get(`/findings/${seen.findings[0].id}`)).json.finding;
        assert.equal(found.state, 'resolved');
        assert.deepEqual((await proposals()).open, []);
      }));

  it('keeps its finding from being proposed once more until a newer run has seen it', () =>
    withLife({ ...one, project: {} }, async (life) => {
      const { run, proposed, parts, tell, becomes, ask, commit, http } = life;
      const seen = await run();
      const { id } = await proposed(seen);
      commit({ 'src/f1.js': `${fiveBad['src/f1.js']}const more = 1;\n` });
      const second = await run();
      parts.forge.merge(1);
      // The run that follows by itself waits for a runner that is not there.
      await life.change({ subprojects: [{ ...lintSubproject, needs: ['nobody'] }] });
      await tell(1);
      await becomes(id, ({ status }) => status === 'merged');
      const { status, json } = await ask(second.job, second.findings[0]);
      assert.deepEqual([status, json.code], [409, 'merged']);
      assert.equal((await http.post(`/jobs/${second.job}/patches`)).json.attempt, null);
      await life.change({});
      commit({ 'src/f1.js': fiveBad['src/f1.js'] ?? '' });
      const third = await run();
      const anew = await ask(third.job, third.findings[0]);
      assert.equal(anew.json.attempt?.status, 'pr_opened', anew.text);
    }));
});
