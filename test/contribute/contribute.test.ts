import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { newUnit } from './new-unit.ts';
import { withUnit } from './registry-line.ts';

const root = resolve(import.meta.dirname, '..', '..');
const copy = mkdtempSync(join(tmpdir(), 'ct-contribute-'));
after(() => rmSync(copy, { recursive: true, force: true }));

/** The sources that a step needs, as somebody has them who has just cloned. */
for (const file of execFileSync(
  'git',
  [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    'events',
    'parsers/*.ts',
    'parsers/engine',
    'parsers/tools',
    'services',
    'projections',
    'recipes',
    'test/contribute',
    'test/recipes/written-files.ts',
    'test/services/history/rules',
    'test/parsers',
    'test/events',
    'test/services/api',
    'test/support',
    'package.json',
  ],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter(Boolean)) {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file));
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/** A test that starts another one hands on none of its own context: the runner would leave the other out. */
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env });
  return { status, said: `${stdout}${stderr}` };
}
const make = (...args: string[]) => node('test/contribute/new-unit.ts', ...args);

/** A farm whose own log is listened to: it ends well as soon as the new role has spoken of a job. */
const watchedFarm = `
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { silent } from './services/io/log.ts';
import { start } from './services/start.ts';
import { enqueue, register } from './test/services/api/registered.ts';
import { testConfig } from './test/support/farm.ts';
import { makeRepository } from './test/support/git-repository.ts';
import { httpAt } from './test/support/http.ts';

const dir = mkdtempSync('farm-');
const heard = Promise.withResolvers();
const info = (fields: { code?: string }) => fields.code === 'watcher_saw_job' && heard.resolve(fields);
const farm = await start(testConfig(process.cwd() + '/' + dir), { ...silent, info }, { findLabels: async () => [] });
const http = httpAt(farm.url ?? '', readFileSync(farm.adminBearerFile ?? '', 'utf8').trim());
await register({ http, repository: makeRepository(process.cwd() + '/' + dir + '/repository') }, 'web');
await enqueue({ http }, 'web', { recipe: 'test' });
await heard.promise;
await farm.close();
rmSync(dir, { recursive: true, force: true });
`;

test('a parser is a skeleton, a log, and what is read out of it', () => {
  assert.deepEqual(make('parser', 'chalk-lint').status, 0);
  writeFileSync(join(copy, 'printed.log'), `${copy}/a.chalk:3:7: error: the line is crooked [crooked]\n`);
  const { status, said } = node('test/contribute/new-fixture.ts', 'chalk-lint', 'printed.log');
  assert.equal(status, 0, said);
  const read = JSON.parse(readFileSync(join(copy, 'parsers/fixtures/chalk-lint/failing.json'), 'utf8'));
  assert.deepEqual(
    read.findings.map(({ file, line, column, severity, code, message }: Record<string, unknown>) => [
      file,
      line,
      column,
      severity,
      code,
      message,
    ]),
    [['a.chalk', 3, 7, 'error', 'crooked', 'the line is crooked']],
  );
  assert.deepEqual(read.tools[0], { tool: 'chalk-lint', parser: 'chalk-lint', complete: true, findings: 1 });
  assert.match(readFileSync(join(copy, 'parsers/registry.ts'), 'utf8'), /cargoTest,\n {2}chalkLint,\n/);
});

test('an event is a skeleton with its stored payload, and the tests of vocabulary and history hold for it', () => {
  assert.equal(make('event', 'ProjectArchived').status, 0);
  const { status, said } = node(
    '--test',
    '--test-isolation=none',
    '--test-name-pattern=ProjectArchived|stored payload',
    'test/events/vocabulary.test.ts',
    'test/services/history/rules/history-rules.test.ts',
  );
  assert.equal(status, 0, said);
  assert.match(said, /opens ProjectArchived in every version/);
  assert.match(said, /is short and about what happened: ProjectArchived/);
});

test('a consumer is a folder, a line and a test, and a farm starts it with the others', () => {
  assert.equal(make('consumer', 'watcher').status, 0);
  const { status, said } = node('--test', 'test/services/watcher/watcher.test.ts');
  assert.equal(status, 0, said);
  assert.match(said, /watcher sees each job that ended/);
  writeFileSync(join(copy, 'watched-farm.ts'), watchedFarm);
  const started = node('watched-farm.ts');
  assert.equal(started.status, 0, started.said);
});

test('a detection rule is a file, a line and a test', () => {
  assert.equal(make('ecosystem', 'mojo-lang').status, 0);
  const { status, said } = node('--test', 'test/recipes/mojo-lang.test.ts');
  assert.equal(status, 0, said);
  assert.match(said, /a manifest of mojo-lang has its commands/);
});

test('a route is a skeleton whose test asks a real farm', () => {
  assert.equal(make('route', 'colours').status, 0);
  const { status, said } = node('--test', 'test/services/api/colours.test.ts');
  assert.equal(status, 0, said);
  assert.match(said, /colours answers for a project of the caller/);
});

test('a name or a kind that cannot be is refused in words, and nothing is written', () => {
  for (const [kind, name, words] of [
    ['parser', 'Chalk', /"Chalk" is no name for a parser: it looks like yaml-lint\./],
    ['parser', 'eslint', /parsers\/eslint\.ts is there already|has eslint already/],
    ['event', 'archived', /"archived" is no name for a event|is no name for an event/],
    ['sandwich', 'blt', /"sandwich" is no kind of unit; there are parser, consumer, ecosystem, event, route/],
  ] as const) {
    const done = newUnit(copy, kind, name);
    assert.match('fault' in done ? done.fault : 'no fault', words);
  }
  const { status, said } = make('sandwich', 'blt');
  assert.equal(status, 2, said);
  assert.match(said, /Use: npm run new -- parser\|consumer\|ecosystem\|event\|route NAME/);
});

test('a unit comes into a registry in alphabetical order, and once', () => {
  const registry =
    "import { a } from './a.ts';\nimport { c } from './c.ts';\n\nexport const all: readonly One[] = [\n  a,\n  c,\n];\n";
  const more = withUnit(registry, { list: 'all', unit: 'b', from: './b.ts' });
  assert.equal(
    more,
    "import { a } from './a.ts';\nimport { b } from './b.ts';\nimport { c } from './c.ts';\n\nexport const all: readonly One[] = [\n  a,\n  b,\n  c,\n];\n",
  );
  assert.throws(() => withUnit(more, { list: 'all', unit: 'b', from: './b.ts' }), /has b already/);
});
