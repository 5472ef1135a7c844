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
    'a Rust workspace with all features alone, cargo-hack, and a crate that is no member',
    {
      'Cargo.toml': '[workspace]\nmembers = ["a"]\n',
      'a/Cargo.toml': '[package]\nname = "a"\n[dependencies]\nb = { path = "../b" }\n',
      'b/Cargo.toml': '[package]\nname = "b"\n',
      'examples/Cargo.toml': '[package]\nname = "examples"\n',
      '.github/workflows/ci.yml':
        'jobs: {t: {steps: [{run: cargo test --workspace --all-features}, {run: cargo hack check --each-feature}]}}',
    },
    {
      '.': {
        build: ['cargo build'],
        test: ['cargo test --all-features'],
        lint: ['cargo clippy', 'cargo hack'],
        audit: ['cargo audit'],
      },
    },
  ],
  [
    'a gem that is tested by a task of its own, with Standard',
    {
      Gemfile: 'gem "rspec"\ngem "standard"',
      'Gemfile.lock': '',
      Rakefile: 'task all_specs: %w[spec features]',
      '.standard.yml': '',
      'lib/a.rb': '',
      'spec/a_spec.rb': '',
      '.github/workflows/ci.yml':
        'jobs: {t: {steps: [{run: bundle exec rake all_specs}, {run: bundle exec rake standard}]}}',
    },
    { '.': { test: ['rake all_specs'], lint: ['standardrb'], audit: ['bundler-audit'] } },
  ],
  [
    'a tox file with factors, called by uvx',
    {
      'pyproject.toml': '[project]\nname = "a"\n[dependency-groups]\ntests = ["pytest"]\n',
      'src/a.py': '',
      'tests/test_a.py': '',
      'tox.ini':
        '[testenv]\ncommands =\n    tests: pytest\n[testenv:t-{a,b}]\ncommands =\n    a: pyright src\n    b: ty check\n',
      '.github/workflows/ci.yml': 'jobs: {t: {steps: [{run: uvx --with tox-uv tox run}]}}',
    },
    { '.': { test: ['pytest'], lint: ['pyright', 'ty'] } },
  ],
  [
    'a bun package that is tested by vitest with projects, by bun and by deno, and called by ni',
    {
      'package.json':
        '{"scripts":{"test":"vitest --run","test:bun":"bun test x","test:node":"vitest --run --project node","format":"prettier --check src","type":"vue-tsc --noEmit"},"devDependencies":{"vitest":"4","prettier":"3","@playwright/test":"1"}}',
      'bun.lock': '',
      'r/deno/deno.json': '{}',
      '.github/workflows/ci.yml':
        'jobs: {t: {steps: [{run: nr test}, {run: bun run test:bun}, {run: bun run test:node}, {run: deno test -c r/deno/deno.json r/deno}, {run: nr format}, {run: nr type}, {run: bunx playwright test}]}}',
    },
    {
      '.': {
        test: ['deno test', 'script test', 'script test:bun', 'playwright'],
        lint: ['prettier', 'vue-tsc'],
        audit: ['audit'],
      },
    },
  ],
  [
    'a Deno project without a package.json',
    {
      'deno.json': '{"tasks":{"test":"deno test -A"},"lint":{}}',
      'mod.ts': '',
      'mod_test.ts': '',
      '.github/workflows/ci.yml':
        'jobs: {t: {steps: [{run: deno task test}, {run: deno fmt --check}, {run: deno check mod.ts}]}}',
    },
    { '.': { build: ['deno check'], test: ['deno test'], lint: ['deno lint', 'deno fmt'] } },
  ],
  [
    'a CMake project with a formatter that CI lets write, clang-tidy, Azure Pipelines and tests of Python scripts',
    {
      'CMakeLists.txt': 'enable_testing()',
      'a.cpp': '',
      '.clang-tidy': '',
      'scripts/a.py': '',
      'azure-pipelines.yml': 'jobs: [{job: style, steps: [{bash: cpplint --recursive src}]}]',
      '.pre-commit-config.yaml': 'repos: [{repo: x, hooks: [{id: black}, {id: prettier}, {id: cmake-format}]}]',
      '.github/workflows/ci.yml':
        'jobs: {f: {steps: [{run: "git ls-files | xargs clang-format-18 -i"}, {run: git diff --exit-code}]}, clang-tidy: {steps: [{run: cmake --preset tidy}]}}',
    },
    {
      '.': {
        test: ['ctest'],
        lint: ['black', 'clang-format', 'cmake-format', 'cppcheck', 'cpplint', 'prettier', 'run-clang-tidy'],
      },
    },
  ],
  [
    'a Swift package with tests in a folder of their own and no SwiftLint, beside a PHP program that CI starts',
    {
      'Package.swift': '.testTarget(name: "a", path: "b")',
      'composer.json': '{"require-dev":{"phpunit/phpunit":"1","phpstan/phpstan":"1"}}',
      'phpstan.neon': '',
      'src/a.php': '',
      'tests/slow/test.php': '',
      '.github/workflows/ci.yml':
        'jobs: {t: {steps: [{run: vendor/bin/phpunit}, {run: vendor/bin/phpstan}, {run: php tests/slow/test.php}]}}',
    },
    { '.': { build: ['swift'], test: ['phpunit', 'php', 'swift'], lint: ['phpstan'] } },
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
