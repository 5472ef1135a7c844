import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { recipeSets } from '../../../services/cli/offline/doctor.ts';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { commitFiles, git, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { say } from '../cli/captured-cli.ts';
import { overHttp, toolsOf } from '../mcp/mcp-clients.ts';
import { allOf, beat, type Scene, withClock } from '../scheduler/scheduled-farm.ts';

const at = (minute: number) => new Date(Date.UTC(2030, 4, 1, 10, minute)).toISOString();
const credential = { username: 'ct', password: 's3cret-of-the-source' };
const address = '/recipe-sources/farm/standards';
const shell = (more: object) => ({ subprojects: [{ path: '.', language: 'shell', ...more }] });
const set = (documents: Record<string, object>) =>
  Object.fromEntries(Object.entries(documents).map(([name, one]) => [`recipes/${name}.json`, JSON.stringify(one)]));

type Stage = Scene & {
  /** Commits documents to the source, and lets six minutes go by. */
  push(documents: Record<string, object>): Promise<string>;
  /** Six minutes more. */
  later(): Promise<void>;
  source(): Promise<Json>;
  /** The test command of a project's root, as it stands. */
  command(project: string): Promise<string | undefined>;
  readonly sets: string;
};

/** A source of the farm behind git's own HTTP server with a password, a canary and a project in production. */
function withSource(context: TestContext, work: (stage: Stage) => Promise<void>) {
  return withClock(at(0), async (scene) => {
    const { farm } = scene;
    const sets = makeRepository(join(farm.dir, 'sets'), set({ unit: shell({ test: 'true' }) }));
    const { url } = await startGitHttpServer(context, farm.dir, { credential });
    let minute = 0;
    const later = async () => {
      minute += 6;
      await beat(scene, at(minute));
    };
    const push = async (documents: Record<string, object>) => {
      const sha = commitFiles(sets, set(documents));
      await later();
      return sha;
    };
    const source = async () => (await farm.http.get(address)).json.source;
    const command = async (name: string) =>
      (await farm.http.get(`/projects/${name}`)).json.project.subprojects[0]?.test;
    const git_url = `${url.replace('://', `://${credential.username}:${credential.password}@`)}/sets/.git`;
    const added = await farm.http.post('/recipe-sources', { name: 'standards', farm: true, git_url });
    assert.equal(added.status, 201, added.text);
    for (const [name, tier] of [
      ['first', 'canary'],
      ['shop', 'production'],
    ]) {
      const uses = { recipes: 'sources', recipe_sources: [{ source: 'farm/standards', document: 'unit' }] };
      const made = await farm.http.post('/projects', { name, git_url: farm.repository, tier, ...uses });
      assert.equal(made.status, 201, made.text);
    }
    await until(async () => (await command('shop')) === 'true' && (await command('first')) === 'true');
    await work({ ...scene, push, later, source, command, sets });
  });
}

const ended = ({ farm }: Scene, project: string, recipe = 'test') =>
  until(async () => {
    const { jobs } = (await farm.http.get(`/jobs?project=${project}`)).json;
    const [job] = jobs.filter((one: Json) => one.recipe === recipe);
    return ['succeeded', 'failed'].includes(job?.status) && job;
  });

const as = ({ farm }: Scene, ...args: string[]) =>
  say(args, { env: { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin } });

/** What a person and an agent see of a version that waits: `recipes show`, `doctor`, and the tool of MCP. */
async function telling(stage: Stage, { good, bad }: { good: string; bad: string }): Promise<void> {
  const { farm } = stage;
  const { code, out } = await as(stage, 'recipes', 'show', 'farm/standards');
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^production +${good.slice(0, 12)}$`, 'm'));
  assert.match(out, /^drift +waits for a person$/m);
  assert.match(out, new RegExp(`^held +${bad.slice(0, 12)}, by .+ \\(it was not\\)`, 'm'));
  assert.match(out, new RegExp(`^shop +production +${good.slice(0, 12)} `, 'm'));
  assert.match(out, / it was not$/m);
  assert.doesNotMatch(out, /s3cret/);
  const checks = await recipeSets({ ...process.env, CRAFTING_DATA_DIR: farm.dataDir });
  assert.deepEqual(
    checks.map(({ ok, detail }) => [ok, detail.split(',')[0]]),
    [[true, 'farm/standards: waits for a person']],
  );
  const client = await overHttp(farm.url, farm.admin);
  try {
    const { data, prose } = await (await toolsOf(client))('list_recipe_sources');
    assert.match(prose, /farm\/standards: waits for a person/);
    const [row] = data.sources;
    assert.deepEqual([row.production, row.stands_at, row.drift], [good, bad, 'waits_for_a_person']);
    assert.deepEqual(
      row.projects.map(({ project, tier, sha }: Json) => [project, tier, sha]),
      [
        ['first', 'canary', good],
        ['shop', 'production', good],
      ],
    );
  } finally {
    await client.close();
  }
}

describe('recipe sets of another repository', () => {
  it('go to canaries first, to production when they ran no worse, and are held when they ran worse; all is told, the password nowhere', (context) =>
    withSource(context, async (stage) => {
      const { farm, push, later, source, command } = stage;
      const first = (await source()).production;
      const second = await push({ unit: shell({ test: 'echo better' }) });
      assert.deepEqual([await command('first'), await command('shop')], ['echo better', 'true']);
      const waiting = await source();
      assert.deepEqual([waiting.canary, waiting.production, waiting.drift], [second, first, 'on_its_way']);
      const { projects } = (await farm.http.get(`${address}/diff`)).json;
      const [canary, shop] = projects;
      assert.deepEqual([canary.recipes, shop.recipes[0].before, shop.recipes[0].after], [[], 'true', 'echo better']);
      assert.equal((await ended(stage, 'first')).command, 'echo better');
      await later();
      assert.equal(await command('shop'), 'echo better');
      const done = await source();
      assert.deepEqual([done.production, done.drift, done.waits], [second, 'none', null]);
      assert.deepEqual(
        done.decisions.map(({ step, by, runs }: Json) => [step, by, runs.length]),
        [
          ['production', 'farm', 1],
          ['canary', 'farm', 0],
          ['first', 'farm', 0],
        ],
      );
      const updated = (await allOf(farm.store.log, 'ProjectUpdated')).map(({ data }) => [data.name, data.recipe_pins]);
      assert.equal(updated.length, 4);
      assert.ok(updated.every(([, pins]) => Array.isArray(pins) && pins.length === 1));
      const told = JSON.stringify([await source(), await allOf(farm.store.log, 'RecipeSourceSet')]);
      assert.doesNotMatch(told, /s3cret/);

      // Worse on a canary.
      const good = (await source()).production;
      const bad = await push({ unit: shell({ test: 'exit 3' }) });
      assert.equal((await ended(stage, 'first')).status, 'failed');
      await later();
      const held = await source();
      assert.deepEqual([held.held.sha, held.held.by, held.drift], [bad, 'farm', 'waits_for_a_person']);
      assert.match(held.waits, /1 recipe ended worse than before/);
      assert.equal(await command('shop'), 'echo better');
      const { items } = (await farm.http.get('/inbox')).json;
      const [item] = items.filter(({ kind }: Json) => kind === 'recipes');
      assert.equal(item.title, 'a new version of the recipe set farm/standards waits for a decision');
      const out = await farm.http.post(`${address}/rollout`, { reason: 'it is meant so' });
      assert.equal(out.status, 200, out.text);
      await until(async () => (await command('shop')) === 'exit 3');
      const back = await farm.http.post(`${address}/rollback`, { reason: 'it was not' });
      assert.deepEqual([back.json.source.production, back.json.source.held.sha], [good, bad]);
      await until(async () => (await command('shop')) === 'echo better' && (await command('first')) === 'echo better');
      await later();
      assert.equal(await command('first'), 'echo better');
      await telling(stage, { good, bad });
    }));

  it('are read again when the cache is gone or was changed, are a team’s own, and tell why they cannot be read', (context) =>
    withSource(context, async ({ farm, sets, later, source, command, push }) => {
      const cache = join(farm.dataDir, 'caches', 'recipe-sets');
      const [digest] = readdirSync(cache);
      assert.ok(digest);
      writeFileSync(join(cache, digest, 'unit.json'), JSON.stringify(shell({ test: 'evil' })));
      const more = { recipes: 'sources', recipe_sources: [{ source: 'farm/standards', document: 'unit', at: 'api' }] };
      assert.equal(
        (await farm.http.post('/projects', { name: 'later', git_url: farm.repository, ...more })).status,
        201,
      );
      await until(async () => (await command('later')) === 'true');
      rmSync(cache, { recursive: true });
      const { status } = await farm.http.get(`${address}/diff`);
      assert.equal(status, 200);
      const bad = await push({ unit: { subprojects: [{ path: '../x', language: 'shell', test: 'true' }] } });
      const refused = await source();
      assert.deepEqual([refused.refused.sha, refused.drift], [bad, 'refused']);
      assert.match(refused.waits, /unit\.json\/subprojects\/0\/path must be a relative path/);

      const mint = async (name: string) => (await farm.http.post('/admin/tokens', { name })).json.bearer as string;
      const [ann, bob] = [await mint('ann'), await mint('bob')];
      const body = { name: 'own', git_url: sets };
      assert.equal((await farm.http('POST', '/recipe-sources', { body, bearer: ann })).status, 201);
      assert.equal((await farm.http('GET', '/recipe-sources/ann/own', { bearer: bob })).status, 404);
      const names = (await farm.http('GET', '/recipe-sources', { bearer: bob })).json.sources;
      assert.deepEqual(
        names.map(({ id, projects }: Json) => [id, projects]),
        [['farm/standards', []]],
      );
      const uses = { recipes: 'sources', recipe_sources: [{ source: 'ann/own', document: 'unit' }] };
      const named = await farm.http('POST', '/projects', {
        body: { name: 'bobs', git_url: farm.repository, ...uses },
        bearer: bob,
      });
      assert.match(named.json.detail, /there is no recipe source ann\/own/);
      assert.equal((await farm.http('POST', `${address}/hold`, { body: {}, bearer: ann })).status, 403);
      const told = async (said: Json) => (await farm.http.post(`${address}/hold`, said)).json.detail;
      assert.match(await told({ sha: 'b9' }), /version \(sha\): 7 to 64 digits/);
      assert.match(await told({ reason: 'x'.repeat(1001) }), /reason: at most 1000 characters/);
      git(sets, 'branch', '--move', 'main', 'trunk');
      await later();
      const lost = await source();
      assert.equal(lost.drift, 'unreadable');
      assert.match(lost.waits, /has no branch, tag or commit "main"/);
      git(sets, 'branch', '--move', 'trunk', 'main');
      await later();
      assert.equal((await source()).drift, 'refused');
    }));
});
