import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { git, makeRepository, temporaryFolder, testWorkspaces } from '../../../../support/git-repository.ts';
import { snapshotTree } from '../../../../support/tree-snapshot.ts';

type Scene = { outside: string; tree: string; mark: string };

/** Lets a job do something to its tree, and compares what the next job gets with a fresh clone. */
async function nextTreeIsFresh(context: TestContext, job: (scene: Scene) => void, sameSlot = true): Promise<void> {
  const folder = temporaryFolder(context);
  const outside = path.join(folder, 'outside');
  const mark = path.join(folder, 'ran');
  fs.mkdirSync(outside);
  fs.writeFileSync(path.join(outside, 'precious.txt'), 'precious');
  const library = makeRepository(path.join(folder, 'library'));
  const url = makeRepository(path.join(folder, 'origin'), {
    'README.md': 'readme\n',
    'run.sh': '#!/bin/sh\n',
    'src/main.c': 'int main;\n',
    'src/deep/er.c': 'deeper;\n',
    'docs/guide.md': 'guide\n',
    '.gitignore': 'build/\n*.log\n',
  });
  fs.symlinkSync(outside, path.join(url, 'exit'));
  fs.chmodSync(path.join(url, 'run.sh'), 0o755);
  git(url, 'submodule', '--quiet', 'add', library, 'vendor/library');
  git(url, 'add', '--all');
  git(url, 'commit', '--quiet', '--message', 'links');
  const workspaces = testWorkspaces(context, path.join(folder, 'work'), sameSlot ? {} : { onTrouble: () => {} });
  const dirty = await workspaces.checkout({ remote: { url }, branch: 'main' });
  job({ outside, tree: dirty.dir, mark });
  await dirty.release();
  const next = await workspaces.checkout({ remote: { url }, branch: 'main' });
  git(folder, 'clone', '--quiet', url, 'fresh');
  assert.deepEqual(snapshotTree(next.dir), snapshotTree(path.join(folder, 'fresh')));
  assert.equal(git(next.dir, 'status', '--porcelain', '--ignored'), '');
  assert.deepEqual(fs.readdirSync(outside), ['precious.txt']);
  assert.equal(fs.readFileSync(path.join(outside, 'precious.txt'), 'utf8'), 'precious');
  assert.ok(!fs.existsSync(mark), 'something of the job ran while cleaning');
  if (sameSlot) assert.equal(next.dir, dirty.dir);
  await next.release();
}

test('nothing stays of ignored and untracked files, empty folders and other repositories', (context) =>
  nextTreeIsFresh(context, ({ tree }) => {
    const at = (name: string): string => path.join(tree, name);
    fs.mkdirSync(at('build/deep'), { recursive: true });
    fs.writeFileSync(at('build/deep/out.o'), 'o');
    fs.writeFileSync(at('src/trace.log'), 'log');
    fs.writeFileSync(at('src/new\nline.c'), 'c');
    fs.mkdirSync(at('src/empty'));
    makeRepository(at('nested'));
    git(at('src'), 'init', '--quiet');
    git(tree, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
    fs.writeFileSync(at('vendor/library/left.txt'), 'left');
  }));

test('nothing stays of edits that were hidden from git', (context) =>
  nextTreeIsFresh(context, ({ tree }) => {
    const at = (name: string): string => path.join(tree, name);
    git(tree, 'update-index', '--assume-unchanged', 'README.md');
    git(tree, 'update-index', '--skip-worktree', 'docs/guide.md');
    fs.writeFileSync(at('docs/guide.md'), 'wrong');
    const before = fs.statSync(at('README.md'));
    fs.writeFileSync(at('README.md'), 'README\n');
    fs.utimesSync(at('README.md'), before.atime, before.mtime);
    const source = fs.statSync(at('src/main.c'));
    fs.writeFileSync(at('src/main.c'), 'int MAIN;\n');
    fs.utimesSync(at('src/main.c'), source.atime, source.mtime);
    fs.rmSync(at('src/deep/er.c'));
  }));

test('nothing stays of changed modes, hard links, pipes and unreadable files', (context) =>
  nextTreeIsFresh(context, ({ tree }) => {
    const at = (name: string): string => path.join(tree, name);
    fs.linkSync(at('src/main.c'), path.join(tree, '../link-kept-elsewhere'));
    fs.chmodSync(at('src/deep/er.c'), 0o4755);
    fs.chmodSync(at('run.sh'), 0o644);
    fs.chmodSync(at('README.md'), 0o600);
    execFileSync('mkfifo', [at('src/pipe')]);
    fs.mkdirSync(at('closed/inner'), { recursive: true });
    fs.chmodSync(at('closed'), 0);
    fs.chmodSync(at('docs/guide.md'), 0);
    fs.chmodSync(at('docs'), 0o1777);
    fs.chmodSync(at('src'), 0);
    fs.chmodSync(tree, 0o700);
  }));

test('nothing stays of links in place of folders, and none is followed', (context) =>
  nextTreeIsFresh(context, ({ tree, outside }) => {
    const at = (name: string): string => path.join(tree, name);
    fs.renameSync(at('src'), at('moved'));
    fs.symlinkSync('moved', at('src'));
    fs.rmSync(at('docs'), { recursive: true });
    fs.symlinkSync(outside, at('docs'));
    fs.rmSync(at('vendor'), { recursive: true });
    fs.symlinkSync(outside, at('vendor'));
    fs.rmSync(at('README.md'));
    fs.mkdirSync(at('README.md/.git'), { recursive: true });
    fs.writeFileSync(at('README.md/inner'), 'inner');
    fs.rmSync(at('exit'));
    fs.mkdirSync(at('exit'));
    fs.writeFileSync(at('exit/inner'), 'inner');
  }));

test('nothing runs and nothing stays of hooks, filters, monitors and settings in .git', (context) =>
  nextTreeIsFresh(context, ({ tree, mark }) => {
    const script = path.join(tree, '.git/evil.sh');
    fs.writeFileSync(script, `#!/bin/sh\ntouch ${mark}\ncat\n`, { mode: 0o755 });
    fs.mkdirSync(path.join(tree, '.git/hooks'), { recursive: true });
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction']) {
      fs.copyFileSync(script, path.join(tree, '.git/hooks', hook));
    }
    fs.writeFileSync(path.join(tree, '.git/info-attributes'), '* filter=evil\n');
    fs.writeFileSync(path.join(tree, '.gitattributes'), '* filter=evil\n');
    const settings = { fsmonitor: script, attributesFile: path.join(tree, '.git/info-attributes'), worktree: '/' };
    const lines = Object.entries(settings).map(([name, value]) => `\t${name} = ${value}\n`);
    const filter = `[filter "evil"]\n\tsmudge = ${script}\n\tclean = ${script}\n\trequired = true\n`;
    fs.appendFileSync(path.join(tree, '.git/config'), `[core]\n${lines.join('')}${filter}`);
    fs.writeFileSync(path.join(tree, 'README.md'), 'changed\n');
  }));

test('a .git that leads elsewhere is not followed', (context) =>
  nextTreeIsFresh(context, ({ tree, outside }) => {
    fs.rmSync(path.join(tree, '.git'), { recursive: true });
    fs.symlinkSync(outside, path.join(tree, '.git'));
    fs.rmSync(path.join(tree, 'src'), { recursive: true });
  }));

test('a tree that was swapped for a link is thrown away, and the folder behind the link is left alone', (context) =>
  nextTreeIsFresh(
    context,
    ({ tree, outside }) => {
      fs.renameSync(tree, `${tree}-moved`);
      fs.symlinkSync(outside, tree);
    },
    false,
  ));

test('an index that was tampered with is not trusted', (context) =>
  nextTreeIsFresh(
    context,
    ({ tree }) => {
      fs.writeFileSync(path.join(tree, 'planted.txt'), 'planted');
      const env = { ...process.env, GIT_INDEX_FILE: path.join(tree, '../index') };
      execFileSync('git', ['-C', tree, 'add', 'planted.txt'], { env });
    },
    false,
  ));
