import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addedText, placeHunks } from '../../../../../../services/io/git/patches/apply/hunk-places.ts';
import { hasPrefixes, readLooseDiff } from '../../../../../../services/io/git/patches/apply/loose-diff.ts';
import { isWholeDiff } from '../../../../../../services/io/git/patches/apply/whole-diff.ts';
import { readReport } from '../../../../../../services/io/git/patches/push/receive-report.ts';
import { assertLight } from '../../../../../support/cpu-time.ts';

const word = fc.constantFrom(
  'diff --git a/x b/x',
  '--- a/x',
  '+++ b/x',
  '@@ -1,2 +1,2 @@',
  '@@ @@',
  '@@',
  ' a',
  '-a',
  '+b',
  '',
  'a',
  '\\ No newline',
  '"',
  '--- "a\\',
  '\r',
  'new file mode 1',
  'rename to y',
);
const diffs = fc.oneof(
  fc.string(),
  fc.array(word, { maxLength: 30 }).map((lines) => lines.join('\n')),
);

test('reading a diff and placing its hunks never fails, whatever they are', () => {
  fc.assert(
    fc.property(diffs, fc.string(), (diff, text) => {
      const files = readLooseDiff(diff);
      isWholeDiff(diff);
      hasPrefixes(files);
      for (const { hunks } of files) {
        addedText(hunks);
        const placed = placeHunks(text, hunks);
        assert.equal(typeof ('text' in placed ? placed.text : placed.problem), 'string');
      }
    }),
  );
});

test('a diff is whole only when no line of it would be passed over', () => {
  const head = '--- a/x\n+++ b/x\n';
  assert.ok(isWholeDiff(`diff --git a/x b/x\nindex 1..2 100644\n${head}@@ -1,2 +1,2 @@\n a\n-b\n+c\n`));
  assert.ok(isWholeDiff(`${head}@@ -1 +1 @@\n--- a/y\n+++ b/y\n@@ -5,0 +6 @@\n+d\n`));
  assert.ok(isWholeDiff(`${head}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n`));
  assert.ok(!isWholeDiff(`${head}@@ -1,2 +1,2 @@\n a\n-b\n+c\n d\n-e\n`));
  assert.ok(!isWholeDiff(`${head}@@ -1,3 +1,3 @@\n a\n-b\n+c\n`));
  assert.ok(!isWholeDiff(`${head}@@ -1,2 +1,2 @@\n a\n-b\n+c\n@@ @@\n-d\n`));
});

test('a file is known by its names, its moves and its mode', () => {
  const [moved, made] = readLooseDiff(
    'diff --git a/o.txt b/n.txt\nrename from o.txt\nrename to n.txt\nnew mode 100755\ndiff --git "a/\\303\\274 b" "b/\\303\\274 b"\nnew file mode 100644\n',
  );
  assert.deepEqual(
    [moved?.oldPath, moved?.newPath, moved?.renamed, moved?.mode],
    ['a/o.txt', 'b/n.txt', { from: 'o.txt', to: 'n.txt' }, '100755'],
  );
  assert.deepEqual([made?.oldPath, made?.newPath], [null, 'b/ü b']);
});

test('a very long line of quotes and backslashes takes no time', () => {
  assertLight(2_000, 'the whole', () => {
    readLooseDiff(`--- "${'\\\\'.repeat(500_000)}\n+++ "${'\\"'.repeat(500_000)}\n@@ @@\n a\n`);
    readLooseDiff(`diff --git "${'a" "'.repeat(200_000)}\n`);
  });
});

test('the answer to a push is read in any pieces, and never fails', () => {
  const line = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text;
  const status = `${line('unpack ok\n')}${line('ng refs/heads/x pre-receive hook declined\n')}0000`;
  const answer = `${line('\x02no, ')}${line(`\x01${status.slice(0, 9)}`)}${line('\x02never')}${line(`\x01${status.slice(9)}`)}0000`;
  const report = readReport(Buffer.from(answer), true);
  assert.deepEqual(
    [report.unpack, report.refs.get('refs/heads/x'), report.words],
    ['ok', 'pre-receive hook declined', 'no, never'],
  );
  assert.equal(readReport(Buffer.from(status), false).refs.size, 1);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.boolean(), (noise, cut, bands) => {
      readReport(Buffer.from(noise), bands);
      readReport(Buffer.from(answer).subarray(0, cut), bands);
    }),
  );
});
