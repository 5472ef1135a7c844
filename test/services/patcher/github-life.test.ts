import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import { type LifeOptions, type PatchLife, webhookSecret, withLife } from '../../support/patch-life.ts';
import { forgeToken } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';

const text = 'const before1 = 1;\nconst v1 = "bad";\nconst after1 = 2;\n';
const one = { files: { 'src/f1.js': text } };
const onGithub: Pick<LifeOptions, 'envOf'> = {
  envOf: ({ forge }) => ({
    CRAFTING_GITEA_URL: '',
    CRAFTING_GITEA_TOKEN: '',
    CRAFTING_GITHUB_URL: `${forge.url}/api/v3`,
    CRAFTING_GITHUB_TOKEN: forgeToken,
  }),
};
const people = { labels: ['bot', 'missing'], assignees: ['ann', 'stranger'] };

const told = ({ parts, farm }: PatchLife, action: string, event = 'pull_request') =>
  parts.forge.webhook(`${farm.url}/forge/webhook`, {
    forge: 'github',
    secret: webhookSecret,
    event,
    action,
    number: 1,
  });

describe('a patch on GitHub', () => {
  it('lives from the pull request to the proof, with its labels and assignees', () =>
    withLife({ ...one, ...onGithub, project: { patch: people } }, async (life) => {
      const { run, proposed, parts, becomes, events, apiCalls } = life;
      const seen = await run();
      const { id, forge, repository, pr_url, branch } = await proposed(seen);
      assert.deepEqual([forge, repository], ['github', 'acme/app']);
      assert.match(pr_url, /\/acme\/app\/pull\/1$/);
      const [pull] = parts.forge.pulls;
      assert.deepEqual([pull?.labels, pull?.assignees], [['bot', 'missing'], ['ann']]);
      assert.match(pull?.body ?? '', /Provenance/);
      assert.deepEqual(parts.branches(), [branch]);
      const opening = apiCalls();
      assert.ok(opening <= 3, JSON.stringify(parts.forge.calls));
      parts.forge.comment(1);
      assert.equal(await told(life, 'created', 'issue_comment'), 202);
      await becomes(id, ({ comments }) => comments === 1);
      parts.forge.merge(1);
      assert.equal(await told(life, 'closed'), 202);
      await becomes(id, ({ status }) => status === 'merged');
      await until(async () => (await events('FindingResolved')).length === 1);
    }));

  it('is opened although GitHub has not seen the push at first', () =>
    withLife({ ...one, ...onGithub }, async (life) => {
      const route = 'github POST /repos/{owner}/{repo}/pulls';
      life.parts.forge.failNext({ route, status: 422, message: 'Validation Failed: head invalid', times: 2 });
      await life.proposed(await life.run());
      assert.equal(life.parts.forge.calls[route], 3);
    }));

  it('is refused and opened again', () =>
    withLife({ ...one, ...onGithub }, async (life) => {
      const { id } = await life.proposed(await life.run());
      life.parts.forge.close(1);
      await told(life, 'closed');
      await life.becomes(id, ({ status }) => status === 'closed');
      life.parts.forge.reopen(1);
      await told(life, 'reopened');
      await life.becomes(id, ({ status }) => status === 'pr_opened');
    }));

  it('is renewed once when it conflicts', () =>
    withLife({ ...one, ...onGithub, env: { CRAFTING_PATCHER_POLL_SECS: '1' } }, async (life) => {
      const { id, branch } = await life.proposed(await life.run());
      life.commit({ 'src/f1.js': text.replace('before1 = 1', 'before1 = 2') });
      await life.becomes(id, (patch) => patch.refreshed && patch.status === 'pr_opened' && !patch.conflicted);
      assert.match(git(life.parts.bare, 'show', `${branch}:src/f1.js`), /before1 = 2;\nconst v1 = "good";/);
      assert.equal(life.parts.forge.pulls.length, 1);
      assert.equal((await life.events('PrUpdated')).length, 1);
    }));

  it('has one pull request when the answer to the first was lost', () =>
    withLife({ ...one, ...onGithub }, async ({ run, ask, parts }) => {
      const { job, findings } = await run();
      parts.forge.failNext({ route: 'github POST /repos/{owner}/{repo}/pulls', cut: 'after' });
      const { attempt } = (await ask(job, findings[0])).json;
      assert.deepEqual([attempt.status, attempt.pr_number], ['pr_opened', 1]);
      assert.equal(parts.forge.pulls.length, 1);
    }));
});

describe('labels and assignees on Gitea', () => {
  it('reach the pull request, are shown to their owner, and assignees are nowhere in the log', () =>
    withLife({ ...one, labels: ['other', 'bot'], project: { patch: people } }, async (life) => {
      const { run, proposed, parts, http, farm } = life;
      await proposed(await run());
      const [pull] = parts.forge.pulls;
      assert.deepEqual(pull?.labels, ['bot']);
      assert.deepEqual(pull?.assignees, [], 'Gitea takes none when it does not know one of them');
      const shown = (await http.get('/projects/p')).json.project.patch;
      assert.deepEqual([shown.labels, shown.assignees], [people.labels, people.assignees]);
      const [listed] = (await http.get('/projects')).json.projects;
      assert.deepEqual(listed.patch.assignees, people.assignees);
      for (let seq = 1; seq <= (await farm.store.log.end()); seq += 1)
        assert.doesNotMatch(JSON.stringify((await farm.store.log.at(seq))?.data), /"ann"|stranger/);
    }));

  it('are those of the project at the time', () =>
    withLife({ ...one, labels: ['bot'], project: { patch: { assignees: ['ann'] } } }, async (life) => {
      const seen = await life.run();
      await life.change({ patch: { labels: ['bot'], assignees: ['bob'] } });
      await life.proposed(seen);
      assert.deepEqual([life.parts.forge.pulls[0]?.labels, life.parts.forge.pulls[0]?.assignees], [['bot'], ['bob']]);
    }));
});
