import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';
import { parsed, parserFixtures } from './parser-fixture.ts';

function read(text: string | Buffer, over: Partial<LogContext> = {}): ParsedLog {
  const reader = readLog({
    language: 'c',
    recipe: 'build',
    command: 'make',
    subproject: '.',
    roots: ['/slot/1'],
    ...over,
  });
  reader.write('stdout', Buffer.from(text));
  return reader.end({ exitCode: 1, reason: 'exited' });
}

const places = ({ findings }: ParsedLog) =>
  findings.filter(({ tool }) => tool !== 'generic').map(({ file, line }) => `${file}:${line}`);

/** What stands before a line, by what writes it. `n` is the number of the line. */
const prefixes: Readonly<Record<string, (n: number) => string>> = {
  'GitHub and Azure': (n) => `2025-03-09T10:00:01.${1234567 + n}Z `,
  'gh run view --log': (n) => `lint\tRun make\t2025-03-09T10:00:0${n % 10}.1234567Z `,
  GitLab: (n) => `2024-05-22T12:43:46.${962646 + n}Z 01O `,
  'Jenkins, as ISO': (n) => `[2025-11-24T09:30:26.${100 + n}Z] `,
  'Jenkins, a clock': (n) => `09:30:${10 + (n % 50)}  `,
  Buildkite: (n) => `\u001b_bk;t=${1700000000000 + n}\u0007`,
  BuildKit: (n) => `#12 ${n}.${100 + n} `,
  'docker compose': () => 'web-1  | ',
  'docker compose logs -t': (n) => `web-1  | 2026-03-09T10:00:01.${123456789 + n}Z `,
  'docker-compose 1': () => 'web_1  | ',
  foreman: () => '10:00:01 web.1  | ',
  act: () => '[CI/lint]   | ',
  turborepo: () => 'web:lint: ',
  'turborepo, scoped': () => '@acme/api:test: ',
  'pnpm -r': () => '. build: ',
  lerna: () => '@acme/api: ',
  'yarn workspaces': () => '[@acme/api]: ',
  kubectl: () => '[pod/build-x/main] ',
  'Docker in GitHub': (n) => `2025-03-09T10:00:01.1234567Z #9 ${n}.100 `,
};

test('what a wrapper writes before a line is no part of a place, and of no identity', () => {
  for (const [name, prefix] of Object.entries(prefixes)) {
    const lines = ['src/b.c:4:1: warning: unused [-Wunused]', 'src/b.c:9:1: error: no'];
    const [once, again] = [1, 5].map((from) =>
      read(lines.map((line, at) => `${prefix(from + at)}${line}\n`).join(''), { tree: ['src/b.c'] }),
    );
    assert.ok(once && again);
    assert.deepEqual(places(once), ['src/b.c:4', 'src/b.c:9'], name);
    assert.deepEqual(
      once.findings.map((one) => [one.message, one.fingerprint]),
      again.findings.map((one) => [one.message, one.fingerprint]),
      name,
    );
  }
});

test('a whole log reads the same behind a wrapper', () => {
  const whole = new Set([
    'pytest',
    'eslint',
    'mypy',
    'jest',
    'go-test',
    'cargo-test',
    'ruff',
    'surefire',
    'junit',
    'semgrep',
  ]);
  for (const fixture of parserFixtures().filter(({ name, situation }) => whole.has(name) && situation === 'failing')) {
    const told = (log: ParsedLog) =>
      log.findings.map(({ tool, file, line, code }) => `${tool} ${file}:${line} ${code}`).sort();
    const plain = told(parsed(fixture));
    for (const [name, prefix] of Object.entries(prefixes)) {
      const behind = (bytes: Buffer) =>
        Buffer.from(
          String(bytes)
            .replace(/\n$/, '')
            .split('\n')
            .map((line, at) => `${prefix(at)}${line}\n`)
            .join(''),
        );
      const stdout = fixture.stdout.length === 0 ? fixture.stdout : behind(fixture.stdout);
      const stderr = fixture.stderr.length === 0 ? fixture.stderr : behind(fixture.stderr);
      assert.deepEqual(told(parsed({ ...fixture, stdout, stderr })), plain, `${fixture.name} behind ${name}`);
    }
  }
});

test('lines of several sources that mix are read apart', () => {
  const text = [
    'web-1  | /app/src/a.js',
    'api-1  | /app/src/b.js',
    'web-1  |   3:1  error  Unexpected var  no-var',
    'api-1  |   9:1  error  Unexpected var  no-var',
    '',
  ].join('\n');
  assert.deepEqual(places(read(text, { tree: ['src/a.js', 'src/b.js'] })), ['src/a.js:3', 'src/b.js:9']);
});

test('a runner that names the folder or the package of a task gives the base of its paths', () => {
  const tree = ['packages/web/src/a.ts', 'packages/api/src/a.ts'];
  const at = (line: string) => places(read(`${line}\n`, { language: 'typescript', tree }))[0];
  const error = 'src/a.ts(3,7): error TS2322: no';
  assert.equal(at(`packages/web build: ${error}`), 'packages/web/src/a.ts:3');
  assert.equal(at(`web:build: ${error}`), 'packages/web/src/a.ts:3');
  assert.equal(at(`@acme/api: ${error}`), 'packages/api/src/a.ts:3');
  assert.equal(at(`[@acme/api]: ${error}`), 'packages/api/src/a.ts:3');
});

test('a bare name before a line is a wrapper only where a file of the tree follows', () => {
  const tree = ['src/b.c'];
  const at = (line: string, over: Partial<LogContext> = {}) => places(read(`${line}\n`, { tree, ...over }))[0];
  const warning = 'src/b.c:4:1: warning: odd [-Wodd]';
  assert.equal(at(`builder: ${warning}`), 'src/b.c:4');
  assert.equal(at(`[build] ${warning}`), 'src/b.c:4');
  assert.equal(at(`[0] ${warning}`, { command: 'concurrently "make a"' }), 'src/b.c:4');
});

test('lines before the one that showed a prefix to be a wrapper\u2019s are read behind it too', () => {
  const text = [
    'types: ==== FAILURES ====',
    'types: ____ test_x ____',
    'types: E   assert 1 == 2',
    'types: tests/test_a.py:2: AssertionError',
    'types: === 1 failed in 0.05s ===',
  ];
  const log = read(`${text.join('\n')}\n`, { language: 'python', recipe: 'test', tree: ['tests/test_a.py'] });
  assert.deepEqual(places(log), ['tests/test_a.py:2']);
  assert.equal(log.tests?.failed, 1);
});

test('a name in brackets before every line is a wrapper\u2019s, though no command says so', () => {
  const text = [
    '',
    '/slot/1/src/a.js',
    '  3:1  error  Unexpected var  no-var',
    '',
    '\u2716 1 problem (1 error, 0 warnings)',
    '',
  ]
    .map((line) => `[lint] ${line}\n`)
    .join('');
  assert.deepEqual(places(read(text, { language: 'typescript', recipe: 'lint' })), ['src/a.js:3']);
});

test('the lines that BuildKit tells again at its end count once', () => {
  const sum = '1 failed in 0.05s';
  const text = `#9 [4/4] RUN pytest\n#9 0.5 FAILED t/a.py::x\n#9 0.6 ${sum}\n------\n > [4/4] RUN pytest:\n0.6 ${sum}\n------\n`;
  assert.equal(read(text, { language: 'python', recipe: 'test' }).tests?.failed, 1);
});

test('UTF-16 is read, with and without its mark', () => {
  const text = 'src/b.c:4:1: warning: \u00fcbel [-Wodd]\r\n';
  const little = Buffer.from(text, 'utf16le');
  for (const bytes of [
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    little,
    Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  ]) {
    const reader = readLog({ language: 'c', recipe: 'build', command: 'make', subproject: '.', roots: [] });
    for (const byte of bytes) reader.write('stdout', Uint8Array.of(byte));
    const log = reader.end({ exitCode: 1, reason: 'exited' });
    assert.deepEqual(places(log), ['src/b.c:4']);
    assert.equal(log.findings[0]?.message, '\u00fcbel');
  }
});
