import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Patch } from '../../../../../../services/floor/changed-file.ts';
import { openWorkspaces, type Workspaces } from '../../../../../../services/io/git/trees/workspaces.ts';
import { commitFiles, git } from '../../../../../support/git-repository.ts';
import { startScene, stopScene } from '../../../../../support/patch-scene.ts';

const letters = 'a\nb\nc\nd\ne\nf\ng\nh\n';
const python = 'def one():\n    x = 1\n    return x\n\n\ndef two():\n    y = 2\n    return y\n';
const files: Record<string, string> = {
  'f.txt': letters,
  'src/app.py': python,
  'win.txt': letters.replaceAll('\n', '\r\n'),
  'open.txt': 'a\nb\nc',
  'twice.txt': 'x\nsame\ny\nx\nsame\ny\n',
  'wide.c': 'int main(void) {\n\tif (a)   {\n\t\treturn 1;\n\t}\n}\n',
  'sp ace.txt': letters,
  'größe.txt': letters,
  'sql.sql': 'select 1;\n-- old note\nselect 2;\n',
  'tabs.py': 'def f():\n\tif a:\n\t\treturn 1\n\treturn 2\n',
  'empty.txt': '',
};
const changed = letters.replace('c\n', 'C\n');
const head = '--- a/f.txt\n+++ b/f.txt\n';
const body = ' b\n-c\n+C\n d\n';

type Situation = { diff: string; becomes: Record<string, string | null> };
const f = (diff: string, text = changed): Situation => ({ diff, becomes: { 'f.txt': text } });

const situations: Record<string, Situation> = {
  'an exact diff': f(`diff --git a/f.txt b/f.txt\n${head}@@ -2,3 +2,3 @@\n${body}`),
  'no "diff --git" line': f(`${head}@@ -2,3 +2,3 @@\n${body}`),
  'counts that are too high': f(`${head}@@ -2,7 +2,9 @@\n${body}`),
  'counts that are too low': f(`${head}@@ -2,1 +2,1 @@\n${body}`),
  'a hunk that names the wrong line': f(`${head}@@ -90,3 +90,3 @@\n${body}`),
  'a header without numbers': f(`${head}@@ @@\n${body}`),
  'a header of two dots': f(`${head}@@ ... @@\n${body}`),
  'a header that is cut off': f(`${head}@@\n${body}`),
  'a header that names a function': f(`${head}@@ function f() @@\n${body}`),
  'no line end at the end': f(`${head}@@ -2,3 +2,3 @@\n b\n-c\n+C\n d`),
  'an empty line at the end': f(`${head}@@ -2,3 +2,3 @@\n${body}\n\n`),
  'words after the diff': f(`${head}@@ -2,3 +2,3 @@\n${body}\nThis makes c large.\n`),
  'words before the diff': f(`Here it is:\n\n${head}@@ -2,3 +2,3 @@\n${body}`),
  'carriage returns all over': f(`${head}@@ -2,3 +2,3 @@\n${body}`.replaceAll('\n', '\r\n')),
  'carriage returns in the lines of a file that has none': f(
    `${head}@@ -2,3 +2,3 @@\n${body.replaceAll('\n', '\r\n')}`,
  ),
  'context that lost its leading space': f(`${head}@@ -2,3 +2,3 @@\nb\n-c\n+C\nd\n`),
  'spaces at the end of context': f(`${head}@@ -2,3 +2,3 @@\n b  \n-c \n+C\n d\n`),
  'outer context that is not in the file': f(`${head}@@ -1,5 +1,5 @@\n X\n${body} Y\n`),
  'no context at all': f(`${head}@@ -3 +3 @@\n-c\n+C\n`),
  'no context and the wrong line': f(`${head}@@ -7 +7 @@\n-c\n+C\n`),
  'paths without letters in front': f(`--- f.txt\n+++ f.txt\n@@ -2,3 +2,3 @@\n${body}`),
  'paths with ./ in front': f(`--- ./f.txt\n+++ ./f.txt\n@@ -2,3 +2,3 @@\n${body}`),
  'times behind the paths': f(
    `--- a/f.txt\t2026-01-01 10:00:00\n+++ b/f.txt\t2026-01-01 10:00:01\n@@ -2,3 +2,3 @@\n${body}`,
  ),
  'an index line with made-up ids': f(
    `diff --git a/f.txt b/f.txt\nindex 1234567..89abcde 100644\n${head}@@ -2,3 +2,3 @@\n${body}`,
  ),
  'two hunks, the second one displaced by a wrong first count': f(
    `${head}@@ -1,9 +1,9 @@\n-a\n+A\n b\n@@ -40,2 +40,2 @@\n g\n-h\n+H\n`,
    'A\nb\nc\nd\ne\nf\ng\nH\n',
  ),
  'hunks in the wrong order': f(
    `${head}@@ -7,2 +7,2 @@\n g\n-h\n+H\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n`,
    'A\nb\nc\nd\ne\nf\ng\nH\n',
  ),
  'a "No newline" mark where there is a line end': f(
    `${head}@@ -7,2 +7,2 @@\n g\n-h\n\\ No newline at end of file\n+H\n`,
    'a\nb\nc\nd\ne\nf\ng\nH\n',
  ),
  'the signature of a mailed patch': f(`${head}@@ -2,3 +2,3 @@\n${body}-- \n2.39.5\n\n`),
  'a path in a folder without letters in front': {
    diff: '--- src/app.py\n+++ src/app.py\n@@ -1,3 +1,3 @@\n def one():\n-    x = 1\n+    x = 3\n     return x\n',
    becomes: { 'src/app.py': python.replace('x = 1', 'x = 3') },
  },
  'blank context that lost its space': {
    diff: '--- a/src/app.py\n+++ b/src/app.py\n@@ -3,5 +3,5 @@\n     return x\n\n\n-def two():\n+def zwei():\n     y = 2\n',
    becomes: { 'src/app.py': python.replace('two', 'zwei') },
  },
  'all indentation lost': {
    diff: '--- a/src/app.py\n+++ b/src/app.py\n@@ @@\n def two():\n-y = 2\n+y = 4\n return y\n',
    becomes: { 'src/app.py': python.replace('y = 2', '    y = 4').replace('        y', '    y') },
  },
  'spaces where the file has tabs': {
    diff: '--- a/tabs.py\n+++ b/tabs.py\n@@ @@\n def f():\n     if a:\n-        return 1\n+        return 3\n     return 2\n',
    becomes: { 'tabs.py': files['tabs.py']?.replace('return 1', 'return 3') ?? '' },
  },
  'other spaces inside of context': {
    diff: '--- a/wide.c\n+++ b/wide.c\n@@ -1,3 +1,3 @@\n int main(void) {\n \tif (a) {\n-\t\treturn 1;\n+\t\treturn 0;\n \t}\n',
    becomes: { 'wide.c': files['wide.c']?.replace('return 1', 'return 0') ?? '' },
  },
  'line feeds for a file with carriage returns': {
    diff: `--- a/win.txt\n+++ b/win.txt\n@@ -2,3 +2,3 @@\n${body}`,
    becomes: { 'win.txt': changed.replaceAll('\n', '\r\n') },
  },
  'carriage returns all over for a file that has them': {
    diff: `--- a/win.txt\n+++ b/win.txt\n@@ -2,3 +2,3 @@\n${body}`.replaceAll('\n', '\r\n'),
    becomes: { 'win.txt': changed.replaceAll('\n', '\r\n') },
  },
  'a last line without its end, and no mark of that': {
    diff: '--- a/open.txt\n+++ b/open.txt\n@@ -2,2 +2,2 @@\n b\n-c\n+C\n',
    becomes: { 'open.txt': 'a\nb\nC' },
  },
  'a last line that gets its end': {
    diff: '--- a/open.txt\n+++ b/open.txt\n@@ @@\n b\n-c\n\\ No newline at end of file\n+c\n',
    becomes: { 'open.txt': 'a\nb\nc\n' },
  },
  'a removed line that looks like a header': {
    diff: '--- a/sql.sql\n+++ b/sql.sql\n@@ @@\n select 1;\n--- old note\n+-- new note\n select 2;\n',
    becomes: { 'sql.sql': 'select 1;\n-- new note\nselect 2;\n' },
  },
  'a line that occurs twice, told apart by the number': {
    diff: '--- a/twice.txt\n+++ b/twice.txt\n@@ -4,9 +4,9 @@\n x\n-same\n+other\n y\n',
    becomes: { 'twice.txt': 'x\nsame\ny\nx\nother\ny\n' },
  },
  'a path with a space': {
    diff: `--- a/sp ace.txt\n+++ b/sp ace.txt\n@@ @@\n${body}`,
    becomes: { 'sp ace.txt': changed },
  },
  'a path that git quotes byte by byte': {
    diff: `--- "a/gr\\303\\266\\303\\237e.txt"\n+++ "b/gr\\303\\266\\303\\237e.txt"\n@@ @@\n${body}`,
    becomes: { 'größe.txt': changed },
  },
  'a new file without the right count': {
    diff: '--- /dev/null\n+++ b/new/x.txt\n@@ -0,0 +1,9 @@\n+one\n+two\n',
    becomes: { 'new/x.txt': 'one\ntwo\n' },
  },
  'a new file without letters in front': {
    diff: '--- /dev/null\n+++ src/new.py\n@@ -0,0 +1,1 @@\n+one\n',
    becomes: { 'src/new.py': 'one\n' },
  },
  'a new file that is said to have been there': {
    diff: '--- a/new.txt\n+++ b/new.txt\n@@ @@\n+one\n',
    becomes: { 'new.txt': 'one\n' },
  },
  'a removed file without the right count': {
    diff: `--- a/open.txt\n+++ /dev/null\n@@ -1,9 +0,0 @@\n-a\n-b\n-c\n`,
    becomes: { 'open.txt': null },
  },
  'a renamed file with a header without numbers': {
    diff: `diff --git a/f.txt b/g.txt\nrename from f.txt\nrename to g.txt\n--- a/f.txt\n+++ b/g.txt\n@@ @@\n${body}`,
    becomes: { 'f.txt': null, 'g.txt': changed },
  },
  'two files, one of them broken': {
    diff: `${head}@@ -2,3 +2,3 @@\n${body}--- a/win.txt\n+++ b/win.txt\n@@ @@\n${body}`,
    becomes: { 'f.txt': changed, 'win.txt': changed.replaceAll('\n', '\r\n') },
  },
  'a mode change with a header without numbers': {
    diff: `diff --git a/f.txt b/f.txt\nold mode 100644\nnew mode 100755\n${head}@@ @@\n${body}`,
    becomes: { 'f.txt': changed },
  },
};

let scene: Awaited<ReturnType<typeof startScene>>;
let workspaces: Workspaces;
before(async () => {
  scene = await startScene(files);
  workspaces = openWorkspaces({ dir: path.join(scene.folder, 'work'), allowLocal: true });
});
after(async () => {
  await workspaces.close();
  stopScene(scene);
});

function contentsOf({ files: list }: Patch): Record<string, string | null> {
  const found: Record<string, string | null> = {};
  for (const file of list) {
    if (file.oldPath !== null && file.oldPath !== file.path) found[file.oldPath] = null;
    found[file.path] = file.after;
  }
  return found;
}

for (const [name, { diff, becomes }] of Object.entries(situations)) {
  test(`a diff is understood with ${name}`, async () => {
    const result = await workspaces.changeTree({ url: scene.url }, scene.sha, { form: 'diff', diff });
    assert.ok(result.ok, result.ok ? '' : result.reason);
    assert.deepEqual(contentsOf(result.patch), becomes);
    assert.deepEqual(scene.applyPlainly(result.patch.diff, Object.keys(becomes)), becomes);
  });
}

const refusals: Record<string, [diff: string, reason: RegExp]> = {
  'lines that are nowhere in the file': [
    `${head}@@ -2,3 +2,3 @@\n b\n-nowhere\n+C\n d\n`,
    /patch does not apply(?:.|\n)*hunk 1/,
  ],
  'a place that is not the only one': ['--- a/twice.txt\n+++ b/twice.txt\n@@ @@\n-same\n+other\n', /fits in 2 places/],
  'two hunks that overlap': [`${head}@@ @@\n${body}@@ @@\n-c\n+D\n d\n`, /overlaps/],
  'a file that is not there': [`--- a/none.txt\n+++ b/none.txt\n@@ -2,3 +2,3 @@\n${body}`, /none\.txt: does not exist/],
  'a new file that is there already': ['--- /dev/null\n+++ b/f.txt\n@@ -0,0 +1 @@\n+x\n', /already exists in index/],
  'no diff at all': ['I would change c to C.\n', /No valid patches/],
  'a change to what is there already': [`${head}@@ -2,3 +2,3 @@\n b\n-c\n+c\n d\n`, /leaves the tree as it is/],
};

for (const [name, [diff, reason]] of Object.entries(refusals)) {
  test(`a diff is not understood with ${name}`, async () => {
    const result = await workspaces.changeTree({ url: scene.url }, scene.sha, { form: 'diff', diff });
    assert.ok(!result.ok);
    assert.match(result.reason, reason);
    assert.ok(!result.reason.includes(scene.folder), result.reason);
  });
}

test('a diff against an older version of a file is merged when it names that version', async () => {
  const old = letters.replace('e', 'EE');
  const sha = commitFiles(scene.url, { 'f.txt': old });
  const newer = commitFiles(scene.url, { 'f.txt': letters });
  const hunk = '@@ -2,7 +2,7 @@\n b\n-c\n+C\n d\n EE\n f\n-g\n+G\n h\n';
  const ids = `index ${git(scene.url, 'rev-parse', `${sha}:f.txt`)}..${'1'.repeat(40)} 100644\n`;
  const remote = { url: scene.url };
  const merged = await workspaces.changeTree(remote, newer, {
    form: 'diff',
    diff: `diff --git a/f.txt b/f.txt\n${ids}${head}${hunk}`,
  });
  assert.ok(merged.ok, merged.ok ? '' : merged.reason);
  assert.equal(merged.patch.files[0]?.after, letters.replace('c', 'C').replace('g', 'G'));
  const blind = await workspaces.changeTree(remote, newer, { form: 'diff', diff: head + hunk });
  assert.ok(!blind.ok);
});
