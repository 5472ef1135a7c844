import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { detect } from '../../recipes/detection/detect.ts';
import { yamlData } from '../../recipes/evidence/read-data.ts';
import { shellCommands } from '../../recipes/evidence/shell-commands.ts';
import { writtenFiles } from './written-files.ts';

async function rootOf(t: TestContext, files: Record<string, string>) {
  const { subprojects } = await detect(await writtenFiles(t, files), { has: () => true });
  return subprojects.find(({ path }) => path === '.') ?? assert.fail('nothing at the root');
}
const workflow = (...runs: string[]) => ({
  '.github/workflows/ci.yml': JSON.stringify({ jobs: { check: { steps: runs.map((run) => ({ run })) } } }),
});

test('a shell text is read as its simple commands, in the folders to which it goes', () => {
  const commands = shellCommands(
    'export SRC="a b"\nset -e; cd web && npm ci\ncd .. # back\nFOO=1 uv run --group dev mypy $SRC || true\nbash -c "echo x"',
  );
  assert.deepEqual(
    commands.map(({ words, folder }) => [folder, ...words]),
    [
      ['.', 'export', 'SRC=a b'],
      ['.', 'set', '-e'],
      ['web', 'npm', 'ci'],
      ['.', 'mypy', 'a', 'b'],
      ['.', 'true'],
      ['.', 'bash', '-c', 'echo x'],
    ],
  );
});

test('a command that CI comes to through make, a script or tox is a check, and its place is told', async (t) => {
  const files = { 'pyproject.toml': '[project]\nname = "a"\n', 'src/a.py': '', 'tests/test_a.py': '' };
  const byMake = await rootOf(t, {
    ...files,
    ...workflow('make ci'),
    Makefile: 'PY ?= python\nci: types\ntypes:\n\t@$(PY) -m mypy src\n',
  });
  assert.match(
    byMake.lint ?? '',
    /mypy --python-executable \.venv\/bin\/python --show-column-numbers --no-pretty src$/,
  );
  assert.equal(byMake.found_in?.lint, 'Makefile: ci');
  const byScript = await rootOf(t, {
    ...files,
    ...workflow('scripts/check'),
    'scripts/check': `#!/bin/sh -e\nexport P="venv/bin/"\n\${P}ruff format src --diff\n\${P}ruff check src\n`,
  });
  assert.equal(byScript.lint?.includes('ruff check --output-format=json src'), true);
  assert.equal(byScript.lint?.includes('ruff format --check src'), true);
  const byTox = await rootOf(t, {
    ...files,
    ...workflow('tox run'),
    'tox.ini': '[testenv:lint]\ncommands =\n  pylint src\n',
  });
  assert.match(byTox.lint ?? '', /^pylint --output-format=json --recursive=y src$/);
});

test('hooks of pre-commit and actions of CI name checkers, and formatters only where something checks', async (t) => {
  const files = {
    'go.mod': 'module a\n',
    'a.go': '',
    '.prettierrc': '{}',
    'package.json': '{"devDependencies":{"prettier":"3"}}',
    'package-lock.json': '{}',
  };
  const hooks = 'repos:\n- repo: x\n  hooks:\n  - id: codespell\n  - id: trailing-whitespace\n';
  const ci =
    '{"jobs":{"l":{"steps":[{"uses":"golangci/golangci-lint-action@v8"},{"uses":"zizmorcore/zizmor-action@1"}]}}}';
  const root = await rootOf(t, { ...files, '.pre-commit-config.yaml': hooks, '.github/workflows/ci.yml': ci });
  assert.equal(
    root.lint,
    'status=0; golangci-lint run ./... || status=$?; codespell || status=$?; zizmor --offline --format=json . || status=$?; exit $status',
  );
  assert.equal(root.found_in?.lint, '.github/workflows/ci.yml, .pre-commit-config.yaml');
});

test('CI of other forges is read too, and what publishes or labels is not', async (t) => {
  const files = { 'go.mod': 'module a\n', 'a.go': '' };
  const lints = async (more: Record<string, string>) => (await rootOf(t, { ...files, ...more })).lint;
  const gosec = 'status=0; go vet -json ./... || status=$?; gosec -quiet -fmt=json ./... || status=$?; exit $status';
  assert.equal(await lints({ '.gitlab-ci.yml': 'sec:\n  script:\n    - gosec ./...\n' }), gosec);
  assert.equal(await lints({ '.woodpecker.yml': 'steps:\n  sec:\n    commands: [gosec ./...]\n' }), gosec);
  assert.equal(
    await lints({ '.circleci/config.yml': 'jobs: {a: {steps: [checkout, {run: {command: gosec ./...}}]}}' }),
    gosec,
  );
  assert.equal(
    await lints({ '.github/workflows/release.yml': '{"jobs":{"a":{"steps":[{"run":"gosec ./..."}]}}}' }),
    'go vet -json ./...',
  );
});

test('the scripts that CI runs are the recipes, by what they are for, and a script of parts is its parts', async (t) => {
  const scripts = {
    lint: 'eslint src --fix',
    unit: 'vitest run',
    'test:types': 'tsd',
    test: 'npm run lint && npm run unit && npm run test:types',
    'build:docs': 'x',
    build: 'tsc',
  };
  const manifest = JSON.stringify({ scripts, devDependencies: { eslint: '9', tsd: '1', typescript: '5' } });
  const files = {
    'package.json': manifest,
    'package-lock.json': '{}',
    'eslint.config.js': '',
    'tsconfig.json': '{}',
    'src/a.ts': '',
  };
  const bare = await rootOf(t, files);
  const install = 'npm ci --ignore-scripts --no-audit --no-fund';
  assert.equal(bare.install, install);
  assert.equal(bare.test, 'npm run unit');
  assert.equal(bare.build, 'npm run build');
  assert.equal(
    bare.lint,
    `status=0; PATH="$PWD/node_modules/.bin:$PATH" eslint -f json src || status=$?; npm run test:types || status=$?; exit $status`,
  );
  const ci = await rootOf(t, { ...files, ...workflow('npm ci', 'npm run build', 'npm run unit') });
  assert.equal(ci.test, 'npm run build && npm run unit');
  assert.equal(ci.found_in?.test, '.github/workflows/ci.yml');
});

test('sets of features and tags that CI tests are each a run', async (t) => {
  const crate = await rootOf(t, {
    'Cargo.toml': '[package]',
    ...workflow('cargo test --all-features', 'cargo test -p x --features y', 'cargo fmt --check'),
  });
  assert.equal(
    crate.test,
    'cargo test --workspace --no-fail-fast --all-features',
    'the default features, which CI never tests alone, are not promised to work',
  );
  const both = await rootOf(t, { 'Cargo.toml': '[package]', ...workflow('cargo test', 'cargo test --all-features') });
  assert.equal(
    both.test,
    'status=0; cargo test --workspace --no-fail-fast || status=$?; cargo test --workspace --no-fail-fast --all-features || status=$?; exit $status',
  );
  assert.match(crate.lint ?? '', /cargo fmt --all --check \|\| status=\$\?; exit \$status$/);
  const tagged = `{"jobs":{"t":{"strategy":{"matrix":{"tags":["","-tags sonic","-race"]}},"steps":[{"run":"go test \${{ matrix.tags }} ./..."}]}}}`;
  const go = await rootOf(t, { 'go.mod': 'module a', 'a.go': '', 'a_test.go': '', '.github/workflows/t.yml': tagged });
  assert.equal(
    go.test,
    'status=0; go test -race ./... || status=$?; go test -race -tags=sonic ./... || status=$?; exit $status',
  );
});

test('Python is installed from its lock file, with the groups that its checks need', async (t) => {
  const groups =
    '[project]\nname = "a"\n[dependency-groups]\ndev = ["ruff"]\ntests = ["pytest", "asgiref"]\ndocs = ["sphinx"]\ntyping = [{include-group = "tests"}, "mypy"]\n[tool.mypy]\nfiles = ["src"]\n';
  const files = { 'pyproject.toml': groups, 'src/a.py': '', 'tests/test_a.py': '' };
  const locked = await rootOf(t, { ...files, 'uv.lock': '' });
  const sync = 'uv sync --frozen --quiet --group dev --group tests --group typing';
  assert.equal(locked.install, sync);
  assert.equal(locked.test, 'PATH="$PWD/.venv/bin:$PATH" python -m pytest --tb=line');
  assert.equal(locked.lint, 'PATH="$PWD/.venv/bin:$PATH" mypy --show-column-numbers --no-pretty');
  const { subprojects } = await detect(await writtenFiles(t, { ...files, 'poetry.lock': '' }), {
    has: (tool) => tool === 'python3-venv',
  });
  assert.match(
    subprojects[0]?.install ?? '',
    /^python3 -m venv \.crafting-tools && .* install .* poetry && .* poetry install --no-interaction /,
  );
  const plain = await rootOf(t, files);
  assert.match(plain.install ?? '', / pytest -e \. ruff pytest asgiref mypy$/);
});

test('members are built before the tests where they import each other, and a pnpm glob takes its own folder', async (t) => {
  const member = (name: string, dependencies = {}) =>
    JSON.stringify({ name, dependencies, scripts: { build: 'tsc', test: 'node --test' } });
  const files = {
    'package.json': '{"private":true}',
    'pnpm-workspace.yaml': 'packages:\n  - "packages/**"\n  - playground/**\n',
    'pnpm-lock.yaml': '',
    'packages/a/package.json': member('a'),
    'packages/b/package.json': member('b', { a: 'workspace:*' }),
    'playground/package.json': '{"scripts":{"test":"x"}}',
  };
  const { subprojects, off } = await detect(await writtenFiles(t, files), { has: () => true });
  assert.deepEqual([subprojects.length, off], [1, []]);
  assert.equal(subprojects[0]?.test, 'pnpm -r run build && pnpm -r test');
});

test('a hostile file says nothing and takes no time', async (t) => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, at) => `${String.fromCharCode(98 + at)}: &${String.fromCharCode(98 + at)} [${`*${String.fromCharCode(97 + at)},`.repeat(9)}]`).join('\n')}`;
  assert.deepEqual(yamlData(bomb), {});
  assert.deepEqual(yamlData('['.repeat(100_000)), {});
  const loop = 'all: all2\nall2: all\n\tmake all\n';
  const root = await rootOf(t, {
    'go.mod': 'module a',
    'a.go': '',
    Makefile: loop,
    ...workflow('make all', 'cd ../../..; ls'),
    'pyproject.toml': '[[[',
  });
  assert.equal(root.build, 'go build ./...');
});

test('what an action of CI starts, and what stands in a quoted substitution, is run like any command', async (t) => {
  const crate = { 'Cargo.toml': '[workspace]\nmembers = ["a", "demo"]\n', 'Cargo.lock': '', 'a/src/lib.rs': '' };
  const steps = [
    { uses: 'actions-rs/cargo@v1', with: { command: 'fmt', args: '--all -- --check' } },
    { uses: 'actions-rs/cargo@v1', with: { command: 'clippy', args: '--all-targets -- -W clippy::all' } },
    { uses: 'actions-rs/cargo@v1', with: { command: 'test', args: '--all-features -p a' } },
  ];
  const rust = await rootOf(t, { ...crate, '.github/workflows/ci.yml': JSON.stringify({ jobs: { all: { steps } } }) });
  assert.match(rust.lint ?? '', /cargo clippy .* -- -W clippy::all .*cargo fmt --all --check/);
  assert.equal(rust.test, 'cargo test -p a --no-fail-fast --all-features');
  const php = await rootOf(t, {
    'composer.json': '{"require-dev": {"phpstan/phpstan": "^2"}}',
    'src/a.php': '',
    ...workflow('vendor/bin/phpstan', 'for f in src/*.php; do { error="$(php -d x=1 -l -f $f 2>&1)"; }; done'),
  });
  assert.match(php.lint ?? '', /xargs -0 -n 1 php -l \|\|.*phpstan analyse/);
});

test('a step for another system is no evidence', async (t) => {
  const go = { 'go.mod': 'module a\n', 'a.go': '', 'a_test.go': '' };
  const steps = [
    { run: 'go test -tags unix ./...', if: "runner.os != 'Windows'" },
    { run: 'go test -tags win ./...', if: "runner.os == 'Windows'" },
  ];
  const root = await rootOf(t, { ...go, '.github/workflows/ci.yml': JSON.stringify({ jobs: { all: { steps } } }) });
  assert.equal(root.test?.includes('-tags=unix'), true);
  assert.equal(root.test?.includes('-tags=win'), false);
});

test('where CI runs some checkers of a language, settings of others are left behind or for editors', async (t) => {
  const files = { 'pyproject.toml': '[project]\nname = "a"\n[tool.ruff]\n', 'setup.cfg': '[flake8]\n', 'src/a.py': '' };
  const chosen = await rootOf(t, { ...files, ...workflow('ruff check .') });
  assert.equal(chosen.lint, 'ruff check --output-format=json .');
  const alone = await rootOf(t, files);
  assert.match(alone.lint ?? '', /ruff check .*flake8/);
  const fixer = { 'composer.json': '{}', 'src/a.php': '', '.php-cs-fixer.php': '<?php' };
  assert.equal((await rootOf(t, fixer)).lint?.includes('php-cs-fixer'), false);
  assert.match((await rootOf(t, { ...fixer, ...workflow('php-cs-fixer fix --dry-run') })).lint ?? '', /php-cs-fixer/);
});

test('settings of a tool that another one obeys do not ask for that other one', async (t) => {
  const root = await rootOf(t, { '.yamllint.yaml': 'extends: default\n', 'a.yml': '' });
  assert.equal(root.lint, 'yamllint -f parsable .');
});

test('checks with tools that are not known are told: hooks, actions, and what a lint job runs', async (t) => {
  const jobs = {
    linting: { steps: [{ run: 'bundle exec rubocop\nbundle exec prose-cop --path lib' }] },
    secrets: { steps: [{ uses: 'actions/checkout@v6' }, { uses: 'trufflesecurity/trufflehog@v3' }] },
  };
  const { unknown } = await detect(
    await writtenFiles(t, {
      Gemfile: 'gem "rubocop"',
      'a.rb': '',
      '.github/workflows/ci.yml': JSON.stringify({ jobs }),
      '.pre-commit-config.yaml': JSON.stringify({
        repos: [
          { repo: 'https://github.com/pre-commit/pre-commit-hooks', hooks: [{ id: 'end-of-file-fixer' }] },
          { repo: 'https://example.com/yaml-cop', hooks: [{ id: 'yaml-cop' }] },
        ],
      }),
    }),
    { has: () => true },
  );
  assert.deepEqual(unknown, [
    { command: 'prose-cop --path lib', where: '.github/workflows/ci.yml' },
    { command: 'uses: trufflesecurity/trufflehog', where: '.github/workflows/ci.yml' },
    { command: 'pre-commit run yaml-cop --all-files', where: '.pre-commit-config.yaml' },
  ]);
});

test('a Python environment has the extras that CI installs, and by name where it installs none', async (t) => {
  const files = {
    'pyproject.toml':
      '[project]\nname = "a"\ndependencies = ["x"]\n[project.optional-dependencies]\nyaml = ["y"]\ndev = ["z"]\n[dependency-groups]\ntesting = ["pytest"]\n',
    'uv.lock': '',
    'tests/test_a.py': '',
  };
  assert.equal((await rootOf(t, files)).install, 'uv sync --frozen --quiet --group testing --extra dev');
  const named = await rootOf(t, { ...files, ...workflow('pip install ".[yaml]"') });
  assert.equal(named.install, 'uv sync --frozen --quiet --group testing --extra yaml');
  const all = await rootOf(t, { ...files, ...workflow('uv sync --all-extras') });
  assert.equal(all.install, 'uv sync --frozen --quiet --group testing --extra yaml --extra dev');
});

test('a program that yarn or pnpm starts from the package is a run of it', async (t) => {
  const root = await rootOf(t, {
    'package.json': '{"devDependencies": {"stylelint": "1"}}',
    'yarn.lock': '',
    'a.css': '',
    ...workflow('yarn stylelint src'),
  });
  assert.match(root.lint ?? '', /stylelint/);
});

test('a folder of documentation is on for what CI checks in it, not for pages that CI builds there', async (t) => {
  const files = { 'go.mod': 'module a\n', 'a.go': '', 'docs/Pipfile': '', 'docs/build.py': '' };
  const at = (run: string) => ({
    '.github/workflows/ci.yml': JSON.stringify({ jobs: { all: { steps: [{ run, 'working-directory': 'docs' }] } } }),
  });
  const built = await detect(await writtenFiles(t, { ...files, ...at('python3 build.py') }), { has: () => true });
  assert.deepEqual(
    built.off.map(({ path, why }) => [path, why]),
    [['docs', 'docs is an example, a test or documentation by its name, and no CI file checks it']],
  );
  const checked = await detect(await writtenFiles(t, { ...files, ...at('ruff check .') }), { has: () => true });
  assert.deepEqual(
    checked.subprojects.map(({ path }) => path),
    ['.', 'docs'],
  );
});

test('the language of a folder is that of what is tested there, not of packages that are only audited', async (t) => {
  const root = await rootOf(t, {
    'package.json': '{"dependencies": {"docsify-cli": "4"}}',
    'package-lock.json': '{}',
    Gemfile: 'gem "rspec"',
    '.rspec': '',
    'spec/a_spec.rb': '',
  });
  assert.equal(root.language, 'ruby');
});

test('an automake project is configured with the features that CI names, and checked', async (t) => {
  const files = {
    'configure.ac': 'AC_INIT([a],[1])\nLT_INIT\n',
    'Makefile.am': 'TESTS = tests/a\n',
    'src/a.c': '',
    'tests/a': '#!/bin/sh\n',
  };
  const plain = await rootOf(t, files);
  assert.equal(plain.test, 'autoreconf -fi && ./configure && make -j4 check');
  assert.equal(plain.language, 'c');
  const named = await rootOf(t, {
    ...files,
    ...workflow('autoreconf -i\n./configure --host=$CC --disable-docs --with-x=builtin CFLAGS="-O2"\nmake\nmake check'),
  });
  assert.equal(named.test, 'autoreconf -fi && ./configure --disable-docs --with-x=builtin && make -j4 check');
  const { skipped } = await detect(await writtenFiles(t, files), { has: (tool) => tool !== 'libtoolize' });
  assert.deepEqual(
    skipped.map(({ why }) => why),
    ['libtoolize is not installed'],
  );
});

test('a nested Go module has the checkers whose settings lie above it', async (t) => {
  const { subprojects } = await detect(
    await writtenFiles(t, {
      'go.mod': 'module a\n',
      'a.go': '',
      '.golangci.yaml': 'version: "2"\n',
      'remote/go.mod': 'module a/remote\n',
      'remote/go.sum': '',
      'remote/r.go': '',
    }),
    { has: () => true },
  );
  assert.deepEqual(
    subprojects.map(({ path, lint }) => [path, lint]),
    [
      ['.', 'golangci-lint run ./...'],
      ['remote', 'golangci-lint run ./...'],
    ],
  );
});

test('a hook looks at the folders that its pattern names, and at everything where that says more', async (t) => {
  const root = async (files: string) =>
    await rootOf(t, {
      'pyproject.toml': '[project]\nname = "a"\n',
      'src/a.py': '',
      'tests/test_a.py': '',
      '.pre-commit-config.yaml': JSON.stringify({
        repos: [{ repo: 'https://example.org/mypy', hooks: [{ id: 'mypy', ...(files === '' ? {} : { files }) }] }],
      }),
    });
  const lint = async (files: string) => (await root(files)).lint;
  assert.match((await lint('^(src/|tests/)')) ?? '', /--no-pretty src tests$/);
  assert.match((await lint('^src/')) ?? '', /--no-pretty src$/);
  assert.match((await lint('^(src|gone)/')) ?? '', /--no-pretty \.$/);
  assert.match((await lint('\\.py$')) ?? '', /--no-pretty \.$/);
});

test('plug-ins of pytest that draw for people are left out', async (t) => {
  const root = await rootOf(t, {
    'pyproject.toml': '[project]\nname = "a"\n[dependency-groups]\ntests = ["pytest", "pytest-pretty"]\n',
    'tests/test_a.py': '',
  });
  assert.match(root.test ?? '', /python -m pytest --tb=line -p no:pretty$/);
});

test('a checker of types from the machine is told where the packages of the project are', async (t) => {
  const files = { 'uv.lock': '', 'src/a.py': '', ...workflow('mypy src', 'pyright src') };
  const project = (dependencies: string) => ({
    'pyproject.toml': `[project]\nname = "a"\n[dependency-groups]\ndev = [${dependencies}]\n`,
  });
  const apart = (await rootOf(t, { ...files, ...project('"x"') })).lint ?? '';
  assert.match(apart, /mypy --python-executable \.venv\/bin\/python --show-column-numbers --no-pretty src/);
  assert.match(apart, /PATH="\$PWD\/\.venv\/bin:\$PATH" pyright --outputjson src/);
  const own = (await rootOf(t, { ...files, ...project('"mypy", "pyright"') })).lint ?? '';
  assert.doesNotMatch(own, /--python-executable|--pythonpath/);
});

test('a hook gives a checker its options, and the files that it names and leaves out', async (t) => {
  const hooks = {
    exclude: '^docs/img/',
    repos: [
      { repo: 'https://example.com/a', hooks: [{ id: 'codespell', args: ['-L', 'ans,hep', '--write-changes'] }] },
      { repo: 'https://example.com/b', hooks: [{ id: 'black', exclude: 'made_up/' }] },
      {
        repo: 'https://example.com/c',
        hooks: [
          { id: 'interrogate', args: ['tests'] },
          { id: 'typos', args: ['-w'] },
        ],
      },
    ],
  };
  const root = await rootOf(t, {
    'CMakeLists.txt': '',
    'a.cpp': '',
    'scripts/a.py': '',
    '.pre-commit-config.yaml': JSON.stringify(hooks),
  });
  const parts = (root.lint ?? '').split(' || status=$?; ');
  const files = (globs: string, ...left: string[]) =>
    `git ls-files -z --cached -- ${globs} | grep -zEv ${left.map((one) => `-e ${one}`).join(' ')} | xargs -0 -r`;
  assert.ok(parts.includes(`${files('.', "'^docs/img/'")} codespell -L ans,hep`), root.lint);
  assert.ok(parts.includes(`${files("'*.py' '*.pyi'", "'^docs/img/'", 'made_up/')} black --check`), root.lint);
  assert.ok(parts.includes(`${files("'*.py'", "'^docs/img/'")} interrogate tests`), root.lint);
  assert.ok(parts.some((one) => one.startsWith('typos')) && !/typos.* -w/.test(root.lint ?? ''), root.lint);
});

test('a lookahead in the pattern of a hook, which grep does not know, leaves the checker with all files', async (t) => {
  const hook = { id: 'codespell', files: '^(?!vendor/).*' };
  const root = await rootOf(t, {
    'setup.py': '',
    '.pre-commit-config.yaml': JSON.stringify({ repos: [{ repo: 'https://example.com/a', hooks: [hook] }] }),
  });
  assert.match(root.lint ?? '', /(^|; )codespell( |$)/);
});
