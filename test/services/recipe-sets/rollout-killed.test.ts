import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { type Service, startService } from '../../crash/service-process.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { thorough } from '../../support/thorough.ts';
import { until } from '../../support/until.ts';

const roles = { CRAFTING_ROLES: 'api,parser,projector,runner,scheduler' };
const documentOf = (test: string) => ({
  'recipes/unit.json': JSON.stringify({ subprojects: [{ path: '.', language: 'shell', test }] }),
});

const ofType = async (service: Service, type: string) =>
  (await service.events()).filter((event) => event.type === type).map(({ data }) => data as Json);

/** What the log holds when the service is killed on the way of the second version. */
const deaths: readonly (readonly [type: string, count: number])[] = [
  ['RecipeSetFetched', 2],
  ['RecipeRolloutDecided', 2],
  ['ProjectUpdated', 3],
  ['JobEnqueued', 1],
  ['FindingsParsed', 1],
  ['RecipeRolloutDecided', 3],
];

/** Kills the service once the log holds so many events of a type. */
async function killedAfter(service: Service, type: string, count: number): Promise<void> {
  await until(async () => (await ofType(service, type)).length >= count, type);
  await service.end('SIGKILL');
}

it('takes a version from its fetch to every project, each step once, over kill -9 after each of them', () =>
  inTempDir(async (dir) => {
    const data = mkdtempSync(join(dir, 'data-'));
    const sets = makeRepository(join(dir, 'sets'), documentOf('true'));
    const git_url = makeRepository(join(dir, 'code'), { 'a.txt': 'a' });
    const first = await startService(data, roles);
    await first.call('/recipe-sources', { name: 'sets', farm: true, git_url: sets });
    for (const [name, tier] of [
      ['one', 'canary'],
      ['shop', 'production'],
    ]) {
      const uses = { recipes: 'sources', recipe_sources: [{ source: 'farm/sets', document: 'unit' }] };
      assert.equal((await first.call('/projects', { name, git_url, tier, ...uses })).status, 201);
    }
    // Both projects have the first version before the second one comes.
    await killedAfter(first, 'ProjectUpdated', 2);
    const sha = commitFiles(sets, documentOf('echo better'));
    // The others cost a second each.
    const points = thorough ? deaths : deaths.slice(1, 2);
    for (const [type, count] of points) await killedAfter(await startService(data, roles), type, count);
    const last = await startService(data, roles);
    try {
      const pinned = async () => (await ofType(last, 'ProjectUpdated')).filter((one) => one.recipe_pins[0].sha === sha);
      await until(async () => (await pinned()).length >= 2, 'the second version');
      assert.deepEqual(
        (await pinned()).map(({ name }) => name),
        ['one', 'shop'],
      );
      const steps = (await ofType(last, 'RecipeRolloutDecided')).map(({ step }) => step);
      assert.deepEqual(steps, ['first', 'canary', 'production']);
      // A run that a kill ended is asked for again.
      const orphaned = (await ofType(last, 'RecipeExited')).filter(({ reason }) => reason === 'orphaned');
      assert.equal((await ofType(last, 'JobEnqueued')).length, 1 + orphaned.length);
      assert.ok(readdirSync(join(data, 'caches', 'recipe-sets')).length >= 2);
    } finally {
      await last.end('SIGTERM');
    }
  }));
