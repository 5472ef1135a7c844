import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { demoRepository } from '../../../services/cli/demo/demo-repository.ts';
import { type InitOptions, initProject } from '../../../services/cli/init/init-project.ts';
import { localPlan } from '../../../services/cli/local/local-plan.ts';
import { changedFiles } from '../../../services/cli/local/tree/changed-files.ts';
import { checkoutHere, gitIn } from '../../../services/cli/local/tree/checkout-here.ts';
import { folderGit } from '../../../services/io/git/folder-git.ts';
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
  assert.match(out, /^Off {9}examples\/a \(javascript\): .* no CI file checks it$/m);
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

/** Every setting of a repository that names a program, each of which leaves a mark when it is run. */
function hostileConfig(mark: string): string {
  const run = (name: string) => `"touch ${join(mark, name)}; false"`;
  return [
    `[core]\n\tfsmonitor = ${run('fsmonitor')}\n\tsshCommand = ${run('ssh')}\n\tgitProxy = ${run('proxy')}`,
    `\thooksPath = ${mark}-hooks\n\tpager = ${run('pager')}\n\teditor = ${run('editor')}\n\taskPass = ${run('ask')}`,
    `\talternateRefsCommand = ${run('alternate')}`,
    `[filter "evil.one=x"]\n\tclean = ${run('clean')}\n\tsmudge = ${run('smudge')}\n\tprocess = ${run('process')}\n\trequired = true`,
    `[diff]\n\texternal = ${run('external')}`,
    `[diff "evil"]\n\tcommand = ${run('command')}\n\ttextconv = ${run('textconv')}`,
    `[merge "evil"]\n\tdriver = ${run('driver')}`,
    `[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${run('gpg')}`,
    `[credential]\n\thelper = ${run('credential')}\n[uploadpack]\n\tpackObjectsHook = ${run('pack')}`,
    `[protocol "ext"]\n\tallow = always\n[remote "origin"]\n\turl = "ext::touch ${join(mark, 'remote')}"`,
    `\tuploadpack = ${run('uploadpack')}\n\tpromisor = true\n\tpartialclonefilter = blob:none`,
    '[status]\n\tsubmoduleSummary = true\n',
  ].join('\n');
}

function hostile(context: TestContext): { dir: string; mark: string } {
  const folder = temporaryFolder(context);
  const mark = join(folder, 'marks');
  mkdirSync(mark);
  mkdirSync(`${mark}-hooks`);
  for (const hook of ['post-index-change', 'post-checkout', 'reference-transaction'])
    writeFileSync(join(`${mark}-hooks`, hook), `#!/bin/sh\ntouch ${join(mark, hook)}\n`, { mode: 0o755 });
  const attributes = '*.js filter=evil.one=x diff=evil merge=evil\n*.txt filter=evil.one=x diff=evil\n';
  const dir = makeRepository(join(folder, 'shop'), { ...files, 'a.js': '1\n' });
  const inner = makeRepository(join(dir, 'inner'), { 'a.txt': '1\n' });
  git(dir, '-c', 'advice.addEmbeddedRepo=false', 'add', 'inner');
  git(dir, 'commit', '--quiet', '-m', 'A submodule');
  for (const one of [dir, inner]) {
    appendFileSync(join(one, '.git', 'config'), `\n${hostileConfig(mark)}`);
    writeFileSync(join(one, '.git', 'info', 'attributes'), attributes);
  }
  writeFileSync(join(dir, 'a.js'), '2\n');
  writeFileSync(join(inner, 'a.txt'), '2\n');
  return { dir, mark };
}

test('no program that the settings of a repository name is run where it is looked at', async (context) => {
  const { dir, mark } = hostile(context);
  const { code, out } = await init(dir);
  assert.equal(code, 0);
  assert.match(out, /has no remote `origin`/);
  const copy = await demoRepository({ repository: dir, branch: null, keep: false }, temporaryFolder(context));
  assert.equal(copy.leftOut, null);
  for (const cwd of [dir, join(dir, 'inner')]) {
    const here = await checkoutHere(cwd, process.env);
    assert.deepEqual([here.isGit, here.dirty], [true, true]);
    const changed = await changedFiles(here, 'HEAD', gitIn(cwd, process.env));
    assert.ok(changed.has(cwd === dir ? 'a.js' : 'a.txt'));
    await folderGit(['log', '-1', '-p'], { cwd, env: process.env });
  }
  assert.deepEqual(readdirSync(mark), []);
  // The settings are real ones: a git that obeys them runs what they name.
  spawnSync('git', ['-C', dir, 'status']);
  assert.notDeepEqual(readdirSync(mark), []);
});

test('a tag named like the branch is not taken for it', async (context) => {
  const dir = makeRepository(join(temporaryFolder(context), 'tagged'), { 'a.sh': '#!/bin/sh\n' });
  git(dir, 'tag', 'main');
  assert.equal((await demoRepository({ repository: dir, branch: null, keep: true }, dir)).branch, 'main');
});

test('a folder of a work tree that looks like a repository, or names a work tree elsewhere, is none', async (context) => {
  const { dir, mark } = hostile(context);
  const inner = join(dir, 'sub', 'x');
  mkdirSync(join(dir, 'sub'));
  cpSync(join(dir, '.git'), inner, { recursive: true });
  git(inner, `--git-dir=${inner}`, 'config', 'core.worktree', '.');
  await assert.rejects(checkoutHere(inner, process.env), { code: 'invalid', message: /cannot use bare repository/ });
  await assert.rejects(init(inner, { print: true }), { code: 'invalid', message: /is not a git repository/ });
  git(dir, 'config', 'core.worktree', temporaryFolder(context));
  await assert.rejects(init(dir, { print: true }), { code: 'invalid' });
  git(dir, 'config', 'core.worktree', join(dir, '..'));
  await assert.rejects(init(dir), { code: 'invalid', message: /name a work tree elsewhere/ });
  assert.deepEqual(readdirSync(mark), []);
});

test('a bare repository that somebody names is looked at, and none of its programs is run', async (context) => {
  const { dir, mark } = hostile(context);
  const bare = join(temporaryFolder(context), 'bare.git');
  git('/', 'clone', '--quiet', '--bare', dir, bare);
  for (const name of readdirSync(mark)) rmSync(join(mark, name));
  appendFileSync(join(bare, 'config'), `\n${hostileConfig(mark)}`);
  assert.equal((await init(bare, { print: true })).code, 0);
  assert.deepEqual(readdirSync(mark), []);
});

test('init --force puts a file in the place of a link, and leaves what that leads to', async (context) => {
  const dir = shop(context);
  const outside = join(temporaryFolder(context), 'outside');
  writeFileSync(outside, 'mine');
  symlinkSync(outside, join(dir, '.crafting-table.json'));
  await assert.rejects(init(dir), { code: 'conflict' });
  assert.equal((await init(dir, { force: true })).code, 0);
  assert.equal(readFileSync(outside, 'utf8'), 'mine');
  assert.equal(lstatSync(join(dir, '.crafting-table.json')).isFile(), true);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('what cannot be read is told, and the rest is found', async (context) => {
  const bomb = `a: &a [1]\n${[...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]}, `.repeat(20)}]`).join('\n')}\n`;
  const broken = { 'go.mod': 'module m\n', 'a.go': '', 'web/package.json': '{"scripts":', '.gitlab-ci.yml': bomb };
  const dir = makeRepository(join(temporaryFolder(context), 'shop'), { ...broken, 'two\nlines/package.json': script });
  const { out } = await init(dir, { allTools: true });
  assert.match(out, /^Found {7}\. \(go\)$/m);
  assert.match(out, /^Not read {4}web\/package\.json: it cannot be read: /m);
  assert.match(out, /^Not read {4}\.gitlab-ci\.yml: it (cannot be read|is too long)/m);
  assert.match(out, /^Not read {4}"two\\nlines": its name holds a character that cannot be printed$/m);
  const alone = makeRepository(join(temporaryFolder(context), 'alone'), { 'package.json': '{' });
  await assert.rejects(init(alone), { message: /^Nothing that .* Not read: package\.json \(it cannot be read: / });
});

test('init and doctor say which versions a repository asks for, and what is here of them', async (context) => {
  const dir = makeRepository(join(temporaryFolder(context), 'shop'), {
    'package.json': '{"scripts":{"test":"node --test"},"packageManager":"yarn@99.1.0"}',
    'go.mod': 'module shop\n\ngo 1.1\n',
    '.nvmrc': 'v1\n',
  });
  const { err } = await init(dir, { print: true });
  assert.match(err, /^Toolchain {3}\.nvmrc asks for node v1: here is \d+\.\d+\.\d+; recipes run with \d/m);
  assert.match(err, /^Toolchain {3}package\.json asks for yarn 99\.1\.0: here is .*corepack/m);
  const launch = join(import.meta.dirname, '../../../services/cli/launch.mjs');
  const doctor = spawnSync(process.execPath, [launch, 'doctor', '--json'], { cwd: dir, encoding: 'utf8' });
  const { asked } = JSON.parse(doctor.stdout);
  assert.deepEqual(
    asked.filter(({ file }: { file: string }) => file === '.nvmrc').map(({ met }: { met: unknown }) => met),
    [null],
  );
});
