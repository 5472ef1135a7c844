import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FixOptions, fixLocal } from '../../../../services/cli/local/fix-local.ts';
import { writeFiles } from '../../../../services/cli/local/tree/write-files.ts';
import { git } from '../../../support/git-repository.ts';
import { mendingLinter } from '../../../support/mending-linter.ts';
import { snapshotTree } from '../../../support/tree-snapshot.ts';
import { askedCli, checkoutWith, here } from '../checkouts.ts';
import { watchedCli } from '../watched-cli.ts';

const usual = { recipes: ['lint'], subproject: null, project: null, yes: false, dryRun: false, allowDirty: false };

function shop(context: TestContext, files: Record<string, string> = {}, lint = 'perl lint.pl'): string {
  return checkoutWith(context, { lint }, { 'lint.pl': mendingLinter(), 'src/a.js': 'evil and worse\n', ...files });
}

async function fix(cwd: string, options: Partial<FixOptions> = {}, cli = watchedCli({ env: here })) {
  const code = await fixLocal({ ...usual, ...options, cwd }, cli);
  return { code, out: cli.out(), err: cli.err(), text: readFileSync(join(cwd, 'src/a.js'), 'utf8') };
}

test('the tools mend in passes until nothing changes, and what is asked for is written with one yes', async (context) => {
  const dir = shop(context);
  const { code, out, text } = await fix(dir, {}, askedCli(['y']));
  // The edit of evil is bad, which has an edit of its own.
  assert.deepEqual([code, text], [0, 'good and worse\n'], out);
  assert.match(out, /^-evil and worse\n\+good and worse$/m);
  assert.match(out, /^1 finding mended in 1 file, 2 passes; 1 left\.$/m);
});

test('nothing is written before somebody says yes, nor where nobody can', async (context) => {
  const dir = shop(context);
  const before = snapshotTree(dir);
  const refused = await fix(dir, {}, askedCli(['n']));
  assert.equal(refused.code, 1);
  assert.match(refused.out, /Nothing is written/);
  const alone = await fix(dir);
  assert.equal(alone.code, 1);
  assert.match(alone.err, /nobody is there to be asked\. Say --yes/);
  const shown = await fix(dir, { dryRun: true, yes: true });
  assert.equal(shown.code, 1);
  assert.match(shown.out, /^\+good and worse$/m);
  assert.deepEqual(snapshotTree(dir), before);
});

test('changes that are not committed stop it, unless it is told', async (context) => {
  const dir = shop(context);
  writeFileSync(join(dir, 'src/b.js'), 'bad\n');
  const refused = await fix(dir, { yes: true });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /changes that are not committed.*--allow-dirty/);
  assert.equal((await fix(dir, { yes: true, allowDirty: true })).code, 0);
  assert.equal(readFileSync(join(dir, 'src/b.js'), 'utf8'), 'good\n');
});

test('a file that changes while the tools work is left alone', async (context) => {
  const dir = shop(context, {}, `perl lint.pl; code=$?; echo mine > "$SHOP/src/a.js"; exit $code`);
  const { code, err, text } = await fix(dir, { yes: true }, watchedCli({ env: { ...here, SHOP: dir } }));
  assert.deepEqual([code, text], [1, 'mine\n']);
  assert.match(err, /src\/a\.js is left alone: it changed in the meantime/);
});

test('dependencies that git ignores are there for the tools, and no install touches them', async (context) => {
  const dir = checkoutWith(
    context,
    { lint: 'perl lint.pl; cat node_modules/here', install: 'rm -rf node_modules/*' },
    { 'lint.pl': mendingLinter(), 'src/a.js': 'bad\n', '.gitignore': 'node_modules/\n', 'package.json': '{}' },
  );
  mkdirSync(join(dir, 'node_modules'));
  writeFileSync(join(dir, 'node_modules/here'), '');
  assert.equal((await fix(dir, { yes: true })).text, 'good\n');
  assert.ok(existsSync(join(dir, 'node_modules/here')));
});

test('edits that undo each other end in a sentence and not in a loop', async (context) => {
  const rules = [
    { code: 'no-left', word: 'left', fix: 'right' },
    { code: 'no-right', word: 'right', fix: 'left' },
  ];
  const dir = shop(context, { 'lint.pl': mendingLinter({ rules }), 'src/a.js': 'left\n' });
  const { code, err, text } = await fix(dir, { yes: true });
  assert.deepEqual([code, text], [1, 'left\n']);
  assert.match(err, /Nothing is written: the edits of two tools undo each other/);
});

test('a link inside the repository is edited once, as the file that it leads to', async (context) => {
  const dir = shop(context, { 'src/a.js': 'bad\n' });
  symlinkSync('a.js', join(dir, 'src/link.js'));
  symlinkSync(join(dir, 'src/a.js'), join(dir, 'src/whole.js'));
  git(dir, 'add', '.');
  const { code, out, text } = await fix(dir, { yes: true, allowDirty: true });
  assert.deepEqual([code, text], [0, 'good\n'], out);
  assert.doesNotMatch(out, /^diff .*(link|whole)\.js/m);
  assert.match(out, /^1 file written\.$/m);
});

test('where one file cannot be written, none is', async (context) => {
  const dir = shop(context, { 'src/a.js': 'one', 'src/b.js': 'two' });
  const [a, b] = [join(dir, 'src/a.js'), join(dir, 'src/b.js')];
  const full = async (path: string, content: string | Uint8Array) => {
    if (path === b && content === 'new') throw new Error('no space left');
    writeFileSync(path, content);
  };
  const contents = new Map([a, b].map((path) => [path, 'new']));
  const fault = await writeFiles(contents, full);
  assert.deepEqual(fault, { path: b, reason: 'no space left', undone: true });
  assert.deepEqual([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')], ['one', 'two']);
  assert.equal(
    (
      await writeFiles(
        new Map([
          [a, 'new'],
          [join(dir, 'gone'), 'new'],
        ]),
      )
    )?.undone,
    true,
  );
  assert.equal(readFileSync(a, 'utf8'), 'one');
});
