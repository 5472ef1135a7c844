import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { coverageFormats } from '../../parsers/coverage/registry.ts';
import { readLog } from '../../parsers/read-log.ts';

const folder = join(import.meta.dirname, '../../parsers/coverage');
const fixtures = join(folder, 'fixtures');
const about: { figures: Record<string, Record<string, [number, number]>> } = JSON.parse(
  readFileSync(join(fixtures, 'about.json'), 'utf8'),
);
const names = Object.keys(about.figures);
const bytesOf = (name: string) => readFileSync(join(fixtures, name));

const tree = [
  'price.c',
  'src/price.ts',
  'src/stock.js',
  'shop/__init__.py',
  'shop/price.py',
  'main.go',
  'stock/stock.go',
  'src/main/java/com/acme/Price.java',
];

type File = readonly [name: string, bytes: Uint8Array, pieces?: number];

function read(files: readonly File[], { subproject = '.', roots = ['/work-tree'], paths = tree } = {}) {
  const reader = readLog({ language: 'x', recipe: 'test', command: 'make', subproject, roots, tree: paths });
  for (const [name, bytes, size = bytes.length] of files)
    for (let at = 0; at < bytes.length; at += Math.max(size, 1)) reader.report(name, bytes.subarray(at, at + size));
  return reader.end({ exitCode: 0, reason: 'exited' });
}

const text = (words: string) => Buffer.from(words);

test('every format has recordings, and every recording a format and the figures of its tool', () => {
  const formats = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !['define.ts', 'registry.ts'].includes(file))
    .map((file) => file.slice(0, -3));
  assert.deepEqual(
    coverageFormats.map(({ name }) => name),
    formats.sort(),
  );
  const recorded = formats.flatMap((format) => readdirSync(join(fixtures, format)).map((file) => `${format}/${file}`));
  assert.deepEqual(recorded.sort(), [...names].sort());
  for (const name of names) assert.doesNotMatch(String(bytesOf(name)), /\/(?:root|home|tmp|Users)\//, name);
});

for (const name of names)
  test(`the coverage of ${name} is what its tool says, in files of the tree`, () => {
    const { coverage, findings, problems } = read([[name, bytesOf(name)]]);
    assert.ok(coverage);
    const { lines, statements, branches, functions } = coverage;
    const figures = { lines, statements, branches, functions };
    const own = Object.entries(figures).flatMap(([kind, share]) =>
      share === undefined ? [] : [[kind, [share.covered, share.total]]],
    );
    assert.deepEqual(Object.fromEntries(own), about.figures[name]);
    assert.deepEqual(coverage.formats, [name.split('/')[0]]);
    assert.equal(coverage.outside, 0, name);
    assert.deepEqual([findings, problems], [[], []]);
  });

test('a report in any pieces says the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.integer({ min: 1, max: 300 }), (name, size) => {
      const bytes = bytesOf(name);
      assert.deepEqual(read([[name, bytes, size]]).coverage, read([[name, bytes]]).coverage);
    }),
    { numRuns: 120 },
  );
});

test('a report that is cut off is none: a part of it would be a wrong figure', () => {
  const cuts = names.flatMap((name) => {
    const bytes = bytesOf(name);
    // A tracefile of LCOV and a profile of Go have no end of their own: one that ends with a record is whole.
    if (/^(?:lcov|go-cover)\//.test(name)) return [];
    const end = String(bytes).trimEnd().length;
    return Array.from({ length: 25 }, (_, at) => [name, bytes.subarray(0, Math.floor((at * end) / 25))] as const);
  });
  const info = bytesOf('lcov/vitest.info');
  const ends = new Set(
    [...String(info).matchAll(/end_of_record\n?/g)].flatMap((one) => [one.index + 13, one.index + 14]),
  );
  for (let at = 40; at < info.length - 1; at += 1)
    if (!ends.has(at)) cuts.push(['lcov/vitest.info', info.subarray(0, at)]);
  assert.ok(cuts.length > 500);
  for (const [name, bytes] of cuts) assert.equal(read([[name, bytes]]).coverage, null, `${name} at ${bytes.length}`);
  const { problems, findings } = read([['cov.xml', bytesOf('cobertura/gcovr.xml').subarray(0, 2000)]]);
  assert.deepEqual(problems, ['cov.xml: the coverage report (cobertura) is cut off: the run has no coverage']);
  assert.deepEqual(findings, []);
  const beside = read([
    ['a.info', bytesOf('lcov/nyc.info')],
    ['b.info', info.subarray(0, 100)],
  ]);
  assert.equal(beside.coverage, null, 'the sum of a whole report and a cut one is no figure');
});

test('one run that wrote several formats has one figure, and reports of several suites add up', () => {
  const formats = ['lcov/vitest.info', 'clover/vitest.xml', 'cobertura/vitest.xml', 'istanbul/vitest.json'];
  const one = read(formats.map((name) => [name, bytesOf(name)] as const)).coverage;
  assert.deepEqual([one?.lines, one?.files.length, one?.formats], [{ covered: 4, total: 11 }, 2, ['istanbul']]);
  // The same lines, some of them run by one suite and some by the other.
  const record = (...lines: string[]) => text(`TN:\nSF:src/stock.js\n${lines.join('\n')}\nend_of_record\n`);
  const two = read([
    ['unit.info', record('DA:1,1', 'DA:2,0', 'DA:3,0')],
    ['api.info', record('DA:2,4', 'DA:3,0')],
  ]).coverage;
  assert.deepEqual(two?.lines, { covered: 2, total: 3 });
  const both = read([
    ['web.info', bytesOf('lcov/vitest.info')],
    ['coverage.json', bytesOf('coverage-py/branches.json')],
  ]).coverage;
  assert.deepEqual([both?.lines, both?.formats], [{ covered: 10, total: 21 }, ['coverage-py', 'lcov']]);
});

test('paths of a container, of a module and of a subproject are files of the tree', () => {
  const files = (name: string, words: string, how?: Parameters<typeof read>[1]) =>
    read([[name, text(words)]], how).coverage?.files.map(({ file, inRepository }) => [file, inRepository]);
  const paths = ['web/src/a.ts', 'api/app/b.py', 'go/mod/pkg/c.go', 'java/src/main/java/com/acme/D.java'];
  const info = (path: string) => `TN:\nSF:${path}\nDA:1,1\nend_of_record\n`;
  assert.deepEqual(files('a', info('/app/build/web/src/a.ts'), { paths }), [['web/src/a.ts', true]]);
  assert.deepEqual(files('a', info('src/a.ts'), { paths, subproject: 'web' }), [['web/src/a.ts', true]]);
  assert.deepEqual(files('a', info('C:\\agent\\1\\s\\web\\src\\a.ts'), { paths }), [['web/src/a.ts', true]]);
  assert.deepEqual(
    files('a', info('/usr/lib/python3/x.py'), { paths }),
    undefined,
    'a file of the system is nobody\u2019s',
  );
  assert.deepEqual(files('a', info('target/generated/x.ts'), { paths }), [['target/generated/x.ts', false]]);
  const profile = 'mode: set\nexample.com/mod/pkg/c.go:1.1,2.2 1 1\n';
  assert.deepEqual(files('c', profile, { paths, subproject: 'go/mod' }), [['go/mod/pkg/c.go', true]]);
  const sources =
    '<?xml version="1.0"?><coverage line-rate="1"><sources><source>/srv/build/app</source></sources>' +
    '<packages><package><classes><class filename="b.py"><lines><line number="1" hits="1"/></lines></class>' +
    '</classes></package></packages></coverage>';
  assert.deepEqual(files('b', sources, { paths, subproject: 'api' }), [['api/app/b.py', true]]);
  const report =
    '<?xml version="1.0"?><report name="x"><group name="java"><package name="com/acme"><sourcefile name="D.java">' +
    '<line nr="1" mi="0" ci="1" mb="0" cb="0"/></sourcefile></package></group></report>';
  assert.deepEqual(files('d', report, { paths }), [['java/src/main/java/com/acme/D.java', true]]);
});

test('hostile reports are refused in words, and cost what they are long', () => {
  const note = (words: string) => read([['x', text(words)]]).problems;
  const head = '<?xml version="1.0"?>';
  const bomb = `${head}<!DOCTYPE coverage [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><coverage line-rate="1">&b;</coverage>`;
  assert.match(note(bomb)[0] ?? '', /declares entities, which no report needs/);
  assert.match(note(`${head}<coverage line-rate="1">${'<a>'.repeat(5000)}`)[0] ?? '', /nested deeper than any report/);
  assert.match(note(`{"a":{"statementMap":${'['.repeat(5000)}`)[0] ?? '', /nested deeper than any report/);
  assert.match(note('TN:\nSF:a.c\nDA:1,1\nrm -rf /\nend_of_record\n')[0] ?? '', /none of LCOV's/);
  const odd = ['-1', '1e99', '{"toString":1}', '[]', '"x"', 'null'];
  for (const value of odd) {
    read([
      ['s', text(`{"total": {"lines": {"total": 1}}, "a.ts": {"lines": {"total": ${value}, "covered": ${value}}}}`)],
    ]);
    read([
      ['i', text(`{"a.ts": {"statementMap": {"0": {"start": {"line": ${value}}}}, "s": ${value}, "b": ${value}}}`)],
    ]);
  }
  const { coverage } = read([['a.info', text('TN:\nSF:a.c\nDA:1,1\nDA:999999999,1\nend_of_record\n')]]);
  assert.deepEqual(coverage?.lines, { covered: 1, total: 1 }, 'no file has a billion lines');
});

test('a report of many megabytes is read in little memory', () => {
  const lines = Array.from({ length: 2_000 }, (_, at) => `DA:${at + 1},${at % 3}`).join('\n');
  const record = (at: number) => text(`SF:src/file${at % 50}.ts\n${lines}\nend_of_record\n`);
  const reader = readLog({ language: 'x', recipe: 'test', command: 'make', subproject: '.', roots: [], tree: [] });
  reader.report('big.info', text('TN:\n'));
  let bytes = 0;
  let most = 0;
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  for (let at = 0; bytes < 16 * 1024 * 1024; at += 1) {
    const piece = record(at);
    bytes += piece.length;
    reader.report('big.info', piece);
    if (at % 100 === 0)
      most = Math.max(most, process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before);
  }
  const { coverage } = reader.end({ exitCode: 0, reason: 'exited' });
  assert.deepEqual([coverage?.files.length, coverage?.lines?.total], [50, 100_000]);
  assert.ok(most < 200 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MiB`);
});
