import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { detect } from '../../recipes/detection/detect.ts';
import { writtenFiles } from './written-files.ts';

async function only(t: TestContext, manifest: object, files: Record<string, string> = {}) {
  const dir = await writtenFiles(t, { 'package.json': JSON.stringify(manifest), ...files });
  const { subprojects } = await detect(dir, { has: () => true });
  assert.equal(subprojects.length, 1);
  return subprojects[0] ?? assert.fail();
}

const needs = { dependencies: { left: '1' } };
const npmCi = 'npm ci --ignore-scripts --no-audit --no-fund';

test('a package without dependencies installs nothing', async (t) => {
  const found = await only(t, { scripts: { test: 'mocha', build: 'make' } });
  assert.equal(found.test, 'npm test');
  assert.equal(found.build, 'npm run build');
  assert.equal(found.audit, undefined);
});

test('the lock file names the package manager, which runs no script of a dependency', async (t) => {
  const tests = async (files: Record<string, string>, more: object = {}) => {
    const { install, test } = await only(t, { scripts: { test: 'x' }, ...needs, ...more }, files);
    return [install, test];
  };
  assert.deepEqual(await tests({ 'package-lock.json': '' }), [npmCi, 'npm test']);
  assert.deepEqual(await tests({}), [
    'npm install --no-package-lock --ignore-scripts --no-audit --no-fund',
    'npm test',
  ]);
  assert.deepEqual(await tests({ 'pnpm-lock.yaml': '' }), [
    'pnpm install --frozen-lockfile --ignore-scripts',
    'pnpm test',
  ]);
  const yarn = 'yarn install --frozen-lockfile --ignore-scripts --non-interactive';
  assert.deepEqual(await tests({ 'yarn.lock': '' }), [yarn, 'yarn test']);
  assert.deepEqual(await tests({ 'yarn.lock': '' }, { packageManager: 'yarn@4.1.0' }), [
    'yarn install --immutable --mode=skip-build',
    'yarn test',
  ]);
  assert.deepEqual(await tests({ 'bun.lock': '' }), ['bun install --frozen-lockfile --ignore-scripts', 'bun run test']);
});

test('the install stands once in a subproject, for the recipes that need it', async (t) => {
  const found = await only(
    t,
    { scripts: { test: 'x', build: 'x' }, ...needs },
    { 'a.js': '', 'package-lock.json': '' },
  );
  assert.equal(found.install, npmCi);
  assert.deepEqual(found.install_for, ['build', 'test']);
});

test("Node's own test runner is started without npm, with the output that parsers read", async (t) => {
  const tests = async (script: string) => (await only(t, { scripts: { test: script, build: 'x' } })).test;
  assert.equal(await tests('node --test'), 'node --test --test-reporter=tap');
  assert.equal(await tests('node --test test/'), 'node --test --test-reporter=tap test/');
  assert.equal(await tests('node --test && echo done'), 'npm test');
  assert.equal(await tests('echo "Error: no test specified" && exit 1'), undefined);
});

test('ESLint runs with the configuration of the repository, here or above, and else with core rules', async (t) => {
  const files = { 'a.js': '', 'package-lock.json': '' };
  const own = await only(t, { devDependencies: { eslint: '9' } }, { ...files, 'eslint.config.mjs': '' });
  assert.equal(own.lint, 'PATH="$PWD/node_modules/.bin:$PATH" eslint -f json .');
  assert.equal(own.install, npmCi);
  assert.equal((await only(t, {}, { ...files, 'eslint.config.js': '' })).lint, 'eslint -f json .');
  assert.match((await only(t, needs, files)).lint ?? '', /^eslint -f json --no-config-lookup --no-inline-config /);
  const dir = await writtenFiles(t, { 'eslint.config.js': '', 'p/package.json': '{}', 'p/a.js': '' });
  assert.equal((await detect(dir, { has: () => true })).subprojects[0]?.lint, 'eslint -f json .');
});

test('the compiler checks what has its configuration, as the build of a package that has none', async (t) => {
  const files = { 'tsconfig.json': '{}', 'a.ts': '' };
  const plain = await only(t, {}, files);
  assert.equal(plain.language, 'typescript');
  assert.equal(plain.build, 'tsc --noEmit --pretty false');
  assert.equal((await only(t, { scripts: { build: 'x' } }, files)).lint, 'tsc --noEmit --pretty false');
  const split = await only(t, {}, { 'tsconfig.json': '{"files":[],"references":[{"path":"a"}]}' });
  assert.equal(split.build, 'tsc -b --noEmit --pretty false');
  const deep = await only(t, {}, { 'a/tsconfig.json': '{}', 'b/tsconfig.json': '{}' });
  assert.match(deep.build ?? '', /tsc --noEmit --pretty false -p a\/tsconfig.json .* -p b\/tsconfig.json /);
});

test('a tool of the package is asked of its package manager, and one of the farm by its name', async (t) => {
  const config = { 'eslint.config.js': '', 'a.js': '' };
  const asked = async (manifest: object) => {
    const dir = await writtenFiles(t, { 'package.json': JSON.stringify(manifest), ...config });
    return (await detect(dir, { has: (tool) => tool === 'npm' })).skipped;
  };
  assert.deepEqual(await asked({ devDependencies: { eslint: '9' } }), []);
  assert.equal((await asked(needs))[0]?.why, 'eslint is configured but not installed: `npm install --global eslint`');
});

test('a workspace root runs the tests of its members, and members are not listed again', async (t) => {
  const member = JSON.stringify({ scripts: { test: 'node a.js' }, ...needs });
  const files = { 'packages/a/package.json': member, 'packages/b/package.json': '{}', 'package-lock.json': '' };
  assert.equal((await only(t, { workspaces: ['packages/*'] }, files)).test, 'npm test --workspaces --if-present');
  assert.equal((await only(t, { workspaces: { packages: ['./packages/*/'] } }, files)).path, '.');
  const pnpm = {
    ...files,
    'pnpm-workspace.yaml': "# all\npackages:\n  - 'packages/**'\nother:\n  - x\n",
    'pnpm-lock.yaml': '',
  };
  assert.equal((await only(t, {}, pnpm)).test, 'pnpm -r test');
  const dir = await writtenFiles(t, {
    'package.json': '{"workspaces":["packages/*","!packages/a"],"scripts":{"test":"x"}}',
    ...files,
  });
  const { subprojects, off } = await detect(dir, { has: () => true });
  assert.deepEqual(
    [subprojects, off].map((all) => all.map(({ path }) => path)),
    [['.'], ['packages/a']],
  );
});

test('a script for benchmarks is no build, a name with a hyphen is whole, and one command runs once', async (t) => {
  const ci = (...runs: string[]) => ({
    '.github/workflows/ci.yml': JSON.stringify({ jobs: { all: { steps: runs.map((run) => ({ run })) } } }),
  });
  const scripts = { build: 'b', 'build:benchmark': 'b --all', test: 't', 'test:min': 'm', 'test:prod': 'm' };
  const found = await only(
    t,
    { scripts: { ...scripts, 'test:devtools-ui': 'd' } },
    ci('npm run build:benchmark', 'npm test', 'npm run test:devtools-ui', 'npm run test:min', 'npm run test:prod'),
  );
  assert.equal(found.build, 'npm run build');
  assert.deepEqual(found.test?.match(/npm (test|run test:[\w-]+)/g), [
    'npm test',
    'npm run test:devtools-ui',
    'npm run test:min',
  ]);
});

test('a runner of tasks that builds before it tests is not helped, and built members are not compiled again at the root', async (t) => {
  const scripts = { build: 'turbo run build', test: 'turbo run test --' };
  const member = { scripts: { build: 'tsdx build', test: 'tsdx test' } };
  const files = {
    'packages/a/package.json': JSON.stringify({ name: 'a', ...member }),
    'packages/b/package.json': JSON.stringify({ name: 'b', dependencies: { a: '1' }, ...member }),
    'tsconfig.json': '{}',
    'package-lock.json': '{}',
    '.github/workflows/ci.yml': JSON.stringify({ jobs: { all: { steps: [{ run: 'npm test' }] } } }),
  };
  const manifest = { workspaces: ['packages/*'], scripts };
  const turbo = { 'turbo.json': '{"tasks": {"test": {"dependsOn": ["^build", "build"]}}}' };
  const { test: tests, lint } = await only(t, manifest, { ...files, ...turbo });
  assert.deepEqual([tests, lint], ['npm test', undefined]);
  const nx = { ...manifest, scripts: { ...scripts, test: 'nx run-many -t test' } };
  const targets = { 'nx.json': '{"targetDefaults": {"test": {"dependsOn": ["^build"]}}}' };
  assert.equal((await only(t, nx, { ...files, ...targets })).test, 'npm test');
  assert.equal((await only(t, manifest, files)).test, 'npm run build && npm test');
});
