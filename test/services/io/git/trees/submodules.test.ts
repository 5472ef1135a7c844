import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { startGitHttpServer } from '../../../../support/git-http-server.ts';
import { git, makeRepository, temporaryFolder, testWorkspaces } from '../../../../support/git-repository.ts';

const credential = { username: 'ann', password: 'hunter2' };

/** Adds a submodule by hand: its address need not be reachable from here. */
function link(outer: string, at: string, url: string, sha: string): void {
  const file = path.join(outer, '.gitmodules');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, `${before}[submodule "${at}"]\n\tpath = ${at}\n\turl = ${url}\n`);
  git(outer, 'add', '.gitmodules');
  git(outer, 'update-index', '--add', '--cacheinfo', `160000,${sha},${at}`);
  git(outer, 'commit', '--quiet', '-m', `link ${at}`);
}

async function stageOf(context: TestContext) {
  const root = temporaryFolder(context);
  const server = await startGitHttpServer(context, root, { credential });
  const inner = makeRepository(path.join(root, 'team/inner.git'), { 'inner.txt': 'inner\n' });
  const lib = makeRepository(path.join(root, 'team/lib.git'), { 'lib.txt': 'lib\n', 'src/a.txt': 'a\n' });
  link(lib, 'deep/inner', '../inner.git', git(inner, 'rev-parse', 'HEAD'));
  const app = makeRepository(path.join(root, 'team/app.git'));
  link(app, 'vendor/lib', '../lib.git', git(lib, 'rev-parse', 'HEAD'));
  const workspaces = testWorkspaces(context, path.join(root, 'work'), { retryPausesMs: [5, 5] });
  const remote = { url: `${server.url}/team/app.git`, credential };
  return { root, server, app, lib, workspaces, remote };
}

test('submodules and theirs are filled by asking, and the next tree is clean of them', async (context) => {
  const { workspaces, remote } = await stageOf(context);
  for (let round = 0; round < 2; round += 1) {
    const filled = await workspaces.checkout({ remote, branch: 'main', submodules: true });
    const at = (name: string) => readFileSync(path.join(filled.dir, 'vendor/lib', name), 'utf8');
    assert.deepEqual([at('lib.txt'), at('src/a.txt'), at('deep/inner/inner.txt')], ['lib\n', 'a\n', 'inner\n']);
    writeFileSync(path.join(filled.dir, 'vendor/lib/left.txt'), 'left');
    await filled.release();
    const plain = await workspaces.checkout({ remote, branch: 'main' });
    assert.deepEqual(readdirSync(path.join(plain.dir, 'vendor/lib')), []);
    await plain.release();
  }
});

test('a submodule of another origin gets no credential, whatever its address says', async (context) => {
  const { root, app, lib, workspaces, remote } = await stageOf(context);
  const other = await startGitHttpServer(context, root, { credential });
  const address = other.url.replace('//', '//ann:hunter2@');
  link(app, 'vendor/other', `${address}/team/lib.git`, git(lib, 'rev-parse', 'HEAD'));
  await assert.rejects(workspaces.checkout({ remote, branch: 'main', submodules: true }), (error) => {
    assert.ok(isAppError(error));
    assert.match(error.message, /^The submodule vendor\/other: .*asks for a credential and none is given/);
    return true;
  });
  assert.ok(other.requests.length > 0 && other.requests.every(({ authorization }) => authorization === undefined));
});

test('addresses and places that no submodule should have are refused', async (context) => {
  const { app, workspaces, remote } = await stageOf(context);
  const sha = git(app, 'rev-parse', 'HEAD');
  const asked = () => workspaces.checkout({ remote, branch: 'main', submodules: true });
  git(app, 'update-index', '--add', '--cacheinfo', `160000,${sha},nameless`);
  git(app, 'commit', '--quiet', '-m', 'nameless');
  await assert.rejects(asked, /submodule nameless has no address/);
  git(app, 'rm', '--quiet', '--cached', 'nameless');
  link(app, 'helper', 'ext::sh -c id', sha);
  await assert.rejects(asked, /remote helper/);
});
