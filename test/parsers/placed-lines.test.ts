import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLog } from '../../parsers/read-log.ts';
import { parsed, parserFixtures } from './parser-fixture.ts';

type Asked = {
  command: string;
  recipe?: 'lint' | 'build' | 'test';
  exit?: number;
  tree?: string[];
  reports?: string[];
};

function read(text: string, { command, recipe = 'lint', exit = 1, tree, reports = [] }: Asked) {
  const reader = readLog({ language: 'shell', recipe, command, subproject: '.', roots: [], ...(tree ? { tree } : {}) });
  reader.write('stdout', Buffer.from(text));
  for (const report of reports) reader.report('report.xml', Buffer.from(report));
  return reader.end({ exitCode: exit, reason: 'exited' });
}

const extensions =
  'java py rb go rs c cpp h ts js kt cs swift php sh yaml yml md tf sql lua ex hs pl css toml json xml html proto vue dart'.split(
    ' ',
  );
const forms = [
  'F:3: error: WORDS',
  'F:3:7: error: WORDS',
  'F:3:7: fatal error: WORDS',
  'F:3:7-9: error: WORDS',
  'F:3: ERROR WORDS',
  'F:3:7: [error] WORDS',
  'F(3): error: WORDS',
  'F(3,7): error: WORDS',
  'F: line 3, col 7, Error - WORDS',
  '"F", line 3: error: WORDS',
  'ERROR: F:3:7: WORDS',
  '[ERROR] F:3: WORDS',
  'my-lint: F:3: error: WORDS',
  '::error file=F,line=3,col=7::WORDS',
];

test('a line that names a place and an error is one finding of the program, whatever the file and the form are', () => {
  const words = 'it has no licence';
  for (const extension of extensions) {
    const file = `src/cart.${extension}`;
    for (const form of forms) {
      const line = form.replace('F', file).replace('WORDS', words);
      const { findings } = read(`looking\n${line}\ndone\n`, { command: 'sh tools/check.sh', tree: [file] });
      assert.deepEqual(
        findings.map((one) => [one.kind, one.severity, one.tool, one.file, one.line, one.message]),
        [['lint', 'error', 'check.sh', file, 3, words]],
        line,
      );
    }
  }
});

test('lines of many languages are all read, none into the message of another', () => {
  const files = extensions.map((extension) => `src/cart.${extension}`);
  const text = files.map((file, at) => `${file}:${at + 1}: error: it has no licence\n`).join('');
  const { findings, tools } = read(text, { command: './check.sh', tree: files });
  assert.deepEqual(
    findings.map((one) => `${one.tool} ${one.file}:${one.line} ${one.message}`).sort(),
    files.map((file, at) => `check.sh ${file}:${at + 1} it has no licence`).sort(),
  );
  assert.ok(tools.every(({ tool, complete }) => tool === 'generic' || !complete));
});

test('a compiler that shows its source, or that the command starts, keeps its name', () => {
  const gcc = 'src/a.c: In function ‘main’:\nsrc/a.c:3:7: error: no b\n    3 |   b\n      |   ^\n';
  const javac = 'src/A.java:3: error: cannot find symbol\n  b();\n  ^\n1 error\n';
  const mypy = 'a.py:3: error: Name "b" is not defined  [name-defined]\na.py:4: error: Bad\nFound 2 errors in 1 file\n';
  const tools = (text: string, command: string) => new Set(read(text, { command }).findings.map(({ tool }) => tool));
  assert.deepEqual(tools(gcc, './check.sh'), new Set(['gcc']));
  assert.deepEqual(tools(javac, './check.sh'), new Set(['javac']));
  assert.deepEqual(tools(mypy, './check.sh'), new Set(['mypy']));
  assert.deepEqual(tools('a.c:3:7: error: no b\n', 'gcc -c a.c'), new Set(['gcc']));
  assert.deepEqual(tools('a.c:3:7: error: no b\n', './check.sh'), new Set(['check.sh']));
});

test('a script that ends well proves that what it found before is gone; one that fails proves nothing', () => {
  const row = (text: string, command: string, exit: number) =>
    read(text, { command, exit }).tools.find(({ tool }) => tool === 'check.sh');
  assert.equal(row('fine\n', './check.sh', 0)?.complete, true);
  assert.equal(row('a.lua:1: error: x\n', './check.sh', 1)?.complete, false);
  assert.equal(row('fine\n', './check.sh || true', 0), undefined);
});

test('a line without a word for it is a finding only of a run that failed and says nothing else', () => {
  const text = 'src/a.lua:3: unused variable b\n';
  const found = (exit: number, more = '') =>
    read(more + text, { command: './check.sh', exit, tree: ['src/a.lua', 'src/b.lua'] }).findings.map(
      ({ kind, file }) => `${kind} ${file}`,
    );
  assert.deepEqual(found(1), ['lint src/a.lua']);
  assert.deepEqual(found(0), []);
  assert.deepEqual(found(1, 'src/b.lua:1: error: x\n'), ['lint src/b.lua']);
});

test('what a known tool prints beside its findings is none, and neither are machines, times and traces', () => {
  for (const line of [
    'db.example.com:5432: error: refused',
    '127.0.0.1:80: error: x',
    '12:30:01: error: late',
    'at 3:4: error',
  ])
    assert.deepEqual(
      read(`${line}\nsrc/a.lua:1: error: x\n`, { command: './check.sh' }).findings.map(({ file }) => file),
      ['src/a.lua'],
      line,
    );
});

test('each step that fails says why, whatever a report says of another', () => {
  const step = (number: number, text: string, code: number) =>
    `\u001b]133;C;step=${number}\u0007${text}\u001b]133;D;${code};step=${number}\u0007`;
  const report =
    '<testsuite name="t"><testcase classname="t" name="adds"><failure message="no"/></testcase></testsuite>';
  const ran = (command: string, first: string) =>
    read(step(1, first, 1) + step(2, '1 failed\n', 1), { command, recipe: 'test', reports: [report] });
  const flakes = ran('pyflakes . ; pytest --junitxml=r.xml', "./a.py:1:1: 'os' imported but unused\n");
  assert.deepEqual(flakes.findings.map(({ tool, code }) => `${tool} ${code}`).sort(), [
    'junit t.adds',
    'pyflakes F401',
  ]);
  const silent = ran('pyflakes . ; pytest --junitxml=r.xml', '');
  assert.deepEqual(silent.findings.map(({ kind }) => kind).sort(), ['recipe_fail', 'test_fail']);
  assert.match(silent.findings.find(({ kind }) => kind === 'recipe_fail')?.message ?? '', /^pyflakes gave no result/);
  // A script that nobody knows may have left the report; one whose failure is passed over prepares.
  assert.deepEqual(
    ran('./tests.sh && pytest', '').findings.map(({ kind }) => kind),
    ['test_fail'],
  );
});

test('a line of another program behind the output of a tool is read, and changes nothing of what the tool said', () => {
  const key = (log: ReturnType<typeof parsed>) => log.findings.map(({ raw_json: _, ...one }) => JSON.stringify(one));
  const line = 'zz/other.lua:7: error: words of nobody\n';
  const lost: string[] = [];
  // The words of a failure that nobody knows are its last lines.
  const tools = parserFixtures().filter(({ name, situation }) => situation === 'failing' && name !== 'generic');
  for (const fixture of tools) {
    const command = `./all.sh && ${fixture.meta.command}`;
    const stdout = Buffer.concat([fixture.stdout, Buffer.from(fixture.stdout.at(-1) === 10 ? line : `\n${line}`)]);
    const meta = { ...fixture.meta, command, recipe: 'lint' as const, roots: [], subproject: '.' };
    const [own, both] = [key(parsed({ ...fixture, meta })), key(parsed({ ...fixture, meta, stdout }))];
    const added = both.filter((one) => !own.includes(one));
    const isRead = added.length === 1 && added[0]?.includes('zz/other.lua');
    if (!isRead || both.length !== own.length + 1) lost.push(fixture.name);
  }
  assert.deepEqual(lost, []);
});
