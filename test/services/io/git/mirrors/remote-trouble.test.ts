import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { type GitHttpMode, startGitHttpServer } from '../../../../support/git-http-server.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';

const credential = { username: 'ann', password: 'hunter2' };

async function stageOf(context: TestContext, mode: GitHttpMode = {}) {
  const root = temporaryFolder(context);
  const origin = makeRepository(path.join(root, 'team/app.git'));
  const server = await startGitHttpServer(context, root, mode);
  const workspaces = testWorkspaces(context, path.join(root, 'work'), { retryPausesMs: [5, 5] });
  const remote = { url: `${server.url}/team/app.git` };
  const readme = async (one: { url: string; credential?: typeof credential } = remote, branch = 'main') => {
    const checkout = await workspaces.checkout({ remote: one, branch });
    const text = readFileSync(path.join(checkout.dir, 'README.md'), 'utf8');
    await checkout.release();
    return { text, sha: checkout.sha };
  };
  return { origin, server, remote, workspaces, readme };
}

for (const status of [429, 500, 502, 503, 504]) {
  test(`a forge that answers ${status} for a moment is asked again`, async (context) => {
    const { server, readme } = await stageOf(context);
    server.mode.failing = { times: 2, status };
    assert.equal((await readme()).text, 'first\n');
  });
}

test('a forge that stays in trouble is asked three times, and the failure says so', async (context) => {
  const { server, readme } = await stageOf(context);
  server.mode.failing = { times: 1000, status: 503 };
  await assert.rejects(readme, (error) => {
    assert.ok(isAppError(error, 'unavailable'));
    assert.equal(error.reason, 'git_unreachable');
    assert.match(error.message, /cannot be reached: .*503.* \(asked 3 times\)$/);
    return true;
  });
  assert.equal(server.requests.length, 3);
});

test('a refused connection is trouble of the remote, a refused credential is not', async (context) => {
  const { readme, server } = await stageOf(context, { credential });
  await assert.rejects(
    () => readme({ url: 'http://127.0.0.1:9/team/app.git' }),
    (error) => isAppError(error) && error.reason === 'git_unreachable' && /asked 3 times/.test(error.message),
  );
  await assert.rejects(readme, (error) => isAppError(error) && error.reason === 'git_unauthorized');
  assert.equal(server.requests.length, 1);
});

test('a trouble that comes between the question and the fetch is waited out too', async (context) => {
  const { server, readme } = await stageOf(context);
  let asked = 0;
  server.mode.onRequest = () => {
    asked += 1;
    if (asked === 2) server.mode.failing = { times: 2, status: 503 };
  };
  assert.equal((await readme()).text, 'first\n');
});

test('a redirect inside the origin is followed with the credential, for questions, fetches and pushes', async (context) => {
  const { origin, server, workspaces, readme } = await stageOf(context, {
    credential,
    moved: ['/team/app', '/team/app.git'],
  });
  const remote = { url: `${server.url}/team/app`, credential };
  assert.equal((await readme(remote)).text, 'first\n');
  commitFiles(origin, { 'README.md': 'second\n' });
  const { text, sha } = await readme(remote);
  assert.equal(text, 'second\n');
  git(origin, 'config', 'http.receivepack', 'true');
  const pushed = await workspaces.push({ remote, commit: sha, branch: 'other', expect: null, never: [] });
  assert.deepEqual(pushed, { pushed: true });
  assert.equal(git(origin, 'rev-parse', 'other'), sha);
});

test('a redirect out of the origin gets no credential, and the failure names where it leads', async (context) => {
  const { server, readme } = await stageOf(context, { credential });
  const thief = await startGitHttpServer(context, temporaryFolder(context));
  server.mode.redirect = thief.url;
  await assert.rejects(
    () => readme({ url: `${server.url}/team/app.git`, credential }),
    (error) =>
      isAppError(error) &&
      error.reason === 'git_redirect' &&
      error.message.includes(`out of its origin, to ${thief.url}`),
  );
  assert.equal(thief.requests.length, 0);
  server.mode.redirect = server.url;
  await assert.rejects(
    () => readme({ url: `${server.url}/team/app.git`, credential }),
    (error) => isAppError(error) && error.reason === 'git_redirect' && /circle/.test(error.message),
  );
});

test('a default branch that was renamed is named', async (context) => {
  const { origin, readme, remote } = await stageOf(context);
  await readme();
  git(origin, 'branch', '-m', 'main', 'trunk');
  await assert.rejects(readme, /has no branch "main"; its default branch is "trunk": name that one/);
  assert.equal((await readme(remote, 'trunk')).text, 'first\n');
});

test('a commit can be named by the beginning of its id, also one that is not fetched yet', async (context) => {
  const { origin, remote, workspaces, readme } = await stageOf(context);
  const { sha } = await readme();
  commitFiles(origin, { 'README.md': 'second\n' });
  const next = git(origin, 'rev-parse', 'HEAD');
  for (const whole of [sha, next]) {
    const checkout = await workspaces.checkout({ remote, branch: 'main', sha: whole.slice(0, 8) });
    assert.equal(checkout.sha, whole);
    await checkout.release();
  }
  const missing = workspaces.checkout({ remote, branch: 'main', sha: '0123456' });
  await assert.rejects(missing, /has no commit 0123456\./);
  const tree = git(origin, 'rev-parse', 'HEAD^{tree}').slice(0, 10);
  await assert.rejects(workspaces.checkout({ remote, branch: 'main', sha: tree }), /has no commit/);
});

test('a tag can be run, a branch of its name comes first, and refs/ says which is meant', async (context) => {
  const { origin, readme, remote } = await stageOf(context);
  git(origin, 'tag', '-a', 'v1', '-m', 'one');
  const tagged = git(origin, 'rev-parse', 'v1^{commit}');
  commitFiles(origin, { 'README.md': 'second\n' });
  assert.equal((await readme(remote, 'v1')).sha, tagged);
  git(origin, 'branch', 'v1');
  assert.equal((await readme(remote, 'v1')).sha, git(origin, 'rev-parse', 'main'));
  assert.equal((await readme(remote, 'refs/tags/v1')).sha, tagged);
  assert.equal((await readme(remote, 'refs/heads/v1')).sha, git(origin, 'rev-parse', 'main'));
});
