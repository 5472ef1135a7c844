import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fiveBad, type LifeOptions, withLife } from '../../support/patch-life.ts';
import { forgeToken } from '../../support/patch-parts.ts';

const one = { files: { 'src/f1.js': fiveBad['src/f1.js'] ?? '' } };

/** A farm whose forges stand in a file: the one that the repository is on is GitLab. */
const onGitlab: Pick<LifeOptions, 'envOf'> = {
  envOf: ({ forge, dir }) => {
    writeFileSync(join(dir, 'token'), forgeToken);
    const elsewhere = { name: 'lab', kind: 'forgejo', url: 'https://git.lab.example', token_file: 'token' };
    const here = { name: 'here', kind: 'gitlab', url: forge.url, token_file: 'token' };
    writeFileSync(join(dir, 'forges.json'), JSON.stringify([elsewhere, here]));
    const none = { CRAFTING_GITEA_URL: '', CRAFTING_GITEA_TOKEN: '' };
    return { ...none, CRAFTING_FORGES: join(dir, 'forges.json'), CRAFTING_PATCHER_POLL_SECS: '1' };
  },
};

describe('a patch on GitLab', () => {
  it('lives from the merge request to its merge, which a poll sees', () =>
    withLife({ ...one, ...onGitlab, project: { patch: { labels: ['bot'], draft: true } } }, async (life) => {
      const { run, proposed, parts, becomes } = life;
      const { id, forge, repository, pr_url, branch } = await proposed(await run());
      assert.deepEqual([forge, repository], ['gitlab', 'acme/app']);
      assert.match(pr_url, /\/acme\/app\/-\/merge_requests\/1$/);
      const [pull] = parts.forge.pulls;
      assert.deepEqual(pull?.labels, ['bot']);
      assert.match(pull?.title ?? '', /^Draft: /);
      assert.match(pull?.body ?? '', /Provenance/);
      parts.forge.merge(1);
      await becomes(id, ({ status, branch_removed }) => status === 'merged' && branch_removed);
      assert.ok(!parts.branches().includes(branch));
    }));

  it('is asked with the credential of the project alone where that is wanted', () =>
    withLife({ ...one, ...onGitlab }, async (life) => {
      const { json } = await life.http.post('/teams', { team: 'payments' });
      assert.equal(json?.ok, true);
      const ann = await life.http.mint('payments.ann', { team: 'payments', role: 'maintainer' });
      const project = { name: 'own', git_url: life.parts.gitUrl, subprojects: [lint], patch: { own_token: true } };
      assert.equal((await life.http.post('/projects', project, { bearer: ann })).status, 201);
      const asked = await life.http.post('/projects/own/jobs', { recipe: 'lint' }, { bearer: ann });
      await life.http.ended(asked.json.job_id);
      const job = asked.json.job_id;
      const { attempt } = (await life.http.post(`/jobs/${job}/patches?wait=300`, {}, { bearer: ann })).json;
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    }));
});

const lint = { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' };
