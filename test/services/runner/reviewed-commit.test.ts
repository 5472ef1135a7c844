import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from '../../../services/jobs/rules/secret-rules.ts';
import { refuseStranger } from '../../../services/runner/reviewed-commit.ts';
import { sampleData } from '../../events/stored-payloads.ts';

const [own, tip, stranger] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const remote = { url: 'https://git.example.org/team/shop.git' };
const workspaces = {
  branchTip: async (_remote: object, branch: string) => (branch === 'gone' ? null : tip),
  isAncestor: async (_remote: object, older: string) => older === own,
};
const { tip: _tip, short_sha: _short, ...sample } = sampleData('JobEnqueued', { purpose: 'requested', branch: 'main' });
const snapshot = { ...sample.snapshot, default_branch: 'main', recipes_commit: own };
const asked = (sha: string | null, branch = 'main') => ({ ...sample, sha, branch, snapshot });
const run = (job: ReturnType<typeof asked>) => refuseStranger(job, { remote, sha: job.sha ?? tip }, workspaces);

test('recipes of a repository do not run on a commit that is not of the branch of the job', async () => {
  await assert.rejects(run(asked(stranger)), /The commit cccccccccccc is not of the branch main/);
  await assert.rejects(run(asked(own, 'gone')), /is not of the branch gone/);
  for (const sha of [null, tip, own]) await run(asked(sha));
});

test('those of a document do, since people of the farm wrote them', async () => {
  const { recipes_commit: _commit, ...plain } = snapshot;
  await refuseStranger({ ...asked(stranger), snapshot: plain }, { remote, sha: stranger }, workspaces);
});

test('with recipes of a repository no other branch gets a secret, whatever its owner said of branches', () => {
  assert.equal(refusalOf(asked(null)), null);
  assert.match(refusalOf(asked(null, 'release/1')) ?? '', /^secrets are left out: with recipes of the repository only/);
});
