import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../../../../services/floor/clock.ts';
import { chooseForge, findForge } from '../../../../services/floor/forges/choose-forge.ts';
import { type ForgeEventData, readWebhook } from '../../../../services/io/forge/forge-webhook.ts';
import { openGithubForge } from '../../../../services/io/forge/github-forge.ts';
import { openForge } from '../../../../services/io/forge/open-forge.ts';
import { startForgeServer } from '../../../support/forge-server.ts';
import { atEnd, git, makeRepository, temporaryFolder } from '../../../support/git-repository.ts';

const token = 'forge-token-0123456789';
const pull = { head: 'auto/1', base: 'main', title: 'Fix', body: '', labels: [], assignees: [] };

describe('the stand-in of a forge', () => {
  it('fails at its end when a request or an answer is not as described', async () => {
    const server = await startForgeServer(null, { token });
    const headers = { authorization: `token ${token}`, 'content-type': 'application/json' };
    const post = (path: string, body: unknown) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const fields = { head: 'a', base: 'main', title: 'x' };
    assert.equal((await post('/api/v1/repos/a/b/pulls', fields)).status, 201);
    assert.equal((await post('/api/v3/repos/a/b/pulls', { ...fields, head: 'b' })).status, 201);
    assert.deepEqual(server.faults, []);
    await post('/api/v1/repos/a/b/pulls', { ...fields, head: 'c', labels: ['by name'] });
    await post('/api/v1/repos/a/b/pulls', { ...fields, head: 'd', draft: true });
    await post('/api/v3/repos/a/b/issues/1/assignees', { assignees: ['ann'], extra: 1 });
    await post('/api/v1/repos/a/b/merges', {});
    assert.equal(server.faults.length, 4, server.faults.join('\n'));
    await assert.rejects(server.stop(), /should be number[\s\S]*additional properties[\s\S]*not described/);
  });

  it('is one forge: git and the API at one address, which is found from the git address', async (context) => {
    const repositories = temporaryFolder(context);
    const work = makeRepository(`${repositories}/work`);
    git(repositories, 'clone', '--quiet', '--bare', work, 'acme/shop.git');
    const server = await startForgeServer(context, { token, repositories });
    const gitUrl = `${server.url}/acme/shop.git`;
    const gitea = { giteaUrl: server.url, giteaToken: token, githubUrl: null, githubToken: null };
    assert.deepEqual(chooseForge(gitUrl, gitea), { kind: 'gitea', repository: 'acme/shop' });
    const github = { giteaUrl: null, giteaToken: null, githubUrl: server.url, githubToken: token };
    assert.deepEqual(chooseForge(gitUrl, github), { kind: 'github', repository: 'acme/shop' });
    git(`${repositories}/acme/shop.git`, 'branch', 'auto/1');
    const opened = await openForge(findForge(gitUrl, gitea), systemClock)?.openPull(pull);
    assert.equal(opened?.headSha, git(work, 'rev-parse', 'HEAD'));
    git(`${repositories}/acme/shop.git`, 'branch', '--delete', '--force', 'auto/1');
    const gone = await openForge(findForge(gitUrl, gitea), systemClock)?.readPull(1);
    assert.deepEqual([gone?.head, gone?.headSha], ['auto/1', null]);
    const shown = await fetch(`${gitUrl}/info/refs?service=git-upload-pack`);
    assert.equal(shown.status, 401);
    assert.equal(openForge(findForge(gitUrl, { ...gitea, giteaToken: null }), systemClock), null);
  });

  it('can do the work of a push and lose the answer', async (context) => {
    const repositories = temporaryFolder(context);
    const work = makeRepository(`${repositories}/work`);
    git(repositories, 'init', '--quiet', '--bare', 'acme/shop.git');
    const server = await startForgeServer(context, { token, repositories });
    const remote = `${server.url.replace('://', `://any:${token}@`)}/acme/shop.git`;
    const push = () => promisify(execFile)('git', ['push', '--quiet', remote, 'main'], { cwd: work });
    server.failNext({ route: 'git POST git-receive-pack', cut: 'before' });
    await assert.rejects(push());
    assert.equal(git(`${repositories}/acme/shop.git`, 'branch'), '');
    server.failNext({ route: 'git POST git-receive-pack', cut: 'after' });
    await assert.rejects(push());
    assert.equal(git(`${repositories}/acme/shop.git`, 'rev-parse', 'main'), git(work, 'rev-parse', 'HEAD'));
    await push();
  });

  it('tells of a pull request by webhook as it would be told by either forge', async (context) => {
    const secret = 'webhook-secret';
    const told: ForgeEventData[] = [];
    const listener = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      told.push(await readWebhook({ headers: request.headers, body, secret }));
      response.writeHead(202).end();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    atEnd(context, () => new Promise((resolve) => listener.close(resolve)));
    const target = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const server = await startForgeServer(context, { token });
    await openGithubForge({ url: server.url, token, repository: 'acme/shop', pace: false }).openPull(pull);
    for (const forge of ['gitea', 'github'] as const)
      for (const event of ['pull_request', 'push', 'issue_comment'])
        assert.equal(await server.webhook(target, { forge, secret, event, action: 'closed', number: 1 }), 202);
    assert.deepEqual(
      told.map(({ forge, kind, number, branch }) => [forge, kind, number ?? branch]),
      ['gitea', 'github'].flatMap((forge) => [
        [forge, 'pull_request', 1],
        [forge, 'push', 'auto/1'],
        [forge, 'comment', 1],
      ]),
    );
  });
});

describe('the pace of GitHub', () => {
  it('waits out a short limit, since what was refused was not done', async (context) => {
    const server = await startForgeServer(context, { token });
    const forge = openGithubForge({ url: server.url, token, repository: 'acme/shop' });
    await openGithubForge({ url: server.url, token, repository: 'acme/shop', pace: false }).openPull(pull);
    const message = 'You have exceeded a secondary rate limit.';
    server.failNext({ status: 403, retryAfterSecs: 1, message });
    assert.equal((await forge.updatePull(1, { title: 'Fix more', body: '' })).title, 'Fix more');
    assert.equal(server.calls['github PATCH /repos/{owner}/{repo}/pulls/{pull_number}'], 2);
    server.failNext({ status: 403, retryAfterSecs: 600, message });
    await assert.rejects(forge.readPull(1), { code: 'rate_limited', retryAfterSecs: 600 });
  });
});
