import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { fiveBad, type PatchLife, webhookSecret, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const files = { 'src/f1.js': fiveBad['src/f1.js'] ?? '' };

const seqsOf = (chain: Json[]) => chain.map(({ seq }) => seq);
const linkOf = (chain: Json[], type: string) => chain.find((one) => one.type === type);

/** What led to the first event of a name, the root first. */
function wayTo(chain: Json[], type: string): Json[] {
  const way: Json[] = [];
  for (let one = linkOf(chain, type); one; one = chain.find(({ seq }) => seq === one.cause_seq)) way.unshift(one);
  return way;
}

/** Every entry stands in the log at its sequence, and follows from one before it that is in the chain. */
async function holds({ chain, truncated }: Json, { farm }: PatchLife): Promise<void> {
  assert.equal(truncated, null);
  for (const [at, { seq, type, time, cause_seq, depth, says }] of chain.entries()) {
    const event = await farm.store.log.at(seq);
    assert.deepEqual([type, time], [event?.type, event?.time]);
    assert.ok(says.length > 10, type);
    const cause = chain.slice(0, at).find((one: Json) => one.seq === cause_seq);
    assert.equal(depth, cause === undefined ? 0 : cause.depth + 1);
    if (cause_seq !== null) assert.ok(cause, `${type} follows from ${cause_seq}, which is not in the chain`);
  }
}

it('a finding, its job, its attempt and the run that closed it are explained by one chain, both ways', () =>
  withLife({ files, env: { CRAFTING_FORGE_WEBHOOK_SECRET: webhookSecret } }, async (life) => {
    const { run, proposed, parts, tell, becomes, events, http } = life;
    const seen = await run();
    const { id, pr_number } = await proposed(seen);
    parts.forge.merge(pr_number);
    await tell(1);
    await becomes(id, ({ status }) => status === 'merged');
    await until(async () => (await events('FindingResolved')).length === 1);
    await life.quiet();
    const finding = seen.findings[0].id;
    const { json } = await http.get(`/findings/${finding}/explain`);
    await holds(json, life);
    assert.deepEqual(json.subject, { entity: 'finding', id: String(finding) });
    const way = wayTo(json.chain, 'FindingResolved');
    assert.deepEqual(
      way.map(({ type }) => type),
      [
        ...['JobEnqueued', 'RecipeExited', 'FindingDetected', 'PatchRequested', 'PatchDrafted'],
        ...['JobEnqueued', 'RecipeExited', 'FindingsParsed', 'PatchVerified', 'BranchPushed', 'PrOpened'],
        ...['ForgeEventReceived', 'PrMerged', 'JobEnqueued', 'RecipeExited', 'FindingResolved'],
      ],
    );
    const [first] = way;
    assert.deepEqual([first.job_id, first.by, first.depth], [seen.job, 'admin', 0]);
    assert.equal(linkOf(json.chain, 'PrMerged').pr_url, (await life.attempt(id)).pr_url);
    assert.match(linkOf(json.chain, 'FindingDetected').says, /^eslint reported no-bad .* in src\/f1\.js:2/);
    for (const path of [`/jobs/${seen.job}`, `/patches/${id}`, `/jobs/${way.at(-1).job_id}`]) {
      const other = (await http.get(`${path}/explain`)).json;
      await holds(other, life);
      assert.deepEqual(seqsOf(other.chain), seqsOf(json.chain), `${path} is explained by the same chain`);
    }
    const stranger = await http.mint('stranger');
    for (const path of [`/findings/${finding}`, `/jobs/${seen.job}`, `/patches/${id}`])
      assert.equal((await http.get(`${path}/explain`, { bearer: stranger })).status, 404, path);
  }));
