import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { silent } from '../../../services/io/log.ts';
import { start } from '../../../services/start.ts';
import { testConfig } from '../../support/farm.ts';
import { fiveBad, type LifeOptions, type PatchLife, withLife } from '../../support/patch-life.ts';
import { withSharedNats } from '../../support/shared-nats.ts';
import { until } from '../../support/until.ts';

const one = { files: { 'src/f1.js': fiveBad['src/f1.js'] ?? '' } };
const shared = { CRAFTING_SECRET_KEY: '0123456789abcdef'.repeat(4) };

/** A farm, and a second patcher with a data folder of its own on the same log. */
async function withTwo(options: LifeOptions, work: (life: PatchLife) => Promise<void>): Promise<void> {
  await withSharedNats((url) => {
    const env = { ...shared, CRAFTING_NATS_URL: url, ...options.env };
    return withLife({ ...options, env }, async (life) => {
      const dir = mkdtempSync(join(tmpdir(), 'ct-second-'));
      const second = await start(testConfig(dir, { ...life.parts.env, ...env, CRAFTING_ROLES: 'patcher' }), silent);
      try {
        await work(life);
      } finally {
        await second.close();
        rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
      }
    });
  });
}

describe('two patchers on one log', () => {
  it('make each step once: one pull request an attempt, three at once', () =>
    withTwo({ project: { notify: { auto_patch: true } }, env: { CRAFTING_PATCHER_POLL_SECS: '1' } }, async (life) => {
      const { run, attempts, parts, events } = life;
      await run();
      for (let merged = 0; merged < 5; merged += 1) {
        const open = await until(() => parts.forge.pulls.find(({ state }) => state === 'open'));
        await until(async () => (await attempts()).some((patch) => patch.pr_number === open.number));
        parts.forge.merge(open.number);
      }
      await until(async () => (await attempts()).filter(({ status }) => status === 'merged').length === 5);
      await until(async () => (await events('FindingResolved')).length === 5);
      await life.quiet();
      assert.equal(parts.forge.pulls.length, 5);
      const once = ['PatchRequested', 'PatchDrafted', 'PatchVerified', 'BranchPushed', 'PrOpened', 'PrMerged'] as const;
      for (const type of once) {
        const found = (await events(type)).map(({ data }) => data.patch_id);
        assert.deepEqual([found.length, new Set(found).size], [5, 5], type);
      }
      assert.deepEqual([await events('PatchAbandoned'), await events('BranchTakenOver')], [[], []]);
      assert.deepEqual(await events('DeliveryAbandoned'), []);
    }));

  it('renew a pull request once', () =>
    withTwo({ ...one, env: { CRAFTING_PATCHER_POLL_SECS: '1' } }, async (life) => {
      const { id } = await life.proposed(await life.run());
      life.commit({ 'src/f1.js': (fiveBad['src/f1.js'] ?? '').replace('before1 = 1', 'before1 = 2') });
      for (const pull of life.parts.forge.pulls) pull.updated = new Date(Date.now() - 120_000).toISOString();
      await life.becomes(id, (patch) => patch.refreshed && patch.status === 'pr_opened' && !patch.conflicted);
      await life.quiet();
      const types = ['PrConflicted', 'PatchRefreshRequested', 'PrUpdated', 'BranchTakenOver'] as const;
      const counts = await Promise.all(types.map(async (type) => (await life.events(type)).length));
      assert.deepEqual(counts, [1, 1, 1, 0]);
    }));
});

describe('a project that is removed while an attempt is under way', () => {
  it('ends the conversation that was open, and pushes nothing', () => {
    const asked = Promise.withResolvers<void>();
    const released = Promise.withResolvers<string>();
    const answer = () => {
      asked.resolve();
      return released.promise;
    };
    return withLife({ files: { 'src/a.js': 'const a = "worse";\n' }, answer }, async (life) => {
      const { run, ask, parts, http } = life;
      const { job, findings } = await run();
      await ask(job, findings[0], 0);
      await asked.promise;
      assert.equal((await http('DELETE', '/projects/p')).status, 200);
      const edits = [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }];
      released.resolve(JSON.stringify({ edits, explanation: '', confidence: 1 }));
      await until(() => [...(parts.agent?.sessions.values() ?? [])].every(({ closed_at }) => closed_at !== null));
      await life.quiet();
      assert.deepEqual(parts.branches(), []);
    });
  });

  const stages = [
    { name: 'it is verified', hold: (life: PatchLife) => life.events('PatchDrafted') },
    { name: 'its forge does not answer', hold: (life: PatchLife) => life.events('BranchPushed') },
  ];
  for (const { name, hold } of stages)
    it(`leaves nothing behind that goes on (${name})`, () =>
      withLife(one, async (life) => {
        const { run, ask, parts, http, events } = life;
        const { job, findings } = await run();
        parts.forge.failNext({ route: 'gitea', status: 503, times: 1000 });
        await ask(job, findings[0], 0);
        await until(async () => (await hold(life)).length === 1);
        const removed = await http('DELETE', '/projects/p');
        assert.ok(removed.status < 300, removed.text);
        const pushes = (await events('BranchPushed')).length;
        assert.equal((await http.get('/patches')).json.patches.length, 0);
        // A project of the same name begins anew, and nothing of the old one is in its way.
        const body = {
          name: 'p',
          git_url: parts.gitUrl,
          subprojects: [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }],
        };
        assert.equal((await http.post('/projects', body)).status, 201);
        parts.forge.calm();
        const seen = await run();
        const { attempt } = (await ask(seen.job, seen.findings[0])).json;
        assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
        await life.quiet();
        assert.deepEqual([(await events('BranchPushed')).length, parts.branches().length], [pushes + 1, pushes + 1]);
        assert.deepEqual(await events('DeliveryAbandoned'), []);
      }));
});
