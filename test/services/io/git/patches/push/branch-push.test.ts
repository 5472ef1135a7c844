import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, globalAgent } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../../services/floor/app-error.ts';
import type { PushResult } from '../../../../../../services/io/git/patches/push/branch-push.ts';
import type { WorkspaceOptions } from '../../../../../../services/io/git/trees/workspace-room.ts';
import type { Remote, Workspaces } from '../../../../../../services/io/git/trees/workspaces.ts';
import { startGitHttpServer } from '../../../../../support/git-http-server.ts';
import {
  atEnd,
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../../support/git-repository.ts';
import { paced } from '../../../../../support/pace.ts';

const credential = { username: 'ann', password: 'p@ss/wörd%+secret' };
const branch = 'bot/1-2';

// With a proxy, git would be asked to push over HTTP.
for (const name of Object.keys(process.env)) if (/^(?:http|all)_proxy$/i.test(name)) delete process.env[name];

/** A served repository, and a commit of ours in the mirror that is to be pushed. */
async function scene(context: TestContext, options: Partial<WorkspaceOptions> = {}) {
  const folder = temporaryFolder(context);
  const repository = makeRepository(path.join(folder, 'repositories/origin'), { 'a.txt': 'a\n', 'sub/b.txt': 'b\n' });
  git(repository, 'config', 'http.receivepack', 'true');
  const server = await startGitHttpServer(context, path.join(folder, 'repositories'));
  const work = path.join(folder, 'work');
  const workspaces = testWorkspaces(context, work, options);
  return {
    folder,
    repository,
    server,
    work,
    workspaces,
    url: `${server.url}/origin/.git`,
    sha: git(repository, 'rev-parse', 'HEAD'),
  };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function commit({ workspaces, sha }: Scene, remote: Remote, text: string, baseSha = sha): Promise<string> {
  const change = {
    form: 'files',
    files: new Map([
      ['sub/b.txt', text],
      ['new/c.txt', text],
    ]),
  } as const;
  const made = await workspaces.changeTree(remote, baseSha, change);
  assert.ok(made.ok);
  const author = { name: 'Bot', email: 'bot@example.org' };
  return workspaces.commitPatch({
    remote,
    baseSha,
    diff: made.patch.diff,
    message: 'fix: b',
    author,
    time: '2026-01-02T03:04:05Z',
  });
}

function push(workspaces: Workspaces, remote: Remote, id: string, expect: string | null = null): Promise<PushResult> {
  return workspaces.push({ remote, commit: id, branch, expect, never: ['main'] });
}

/** Every way in which a branch is pushed; each has to answer the same. */
const ways: Record<string, { options?: Partial<WorkspaceOptions>; url: (s: Scene) => string }> = {
  'by isomorphic-git': { url: ({ url }) => url },
  'by git over HTTP, for a mirror too large for memory': { options: { largestPacks: 0 }, url: ({ url }) => url },
  'by git to a folder': { url: ({ repository }) => repository },
};

for (const [way, { options, url }] of Object.entries(ways)) {
  test(`a new branch is pushed ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const id = await commit(at, remote, 'B\n');
    assert.equal(await at.workspaces.branchTip(remote, branch), null);
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
    assert.equal(await at.workspaces.branchTip(remote, branch), id);
    assert.equal(git(at.repository, 'show', `${branch}:new/c.txt`), 'B');
    assert.equal(git(at.repository, 'rev-parse', `${branch}^`), at.sha);
    git(at.repository, 'fsck', '--full', '--strict');
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
  });

  test(`a branch is replaced, forward and sideways, only from the expected commit ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const [first, second] = [await commit(at, remote, '1\n'), await commit(at, remote, '2\n')];
    const third = await commit(at, remote, '3\n', second);
    await push(at.workspaces, remote, first);
    assert.deepEqual(await push(at.workspaces, remote, second), { pushed: false, found: first });
    assert.deepEqual(await push(at.workspaces, remote, second, at.sha), { pushed: false, found: first });
    assert.equal(git(at.repository, 'rev-parse', branch), first);
    assert.deepEqual(await push(at.workspaces, remote, second, first), { pushed: true });
    assert.deepEqual(await push(at.workspaces, remote, third, second), { pushed: true });
    git(at.repository, 'branch', '--delete', '--force', branch);
    assert.deepEqual(await push(at.workspaces, remote, second, third), { pushed: false, found: null });
  });

  test(`a branch is removed only from the expected commit, and never one that is not to be touched ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const [first, second] = [await commit(at, remote, '1\n'), await commit(at, remote, '2\n')];
    await push(at.workspaces, remote, first);
    const remove = (expect: string, name = branch) =>
      at.workspaces.removeBranch({ remote, branch: name, expect, never: ['main'] });
    assert.deepEqual(await remove(second), { removed: false, found: first });
    await assert.rejects(remove(at.sha, 'main'), (error) => isAppError(error, 'forbidden'));
    git(at.repository, 'config', 'receive.denyDeletes', 'true');
    await assert.rejects(remove(first), (error) => isAppError(error, 'forbidden'));
    git(at.repository, 'config', 'receive.denyDeletes', 'false');
    assert.deepEqual(await remove(first), { removed: true });
    assert.deepEqual(await remove(first), { removed: false, found: null });
    assert.equal(await at.workspaces.branchTip(remote, branch), null);
  });

  test(`a hook's refusal is told in the server's words ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const id = await commit(at, remote, 'B\n');
    const hook = path.join(at.repository, '.git/hooks/pre-receive');
    writeFileSync(
      hook,
      `#!/bin/sh\necho "branch is protected, ask Ann"; head -c 5000 /dev/zero | tr "\\0" x\nexit 1\n`,
      {
        mode: 0o755,
      },
    );
    await assert.rejects(push(at.workspaces, remote, id), (error: Error) => {
      assert.ok(isAppError(error, 'forbidden') && error.reason === 'git_push_refused', String(error));
      assert.match(error.message, /hook declined.*branch is protected, ask Ann/s);
      assert.ok(error.message.length < 1500);
      return true;
    });
    rmSync(hook);
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
  });

  test(`of many pushes at one time all agree on one ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const ids = [await commit(at, remote, '1\n'), await commit(at, remote, '2\n'), await commit(at, remote, '1\n')];
    const results = await Promise.all(ids.map((id) => push(at.workspaces, remote, id)));
    const winner = git(at.repository, 'rev-parse', branch);
    for (const [number, result] of results.entries()) {
      assert.deepEqual(result, ids[number] === winner ? { pushed: true } : { pushed: false, found: winner });
    }
  });

  test(`a push from a base that the remote has no more is complete ${way}`, async (context) => {
    const at = await scene(context, options);
    const remote = { url: url(at) };
    const base = commitFiles(at.repository, { 'lost.txt': 'lost\n' });
    const id = await commit(at, remote, 'B\n', base);
    git(at.repository, 'reset', '--quiet', '--hard', at.sha);
    git(at.repository, 'reflog', 'expire', '--expire=now', '--all');
    git(at.repository, 'gc', '--quiet', '--prune=now');
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
    git(at.repository, 'fsck', '--full', '--strict');
  });
}

for (const largestPacks of [0, 2 ** 40]) {
  const way = largestPacks === 0 ? 'git' : 'isomorphic-git';
  test(`somebody who pushes between the question and the answer wins over ${way}`, async (context) => {
    const at = await scene(context, { largestPacks });
    const remote = { url: at.url };
    const id = await commit(at, remote, 'B\n');
    const theirs = commitFiles(at.repository, { 'theirs.txt': 'theirs\n' });
    at.server.mode.onRequest = () => {
      if (at.server.requests.at(-1)?.url.endsWith('/git-receive-pack'))
        git(at.repository, 'branch', '--force', branch, theirs);
    };
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: false, found: theirs });
    assert.equal(git(at.repository, 'rev-parse', branch), theirs);
  });

  test(`a credential is shown to the server by ${way}, and nowhere else`, async (context) => {
    const at = await scene(context, { largestPacks });
    at.server.mode.credential = credential;
    const remote = { url: at.url, credential };
    const id = await commit(at, remote, 'B\n');
    const seen: string[] = [];
    at.server.mode.onRequest = () => seen.push(execFileSync('ps', ['-eo', 'args']).toString());
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
    assert.equal(
      seen.some((processes) => processes.includes('git push')),
      way === 'git',
    );
    at.server.mode.credential = { ...credential, password: 'changed' };
    const refused = await push(at.workspaces, remote, await commit(at, remote, 'C\n'), id).then(
      () => assert.fail('it was taken'),
      (error: Error) => error,
    );
    assert.ok(isAppError(refused, 'unavailable') && refused.reason === 'git_unauthorized', String(refused));
    await at.workspaces.close();
    const pair = `ann:${credential.password}`;
    const encoded = [pair, credential.password].map((text) => Buffer.from(text).toString('base64'));
    for (const form of [credential.password, encodeURIComponent(credential.password), ...encoded]) {
      assert.ok(!`${refused.message} ${refused.stack}`.includes(form));
      assert.ok(!seen.join('\n').includes(form));
      assert.ok(!at.server.requests.some((request) => request.url.includes(form)));
      for (const name of readdirSync(at.work, { recursive: true, encoding: 'utf8' })) {
        const file = path.join(at.work, name);
        if (statSync(file).isFile()) assert.ok(!readFileSync(file, 'latin1').includes(form), `${form} in ${name}`);
      }
    }
  });

  test(`a server that asks for a credential, or hangs, is an error by name with ${way}`, async (context) => {
    const at = await scene(context, { largestPacks, fetchTimeoutMs: paced(1_500) });
    const remote = { url: at.url };
    const id = await commit(at, remote, 'B\n');
    at.server.mode.credential = credential;
    await assert.rejects(push(at.workspaces, remote, id), (e) => isAppError(e) && e.reason === 'git_unauthorized');
    delete at.server.mode.credential;
    // A server that is silent for longer than Node's own connections last is at work, not gone.
    Object.assign(Reflect.get(globalAgent, 'options'), { timeout: 50 });
    at.server.mode.onRequest = () => {
      at.server.mode.hang = at.server.requests.at(-1)?.url.endsWith('/git-receive-pack') ?? false;
    };
    await assert.rejects(push(at.workspaces, remote, id), (error) => isAppError(error, 'timeout'));
    delete at.server.mode.onRequest;
    at.server.mode.hang = false;
    assert.deepEqual(await push(at.workspaces, remote, id), { pushed: true });
  });

  test(`closing gives up on a push by ${way}`, async (context) => {
    const at = await scene(context, { largestPacks });
    const id = await commit(at, { url: at.url }, 'B\n');
    const asked = at.server.requests.length;
    at.server.mode.hang = true;
    const attempt = assert.rejects(push(at.workspaces, { url: at.url }, id), (e) => isAppError(e, 'unavailable'));
    while (at.server.requests.length === asked) await new Promise(setImmediate);
    await at.workspaces.close();
    await attempt;
  });
}

test('a push sends the new objects and nothing else', async (context) => {
  const at = await scene(context);
  commitFiles(at.repository, Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`many/${n}`, `${n}\n`])));
  const remote = { url: at.url };
  const base = git(at.repository, 'rev-parse', 'main');
  const id = await commit(at, remote, 'B\n', base);
  git(at.repository, 'gc', '--quiet');
  await push(at.workspaces, remote, id);
  const loose = Number(/^count: (\d+)$/m.exec(git(at.repository, 'count-objects', '--verbose'))?.[1]);
  assert.equal(loose, 5);
});

test('a redirect is not followed, so the credential goes nowhere else', async (context) => {
  const at = await scene(context);
  const id = await commit(at, { url: at.url }, 'B\n');
  let elsewhere = 0;
  const other = createServer((_, response) => {
    elsewhere += 1;
    response.end();
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => new Promise((resolve) => other.close(resolve)));
  const target = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  at.server.mode.redirect = target;
  await assert.rejects(push(at.workspaces, { url: at.url, credential }, id), (e) => isAppError(e, 'unavailable'));
  assert.equal(elsewhere, 0);
});

test('some branches are never pushed to, and no other kind of ref', async (context) => {
  const at = await scene(context);
  const remote = { url: at.url };
  const id = await commit(at, remote, 'B\n');
  const asked = at.server.requests.length;
  const attempt = (name: string) =>
    at.workspaces.push({ remote, commit: id, branch: name, expect: at.sha, never: ['main'] });
  await assert.rejects(attempt('main'), (error) => isAppError(error, 'forbidden'));
  for (const name of ['', '-x', 'a..b', '../tags/x', 'HEAD', 'a:b', '+a', 'a b']) {
    if (name !== '+a') await assert.rejects(attempt(name), (error) => isAppError(error, 'invalid'), name);
  }
  assert.equal(at.server.requests.length, asked);
  await at.workspaces.push({ remote, commit: id, branch: 'refs/tags/x', expect: null, never: [] });
  assert.equal(git(at.repository, 'rev-parse', 'refs/heads/refs/tags/x'), id);
  assert.equal(git(at.repository, 'tag'), '');
});
