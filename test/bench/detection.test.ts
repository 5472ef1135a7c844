import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsOf, type ReaderTable, tallyChecks, tallySubprojects } from '../../bench/detection-table.ts';
import { detect } from '../../recipes/detection/detect.ts';
import { writtenFiles } from '../recipes/written-files.ts';

/** Small repositories of the shapes of the public ones, with what a careful reader writes down of each. */
const madeUp: readonly (readonly [string, Record<string, string>, ReaderTable['on']])[] = [
  [
    'a Python package with uv, pre-commit and examples',
    {
      'pyproject.toml':
        '[project]\nname = "a"\n[dependency-groups]\ntests = ["pytest"]\n[tool.mypy]\nfiles = ["src"]\n',
      'uv.lock': '',
      '.pre-commit-config.yaml': 'repos: [{repo: x, hooks: [{id: ruff-check}, {id: ruff-format}, {id: codespell}]}]',
      'src/a.py': '',
      'tests/test_a.py': '',
      'examples/b/pyproject.toml': '[project]\nname = "b"\n',
      'examples/b/b.py': '',
    },
    { '.': { test: ['pytest'], lint: ['ruff check', 'ruff format', 'mypy', 'codespell'], audit: ['pip-audit'] } },
  ],
  [
    'a pnpm monorepo with templates',
    {
      'package.json':
        '{"scripts":{"lint":"eslint .","test":"vitest run","build":"pnpm -r build"},"devDependencies":{"eslint":"9"}}',
      'pnpm-workspace.yaml': 'packages: ["packages/*"]',
      'pnpm-lock.yaml': '',
      'eslint.config.js': '',
      'packages/a/package.json': '{"name":"a","scripts":{"build":"x"}}',
      'templates/b/package.json': '{"scripts":{"test":"x"}}',
    },
    { '.': { build: ['script build'], test: ['script test'], lint: ['eslint'], audit: ['audit'] } },
  ],
  [
    'a Go module with golangci-lint beside a locked web folder',
    {
      'go.mod': 'module a\nrequire x v1\n',
      'a.go': '',
      'a_test.go': '',
      '.golangci.yml': 'version: "2"',
      'web/package.json': '{"scripts":{"test":"node --test","build":"x"}}',
      'web/package-lock.json': '{}',
    },
    {
      '.': { build: ['go build'], test: ['go test'], lint: ['golangci-lint'], audit: ['govulncheck'] },
      web: { build: ['script build'], test: ['node'] },
    },
  ],
  [
    'a PHP library that keeps its checkers apart',
    {
      'composer.json': '{"require-dev":{"phpunit/phpunit":"1"}}',
      'phpstan.neon.dist': '',
      'psalm.xml': '',
      'src/a.php': '',
      'vendor-bin/phpstan/composer.json': '{}',
    },
    { '.': { test: ['phpunit'], lint: ['phpstan', 'psalm'] } },
  ],
];

for (const [title, files, on] of madeUp) {
  test(`${title} is listed as its reader lists it`, async (t) => {
    const found = await detect(await writtenFiles(t, files), { has: () => true });
    const table = { url: '', commit: '', on };
    for (const { wrong, lacking } of [tallySubprojects(found, table), tallyChecks(found, table)])
      assert.deepEqual([wrong, lacking], [[], []]);
  });
}

test('what is proposed beyond the table, and what of it is not, are both told', async (t) => {
  const found = await detect(await writtenFiles(t, { 'go.mod': '', 'a.go': '' }), { has: () => true });
  const tally = tallyChecks(found, {
    url: '',
    commit: '',
    on: { '.': { build: ['go build'], lint: ['golangci-lint'] } },
  });
  assert.deepEqual(tally, { right: 1, wrong: ['. lint go vet'], lacking: ['. lint golangci-lint'] });
});

test('a check is named by its shortest name, and what only prepares the way is none', () => {
  assert.deepEqual(labelsOf('{ pnpm run build; } || exit; status=0; pnpm run test-unit || status=$?; exit $status'), [
    'script build',
    'script test-unit',
  ]);
  assert.deepEqual(labelsOf('cargo generate-lockfile && cargo audit --json'), ['cargo audit']);
  assert.deepEqual(labelsOf('PATH="$PWD/.venv/bin:$PATH" python -m pytest --tb=line'), ['pytest']);
});
