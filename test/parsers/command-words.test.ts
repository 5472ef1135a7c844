import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAlone, provedByExit, startsProgram } from '../../parsers/engine/command-words.ts';
import { shellLine } from '../../parsers/engine/shell-line.ts';

const all = 'status=0; eslint -f json . || status=$?; tsc --noEmit || status=$?; exit $status';
const find = String.raw`find . -type d \( -name '.?*' -o -name node_modules \) -prune -o -type f \( -name '*.sh' \) -exec shellcheck -f json1 {} +`;

test('a program is known behind runners, assignments, quotes and find', () => {
  const cases = [
    ['npx eslint .', 'eslint'],
    ['PATH="$PWD/node modules/.bin:$PATH" eslint -f json .', 'eslint'],
    ['BUNDLE_PATH=.bundle/gems bundle exec rubocop -f json', 'rubocop'],
    ['bundle exec rspec', 'rspec'],
    ['bundle audit check', 'bundle audit'],
    ['npm audit --json', 'npm audit'],
    ['.venv/bin/python -m pytest', 'pytest'],
    ['{ npm ci; } || exit; status=0; tsc || status=$?; exit $status', 'tsc'],
    [find, 'shellcheck'],
    ['cargo build && cargo clippy', 'cargo clippy'],
  ] as const;
  for (const [command, program] of cases) assert.equal(startsProgram(command, [program]), true, command);
});

test('a program that is only named is not started', () => {
  const commands = [
    'echo eslint',
    "echo 'a && eslint .'",
    'echo "; eslint"',
    'true # && eslint',
    String.raw`echo \; eslint`,
    'cargo test',
  ];
  for (const command of commands) assert.equal(startsProgram(command, ['eslint', 'cargo clippy']), false, command);
});

test('an exit code 0 of a line that collects the codes of several tools proves each of them clean', () => {
  for (const program of ['eslint', 'tsc']) assert.equal(provedByExit(all, [program]), true, program);
  const prepared = `{ npm ci --ignore-scripts && npm run prepare; } || exit; ${all}`;
  assert.equal(provedByExit(prepared, ['tsc']), true);
  assert.equal(provedByExit(prepared, ['npm ci']), false);
  assert.equal(provedByExit('status=0; cd a && tsc || status=$?; mypy . || status=$?; exit $status', ['tsc']), true);
  assert.equal(provedByExit(`status=0; ${find} || status=$?; bats . || status=$?; exit $status`, ['shellcheck']), true);
  assert.equal(provedByExit('status=0; eslint | cat || status=$?; tsc || status=$?; exit $status', ['tsc']), true);
});

test('a line that collects exit codes in any other way proves nothing', () => {
  const lines = [
    'status=0; tsc || status=$?; eslint . || status=$?; exit 0',
    'status=0; tsc || status=0; eslint . || status=$?; exit $status',
    'status=0; tsc || true; eslint . || status=$?; exit $status',
    'status=0; tsc; eslint . || status=$?; exit $status',
    'status=0; tsc > out || status=$?; eslint . || status=$?; exit $status',
    'status=0; tsc | head || status=$?; eslint . || status=$?; exit $status',
    'status=0; exit 0; tsc || status=$?; exit $status',
    'status=0; if true; then exit 0; fi; tsc || status=$?; exit $status',
    'status=0; tsc || status=$?; status=0; eslint . || status=$?; exit $status',
    'true; status=0; tsc || status=$?; exit $status; true',
    '{ true; } || true; status=0; tsc || status=$?; exit $status',
    'status=0; tsc --version || status=$?; eslint . || status=$?; exit $status',
    'status=0; ! tsc || status=$?; exit $status',
  ];
  for (const line of lines) assert.equal(provedByExit(line, ['tsc']), false, line);
});

test('what find starts tells by its exit code only when it is ended with a plus', () => {
  assert.equal(provedByExit(find, ['shellcheck']), true);
  assert.equal(isAlone(find, ['shellcheck']), true);
  const each = find.replace(/\+$/, String.raw`\;`);
  assert.equal(startsProgram(each, ['shellcheck']), true);
  assert.equal(provedByExit(each, ['shellcheck']), false);
  assert.equal(isAlone(each, ['shellcheck']), false);
});

test('joined and redirected commands prove what they can', () => {
  for (const line of ['tsc', 'cd web && tsc', '(cd web && tsc)', 'tsc 2>&1', "tsc -p 'a;b'", 'tsc && eslint .']) {
    assert.equal(provedByExit(line, ['tsc']), true, line);
  }
  for (const line of ['tsc > x', 'tsc &> x', 'tsc &', 'tsc | cat', 'tsc || true', 'x=$(tsc)', 'tsc\ntrue', '! tsc']) {
    assert.equal(provedByExit(line, ['tsc']), false, line);
  }
});

test('any text is split without an error, and no word is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      shellLine(text);
      provedByExit(text, ['tsc']);
      isAlone(text, ['tsc']);
    }),
    { numRuns: 40 },
  );
  assert.deepEqual(
    shellLine(`a "b c" 'd"e' f\\ g; h`).map((one) => one.words),
    [['a', 'b c', 'd"e', 'f g'], ['h']],
  );
});
