import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withFarm } from '../../support/farm.ts';
import { git } from '../../support/git-repository.ts';
import { mendingLinter } from '../../support/mending-linter.ts';

const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "bad";\nconst b = "bad";\nconst c = "worse";\n',
  'src/b.js': 'const d = "bad";\n',
};
const env = { CRAFTING_PATCHER_FORGE: 'none' };

describe('a patch without a forge', () => {
  it('takes the edit of the tool, proves it, and pushes one commit that changes nothing else', () =>
    withFarm(
      async ({ http, repository }) => {
        const subprojects = [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];
        const made = await http.post('/projects', { name: 'p', git_url: repository, subprojects });
        assert.equal(made.status, 201, made.text);
        const job = (await http.post('/projects/p/jobs', { recipe: 'lint' })).json.job_id;
        await http.ended(job);
        const before = git(repository, 'rev-parse', 'HEAD');
        const found = (await http.get(`/jobs/${job}/findings`)).json.findings;
        assert.equal(found.length, 4, JSON.stringify(found));
        const target = found.find(
          ({ line, file }: { line: number; file: string }) => file === 'src/a.js' && line === 2,
        );
        const { json, text, status } = await http.post(`/jobs/${job}/patches?wait=300`, { finding_id: target.id });
        assert.equal(status, 200, text);
        const { attempt } = json;
        assert.equal(attempt.status, 'pushed', text);
        assert.equal(attempt.method, 'tool_edit');
        assert.equal(attempt.branch, `crafting-table/auto/${job}-${target.id}`);
        assert.equal(git(repository, 'rev-parse', attempt.branch), attempt.commit);
        assert.equal(git(repository, 'rev-parse', `${attempt.branch}^`), before);
        assert.equal(git(repository, 'rev-parse', 'main'), before, 'nothing is merged');
        assert.equal(
          git(repository, 'show', `${attempt.branch}:src/a.js`),
          'const a = "bad";\nconst b = "good";\nconst c = "worse";',
        );
        assert.match(
          git(repository, 'log', '-1', '--format=%B', attempt.branch),
          new RegExp(`Finding: ${target.id} ${target.identity}`),
        );
        assert.match(git(repository, 'log', '-1', '--format=%B', attempt.branch), /Signed-off-by: crafting-table/);
        assert.match(attempt.diff, /-const b = "bad";\n\+const b = "good";/);
        assert.equal(attempt.evidence.identities_before, 4);
        assert.equal(attempt.evidence.identities_after, 3);
        assert.deepEqual(attempt.evidence.appeared, []);
        const verify = (await http.get(`/jobs/${attempt.verify_jobs[0]}`)).json.job;
        assert.equal(verify.purpose, 'verify');
        assert.equal(verify.patch_id, attempt.id);
      },
      { env, files },
    ));
});
