import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';
import { parserFixtures } from './parser-fixture.ts';

const folder = join(import.meta.dirname, 'beside');
const tree = [
  'pw/cart.spec.ts',
  'je/cart.jest.js',
  'tests/test_more.py',
  'tests/test_price.py',
  'shop/price.py',
  'cart.feature',
  'steps/cart.py',
];

/** What a run of the tool printed and left, recorded; the failing tests as its console names them. */
const runs: Record<string, { language: string; command: string; failing: string[]; flaky: number }> = {
  playwright: {
    language: 'typescript',
    command: 'npx playwright test',
    failing: ['cart \u203a takes a discount off'],
    flaky: 1,
  },
  jest: { language: 'typescript', command: 'npx jest', failing: ['cart \u203a takes a discount off'], flaky: 1 },
  pytest: {
    language: 'python',
    command: 'pytest',
    failing: [
      'tests/test_more.py::TestDiscount::test_refuses[50]',
      'tests/test_more.py::TestDiscount::test_takes_it_off',
    ],
    flaky: 1,
  },
  behave: {
    language: 'python',
    command: 'behave',
    failing: ['labels -- @1.2', 'ships', 'takes a discount off'],
    flaky: 0,
  },
};

function read(name: string, files: readonly string[], withLog = true): ParsedLog {
  const { language = '', command = '' } = runs[name] ?? {};
  const reader = readLog({ language, recipe: 'test', command, subproject: '.', roots: ['/work-tree'], tree });
  if (withLog) reader.write('stdout', readFileSync(join(folder, name, 'log.txt')));
  for (const file of files) reader.report(file, readFileSync(join(folder, name, file)));
  return reader.end({ exitCode: 1, reason: 'exited' });
}

const codes = ({ findings }: ParsedLog) => findings.map(({ code }) => code).sort();

for (const [name, { failing, flaky }] of Object.entries(runs)) {
  const files = readdirSync(join(folder, name)).filter((file) => file !== 'log.txt');
  const formats = Map.groupBy(files, (file) => file.replace(/-\d+-/, '-'));

  test(`each failing test of ${name} is one finding, whatever result files stand beside its log`, () => {
    assert.deepEqual(codes(read(name, [])), failing);
    for (const own of formats.values()) assert.deepEqual(codes(read(name, own)), failing, `${own}`);
    const all = read(name, files);
    assert.deepEqual(codes(all), failing);
    assert.deepEqual(all.problems, []);
    assert.ok(all.tools.every(({ complete }) => complete));
    // Whatever comes first.
    assert.deepEqual(codes(read(name, [...files].reverse())), failing);
  });

  test(`each failing test of ${name} is one finding where only result files tell`, () => {
    for (const own of formats.values()) assert.equal(read(name, own, false).findings.length, failing.length, `${own}`);
    const all = read(name, files, false);
    assert.equal(all.findings.length, failing.length, JSON.stringify(codes(all)));
    assert.equal(all.figures?.flaky, flaky, 'a test that passed when it was tried again is flaky, and no finding');
  });
}

test('two failing tests of one name in a file are two findings', () => {
  const suite = (name: string) =>
    `<testsuite name="${name}"><testcase classname="${name}" name="adds" file="pw/cart.spec.ts">` +
    `<failure message="${name} fails">no place</failure></testcase></testsuite>`;
  const reader = readLog({ language: 'x', recipe: 'test', command: 'make', subproject: '.', roots: [], tree });
  reader.report('a.xml', Buffer.from(`<testsuites>${suite('cart')}${suite('till')}</testsuites>`));
  const ctrf = (name: string) => ({ name: 'adds', suite: name, status: 'failed', filePath: 'pw/cart.spec.ts' });
  const tests = ['cart', 'till', 'shelf'].map(ctrf);
  const report = { results: { tool: { name: 'x' }, summary: { tests: 3, failed: 3 }, tests } };
  reader.report('b.json', Buffer.from(JSON.stringify(report)));
  const { findings } = reader.end({ exitCode: 1, reason: 'exited' });
  assert.equal(findings.length, 3, 'two are told twice, and one only by the second file');
});

test('a result file that is cut off anywhere is never complete', () => {
  const names = new Set([
    'ctrf',
    'playwright-json',
    'cucumber',
    'nunit',
    'xunit',
    'codeclimate',
    'rdjson',
    'sonar-issues',
  ]);
  const fixtures = parserFixtures().filter(({ name, situation }) => names.has(name) && situation === 'failing');
  assert.equal(fixtures.length, names.size);
  for (const { name, meta, stdout } of fixtures) {
    const end = String(stdout).trimEnd().length;
    for (let at = 0; at < 30; at += 1) {
      const reader = readLog({ ...meta, command: 'make' });
      reader.report('report', stdout.subarray(0, 1 + Math.floor((at * (end - 2)) / 30)));
      const { tools, figures } = reader.end({ exitCode: 0, reason: 'exited' });
      // `make` says nothing of its own.
      for (const { tool, complete } of tools)
        assert.ok(tool === 'generic' || tool === 'make' || !complete, `${name} ${tool} at ${at}`);
      assert.equal(figures, null, name);
    }
  }
});
