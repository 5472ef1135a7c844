import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type InitOptions, initProject } from '../../../services/cli/init/init-project.ts';
import { localPlan } from '../../../services/cli/local/local-plan.ts';
import { git, makeRepository, temporaryFolder } from '../../support/git-repository.ts';
import { snapshotTree } from '../../support/tree-snapshot.ts';
import { watchedCli } from './watched-cli.ts';

const script = '{"scripts":{"test":"node --test"}}';
const files = { 'package.json': script, 'examples/a/package.json': script };

async function init(repository: string, options: Partial<InitOptions> = {}) {
  const cli = watchedCli();
  const asked = { repository, branch: null, name: null, print: false, force: false, allTools: false, ...options };
  const code = await initProject(asked, cli);
  return { code, out: cli.out(), err: cli.err() };
}

function shop(context: TestContext): string {
  return makeRepository(join(temporaryFolder(context), 'shop'), files);
}

test('init writes what was found with its place, lists what is off, and what it wrote is what runs', async (context) => {
  const dir = shop(context);
  const { code, out } = await init(dir);
  assert.equal(code, 0);
  assert.match(
    out,
    /^Found {7}\. \(javascript\)\n {2}test {6}node --test --test-reporter=tap {2}\(package\.json: test\)$/m,
  );
  assert.match(out, /^Off {9}examples\/a \(javascript\): .* no CI file names it$/m);
  assert.match(out, /^ +before a farm can fetch it: the repository has no remote `origin`/m);
  const document = JSON.parse(readFileSync(join(dir, '.crafting-table.json'), 'utf8'));
  assert.deepEqual([document.name, document.default_branch], ['shop', 'main']);
  assert.deepEqual(
    document.subprojects.map((one: { path: string; enabled?: boolean }) => [one.path, one.enabled]),
    [
      ['.', undefined],
      ['examples/a', false],
    ],
  );
  const here = { root: dir, cwd: dir, recipes: [], document: null, env: process.env };
  const plan = await localPlan({ ...here, subproject: null });
  assert.deepEqual([plan.document, plan.runs.map(({ subproject }) => subproject)], ['.crafting-table.json', ['.']]);
  const named = await localPlan({ ...here, subproject: 'examples/a' });
  assert.deepEqual(
    named.runs.map(({ subproject }) => subproject),
    ['examples/a'],
  );
  await assert.rejects(init(dir), { code: 'conflict', message: /is there already; --force writes over it/ });
  assert.equal((await init(dir, { force: true, name: 'other' })).code, 0);
  assert.equal(JSON.parse(readFileSync(join(dir, '.crafting-table.json'), 'utf8')).name, 'other');
});

test('of an address the document is printed and nothing is written; what origin lacks is told', async (context) => {
  const dir = shop(context);
  const before = snapshotTree(dir);
  const { out, err } = await init(`file://${dir}`);
  assert.equal(JSON.parse(out).subprojects.length, 2);
  assert.match(err, /^Repository {2}.*, branch main at \w{10}$/m);
  assert.deepEqual(snapshotTree(dir), before);
  const clone = join(temporaryFolder(context), 'clone');
  git(dir, 'clone', '--quiet', dir, clone);
  git(clone, 'checkout', '--quiet', '-b', 'next');
  assert.match((await init(clone)).out, /before a farm can fetch it: origin has no branch next yet: push it/);
});

test('a repository in which nothing is known is refused with a sentence', async (context) => {
  const dir = makeRepository(join(temporaryFolder(context), 'words'), { 'notes.txt': 'x' });
  await assert.rejects(init(dir), { code: 'invalid', message: /^Nothing that a known tool could build, / });
});
