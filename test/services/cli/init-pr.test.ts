import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { initProject } from '../../../services/cli/init/init-project.ts';
import { proposalBranch } from '../../../services/cli/init/propose-recipes.ts';
import { startForgeServer } from '../../support/forge-server.ts';
import { commitFiles, git, makeRepository, temporaryFolder } from '../../support/git-repository.ts';
import { watchedCli } from './watched-cli.ts';

const token = 'forge-token-0123456789';
const file = '.crafting-table.json';
const head = proposalBranch('main');
const files = {
  'package.json': '{"scripts":{"test":"node --test # @team fixes #1"}}',
  'examples/a/package.json': '{"scripts":{"test":"node --test"}}',
};

/** A checkout with its origin on a forge of this kind, and the command with a token of that forge. */
async function scene(context: TestContext, kind: 'gitea' | 'github' | 'gitlab') {
  const dir = temporaryFolder(context);
  const server = await startForgeServer(context, { token, repositories: join(dir, 'forge') });
  const checkout = makeRepository(join(dir, 'shop'), files);
  const bare = join(dir, 'forge', 'acme', 'shop.git');
  mkdirSync(join(dir, 'forge', 'acme'), { recursive: true });
  git(dir, 'clone', '--quiet', '--bare', checkout, bare);
  git(checkout, 'remote', 'add', 'origin', `${server.url.replace('://', `://ann:${token}@`)}/acme/shop.git`);
  const forges = join(dir, 'forges.json');
  writeFileSync(join(dir, 'token'), token);
  writeFileSync(forges, JSON.stringify([{ name: kind, kind, url: server.url, token_file: 'token' }]));
  const init = async (more: { force?: boolean } = {}) => {
    const cli = watchedCli({ env: { ...process.env, CRAFTING_FORGES: forges } });
    const asked = { repository: checkout, branch: 'main', name: null, print: false, allTools: true, force: false };
    const code = await initProject({ ...asked, pr: true, ...more }, cli);
    return { code, out: cli.out() };
  };
  const onBranch = () => JSON.parse(git(bare, 'show', `${head}:${file}`));
  /** What a reviewer pushes to the branch of the pull request. */
  const review = (text: string) => {
    git(checkout, 'fetch', '--quiet', bare, head);
    git(checkout, 'checkout', '--quiet', '-B', 'review', 'FETCH_HEAD');
    commitFiles(checkout, { [file]: text });
    git(checkout, 'push', '--quiet', bare, `review:${head}`);
    git(checkout, 'checkout', '--quiet', 'main');
  };
  return { server, bare, checkout, init, onBranch, review };
}

for (const kind of ['gitea', 'github', 'gitlab'] as const)
  describe(`init --pr on ${kind}`, () => {
    it('offers the file in one pull request, with the place of each recipe, however often it is asked', async (context) => {
      const { server, bare, checkout, init, onBranch } = await scene(context, kind);
      const first = await init();
      assert.equal(first.code, 0);
      assert.match(first.out, /^Proposed {4}http:\S+\/acme\/shop\/(pulls?|-\/merge_requests)\/1$/m);
      const [pull] = server.pulls;
      assert.deepEqual(
        [pull?.head, pull?.base, pull?.title],
        [head, 'main', `Say in ${file} how this repository is checked`],
      );
      assert.match(pull?.body ?? '', /\| `\.` \| test \| `node --test .*` \| `package\.json: test` \|/);
      assert.match(pull?.body ?? '', /- `examples\/a` \(`javascript`\): /);
      assert.doesNotMatch(pull?.body ?? '', new RegExp(`${token}|fixes #1`));
      assert.deepEqual(
        onBranch().subprojects.map(({ path, enabled }: { path: string; enabled?: boolean }) => [path, enabled]),
        [
          ['.', undefined],
          ['examples/a', false],
        ],
      );
      assert.equal(JSON.stringify(onBranch()).includes(token), false);
      const tip = git(bare, 'rev-parse', head);
      assert.match((await init()).out, /^Proposed .*\/1$/m);
      assert.equal(git(bare, 'rev-parse', head), tip);
      assert.equal(server.pulls.length, 1);
      assert.equal(git(checkout, 'status', '--porcelain'), '');
    });

    it('leaves what people said of it: their change, and their no', async (context) => {
      const { server, init, onBranch, review } = await scene(context, kind);
      await init();
      review('{"subprojects": []}');
      assert.match((await init()).out, /its branch holds another file, which stays/);
      assert.deepEqual(onBranch(), { subprojects: [] });
      await init({ force: true });
      assert.equal(onBranch().subprojects.length, 2);
      server.close(1);
      await assert.rejects(init(), /People closed \S+\/1 without merging it; --force asks once more/);
      assert.match((await init({ force: true })).out, /^Proposed .*\/2$/m);
    });
  });

it('init --pr says that nothing is left to propose, what stands in its way, and what it lacks', async (context) => {
  const { server, bare, checkout, init } = await scene(context, 'gitea');
  await init();
  server.merge(1);
  assert.match((await init()).out, /says exactly this already: there is nothing to propose/);
  git(checkout, 'fetch', '--quiet', bare, 'main');
  git(checkout, 'reset', '--quiet', '--hard', 'FETCH_HEAD');
  commitFiles(checkout, { [file]: '{}' });
  git(checkout, 'push', '--quiet', bare, 'HEAD:main');
  await assert.rejects(init(), /is on main already; --force proposes what was found instead/);
  const asked = { repository: checkout, branch: 'main', name: null, print: false, allTools: true, force: false };
  const cli = watchedCli({ env: { PATH: process.env.PATH } });
  await assert.rejects(
    initProject({ ...asked, pr: true }, cli),
    /^AppError: No forge with a token is set up for http:\S+\/acme\/shop\.git: set CRAFTING_GITEA_URL/,
  );
});
