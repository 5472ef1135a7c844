import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';

const tree = [
  'index.js',
  'setup.py',
  'src/a.js',
  'src/b.js',
  'web/package.json',
  'web/src/a.js',
  'web/lib/index.js',
  'libs/core/src/main/java/demo/Calc.java',
];

function read(text: string, over: Partial<LogContext> = {}): ParsedLog {
  const context = { language: 'typescript', recipe: 'lint', command: 'make lint', subproject: '.', roots: ['/slot/1'] };
  const reader = readLog({ ...context, recipe: 'lint', tree, ...over });
  reader.write('stdout', Buffer.from(text));
  return reader.end({ exitCode: 1, reason: 'exited' });
}

const places = ({ findings }: ParsedLog) =>
  findings.filter(({ tool }) => tool !== 'generic').map(({ file, line }) => `${file}:${line}`);
const eslint = (...files: string[]) =>
  [
    ...files.flatMap((file) => [file, '  3:1  error  Unexpected var  no-var', '']),
    `\u2716 ${files.length} problems (${files.length} errors, 0 warnings)`,
    '',
  ].join('\n');

test('a path of a container or another machine is the file of the tree that shares its end', () => {
  const at = (path: string, over: Partial<LogContext> = {}) => places(read(eslint(path), over))[0];
  for (const root of [
    '/app',
    '/usr/src/app',
    '/github/workspace',
    '/home/runner/work/x/x',
    '/builds/g/p',
    'C:/agent/_work/1/s',
  ])
    assert.equal(at(`${root}/src/b.js`), 'src/b.js:3', root);
  assert.equal(at('/slot/1/src/a.js'), 'src/a.js:3');
  assert.equal(at('/app/web/src/a.js'), 'web/src/a.js:3');
  assert.equal(at('/app/lib/index.js'), 'web/lib/index.js:3');
  assert.equal(at('/app/index.js'), 'index.js:3');
  assert.equal(
    at('/app/src/a.js', { subproject: 'web' }),
    'web/src/a.js:3',
    'the folder of the command was the root there',
  );
  assert.equal(at('/app/node_modules/x/index.js'), '/app/node_modules/x/index.js:3', 'other people\u2019s code');
});

test('what lies beside files of the tree is placed like them, though the tree does not hold it', () => {
  const log = read(eslint('/app/src/a.js', '/app/src/generated/x.js'));
  assert.deepEqual(places(log), ['src/a.js:3', 'src/generated/x.js:3']);
  assert.deepEqual(log.problems, []);
});

test('two findings without a place stay two, and a run that lost places is not complete', () => {
  const log = read(eslint('/app/other/x.js', '/app/other/y.js'));
  assert.deepEqual(places(log), ['/app/other/x.js:3', '/app/other/y.js:3']);
  assert.equal(new Set(log.findings.map(({ fingerprint }) => fingerprint)).size, 2);
  assert.deepEqual(log.tools.find(({ tool }) => tool === 'eslint')?.complete, false);
  assert.match(
    log.problems.join(),
    /^eslint names 2 places that are not in the repository, such as \/app\/other\/x\.js$/,
  );
});

test('a warning in a header of the system loses no place', () => {
  const log = read('/usr/include/x.h:3:1: warning: odd [-Wodd]\nsrc/a.c:1:1: warning: odd [-Wodd]\n', {
    language: 'c',
  });
  assert.deepEqual(places(log), ['/usr/include/x.h:3', 'src/a.c:1']);
  assert.deepEqual(log.problems, []);
});

test('without the files of the tree a place is kept as it was printed', () => {
  const { tree: _, ...bare } = { tree, roots: [] };
  const reader = readLog({ language: 'typescript', recipe: 'lint', command: '', subproject: '.', ...bare });
  reader.write('stdout', Buffer.from(eslint('/app/src/a.js', '/app/src/b.js')));
  const log = reader.end({ exitCode: 1, reason: 'exited' });
  assert.deepEqual(places(log), ['/app/src/a.js:3', '/app/src/b.js:3']);
  assert.deepEqual(log.problems, []);
});

test('a relative path counts from the folder that has it', () => {
  const tsc = (path: string, over: Partial<LogContext> = {}) =>
    places(read(`${path}(3,1): error TS2322: no\n`, over))[0];
  assert.equal(tsc('src/a.js', { subproject: 'web' }), 'web/src/a.js:3');
  assert.equal(tsc('src/b.js', { subproject: 'web' }), 'src/b.js:3', 'printed from the root');
  assert.equal(tsc('lib/index.js', { command: 'cd web && tsc' }), 'web/lib/index.js:3');
  assert.equal(tsc('src/new.js', { subproject: 'web' }), 'web/src/new.js:3');
});

test('a folder that make enters is the base of what any tool prints', () => {
  for (const folder of ['/slot/1/web', '/src/web', '/app/web']) {
    const text = `make[1]: Entering directory '${folder}'\nsrc/a.js(3,1): error TS2322: no\nmake[1]: Leaving directory '${folder}'\nsrc/a.js(4,1): error TS2322: no\n`;
    assert.deepEqual(places(read(text)), ['web/src/a.js:3', 'src/a.js:4'], folder);
  }
});

test('a relative uri of SARIF stays relative, wherever its base was', () => {
  const result = (uri: string) => ({
    ruleId: 'S1',
    message: { text: 'eval is bad' },
    locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: 'SRC' }, region: { startLine: 3 } } }],
  });
  const sarif = (base: string, ...uris: string[]) =>
    JSON.stringify({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'demo' } },
          results: uris.map(result),
          originalUriBaseIds: { SRC: { uri: base } },
        },
      ],
    });
  for (const base of ['file:///src/', 'file:///builds/x/', 'file:///slot/1/'])
    assert.deepEqual(places(read(sarif(base, 'src/a.js', 'src/b.js'))), ['src/a.js:3', 'src/b.js:3'], base);
  assert.deepEqual(places(read(sarif('file:///slot/1/web/', 'src/a.js'))), ['web/src/a.js:3']);
  const { tree: _, ...unknown } = { tree, roots: [] };
  const reader = readLog({ language: 'python', recipe: 'lint', command: '', subproject: '.', ...unknown });
  reader.write('stdout', Buffer.from(sarif('file:///src/', 'src/a.js', 'src/b.js')));
  assert.deepEqual(places(reader.end({ exitCode: 1, reason: 'exited' })), ['src/a.js:3', 'src/b.js:3']);
});
