import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { printTree, trustedAfterMs } from '../../../../../services/io/git/trees/tree-print.ts';
import { git, makeRepository, temporaryFolder, testWorkspaces } from '../../../../support/git-repository.ts';

const later = () => Date.now() + 60_000;

/** A small tree whose entries are old enough for their stamps to tell. */
function oldTree(context: TestContext): string {
  const dir = temporaryFolder(context);
  fs.mkdirSync(path.join(dir, 'src'));
  fs.writeFileSync(path.join(dir, 'src/main.c'), 'int main;\n');
  fs.symlinkSync('src', path.join(dir, 'link'));
  while (printTree(dir) === undefined);
  return dir;
}

const changes: Record<string, (dir: string) => void> = {
  'a file with other content of the same size and its old time': (dir) => {
    const file = path.join(dir, 'src/main.c');
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, 'int evil;\n');
    fs.utimesSync(file, atime, mtime);
  },
  'a file that was added and removed': (dir) => {
    fs.writeFileSync(path.join(dir, 'src/new'), '');
    fs.rmSync(path.join(dir, 'src/new'));
  },
  'a file that was removed': (dir) => fs.rmSync(path.join(dir, 'src/main.c')),
  'a mode that was changed and changed back': (dir) => {
    fs.chmodSync(path.join(dir, 'src/main.c'), 0o600);
    fs.chmodSync(path.join(dir, 'src/main.c'), 0o644);
  },
  'a further link to a file from outside': (dir) => {
    fs.linkSync(path.join(dir, 'src/main.c'), `${dir}-link`);
    fs.rmSync(`${dir}-link`);
  },
  'a link that leads elsewhere': (dir) => {
    fs.rmSync(path.join(dir, 'link'));
    fs.symlinkSync('sr_', path.join(dir, 'link'));
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`the print of a tree shows ${what}`, (context) => {
    const dir = oldTree(context);
    const before = printTree(dir);
    assert.equal(printTree(dir, later()), before);
    change(dir);
    assert.notEqual(printTree(dir, later()), before);
  });
}

test('a tree that changed within one tick of the clock has no print', (context) => {
  const dir = oldTree(context);
  fs.writeFileSync(path.join(dir, 'src/now'), '');
  const changedAt = Math.floor(fs.statSync(path.join(dir, 'src')).ctimeMs);
  assert.equal(printTree(dir, changedAt + trustedAfterMs), undefined);
  assert.notEqual(printTree(dir, changedAt + trustedAfterMs + 1), undefined);
});

test('a tree that is gone, or has more entries than are worth looking at, has no print', (context) => {
  const dir = oldTree(context);
  for (let n = 0; n < 500; n += 1) fs.writeFileSync(path.join(dir, `file-${n}`), '');
  assert.equal(printTree(dir, later()), undefined);
  assert.equal(printTree(path.join(dir, 'absent'), later()), undefined);
});

test('a tree that one job left alone is still made clean after the next one', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(path.join(folder, 'origin'), { 'main.c': 'int main;\n', '.gitignore': 'out\n' });
  const workspaces = testWorkspaces(context, path.join(folder, 'work'));
  const dirs = new Set<string>();
  for (let turn = 0; turn < 6; turn += 1) {
    const job = await workspaces.checkout({ remote: { url }, branch: 'main' });
    dirs.add(job.dir);
    assert.equal(fs.readFileSync(path.join(job.dir, 'main.c'), 'utf8'), 'int main;\n');
    assert.equal(git(job.dir, 'ls-files', '--others'), '');
    if (turn % 3 === 2) {
      const { atime, mtime } = fs.statSync(path.join(job.dir, 'main.c'));
      fs.writeFileSync(path.join(job.dir, 'main.c'), 'int evil;\n');
      fs.utimesSync(path.join(job.dir, 'main.c'), atime, mtime);
      fs.writeFileSync(path.join(job.dir, 'out'), '');
    }
    await job.release();
    await workspaces.gc();
  }
  assert.equal(dirs.size, 1);
});
