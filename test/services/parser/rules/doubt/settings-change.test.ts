import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolNamed } from '../../../../../parsers/tools/registry.ts';
import { settingsPart } from '../../../../../parsers/tools/settings-of.ts';
import { type Meaning, settingsChange } from '../../../../../services/parser/rules/doubt/settings-change.ts';
import { coversFile } from '../../../../../services/parser/rules/glob-match.ts';
import { commandChange } from '../../../../../services/parser/rules/scripts/command-change.ts';

/** `meanings`: what the change may mean for a finding of one of these names in that file. */
type Case = {
  readonly tool: string;
  readonly path: string;
  readonly names: string;
  readonly file: string | null;
  readonly meanings: readonly Meaning[];
  readonly then: string | null;
  readonly now: string | null;
};

const cases = readFileSync(join(import.meta.dirname, 'settings-cases.ndjson'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Case);

test('a setting that switches a rule off or passes a file over is told from others, and from a change that is none', () => {
  const missed = cases.flatMap(({ tool: name, path, names, file, meanings, then, now }) => {
    const tool = toolNamed(name);
    const part = tool ? settingsPart(tool, path) : null;
    assert.ok(part, `${name} does not read ${path}`);
    const meaning = settingsChange(path, part, [then, now], { names: names.split(' '), file });
    return meanings.includes(meaning) ? [] : [`${name} ${path} ${now} about ${names}: ${meaning}`];
  });
  assert.deepEqual(missed, []);
});

test('an option that switches the rule off, or passes the file over, is told from others', () => {
  const commands: readonly (readonly [
    tool: string,
    then: string,
    now: string,
    names: string,
    file: string,
    Meaning[],
  ])[] = [
    ['flake8', 'flake8 .', 'flake8 --ignore F401 .', 'F401', 'a.py', ['rule']],
    ['flake8', 'flake8 .', 'python3 -m flake8 --extend-ignore=E501,F401 .', 'F401', 'a.py', ['rule']],
    ['flake8', 'flake8 .', 'flake8 --select E .', 'F401', 'a.py', ['rule']],
    ['flake8', 'flake8 .', 'flake8 src', 'F401', 'lib/a.py', ['place']],
    ['flake8', 'flake8 .', 'flake8 --exit-zero .', 'F401', 'a.py', ['rule', 'other']],
    ['flake8', 'flake8 .', 'flake8 --format=pylint .', 'F401', 'a.py', ['other']],
    ['flake8', 'flake8 .', 'flake8 --max-line-length 100 .', 'F401', 'a.py', ['other']],
    ['flake8', 'flake8 . && mypy .', 'flake8 . && mypy --strict .', 'F401', 'a.py', ['none']],
    ['gcc', 'gcc -Wall -c a.c', 'gcc -Wall -w -c a.c', 'unused-variable', 'a.c', ['rule']],
    ['gcc', 'gcc -Wall -c a.c', 'gcc -c a.c', 'unused-variable', 'a.c', ['rule']],
    ['ruff', 'ruff check .', 'ruff check --isolated .', 'F401', 'a.py', ['rule']],
    ['shellcheck', 'shellcheck -f json1 a.sh', 'shellcheck -f json1 -e SC2086 a.sh', 'SC2086', 'a.sh', ['rule']],
    ['shellcheck', 'shellcheck -f json1 a.sh', 'shellcheck -f json1 -S error a.sh', 'SC2086', 'a.sh', ['rule']],
    ['shellcheck', 'shellcheck a.sh b.sh', 'shellcheck b.sh', 'SC2086', 'a.sh', ['place']],
    ['eslint', 'eslint -f json .', 'eslint -f json --rule \'{"no-var":"off"}\' .', 'no-var', 'a.js', ['rule']],
    ['eslint', 'eslint -f json .', 'eslint -f json --quiet .', 'no-var', 'a.js', ['rule']],
    ['eslint', 'eslint -f json .', 'eslint -f json -c other.js .', 'no-var', 'a.js', ['rule']],
    [
      'cargo-audit',
      'cargo audit --json',
      'cargo audit --json --ignore RUSTSEC-2020-0001',
      'RUSTSEC-2020-0001',
      'Cargo.lock',
      ['rule'],
    ],
    [
      'pip-audit',
      'pip-audit -f json',
      'pip-audit -f json --ignore-vuln PYSEC-2020-1',
      'PYSEC-2020-1',
      'a.txt',
      ['rule'],
    ],
    ['npm-audit', 'npm audit --json', 'npm audit --json --audit-level=critical', 'GHSA-a', 'a', ['rule']],
    ['npm-audit', 'npm audit --json', 'npm audit --json --omit=dev', 'GHSA-a', 'a', ['rule', 'other']],
    ['bandit', 'bandit -r .', 'bandit -r -s B602 .', 'B602', 'a.py', ['rule']],
    ['pytest', 'pytest', 'pytest -k "not adds"', 'tests/a.py::adds', 'tests/a.py', ['rule', 'other']],
    ['pytest', 'pytest', 'pytest --ignore=tests/a.py', 'tests/a.py::adds', 'tests/a.py', ['place', 'rule']],
    ['gcc', 'gcc -Wall a.c', 'gcc -Wall -Wno-unused-variable a.c', 'unused-variable', 'a.c', ['rule']],
  ];
  const missed = commands.flatMap(([name, then, now, names, file, wanted]) => {
    const meaning = commandChange(toolNamed(name), then, now, { names: names.split(' '), file });
    return wanted.includes(meaning) ? [] : [`${now} about ${names}: ${meaning}`];
  });
  assert.deepEqual(missed, []);
});

test('texts of a hostile repository are read in time that grows with their length', () => {
  const long = ['"', "'", '`', '/*', '<a ', '[', '{', 'a: ', '- ', '=', '\\"', '# ', '*a', 'a = "', ' '].map((one) =>
    one.repeat(40_000 / one.length),
  );
  const files = [
    '.flake8',
    'eslint.config.js',
    '.rubocop.yml',
    'psalm.xml',
    'pyproject.toml',
    '.trivyignore',
    'pom.xml',
  ];
  for (const text of long) {
    for (const path of files) {
      for (const part of ['file', 'list', 'build'] as const)
        settingsChange(path, part, [null, text], { names: ['F401'], file: `${'a'.repeat(250)}/b.py` });
    }
  }
  assert.equal(coversFile('*a'.repeat(150), `${'a'.repeat(1000)}b`), false);
});
