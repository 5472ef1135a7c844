import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import type { Forge, NewPullRequest } from '../../../../services/io/forge/forge.ts';
import { openGiteaForge } from '../../../../services/io/forge/gitea-forge.ts';
import { openGithubForge } from '../../../../services/io/forge/github-forge.ts';
import { openGitlabForge } from '../../../../services/io/forge/gitlab-forge.ts';
import { type ForgeServerOptions, startForgeServer } from '../../../support/forge-server.ts';
import { commitFiles, git, makeRepository, temporaryFolder } from '../../../support/git-repository.ts';

const token = 'forge-token-0123456789';
const head = 'crafting-table/auto/j1-7';
const wanted: NewPullRequest = { head, base: 'main', title: 'Fix F401', body: 'Why', labels: [], assignees: [] };

const openers = {
  gitea: (url: string, more: { token?: string; timeoutMs?: number } = {}): Forge =>
    openGiteaForge({ url, token, repository: 'acme/shop', ...more }),
  github: (url: string, more: { token?: string; timeoutMs?: number } = {}): Forge =>
    openGithubForge({ url, token, repository: 'acme/shop', pace: false, ...more }),
  gitlab: (url: string, more: { token?: string; timeoutMs?: number } = {}): Forge =>
    openGitlabForge({ url, token, repository: 'acme/shop', ...more }),
};
const pulls = 'repos/{owner}/{repo}/pulls';
const creation = { gitea: `POST /${pulls}`, github: `POST /${pulls}`, gitlab: 'POST /projects/{id}/merge_requests' };

for (const kind of ['gitea', 'github', 'gitlab'] as const)
  describe(`the forge ${kind}`, () => {
    const begin = async (context: TestContext, options: Partial<ForgeServerOptions> = {}) => {
      const server = await startForgeServer(context, { token, ...options });
      return { server, forge: openers[kind](server.url) };
    };
    const callsOf = (calls: Record<string, number>): number => Object.values(calls).reduce((sum, one) => sum + one, 0);

    it('opens a pull request in one call and reads it back', async (context) => {
      const { server, forge } = await begin(context);
      const opened = await forge.openPull(wanted);
      assert.equal(callsOf(server.calls), 1);
      assert.deepEqual([opened.number, opened.title, opened.state], [1, 'Fix F401', 'open']);
      assert.deepEqual([opened.head, opened.base, opened.mergeCommit], [head, 'main', null]);
      assert.match(opened.url, /\/acme\/shop\/(pulls?|-\/merge_requests)\/1$/);
      assert.match(opened.headSha ?? '', /^[0-9a-f]{40}$/);
      assert.deepEqual((await forge.readPull(1))?.number, 1);
      assert.equal(server.pulls[0]?.body, 'Why');
    });

    it('answers the pull request that is there when it is opened twice, also by two at once', async (context) => {
      const { server, forge } = await begin(context);
      const both = await Promise.all([forge.openPull(wanted), forge.openPull(wanted)]);
      assert.deepEqual(
        both.map(({ number }) => number),
        [1, 1],
      );
      assert.equal((await forge.openPull(wanted)).number, 1);
      assert.equal(server.pulls.length, 1);
    });

    it('opens a new one where the first was closed, and finds that one when it is opened twice', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      server.close(1);
      assert.equal((await forge.openPull(wanted)).number, 2);
      assert.equal((await forge.openPull(wanted)).number, 2);
    });

    it('opens one pull request when the answer to the first try was lost', async (context) => {
      const { server, forge } = await begin(context);
      server.failNext({ route: creation[kind], cut: 'after' });
      await assert.rejects(forge.openPull(wanted), (error) => isAppError(error, 'unavailable'));
      assert.equal(server.pulls.length, 1);
      assert.equal((await forge.openPull(wanted)).number, 1);
      assert.equal(server.pulls.length, 1);
    });

    it('finds a pull request by its branch in one call, in any state, or null', async (context) => {
      const { server, forge } = await begin(context);
      assert.equal(await forge.findPull(head, 'main'), null);
      await forge.openPull(wanted);
      const before = callsOf(server.calls);
      assert.equal((await forge.findPull(head, 'main'))?.number, 1);
      assert.equal(callsOf(server.calls) - before, 1);
      assert.equal(await forge.findPull('main', head), null);
      server.close(1);
      assert.equal((await forge.findPull(head, 'main'))?.state, 'closed');
    });

    it('finds branches with letters that mean something in an address', async (context) => {
      const { forge } = await begin(context);
      const odd = { ...wanted, head: 'a b/ü%2F#?&c', base: 'release/1.x' };
      await forge.openPull(odd);
      assert.equal((await forge.findPull(odd.head, odd.base))?.head, odd.head);
    });

    it('tells merged from closed, and gives the merge commit only then', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      server.close(1);
      assert.deepEqual([(await forge.readPull(1))?.state, (await forge.readPull(1))?.mergeCommit], ['closed', null]);
      server.reopen(1);
      const { mergeCommit } = server.merge(1);
      const merged = await forge.readPull(1);
      assert.deepEqual([merged?.state, merged?.mergeCommit], ['merged', mergeCommit]);
    });

    it('answers null for a number that is not there', async (context) => {
      const { server, forge } = await begin(context);
      assert.equal(await forge.readPull(99), null);
      assert.equal(callsOf(server.calls), 1);
    });

    it('says how a job stands on its commit, and not_found where there is no such commit', async (context) => {
      const repositories = temporaryFolder(context);
      const work = makeRepository(`${repositories}/work`);
      git(repositories, 'clone', '--quiet', '--bare', work, 'acme/shop.git');
      const { server, forge } = await begin(context, { repositories });
      const sha = git(work, 'rev-parse', 'HEAD');
      const status = {
        sha,
        context: 'crafting-table/./test',
        state: 'pending',
        description: 'runs',
        url: null,
      } as const;
      await forge.setStatus(status);
      await forge.setStatus({ ...status, state: 'failure', description: '2 of 9', url: 'https://farm/jobs/1' });
      assert.deepEqual(
        server.statuses.map(({ state, description, target_url }) => [state, description, target_url]),
        [
          ['pending', 'runs', ''],
          ['failure', '2 of 9', 'https://farm/jobs/1'],
        ],
      );
      await assert.rejects(forge.setStatus({ ...status, sha: 'b'.repeat(40) }), (error) =>
        isAppError(error, 'not_found'),
      );
    });

    it('changes title and body, and comments, which is counted', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      assert.equal((await forge.updatePull(1, { title: 'Fix two', body: 'More' })).title, 'Fix two');
      await forge.comment(1, 'Refreshed');
      server.comment(1);
      assert.deepEqual(server.pulls[0]?.comments, ['Refreshed', 'no, thanks']);
      assert.deepEqual([server.pulls[0]?.body, (await forge.readPull(1))?.comments], ['More', 2]);
      await assert.rejects(forge.comment(5, 'x'), (error) => isAppError(error, 'not_found'));
    });

    it('sets labels and assignees, and has a pull request also when the forge does not know them', async (context) => {
      const many = Array.from({ length: 120 }, (_, index) => `label ${index}`);
      const { server, forge } = await begin(context, { labels: [...many, 'farm'] });
      await forge.openPull({ ...wanted, labels: ['farm'], assignees: ['ann'] });
      assert.deepEqual([server.pulls[0]?.labels, server.pulls[0]?.assignees], [['farm'], ['ann']]);
      const next = { ...wanted, head: 'other', labels: ['farm', 'nowhere'], assignees: ['stranger'] };
      assert.equal((await forge.openPull(next)).number, 2);
      assert.ok(server.pulls[1]?.labels.includes('farm'));
      assert.deepEqual(server.pulls[1]?.assignees, []);
    });

    it('answers the open one of a branch whose first one was closed, also where others are open', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      server.close(1);
      await forge.openPull({ ...wanted, head: 'another' });
      await forge.openPull(wanted);
      for (const again of [await forge.openPull(wanted), await forge.findPull(head, 'main')])
        assert.deepEqual([again?.number, again?.state], [3, 'open']);
    });

    it('has a pull request also when its labels may not be read or set', async (context) => {
      const { server, forge } = await begin(context, { labels: ['farm'] });
      server.failNext({
        route: '/labels',
        status: 403,
        message: 'token does not have at least one of required scope(s)',
      });
      assert.equal((await forge.openPull({ ...wanted, labels: ['farm'] })).number, 1);
      // GitLab takes names, and asks for none.
      assert.deepEqual(server.pulls[0]?.labels, kind === 'gitlab' ? ['farm'] : []);
    });

    it('asks for reviews, each for itself, and has a pull request when one may not be asked', async (context) => {
      const { server, forge } = await begin(context, { users: ['ann', 'bob', 'core'] });
      await forge.openPull({ ...wanted, reviewers: ['stranger', 'ann', 'acme/core'] });
      assert.deepEqual(server.pulls[0]?.reviewers, kind === 'gitlab' ? ['ann'] : ['ann', 'core']);
    });

    it('opens a draft, which stays one when its text changes, unless somebody has made it ready', async (context) => {
      const { server, forge } = await begin(context);
      const isDraft = () => server.pulls[0]?.draft === true || /^(WIP|Draft): /.test(server.pulls[0]?.title ?? '');
      await forge.openPull({ ...wanted, draft: true });
      assert.ok(isDraft());
      await forge.updatePull(1, { title: 'Fix two', body: 'More', draft: true });
      assert.ok(isDraft() && server.pulls[0]?.title.endsWith('Fix two'), server.pulls[0]?.title);
      Object.assign(server.pulls[0] ?? {}, { title: 'Fix two', draft: false });
      await forge.updatePull(1, { title: 'Fix three', body: 'More', draft: true });
      assert.deepEqual([isDraft(), server.pulls[0]?.title], [false, 'Fix three']);
    });

    it('closes a pull request without merging it', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      assert.equal((await forge.closePull(1)).state, 'closed');
      assert.equal(server.pulls[0]?.state, 'closed');
    });

    it('tells in one call which pull requests changed, and by a tag that none did', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      await forge.openPull({ ...wanted, head: 'other' });
      const before = callsOf(server.calls);
      const first = await forge.recentPulls(null);
      assert.equal(callsOf(server.calls) - before, 1);
      assert.deepEqual([...(first?.marks.keys() ?? [])].sort(), [1, 2]);
      if (first?.etag) assert.equal(await forge.recentPulls(first.etag), null);
      server.close(2);
      const then = await forge.recentPulls(first?.etag ?? null);
      assert.notEqual(then?.marks.get(2), first?.marks.get(2));
      assert.equal(then?.marks.get(1), first?.marks.get(1));
    });

    it('cuts what is too long for a forge', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull({ ...wanted, title: 'x'.repeat(300), body: 'y'.repeat(70_000) });
      assert.deepEqual([server.pulls[0]?.title.length, server.pulls[0]?.body.length], [255, 60_000]);
      await forge.comment(1, 'z'.repeat(70_000));
      assert.equal(server.pulls[0]?.comments[0]?.length, 60_000);
    });

    it('says when to come back after 429, and never sends a write again', async (context) => {
      const { server, forge } = await begin(context);
      server.failNext({ status: 429, retryAfterSecs: 77, message: 'slow down' });
      await assert.rejects(
        forge.openPull(wanted),
        (error) => isAppError(error, 'rate_limited') && error.retryAfterSecs === 77 && /slow down/.test(error.message),
      );
      server.failNext({ status: 502 });
      await assert.rejects(forge.openPull(wanted), (error) => isAppError(error, 'unavailable'));
      assert.deepEqual([callsOf(server.calls), server.pulls.length], [2, 0]);
    });

    it('takes a 403 that tells the end of a limit for a limit', async (context) => {
      const { server, forge } = await begin(context);
      const reset = String(Math.ceil(Date.now() / 1000) + 100);
      server.failNext({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } });
      await assert.rejects(forge.readPull(1), (error) => {
        assert.ok(isAppError(error, 'rate_limited'), String(error));
        return (error.retryAfterSecs ?? 0) > 90 && (error.retryAfterSecs ?? 0) < 110;
      });
    });

    it('reads once more when the forge fails, and no more than that', async (context) => {
      const { server, forge } = await begin(context);
      await forge.openPull(wanted);
      server.failNext({ status: 500 });
      assert.equal((await forge.readPull(1))?.number, 1);
      server.failNext({ cut: 'before' });
      assert.equal((await forge.readPull(1))?.number, 1);
      const before = callsOf(server.calls);
      server.failNext({ status: 503, times: 5 });
      await assert.rejects(forge.readPull(1), (error) => isAppError(error, 'unavailable'));
      assert.equal(callsOf(server.calls) - before, 2);
    });

    it('gives up on a forge that never answers', async (context) => {
      const { server } = await begin(context);
      const forge = openers[kind](server.url, { timeoutMs: 50 });
      server.failNext({ hang: true, times: 3 });
      await assert.rejects(forge.openPull(wanted), (error) => isAppError(error, 'timeout'));
    });

    it('says unauthorized for a wrong token, which is in no message', async (context) => {
      const { server } = await begin(context);
      const wrong = 'wrong-token-987654321';
      const forge = openers[kind](server.url, { token: wrong });
      await assert.rejects(forge.readPull(1), (error) => isAppError(error, 'unauthorized'));
      server.failNext({ status: 422, message: `what is ${wrong}?` });
      await assert.rejects(
        forge.openPull(wanted),
        (error) => isAppError(error, 'invalid') && /what is/.test(error.message) && !error.message.includes(wrong),
      );
    });

    it('refuses a branch that is not there, and follows a real one to its merge', async (context) => {
      const repositories = temporaryFolder(context);
      const work = makeRepository(`${repositories}/work`);
      git(repositories, 'clone', '--quiet', '--bare', work, 'acme/shop.git');
      const { server, forge } = await begin(context, { repositories });
      await assert.rejects(forge.openPull(wanted), (error) =>
        (['invalid', 'not_found', 'unavailable'] as const).some((code) => isAppError(error, code)),
      );
      const remote = server.url.replace('://', `://any:${token}@`);
      git(work, 'checkout', '--quiet', '-b', head);
      const sha = commitFiles(work, { 'a.txt': 'a\n' });
      // The server lives in this process, so git must not block it.
      await push(work, `${remote}/acme/shop.git`, head);
      const opened = await forge.openPull(wanted);
      assert.equal(opened.headSha, sha);
      assert.equal(opened.mergeable, true);
      const { mergeCommit } = server.merge(opened.number);
      assert.equal((await forge.readPull(1))?.mergeCommit, mergeCommit);
      assert.equal(git(`${repositories}/acme/shop.git`, 'show', 'main:a.txt'), 'a');
    });

    it('says of a conflict that it is one, and nothing while the forge may still be looking', async (context) => {
      const repositories = temporaryFolder(context);
      const work = makeRepository(`${repositories}/work`);
      git(work, 'checkout', '--quiet', '-b', head);
      commitFiles(work, { 'README.md': 'theirs\n' });
      git(work, 'checkout', '--quiet', 'main');
      commitFiles(work, { 'README.md': 'ours\n' });
      git(repositories, 'clone', '--quiet', '--bare', work, 'acme/shop.git');
      const { server, forge } = await begin(context, { repositories });
      assert.equal((await forge.openPull(wanted)).mergeable, kind === 'gitea' ? null : false);
      const [pull] = server.pulls;
      if (pull !== undefined) pull.updated = '2026-01-01T00:00:00Z';
      assert.equal((await forge.readPull(1))?.mergeable, false);
    });
  });

describe('the forge github', () => {
  it('takes for passing what GitHub says right after a push, and for lasting what it says of the base', async (context) => {
    const server = await startForgeServer(context, { token });
    const forge = openers.github(server.url);
    const route = `POST /${pulls}`;
    for (const [message, code] of [
      ['Validation Failed: head invalid', 'unavailable'],
      [`No commits between main and ${head}`, 'unavailable'],
      ['Validation Failed: base invalid', 'invalid'],
    ] as const) {
      server.failNext({ route, status: 422, message });
      await assert.rejects(forge.openPull(wanted), (error) => isAppError(error, code), message);
    }
    assert.equal((await forge.openPull(wanted)).number, 1);
  });

  it('opens one to be merged where the repository knows no drafts', async (context) => {
    const server = await startForgeServer(context, { token });
    const message = 'Draft pull requests are not supported in this repository.';
    server.failNext({ route: `POST /${pulls}`, status: 422, message });
    await openers.github(server.url).openPull({ ...wanted, draft: true });
    assert.equal(server.pulls[0]?.draft, false);
  });
});

async function push(work: string, remote: string, branch: string): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    execFile('git', ['push', '--quiet', remote, branch], { cwd: work }, (error) => (error ? reject(error) : resolve())),
  );
}
