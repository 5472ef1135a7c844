import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { narrowCommand } from '../../../../../services/patcher/rules/drafting/narrow-command.ts';

const narrowed: readonly (readonly [tool: string, command: string, files: string[], expected: string])[] = [
  ['ruff', 'ruff check .', ['a.py'], 'ruff check -- a.py'],
  ['ruff', 'ruff check', ['a.py', 'b/c.py'], 'ruff check -- a.py b/c.py'],
  ['ruff', 'ruff check --output-format=json .', ['a.py'], 'ruff check --output-format=json -- a.py'],
  ['ruff', 'ruff check --select E,F src tests', ['src/a.py'], 'ruff check --select E,F -- src/a.py'],
  ['eslint', 'npx eslint -f json src', ['src/a.ts'], 'npx eslint -f json -- src/a.ts'],
  ['eslint', "eslint --ext '.ts,.tsx' ./src/", ['src/a.ts'], "eslint --ext '.ts,.tsx' -- src/a.ts"],
  ['eslint', 'CI=1 ./node_modules/.bin/eslint -- .', ['a.ts'], 'CI=1 ./node_modules/.bin/eslint -- a.ts'],
  ['flake8', 'python3 -m flake8 --max-line-length 100', ['a.py'], 'python3 -m flake8 --max-line-length 100 -- a.py'],
  ['pylint', 'pylint -f json app', ['app/x.py'], 'pylint -f json -- app/x.py'],
  ['shellcheck', 'shellcheck -f json1 *.sh', ['a.sh'], 'shellcheck -f json1 -- a.sh'],
  ['mypy', 'mypy --output=json .', ['a.py'], 'mypy --output=json -- a.py'],
  ['rubocop', 'bundle exec rubocop -f json', ['lib/a.rb'], 'bundle exec rubocop -f json -- lib/a.rb'],
  ['phpcs', 'vendor/bin/phpcs --report=json src', ['src/a.php'], 'vendor/bin/phpcs --report=json src/a.php'],
  ['mypy', '.venv/bin/python -m mypy --strict app', ['app/a.py'], '.venv/bin/python -m mypy --strict -- app/a.py'],
  ['hadolint', 'hadolint -f json Dockerfile', ['Dockerfile'], 'hadolint -f json -- Dockerfile'],
  ['yamllint', 'yamllint -f parsable .', ['a.yml'], 'yamllint -f parsable -- a.yml'],
  ['biome', 'biome check --reporter=github .', ['a.ts'], 'biome check --reporter=github -- a.ts'],
  ['ruff', 'ruff check .', ["it's here.py", '-x.py'], "ruff check -- 'it'\\''s here.py' ./-x.py"],
];

test('a command that is one known linter looks at the touched files alone', () => {
  for (const [tool, command, files, expected] of narrowed)
    assert.equal(narrowCommand(command, tool, files, '.'), expected, command);
});

test('paths are those of the subproject, and only of files that the tool reads and that it looked at before', () => {
  const files = ['web/src/a.ts', 'web/test/b.ts', 'web/src/c.md', 'other/src/d.ts', 'web/../x.ts', 'web/src/e\n.ts'];
  assert.equal(narrowCommand('eslint src', 'eslint', files, 'web'), 'eslint -- src/a.ts');
  assert.equal(narrowCommand('eslint lib', 'eslint', files, 'web'), null);
  assert.equal(narrowCommand('eslint .', 'eslint', ['README.md'], '.'), null);
});

test('what more than one simple command says is not narrowed', () => {
  for (const command of [
    'ruff check . && mypy .',
    'ruff check .; true',
    'ruff check . || true',
    'ruff check . | tee log',
    'ruff check . > log',
    'ruff check $DIR',
    'ruff check $(git ls-files)',
    'ruff check `ls`',
    'ruff check "$DIR"',
    'ruff check ~/x',
    'ruff check . &',
    '(ruff check .)',
    'ruff check .\nrm x',
    'ruff check \\*',
    "ruff check 'a",
    'cd x && ruff check .',
    'status=0; ruff check . || status=$?; exit $status',
    '',
    'A=1',
  ])
    assert.equal(narrowCommand(command, 'ruff', ['a.py'], '.'), null, command);
});

test('a command is not narrowed when it is of another program, or has options that are not known', () => {
  assert.equal(narrowCommand('ruff format .', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('ruff check --fix .', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('ruff check --odd value .', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('ruff check --select', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('eslint -o out.json .', 'eslint', ['a.ts'], '.'), null);
  assert.equal(narrowCommand('eslint --output-file=out.json .', 'eslint', ['a.ts'], '.'), null);
  assert.equal(narrowCommand('make lint', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('echo ruff check .', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('eslint .', 'ruff', ['a.py'], '.'), null);
  assert.equal(narrowCommand('constructor .', 'constructor', ['a.py'], '.'), null);
  assert.equal(narrowCommand('pylint', 'pylint', ['a.py'], '.'), null);
});

test('whatever a file is called, the shell gets it as one word', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a-;$`\'"\\ &|*(){}\n#~!<>') }), (name) => {
      const command = narrowCommand('ruff check .', 'ruff', [`${name}.py`], '.');
      if (command === null) return;
      const word = command.slice('ruff check -- '.length);
      assert.match(word, /^(?:[\w@%+=:,./-]+|'(?:[^']|'\\'')*')$/);
    }),
  );
});
