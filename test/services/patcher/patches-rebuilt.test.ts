import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startIn } from '../../support/farm.ts';
import { fiveBad, type PatchLife, withLife } from '../../support/patch-life.ts';

const text = fiveBad['src/f1.js'] ?? '';
const files = { ...fiveBad, 'src/f6.js': 'const w = "worse";\n' };
const edits = [{ file: 'src/f6.js', search: '"worse"', replace: '"fine"' }];
const answer = () => JSON.stringify({ edits, explanation: 'It was not good.', confidence: 0.9 });

/** Attempts that came to every kind of end. */
async function manyLives(life: PatchLife): Promise<void> {
  const { run, ask, parts, tell, becomes, commit, http } = life;
  const { job, findings } = await run();
  const mend = async (file: string) =>
    (
      await ask(
        job,
        findings.find((one) => one.file === file),
      )
    ).json.attempt;
  const merged = await mend('src/f2.js');
  parts.forge.merge(merged.pr_number);
  await tell(merged.pr_number);
  await becomes(merged.id, ({ status }) => status === 'merged');
  const closed = await mend('src/f3.js');
  parts.forge.comment(closed.pr_number);
  parts.forge.close(closed.pr_number);
  await tell(closed.pr_number);
  await becomes(closed.id, ({ status }) => status === 'closed');
  await http.post(`/patches/${closed.id}/reconsider`, { reason: 'why not' });
  assert.equal((await mend('src/f6.js')).method, 'agent');
  parts.forge.failNext({ route: 'git POST git-receive-pack', status: 403 });
  assert.equal((await mend('src/f4.js')).status, 'abandoned');
  const renewed = await mend('src/f1.js');
  commit({ 'src/f1.js': text.replace('before1 = 1', 'before1 = 2') });
  for (const pull of parts.forge.pulls) pull.updated = new Date(Date.now() - 120_000).toISOString();
  await tell(renewed.pr_number, 'edited');
  await becomes(renewed.id, (patch) => patch.refreshed && patch.status === 'pr_opened' && !patch.conflicted);
  const taken = await mend('src/f5.js');
  commit({ 'src/f5.js': 'const mine = 1;\n' }, taken.branch);
  await tell(taken.pr_number, 'synchronize');
  await becomes(taken.id, ({ taken_over }) => taken_over !== null);
  await life.quiet();
}

describe('the read models of the patch loop', () => {
  it('are built anew without a call of forge or agent, and are the same', () =>
    withLife({ files, answer, twice: true }, async (life) => {
      await manyLives(life);
      const { http, parts, farm } = life;
      const calls = { ...parts.forge.calls };
      const asked = parts.agent?.requests.length;
      const before = (await http.get('/patches')).json.patches;
      assert.equal(before.length, 6);
      const rebuilt = (await http.post('/admin/rebuild')).json;
      assert.equal(rebuilt.equal, true);
      for (const table of ['patches', 'patch_members', 'patch_diffs'])
        assert.ok(table in rebuilt.after, JSON.stringify(rebuilt.after));
      assert.deepEqual((await http.get('/patches')).json.patches, before);
      await farm.stop();
      const models = readdirSync(farm.dataDir).filter((name) => name.startsWith('read-model'));
      assert.ok(models.length > 0);
      for (const name of models) rmSync(join(farm.dataDir, name), { force: true });
      const again = await startIn(farm.dir, parts.env);
      try {
        assert.deepEqual((await again.http.get('/patches')).json.patches, before, 'from an empty file');
        const fresh = (await again.http.post('/admin/rebuild')).json;
        assert.equal(fresh.equal, true);
        assert.deepEqual(fresh.before, rebuilt.after);
      } finally {
        await again.close();
      }
      assert.deepEqual(parts.forge.calls, calls);
      assert.equal(parts.agent?.requests.length, asked);
    }));
});
