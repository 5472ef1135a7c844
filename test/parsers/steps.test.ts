import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogContext } from '../../parsers/define.ts';
import { stepsOf, withStepMarks } from '../../parsers/engine/steps.ts';
import { readLog } from '../../parsers/read-log.ts';

const shell = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' });
const unmarked = (text: string) => text.replace(/\u001b\]133;[^\u0007]*\u0007/g, '');

test('a command that is marked does what it did, whatever its steps come to', () => {
  const part = fc.constantFrom(
    'node -e 0',
    'node-none',
    'sh -c "exit 3"',
    "sh -c 'echo out; echo err >&2'",
    'X=1 env',
    'true',
    'cd .',
  );
  const join = fc.constantFrom(' && ', ' || ', '; ', '\n', ' || status=$?; ');
  fc.assert(
    fc.property(part, fc.array(fc.tuple(join, part), { maxLength: 4 }), (first, rest) => {
      const command = `status=0; ${first}${rest.map(([joint, next]) => joint + next).join('')}`.replace(
        /env/g,
        'sh -c "echo $X"',
      );
      const [plain, marked] = [shell(command), shell(withStepMarks(command))];
      assert.equal(marked.status, plain.status, command);
      assert.equal(unmarked(marked.stdout), plain.stdout, command);
      // The shell names the line in which it did not find a program.
      const words = (text: string) => unmarked(text).replace(/: \d+: /g, ': ');
      assert.equal(words(marked.stderr), words(plain.stderr), command);
    }),
    { numRuns: 25 },
  );
});

test('only a list of several programs has steps', () => {
  for (const command of [
    'eslint .',
    'cd web && eslint .',
    'a | b',
    'for f in x; do a; b; done',
    'a $(b); c',
    'a & b',
    'if a; then b; fi',
  ])
    assert.deepEqual(stepsOf(command), [], command);
  const steps = stepsOf('status=0; cargo clippy || status=$?; (cd x && tsc -p .) || status=$?; exit $status');
  assert.deepEqual(
    steps.map(({ text }) => text),
    ['cargo clippy', 'tsc -p .'],
  );
});

const finding = JSON.stringify({
  comments: [
    {
      file: 'a.sh',
      line: 2,
      endLine: 2,
      column: 6,
      endColumn: 8,
      level: 'info',
      code: 2086,
      message: 'Quote',
      fix: null,
    },
  ],
});

function read(command: string, stdout: string, stderr = '', exitCode = 1) {
  const context: LogContext = { language: 'rust', recipe: 'lint', command, subproject: '.', roots: ['/slot'] };
  const reader = readLog(context);
  // In pieces, so that a mark is split too.
  for (const [stream, text] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const)
    for (let at = 0; at < text.length; at += 5) reader.write(stream, Buffer.from(text.slice(at, at + 5)));
  const log = reader.end({ exitCode, reason: 'exited' });
  return { ...log, words: log.findings.filter(({ kind }) => kind === 'recipe_fail').map(({ message }) => message) };
}

const command = (first: string) =>
  `status=0; ${first} || status=$?; shellcheck -f json1 a.sh || status=$?; exit $status`;
const steps = (first: string, code: number, second: string, last = 1) =>
  `\u001b]133;C;step=1\u0007${first}\u001b]133;D;${code};step=1\u0007\u001b]133;C;step=2\u0007${second}\u001b]133;D;${last};step=2\u0007`;

test('a tool that died is said beside one that found something', () => {
  const clippy = command('cargo clippy --message-format=json');
  const marked = read(clippy, steps('', 101, finding), steps('error: failed to load manifest\n', 101, ''));
  assert.deepEqual(marked.words, ['clippy gave no result: it exited with 101: error: failed to load manifest']);
  assert.ok(marked.tools.some(({ tool, complete }) => tool === 'shellcheck' && complete));
  assert.ok(!marked.tools.some(({ tool, complete }) => tool === 'clippy' && complete));
  assert.deepEqual(read(clippy, `${finding}\n`, 'error: failed to load manifest\n').words, ['clippy gave no result']);
  const missing = command('no-such-tool --x');
  assert.deepEqual(read(missing, steps('', 127, finding), steps('sh: 2: no-such-tool: not found\n', 127, '')).words, [
    'no-such-tool: not found',
  ]);
  assert.deepEqual(read(missing, `${finding}\n`, 'sh: 1: no-such-tool: not found\n').words, [
    'no-such-tool: not found',
  ]);
});

test('a silent step that exited with 0 is complete, though another step failed', () => {
  const log = read(command('eslint -f json .'), steps('', 0, finding));
  assert.deepEqual(log.words, []);
  assert.ok(log.tools.some(({ tool, complete }) => tool === 'eslint' && complete));
  assert.ok(
    !read(command('eslint -f json .'), finding).tools.some(({ tool, complete }) => tool === 'eslint' && complete),
  );
});

test('a step that fails is no matter where the command passes over it', () => {
  assert.deepEqual(read('cargo clippy || true; shellcheck a.sh', steps('', 101, ''), '', 0).words, []);
});
