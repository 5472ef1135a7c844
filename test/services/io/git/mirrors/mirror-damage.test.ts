import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { openWorkspaces, type Workspaces } from '../../../../../services/io/git/trees/workspaces.ts';
import { atEnd, commitFiles, git, makeRepository, temporaryFolder } from '../../../../support/git-repository.ts';

type Stage = {
  origin: string;
  mirror: string;
  workspaces: Workspaces;
  trouble: string[];
  /** Pushes a commit and checks it out; answers the text of the file that it changed. */
  next(): Promise<string>;
};

async function stageOf(context: TestContext): Promise<Stage> {
  const folder = temporaryFolder(context);
  const origin = makeRepository(path.join(folder, 'origin'), { 'README.md': 'first\n', 'src/a.txt': 'a\n' });
  const trouble: string[] = [];
  const workspaces = openWorkspaces({
    dir: path.join(folder, 'work'),
    allowLocal: true,
    // A tree that is being cleaned at this moment may be thrown away, too.
    onTrouble: (what, error) => {
      if (/mirror/.test(what)) trouble.push(`${what}: ${error instanceof Error ? error.message : error}`);
    },
  });
  atEnd(context, () => workspaces.close());
  let count = 0;
  const next = async () => {
    count += 1;
    commitFiles(origin, { 'src/a.txt': `${count}\n` });
    const { dir, release } = await workspaces.checkout({ remote: { url: origin }, branch: 'main' });
    const text = readFileSync(path.join(dir, 'src/a.txt'), 'utf8');
    await release();
    return text;
  };
  await next();
  const mirrors = path.join(folder, 'work', 'mirrors');
  const name = readdirSync(mirrors).find((each) => each.endsWith('.git')) ?? '';
  return { origin, mirror: path.join(mirrors, name), workspaces, trouble, next };
}

const objectsOf = (mirror: string): string[] =>
  readdirSync(path.join(mirror, 'objects'), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(mirror, 'objects', name))
    .filter((file) => statSync(file).isFile());

/** What happens to a mirror's folder, and whether it takes a new clone to get over it. */
const damages: [what: string, damage: (mirror: string) => void, cloned: boolean][] = [
  ['a lock of packed-refs', (m) => writeFileSync(path.join(m, 'packed-refs.lock'), ''), false],
  [
    'a lock of the branch',
    (m) => {
      mkdirSync(path.join(m, 'refs/remotes/origin'), { recursive: true });
      writeFileSync(path.join(m, 'refs/remotes/origin/main.lock'), '');
    },
    false,
  ],
  ['HEAD is gone', (m) => rmSync(path.join(m, 'HEAD')), true],
  ['HEAD is empty', (m) => truncateSync(path.join(m, 'HEAD')), true],
  [
    'every object is empty',
    (m) => {
      for (const file of objectsOf(m)) {
        chmodSync(file, 0o644);
        truncateSync(file);
      }
    },
    true,
  ],
  [
    'every object is cut in half',
    (m) => {
      for (const file of objectsOf(m)) {
        chmodSync(file, 0o644);
        truncateSync(file, Math.floor(statSync(file).size / 2));
      }
    },
    true,
  ],
  ['the objects are gone', (m) => rmSync(path.join(m, 'objects'), { recursive: true }), true],
  ['the refs are gone', (m) => rmSync(path.join(m, 'refs'), { recursive: true }), true],
  ['packed-refs is garbage', (m) => writeFileSync(path.join(m, 'packed-refs'), 'not a ref\n\0\0\n'), true],
  ['the configuration is gone', (m) => rmSync(path.join(m, 'config')), true],
  ['the configuration is garbage', (m) => writeFileSync(path.join(m, 'config'), '[core\n'), true],
  [
    'the configuration names another remote',
    (m) => {
      const config = readFileSync(path.join(m, 'config'), 'utf8');
      writeFileSync(path.join(m, 'config'), config.replace(/url = .*/, 'url = "/nowhere"'));
    },
    true,
  ],
  ['only its mark is left', (m) => keepOnly(m, '.complete'), true],
];

function keepOnly(dir: string, name: string): void {
  for (const each of readdirSync(dir))
    if (each !== name) rmSync(path.join(dir, each), { recursive: true, force: true });
}

test('a damaged mirror is cloned again by the next job, said once, and nothing is blamed on the remote', async (context) => {
  const { mirror, trouble, next } = await stageOf(context);
  let pushed = 1;
  for (const [what, damage, cloned] of damages) {
    trouble.length = 0;
    damage(mirror);
    pushed += 1;
    assert.equal(await next(), `${pushed}\n`, what);
    assert.equal(trouble.length, cloned ? 1 : 0, `${what}: ${trouble.join('; ')}`);
    if (cloned) assert.match(trouble[0] ?? '', /mirror .* damaged and cloned again/);
    pushed += 1;
    assert.equal(await next(), `${pushed}\n`, `${what}, one job later`);
    assert.equal(trouble.length, cloned ? 1 : 0, `${what}, one job later: ${trouble.join('; ')}`);
  }
  const aside = readdirSync(path.dirname(mirror)).filter((name) => name.includes('.damaged-'));
  assert.equal(aside.length, 1, 'one damaged mirror is kept for whoever wants to know');
});

test('an object that is lost between two jobs of one commit is brought again', async (context) => {
  const { origin, mirror, workspaces, trouble } = await stageOf(context);
  const sha = git(origin, 'rev-parse', 'HEAD');
  for (const file of objectsOf(mirror)) rmSync(file);
  const blobs = await workspaces.readBlobs({ url: origin }, sha, ['src/a.txt']);
  assert.equal(String(blobs.get('src/a.txt')), '1\n');
  assert.equal(trouble.length, 1);
});

test('many jobs that meet one damaged mirror clone it once', async (context) => {
  const { origin, mirror, workspaces, trouble } = await stageOf(context);
  rmSync(path.join(mirror, 'objects'), { recursive: true });
  commitFiles(origin, { 'src/a.txt': 'many\n' });
  const jobs = Array.from({ length: 6 }, () => workspaces.checkout({ remote: { url: origin }, branch: 'main' }));
  for (const { dir, release } of await Promise.all(jobs)) {
    assert.equal(readFileSync(path.join(dir, 'src/a.txt'), 'utf8'), 'many\n');
    await release();
  }
  assert.equal(trouble.length, 1, trouble.join('; '));
});

test('a remote that is broken itself is named, and the mirror stays', async (context) => {
  const { origin, mirror, next, trouble } = await stageOf(context);
  const inode = statSync(mirror).ino;
  rmSync(path.join(origin, '.git/HEAD'));
  await assert.rejects(next);
  assert.equal(statSync(mirror).ino, inode, trouble.join('; '));
});
