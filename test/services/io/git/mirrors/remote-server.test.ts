import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { parseRemoteUrl } from '../../../../../services/io/git/mirrors/remote-url.ts';
import { startGitHttpServer } from '../../../../support/git-http-server.ts';
import {
  commitFiles,
  git,
  makeRepository,
  temporaryFolder,
  testWorkspaces,
} from '../../../../support/git-repository.ts';
import { paced } from '../../../../support/pace.ts';
import { until } from '../../../../support/until.ts';

const credential = { username: 'ann', password: 'p@ss/wörd%+secret' };

async function scene(context: TestContext) {
  const folder = temporaryFolder(context);
  const repository = makeRepository(path.join(folder, 'repositories/origin'));
  git(repository, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  const server = await startGitHttpServer(context, path.join(folder, 'repositories'));
  return { folder, repository, server, url: `${server.url}/origin/.git` };
}

test('a repository is cloned and followed over HTTP', async (context) => {
  const { folder, repository, url } = await scene(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'), { allowLocal: false });
  const first = await workspaces.checkout({ remote: { url }, branch: 'main' });
  await first.release();
  const sha = commitFiles(repository, { 'more.txt': 'more\n' });
  const second = await workspaces.checkout({ remote: { url }, branch: 'main' });
  assert.equal(second.sha, sha);
  assert.equal(readFileSync(path.join(second.dir, 'more.txt'), 'utf8'), 'more\n');
  await second.release();
});

test('a server with a certificate of its own is trusted by those who were told of it, to read and to push', {
  skip: spawnSync('openssl', ['version']).status !== 0 && 'openssl is not installed',
}, async (context) => {
  const folder = temporaryFolder(context);
  const repository = makeRepository(path.join(folder, 'repositories/origin'));
  git(repository, 'config', 'http.receivepack', 'true');
  const [key = '', cert = ''] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  const words = '-x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=lab -addext subjectAltName=IP:127.0.0.1'.split(' ');
  execFileSync('openssl', ['req', ...words, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const ca = readFileSync(cert, 'utf8');
  const tls = { key: readFileSync(key, 'utf8'), cert: ca };
  const server = await startGitHttpServer(context, path.join(folder, 'repositories'), { tls });
  const remote = { url: `${server.url}/origin/.git` };
  const trusted = [{ url: `${server.url}/somewhere`, ca }];
  const workspaces = testWorkspaces(context, path.join(folder, 'work'), { allowLocal: false, trusted });
  const tree = await workspaces.checkout({ remote, branch: 'main' });
  const diff = '--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n';
  const author = { name: 'ann', email: 'ann@lab' };
  const made = { remote, baseSha: tree.sha, diff, message: 'New', author, time: '2026-01-01T00:00:00.000Z' };
  const commit = await workspaces.commitPatch(made);
  await tree.release();
  assert.deepEqual(await workspaces.push({ remote, commit, branch: 'fix', expect: null, never: [] }), { pushed: true });
  assert.equal(git(repository, 'rev-parse', 'fix'), commit);
  const others = testWorkspaces(context, path.join(folder, 'others'), { allowLocal: false, retryPausesMs: [] });
  await assert.rejects(others.checkout({ remote, branch: 'main' }), /certificate/);
});

test('jobs at one time share questions and fetches, and none gets an answer older than its request', async (context) => {
  const { folder, repository, server, url } = await scene(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const early = Array.from({ length: 8 }, () => workspaces.checkout({ remote: { url }, branch: 'main' }));
  // The first question is on its way by now; who asks from here on must see this commit.
  while (server.requests.length === 0) await new Promise(setImmediate);
  const sha = commitFiles(repository, { 'late.txt': 'late\n' });
  const late = Array.from({ length: 8 }, () => workspaces.checkout({ remote: { url }, branch: 'main' }));
  for (const job of await Promise.all(late)) {
    assert.equal(job.sha, sha);
    await job.release();
  }
  for (const job of await Promise.all(early)) await job.release();
  const questions = server.requests.filter((request) => request.url.includes('info/refs'));
  assert.ok(questions.length <= 6, `${questions.length} connections for 16 jobs`);
});

test('a server that does not know the commit any more says so by name', async (context) => {
  const { folder, url } = await scene(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const sha = 'e'.repeat(40);
  await assert.rejects(
    workspaces.checkout({ remote: { url }, branch: 'main', sha }),
    (error) => isAppError(error, 'not_found') && error.message.includes(sha),
  );
  await assert.rejects(
    workspaces.checkout({ remote: { url: `${url}-missing` }, branch: 'main' }),
    (error) => isAppError(error, 'not_found') && error.message.includes(url),
  );
});

test('a server that asks for a password is an error at once', async (context) => {
  const { folder, server, url } = await scene(context);
  server.mode.credential = credential;
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const attempt = workspaces.checkout({ remote: { url }, branch: 'main' });
  await assert.rejects(attempt, (error) => isAppError(error, 'unavailable') && error.reason === 'git_unauthorized');
});

test('a credential is used, and shows in no error, no argument and no file', async (context) => {
  const { folder, repository, server, url } = await scene(context);
  server.mode.credential = credential;
  const work = path.join(folder, 'work');
  const workspaces = testWorkspaces(context, work);
  const withSecret = url.replace('//', `//ann:${encodeURIComponent(credential.password)}@`);
  const remote = parseRemoteUrl(withSecret, { allowLocal: false });
  assert.equal(remote.url, url);
  const seen: string[] = [];
  server.mode.onRequest = () => seen.push(execFileSync('ps', ['-eo', 'args']).toString());
  await (await workspaces.checkout({ remote, branch: 'main' })).release();
  commitFiles(repository, { 'more.txt': 'more\n' });
  await (await workspaces.checkout({ remote, branch: 'main' })).release();

  server.mode.credential = { ...credential, password: 'changed' };
  const refused = await workspaces.checkout({ remote, branch: 'main' }).then(
    () => assert.fail('refused'),
    (error: Error) => error,
  );
  await workspaces.close();
  assert.ok(seen.some((processes) => processes.includes(url)));
  const pair = `ann:${credential.password}`;
  const forms = [credential.password, encodeURIComponent(credential.password)];
  forms.push(...[pair, credential.password].map((text) => Buffer.from(text).toString('base64')));
  for (const form of forms) {
    assert.ok(!`${refused.message} ${refused.stack}`.includes(form));
    assert.ok(!seen.join('\n').includes(form));
    for (const name of readdirSync(work, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(work, name);
      if (statSync(file).isFile()) assert.ok(!readFileSync(file, 'latin1').includes(form), `${form} in ${name}`);
    }
  }
});

test('what one credential fetched is not given to a caller without it', async (context) => {
  const { folder, server, url } = await scene(context);
  server.mode.credential = credential;
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const owner = await workspaces.checkout({ remote: { url, credential }, branch: 'main' });
  const { sha } = owner;
  await owner.release();
  for (const remote of [{ url }, { url, credential: { username: 'ann', password: 'guess' } }]) {
    const refused = (error: unknown): boolean => isAppError(error) && error.reason === 'git_unauthorized';
    await assert.rejects(workspaces.checkout({ remote, branch: 'main', sha }), refused);
    await assert.rejects(workspaces.readBlobs(remote, sha, ['README.md']), refused);
  }
  assert.equal((await workspaces.readBlobs({ url, credential }, sha, ['README.md'])).size, 1);
});

test('a known commit is handed out again without asking the server', async (context) => {
  const { folder, repository, server, url } = await scene(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const sha = git(repository, 'rev-parse', 'HEAD');
  await (await workspaces.checkout({ remote: { url }, branch: 'main', sha })).release();
  const asked = server.requests.length;
  await (await workspaces.checkout({ remote: { url }, branch: 'main', sha })).release();
  assert.equal(server.requests.length, asked);
});

test('a server that hangs is given up, and leaves no process behind', async (context) => {
  const { folder, server, url } = await scene(context);
  const limits = { lookupTimeoutMs: paced(500), fetchTimeoutMs: paced(500) };
  const workspaces = testWorkspaces(context, path.join(folder, 'work'), limits);
  server.mode.hang = true;
  await assert.rejects(workspaces.checkout({ remote: { url }, branch: 'main' }), (e) => isAppError(e, 'timeout'));
  // What was killed takes the kernel a moment to take away.
  await until(() => !execFileSync('ps', ['-eo', 'args']).toString().includes(url), 'no process is left');
  server.mode.hang = false;
  await (await workspaces.checkout({ remote: { url }, branch: 'main' })).release();
});

test('closing gives up on a server that hangs', async (context) => {
  const { folder, server, url } = await scene(context);
  server.mode.hang = true;
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const attempt = assert.rejects(workspaces.checkout({ remote: { url }, branch: 'main' }), (error) =>
    isAppError(error, 'unavailable'),
  );
  while (server.requests.length === 0) await new Promise(setImmediate);
  await workspaces.close();
  await attempt;
  await assert.rejects(workspaces.checkout({ remote: { url }, branch: 'main' }), (e) => isAppError(e, 'unavailable'));
});

test('a mirror keeps its commits when the remote is gone', async (context) => {
  const { folder, repository, url } = await scene(context);
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const sha = git(repository, 'rev-parse', 'HEAD');
  await (await workspaces.checkout({ remote: { url }, branch: 'main' })).release();
  rmSync(repository, { recursive: true });
  const job = await workspaces.checkout({ remote: { url }, branch: 'main', sha });
  assert.equal(job.sha, sha);
  await job.release();
});
