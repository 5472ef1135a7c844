import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits, pathInside } from '../../../../../services/patcher/rules/agent/agent-edits.ts';
import { assertLight } from '../../../../support/cpu-time.ts';

const one = (before: string, search: string, replace: string) =>
  applyEdits([{ file: 'a.py', search, replace }], new Map([['a.py', before]]));
const made = (before: string, search: string, replace: string): string | null | undefined => {
  const applied = one(before, search, replace);
  assert.ok(applied.ok, applied.ok ? '' : applied.reason);
  return applied.files.get('a.py');
};
const refusal = (before: string, search: string, replace: string): string => {
  const applied = one(before, search, replace);
  assert.ok(!applied.ok);
  return applied.reason;
};

test('a search that stands once is replaced, also inside of a line', () => {
  assert.equal(made('a = 1\nb = 2\n', '= 2', '= 3'), 'a = 1\nb = 3\n');
  assert.equal(made('a\nb\nc\n', 'b\n', ''), 'a\nc\n');
  assert.equal(made('a', 'a', '$& $1'), '$& $1');
});

test('trailing white space does not matter', () => {
  assert.equal(made('def f():  \n    x\t\n\ny\n', 'def f():\n    x\n', 'def f():\n    z\n'), 'def f():\n    z\n\ny\n');
  assert.equal(made('a\nb\n', 'a   \nb   ', 'c'), 'c\n');
});

test('a shift of the indentation does not matter, and the replacement is shifted too', () => {
  const before = 'class A:\n    def f(self):\n        a\n\n        b\n';
  const after = 'class A:\n    def f(self):\n        c\n\n            d\n';
  assert.equal(made(before, 'def f(self):\n    a\n\n    b\n', 'def f(self):\n    c\n\n        d\n'), after);
  assert.equal(made('\tif x:\n\t\ty()\n', 'if x:\n\ty()', 'if x:\n\tz()'), '\tif x:\n\t\tz()\n');
  assert.equal(made('if x:\n    y()\n', '    if x:\n        y()\n', '    if z:\n        y()\n'), 'if z:\n    y()\n');
});

test('lines whose indentation differs in more than a shift are not meant', () => {
  assert.match(
    refusal('if x:\n  y()\nz\n', 'if x:\n        y()\n', 'w'),
    /line 1, which goes on as "if x:\\n {2}y\(\)"/,
  );
});

test('Windows line ends are kept', () => {
  assert.equal(made('a\r\nb\r\nc\r\n', 'a\nb', 'd\ne'), 'd\r\ne\r\nc\r\n');
  assert.equal(made('a\r\nb\r\n', 'b', 'c\nd'), 'a\r\nc\r\nd\r\n');
  assert.equal(made('a\nb\n', 'a\r\nb\r\n', 'c\r\n'), 'c\n');
  assert.match(refusal('a\r\na\r', 'a\r', 'b'), /matches 2 places/);
  assert.equal(made('a\r\nb\nc\r\n', 'a\nb\n', 'd\ne\n'), 'd\r\ne\nc\r\n');
});

test('a last line without an end stays without one', () => {
  assert.equal(made('a\n  b', 'a \n  b\n', 'c\n  d\n'), 'c\n  d');
});

test('a search that matches several places is refused with their lines', () => {
  assert.match(refusal('x\ny\nx\n', 'x', 'z'), /matches 2 places \(lines 1, 3\)/);
  assert.match(refusal('aaa', 'aa', 'b'), /matches 2 places \(lines 1, 1\)/);
  assert.match(refusal('x \ny\nx\t\ny\n', 'x\ny\n', 'z'), /matches 2 places \(lines 1, 3\)/);
  assert.match(refusal('  x\n    y\nq\n    x\n      y\n', 'x\n  y\n', 'z'), /matches 2 places \(lines 1, 4\)/);
  assert.match(refusal('x\n'.repeat(1000), 'x', 'z'), /more than 100 places \(lines 1, 2, 3, 4, 5, \.\.\.\)/);
});

test('a search that is not there is refused with what is', () => {
  assert.match(refusal('a\nb\n', 'c', 'd'), /"a.py" cannot be made: its "search" is not in the file/);
  assert.match(refusal('a\nb\nc\n', 'a\nx\n', 'd'), /Its first line is line 1, which goes on as "a\\nb"/);
  assert.match(refusal('a\n\nb\n', '\n \n', 'd'), /not in the file/);
});

test('an empty search makes a new file, and only that', () => {
  const applied = applyEdits([{ file: './src//new.py', search: '', replace: 'x\n' }], new Map());
  assert.deepEqual(applied, { ok: true, files: new Map([['src/new.py', 'x\n']]) });
  assert.match(refusal('a', '', 'b'), /the file exists/);
  assert.equal(made('', '', 'b'), 'b');
  const missing = applyEdits([{ file: 'b.py', search: 'x', replace: 'y' }], new Map());
  assert.ok(!missing.ok && /no such file; a new file needs an empty "search"/.test(missing.reason));
});

test('edits are made one after the other, and all or none', () => {
  const contents = new Map([['a.py', 'a\n']]);
  const first = { file: 'a.py', search: 'a', replace: 'b' };
  assert.deepEqual(applyEdits([first, { file: 'a.py', search: 'b', replace: 'c' }], contents), {
    ok: true,
    files: new Map([['a.py', 'c\n']]),
  });
  const second = applyEdits([first, { file: 'a.py', search: 'a', replace: 'c' }], contents);
  assert.ok(!second.ok && /^Edit 2 /.test(second.reason));
  assert.equal(contents.get('a.py'), 'a\n');
});

test('edits that change nothing are refused', () => {
  assert.match(refusal('a\n', 'a', 'a'), /change nothing/);
});

test('paths are brought into one form, and refused where they leave the repository', () => {
  assert.equal(pathInside('./a//b/./c.ts'), 'a/b/c.ts');
  for (const path of ['', '.', '/etc/passwd', '../x', 'a/../../x', 'a/..', 'C:/x', 'a\\b', 'a\0b', 'a\nb', 'a/']) {
    assert.equal(pathInside(path), undefined, path);
    const applied = applyEdits([{ file: path, search: '', replace: 'x' }], new Map());
    assert.ok(!applied.ok && /not a path inside/.test(applied.reason));
  }
});

test('nothing comes of a search that stands more than once, in whatever lines', () => {
  const line = fc.constantFrom('', 'a', ' a', '  a', 'b', 'b ', '\tb', 'a b', 'a\r');
  const lines = fc.array(line, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), lines, fc.array(line, { maxLength: 6 }), (before, twice, between) => {
      const search = twice.join('\n');
      fc.pre(search !== '');
      const text = [...before, ...twice, ...between, ...twice].join('\n');
      assert.equal(one(text, search, 'replaced').ok, false);
    }),
    { numRuns: 3000 },
  );
});

test('a search that stands once becomes its replacement, and the rest stays as it is', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '\t'), maxLength: 30 });
  fc.assert(
    fc.property(text, text, text, (before, after, replace) => {
      assert.equal(made(`${before}<X>${after}`, '<X>', `${replace}!`), `${before}${replace}!${after}`);
    }),
  );
});

test('files and searches made to be slow are read in good time', () => {
  assertLight(10_000, 'four of them', () => {
    one('a\n'.repeat(300_000), `${'a\n'.repeat(50_000)}b\n`, 'x');
    one(' a\n'.repeat(300_000), `${'a\n'.repeat(50_000)}\n`, 'x');
    one('a'.repeat(1_000_000), `b${'a'.repeat(100_000)}`, 'x');
    one('a'.repeat(1_000_000), 'a'.repeat(100_000), 'x');
  });
});
