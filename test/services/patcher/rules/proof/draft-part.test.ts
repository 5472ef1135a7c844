import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addedLines,
  onlyFiles,
  partFor,
  sectionsOf,
  withMutant,
} from '../../../../../services/patcher/rules/proof/draft-part.ts';

const source = `diff --git a/shop/prices.py b/shop/prices.py
index ${'1'.repeat(40)}..${'2'.repeat(40)} 100644
--- a/shop/prices.py
+++ b/shop/prices.py
@@ -1,3 +1,4 @@
 def total(items):
-    return sum(items[:-1])
+    kept = items
+    return sum(kept)
 
@@ -9 +10,2 @@
-old
+new
++++ b/not-a-header
`;
const test = `diff --git "a/tests/caf\\303\\251 \\"x\\".py" "b/tests/caf\\303\\251 \\"x\\".py"
new file mode 100644
index ${'0'.repeat(40)}..${'3'.repeat(40)}
--- /dev/null
+++ "b/tests/caf\\303\\251 \\"x\\".py"
@@ -0,0 +1 @@
+x = 1
`;
const moved = 'diff --git a/a b.txt b/a b.txt\nold mode 100644\nnew mode 100755\n';

describe('a part of a draft', () => {
  it('is told by the paths of its files, quoted ones and changed modes too', () => {
    assert.deepEqual(
      sectionsOf(source + test + moved).map(({ path }) => path),
      ['shop/prices.py', 'tests/café "x".py', 'a b.txt'],
    );
  });

  it('holds the named files alone, byte for byte', () => {
    assert.equal(onlyFiles(source + test, ['shop/prices.py']), source);
    assert.equal(onlyFiles(source + test, []), '');
    assert.equal(partFor({ only: [] }, source), undefined);
    assert.equal(partFor({}, source + test), source + test);
  });

  it('numbers the added lines as the patched file does, whatever they look like', () => {
    const [section] = sectionsOf(source);
    assert.ok(section);
    assert.deepEqual(
      addedLines(section).map(({ line, text }) => [line, text]),
      [
        [2, '    kept = items'],
        [3, '    return sum(kept)'],
        [10, 'new'],
        [11, '+++ b/not-a-header'],
      ],
    );
  });

  it('has one line that reads otherwise, or is refused', () => {
    const mutant = { file: 'shop/prices.py', line: 3, text: '    return None', what: 'it returns None' };
    assert.equal(withMutant(source, mutant), source.replace('+    return sum(kept)', '+    return None'));
    assert.throws(() => withMutant(source, { ...mutant, line: 1 }), /adds no line 1 to shop\/prices\.py/);
  });
});
