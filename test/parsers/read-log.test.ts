import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';

const context: LogContext = {
  language: 'typescript',
  recipe: 'lint',
  command: 'make lint',
  subproject: '.',
  roots: ['/work-tree'],
};

function read(
  text: string,
  exitCode: number | null = 1,
  over: Partial<LogContext> = {},
  stream: 'stdout' | 'stderr' = 'stdout',
): ParsedLog {
  const reader = readLog({ ...context, ...over });
  reader.write(stream, Buffer.from(text));
  return reader.end({ exitCode, reason: 'exited' });
}

const eslint = (file: string, rule = 'no-var') =>
  JSON.stringify([
    { filePath: `/work-tree/${file}`, messages: [{ ruleId: rule, severity: 2, message: 'm', line: 1, column: 1 }] },
  ]);
const ruff = (file: string) =>
  JSON.stringify([
    {
      cell: null,
      code: 'F401',
      filename: `/work-tree/${file}`,
      location: { row: 1, column: 1 },
      noqa_row: 1,
      message: 'm',
      fix: null,
    },
  ]);
const files = (log: ParsedLog) => log.findings.map((finding) => finding.file);

test('documents glued together are all found, whatever the language', () => {
  assert.deepEqual(files(read(`${ruff('a.py')}${eslint('b.js')}\n`)), ['a.py', 'b.js']);
  assert.deepEqual(files(read(`banner ${ruff('a.py')}${eslint('b.js')} done\n${eslint('c.js')}`)), [
    'a.py',
    'b.js',
    'c.js',
  ]);
});

test('a document printed over many lines is found between look-alikes', () => {
  const pretty = JSON.stringify(JSON.parse(eslint('b.js')), null, 2);
  const noise = '[INFO] 03:03:22.063 {foo}\n[\n{ "a": oops\n[1/3] http://host:80:1: x\n{\n';
  assert.deepEqual(files(read(`${noise}${pretty}\n${noise}`)), ['b.js']);
});

test('a cut document is a problem, never a clean run, and what follows is still read', () => {
  const cut = eslint('a.js').slice(0, -20);
  const log = read(`${cut}\n${ruff('b.py')}\n`, 0);
  assert.deepEqual(log.problems, ['eslint: JSON was cut off']);
  assert.deepEqual(files(log), ['b.py']);
  assert.equal(log.tools.find((run) => run.tool === 'eslint')?.complete, false);
});

test('a document of unknown shape that was cut leaves no JSON tool complete', () => {
  const log = read(`${eslint('a.js')}\n{"what": ["is`, 1);
  assert.equal(log.tools.find((run) => run.tool === 'eslint')?.complete, false);
  assert.equal(log.problems.length, 1);
});

test('several tools of one command are complete each on its own', () => {
  const text = `${eslint('a.js')}\na.ts(1,7): error TS2322: no\n`;
  const tools = read(text, 2, { command: 'eslint -f json . ; tsc' }).tools.map((run) => [run.tool, run.complete]);
  assert.deepEqual(tools, [
    ['eslint', false],
    ['tsc', true],
    ['generic', true],
  ]);
});

test('nothing printed proves a clean run only for a tool that the command cannot hide', () => {
  const complete = (command: string, exitCode = 0) =>
    read('', exitCode, { command }).tools.some((run) => run.tool === 'tsc' && run.complete);
  assert.equal(complete('npx tsc --noEmit'), true);
  assert.equal(complete('cd web && tsc --noEmit'), true);
  for (const command of ['tsc > out.txt', 'tsc || true', 'tsc; true', 'tsc --version', 'make', 'tsc | head']) {
    assert.equal(complete(command), false, command);
  }
});

test('an end by anything but exit proves nothing', () => {
  const reader = readLog(context);
  reader.write('stdout', Buffer.from(eslint('a.js')));
  const log = reader.end({ exitCode: null, reason: 'timeout' });
  assert.ok(log.tools.every((run) => !run.complete));
  assert.equal(log.findings.length, 1);
});

test('a failing run without findings is one recipe_fail in the words of the log', () => {
  const log = read('one\nfatal: no such remote\n', 128, {}, 'stderr');
  assert.deepEqual(
    log.findings.map(({ kind, code, message }) => [kind, code, message]),
    [['recipe_fail', 'exit_128', 'lint recipe exited with 128: fatal: no such remote']],
  );
});

test('a missing command is told beside the findings that there are', () => {
  const log = read(`${eslint('a.js')}\n/bin/sh: 1: tsc: not found\n`, 127);
  assert.deepEqual(
    log.findings.map((finding) => finding.code),
    ['no-var', 'exit_127'],
  );
  assert.match(log.findings[1]?.message ?? '', /command not found: tsc$/);
});

test('an exit code that findings explain adds none', () => {
  assert.deepEqual(
    read(eslint('a.js'), 1).findings.map((finding) => finding.kind),
    ['lint'],
  );
});

test('what a tool repeats is kept once, and 20,000 findings are the most', () => {
  assert.equal(read(`${eslint('a.js')}\n${eslint('a.js')}\n`).findings.length, 1);
  const many = Array.from({ length: 20_005 }, (_, at) => `a.ts(${at + 1},1): error TS1005: x`).join('\n');
  const log = read(many, 2);
  assert.equal(log.findings.length, 20_000);
  assert.deepEqual(log.problems, ['5 findings beyond 20000 were left out']);
});

test('long and hostile fields are cut to what the schema allows', () => {
  const message = `\u001b[31m${'x'.repeat(20_000)}\u202e\n\u0000`;
  const text = JSON.stringify([
    { filePath: `/work-tree/${'d/'.repeat(700)}a.js`, messages: [{ ruleId: 'r', severity: 2, message, line: -1 }] },
  ]);
  const [finding] = read(text).findings;
  assert.equal(finding?.file, null);
  assert.equal(finding?.line, null);
  assert.ok((finding?.message.length ?? 0) <= 8192 && !/[\u0000-\u001f\u202e]/.test(finding?.message ?? ''));
  assert.ok((finding?.raw_json.length ?? 0) <= 8192);
  assert.equal(JSON.parse(finding?.raw_json ?? '').truncated, true);
});

test('paths count from the repository, and one that leads elsewhere stays as it was printed', () => {
  const at = (file: string, subproject = '.') =>
    read(`${file}(1,1): error TS1005: x\n`, 1, { subproject, roots: ['/slot/tree', '/var/x'] }).findings[0]?.file;
  assert.equal(at('src/a.ts', 'clients/web'), 'clients/web/src/a.ts');
  assert.equal(at('clients/web/src/a.ts', 'clients/web'), 'clients/web/src/a.ts');
  assert.equal(at('app/a.ts', 'app'), 'app/app/a.ts');
  assert.equal(at('../shared/a.ts', 'clients/web'), 'clients/shared/a.ts');
  assert.equal(at('/slot/tree/clients/web/a.ts', 'clients/web'), 'clients/web/a.ts');
  assert.equal(at('/private/var/x/a.ts'), 'a.ts');
  assert.equal(at('src\\a.ts'), 'src/a.ts');
  assert.equal(at('/slot/treehouse/a.ts'), '/slot/treehouse/a.ts');
  assert.equal(at('C:\\Users\\me\\a.ts'), 'C:/Users/me/a.ts');
  assert.equal(at('../../../etc/a.ts', 'web'), null);
  assert.equal(at('/tmp/build-71/a.ts'), null);
});

test('warnings of a compiler do not explain why the build failed', () => {
  const text =
    'warning: unused variable: `x`\n --> src/main.rs:2:9\n  |\n\nerror: linking with `cc` failed: exit status: 1\n';
  const log = read(text, 101, { language: 'rust', command: 'cargo build' }, 'stderr');
  assert.deepEqual(
    log.findings.map(({ kind, severity, code }) => [kind, severity, code]),
    [
      ['lint', 'warn', null],
      ['recipe_fail', 'error', 'exit_101'],
    ],
  );
  assert.match(log.findings[1]?.message ?? '', /linking with `cc` failed/);
});

const withUrl = (url: string) => ruff('a.py').replace('"fix":null', `"fix":null,"url":${JSON.stringify(url)}`);

test('only links that a browser follows safely are kept', () => {
  const urlOf = (url: string) => read(withUrl(url)).findings[0]?.url;
  assert.equal(urlOf('https://docs.astral.sh/ruff/rules/F401'), 'https://docs.astral.sh/ruff/rules/F401');
  for (const url of [
    'javascript:alert(1)',
    'JavaScript:x',
    'data:text/html,x',
    'file:///etc/passwd',
    ' https://x',
    'x',
  ])
    assert.equal(urlOf(url), null, url);
  for (const url of [
    'https://x/"onclick=',
    "https://x/'",
    'https://x/<b>',
    'https://x/a b',
    `https://${'x'.repeat(2_048)}`,
  ])
    assert.equal(urlOf(url), null, url);
});

test('a fix of which one edit cannot be made is no fix', () => {
  const edit = (row: number) => ({
    content: '',
    location: { row, column: 1 },
    end_location: { row: row + 1, column: 1 },
  });
  const fixed = (...rows: number[]) => {
    const fix = JSON.stringify({ applicability: 'safe', message: 'm', edits: rows.map(edit) });
    return read(ruff('a.py').replace('"fix":null', `"fix":${fix}`)).findings[0]?.edits.length;
  };
  assert.deepEqual([fixed(1, 5), fixed(1, 0), fixed(0, 1), fixed(1, 0, 5)], [2, 0, 0, 0]);
});

test('pytest that was interrupted, misused or broke inside has not run in whole, whatever it says at the end', () => {
  const text = '===== test session starts =====\na.py ..   [100%]\n\n===== 2 passed in 0.10s =====\n';
  const isComplete = (exitCode: number) =>
    read(text, exitCode, { language: 'python', recipe: 'test', command: 'pytest' }).tools.find(
      ({ tool }) => tool === 'pytest',
    )?.complete;
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(isComplete), [true, true, false, false, false, false]);
});
