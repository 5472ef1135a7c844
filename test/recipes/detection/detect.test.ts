import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { step } from '../../../recipes/define.ts';
import { detect } from '../../../recipes/detection/detect.ts';
import { writtenFiles } from '../written-files.ts';

const every = () => true;
const none = () => false;

async function detected(t: TestContext, files: Record<string, string>, has: (tool: string) => boolean = every) {
  return await detect(await writtenFiles(t, files), { has });
}

/** One manifest of each kind, with what it takes for all recipes, and what comes of it on a machine with every tool. */
const kinds: readonly [string, Record<string, string>, Record<string, unknown>][] = [
  [
    'rust',
    { 'Cargo.toml': '[package]', 'Cargo.lock': '' },
    {
      build: 'cargo build --workspace --message-format=json',
      test: 'cargo test --workspace --no-fail-fast',
      lint: 'cargo clippy --workspace --all-targets --message-format=json -- -A clippy::all -W clippy::correctness -W clippy::suspicious',
      audit: 'cargo audit --json',
    },
  ],
  [
    'go',
    { 'go.mod': 'module m\nrequire x v1\n', 'a.go': '', 'a_test.go': '' },
    {
      build: 'go build ./...',
      test: 'go test ./...',
      lint: 'go vet -json ./...',
      audit: 'govulncheck -json ./...',
    },
  ],
  [
    'python',
    { 'pyproject.toml': '[project]\ndependencies = []\n', 'a.py': '', 'tests/test_a.py': '' },
    {
      test: 'python3 -m pytest --tb=line',
      lint: 'ruff check --output-format=json --isolated --select E9,F .',
    },
  ],
  [
    'python',
    { 'requirements.txt': 'a', 'requirements-dev.txt': 'b' },
    { audit: 'pip-audit -f json -r requirements-dev.txt -r requirements.txt' },
  ],
  [
    'ruby',
    { Gemfile: 'gem "rubocop"', 'Gemfile.lock': '', 'a.rb': '', 'spec/a_spec.rb': '' },
    {
      test: 'rspec --format json',
      lint: 'BUNDLE_PATH=.bundle/gems bundle exec rubocop -f json --only Lint',
      audit: 'bundler-audit check --update --format json',
      install: 'BUNDLE_PATH=.bundle/gems bundle install --quiet',
      install_for: ['lint'],
    },
  ],
  ['java', { 'pom.xml': '<project/>', 'src/test/java/A.java': '' }, { test: 'mvn -B --fail-at-end test' }],
  [
    'kotlin',
    { 'build.gradle.kts': '', gradlew: '', 'src/main/A.kt': '' },
    { build: 'sh ./gradlew --no-daemon --console=plain assemble' },
  ],
  [
    'csharp',
    { 'my app.csproj': '<PackageReference Include="xunit"/>' },
    {
      build: "dotnet build 'my app.csproj' --nologo -clp:NoSummary",
      test: "dotnet test 'my app.csproj' --nologo",
      audit:
        "dotnet restore 'my app.csproj' --nologo && dotnet list 'my app.csproj' package --vulnerable --include-transitive --format json",
    },
  ],
  [
    'swift',
    { 'Package.swift': '', 'Tests/A.swift': '', '.swiftlint.yml': '' },
    { build: 'swift build', test: 'swift test', lint: 'swiftlint lint --quiet --reporter json' },
  ],
  [
    'cpp',
    { 'CMakeLists.txt': 'enable_testing()', 'a.cpp': '', 'lib/CMakeLists.txt': '' },
    {
      test: 'cmake -S . -B .crafting-build && cmake --build .crafting-build --parallel && ctest --test-dir .crafting-build --output-on-failure --parallel 4',
      lint: 'cppcheck --quiet --xml --error-exitcode=1 .',
    },
  ],
];

for (const [language, files, commands] of kinds) {
  test(`a folder with ${Object.keys(files)[0]} is ${language}, with commands for its tools`, async (t) => {
    const { languages, subprojects, skipped, complete } = await detected(t, files);
    assert.deepEqual(languages, [language]);
    assert.equal(subprojects.length, 1);
    const { path, timeout_secs, language: _, found_in: __, ...recipes } = subprojects[0] ?? assert.fail();
    assert.equal(path, '.');
    assert.ok(timeout_secs >= 900);
    assert.deepEqual(recipes, commands);
    assert.deepEqual(skipped, []);
    assert.equal(complete, true);
  });
}

test('a machine without tools gets no subprojects, and a reason for every one', async (t) => {
  for (const [, files] of kinds) {
    const { languages, subprojects, skipped } = await detected(t, files, none);
    assert.equal(languages.length, 1);
    assert.deepEqual(subprojects, []);
    assert.ok(skipped.length > 0);
    for (const { tool, why } of skipped)
      assert.match(why, new RegExp(`^(neither )?${tool}.* (is not|is|but not) installed(: .+)?$`));
  }
});

test('the missing tool is named with its folder and recipe, and the others still run', async (t) => {
  const files = { 'lib/Cargo.toml': '[package]', 'lib/Cargo.lock': '' };
  const { subprojects, skipped } = await detected(t, files, (tool) => tool !== 'cargo-audit');
  assert.deepEqual(skipped, [
    { path: 'lib', language: 'rust', recipe: 'audit', tool: 'cargo-audit', why: 'cargo-audit is not installed' },
  ]);
  const { path: _, language: __, timeout_secs: ___, found_in, ...recipes } = subprojects[0] ?? assert.fail();
  assert.deepEqual(Object.keys(recipes), ['build', 'test', 'lint']);
  assert.deepEqual(found_in, { build: 'lib/Cargo.toml', test: 'lib/Cargo.toml' });
});

test('another tool takes the place of a missing one only where the project names none', async (t) => {
  const files = { 'setup.cfg': '', 'a.py': '' };
  const bare = await detected(t, files, (tool) => tool === 'flake8');
  assert.match(bare.subprojects[0]?.lint ?? '', /^flake8 --isolated --select=E9,F63,F7,F82 /);
  assert.deepEqual(bare.skipped, []);
  assert.equal((await detected(t, files, none)).skipped[0]?.why, 'neither ruff nor flake8 is installed');
  const named = await detected(t, { ...files, 'ruff.toml': '' }, (tool) => tool === 'flake8');
  assert.deepEqual(named.subprojects, []);
  assert.deepEqual(
    named.skipped.map(({ why }) => why),
    ['ruff is configured but not installed: `pipx install ruff`'],
  );
});

test('Python tests with dependencies run in an environment that is made for them', async (t) => {
  const files = {
    'pyproject.toml': '[project]\ndependencies = [\n  "flask",\n]\n[project.optional-dependencies]\ntest = ["x"]\n',
    'requirements.txt': 'a',
    'test_a.py': '',
  };
  const { subprojects } = await detected(t, files);
  assert.equal(
    subprojects[0]?.install,
    "python3 -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check pytest -r requirements.txt -e '.[test]'",
  );
  assert.equal(subprojects[0]?.test, 'PATH="$PWD/.venv/bin:$PATH" python -m pytest --tb=line');
  assert.deepEqual(subprojects[0]?.install_for, ['test']);
  const without = await detected(t, files, (tool) => tool !== 'python3-venv');
  assert.equal(without.subprojects[0]?.test, 'python3 -m pytest --tb=line');
});

test('recipes are listed in the order in which they are run, however they were found', async (t) => {
  const files = { 'package.json': '{"scripts":{"test":"x"}}', 'a.js': '', 'tsconfig.json': '' };
  const { subprojects } = await detected(t, files);
  const known = ['path', 'language', 'build', 'test', 'lint', 'timeout_secs', 'found_in'];
  assert.deepEqual(Object.keys(subprojects[0] ?? {}), known);
});

test('a manifest inside another project is listed and off, unless it is locked, of another world or named by CI', async (t) => {
  const files = {
    'go.mod': '',
    'a.go': '',
    'tools/b/go.mod': '',
    'tools/b/b.go': '',
    'tools/c/go.mod': '',
    'tools/c/go.sum': '',
    'tools/c/c.go': '',
    'tools/Cargo.toml': '',
  };
  const plain = await detected(t, files);
  assert.deepEqual(
    plain.subprojects.map(({ path, language }) => [path, language]),
    [
      ['.', 'go'],
      ['tools', 'rust'],
      ['tools/c', 'go'],
    ],
  );
  assert.deepEqual(
    plain.off.map(({ path, why, subproject }) => [path, why, subproject.enabled, subproject.build]),
    [
      [
        'tools/b',
        'it lies inside the root project, has no lock file, and no CI file names it',
        false,
        'go build ./...',
      ],
    ],
  );
  const ci = { '.github/workflows/ci.yml': 'jobs: {t: {steps: [{run: go test ./..., working-directory: tools/b}]}}' };
  const named = await detected(t, { ...files, ...ci });
  assert.ok(named.subprojects.some(({ path }) => path === 'tools/b'));
});

test('examples, templates, fixtures and documentation are off whatever they hold, and never their repository', async (t) => {
  const npm = '{"scripts":{"test":"x"}}';
  const folders = [
    'examples/a',
    'packages/create/template-vue',
    'src/__tests__/fixtures/x',
    'docs',
    'playground',
    'test/e2e',
  ];
  const nested = Object.fromEntries(
    folders.flatMap((folder) => [
      [`${folder}/package.json`, npm],
      [`${folder}/package-lock.json`, ''],
    ]),
  );
  const { subprojects, off } = await detected(t, { 'package.json': npm, ...nested });
  assert.deepEqual(
    subprojects.map(({ path }) => path),
    ['.'],
  );
  assert.deepEqual(
    off.map(({ path }) => path),
    folders.toSorted(),
  );
  const alone = await detected(t, { 'examples/a/package.json': npm, 'examples/b/package.json': npm });
  assert.deepEqual(
    alone.subprojects.map(({ path }) => path),
    ['examples/a', 'examples/b'],
  );
  assert.deepEqual(alone.off, []);
});

test('a workspace stands for its members, and for no other folder', async (t) => {
  const paths = async (files: Record<string, string>) => {
    const { subprojects, off } = await detected(t, files);
    return [subprojects.map(({ path }) => path), off.map(({ path }) => path)];
  };
  const cargo = '[workspace]\nmembers = ["a"]\nexclude = ["c"]\n';
  assert.deepEqual(await paths({ 'Cargo.toml': cargo, 'a/Cargo.toml': '', 'c/Cargo.toml': '' }), [['.'], ['c']]);
  assert.deepEqual(await paths({ 'pom.xml': '<modules>', 'a/pom.xml': '', 'b/build.gradle': '' }), [['.'], ['b']]);
  assert.deepEqual(await paths({ 'a.sln': '', 'x/x.csproj': '', 'x/y/y.csproj': '' }), [['.'], []]);
  assert.deepEqual(await paths({ 'settings.gradle': '', 'app/build.gradle': '' }), [['.'], []]);
});

test('folders that share a root make one subproject, and all their tools run', async (t) => {
  const files = {
    'Cargo.toml': '',
    'package.json': '{"scripts":{"test":"node test.js"}}',
    'tools/a.sh': '#!/bin/sh\n',
    'b.sh': '#!/bin/bash\n',
  };
  const { languages, subprojects } = await detected(t, files);
  assert.deepEqual(languages, ['javascript', 'rust', 'shell']);
  assert.equal(subprojects.length, 1);
  assert.equal(subprojects[0]?.language, 'javascript');
  assert.equal(subprojects[0]?.timeout_secs, 1800);
  assert.equal(
    subprojects[0]?.test,
    'status=0; npm test || status=$?; cargo test --workspace --no-fail-fast || status=$?; exit $status',
  );
});

test('a line of several commands runs all of them and fails when one does', async (t) => {
  const files = {
    Makefile: 'test:\n\t@echo made; exit 3\n',
    'a.c': '',
    'package.json': '{"scripts":{"test":"node --test none.js"}}',
  };
  const dir = await writtenFiles(t, { ...files, 'none.js': '' });
  const { subprojects } = await detect(dir, { has: every });
  const { status, stdout } = spawnSync('/bin/sh', ['-c', subprojects[0]?.test ?? ''], {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  assert.match(stdout, /made\n[\s\S]*TAP version/);
  assert.notEqual(status, 0);
});

test('shell scripts are checked in the folder that holds all of them', async (t) => {
  const { subprojects } = await detected(t, {
    'ops/a/x.sh': '#!/bin/sh\n',
    'ops/b/y.bash': '#!/usr/bin/env bash\n',
    'ops/test/z.bats': '',
    'ops/node_modules/n.sh': '',
  });
  assert.equal(subprojects[0]?.path, 'ops');
  assert.equal(subprojects[0]?.test, 'bats --formatter tap -r test');
  const dir = await writtenFiles(t, {
    'bin/shellcheck': '#!/bin/sh\necho "$@"\n',
    'a/x.sh': '#!/bin/sh\n',
    'a b.sh': '#!/bin/bash -e\n',
    'a/release': '#!/usr/bin/env bash\n',
    'a/part.sh': 'source me\n',
    'a/other.sh': '#!/bin/zsh\n',
    'vendor/v.sh': '#!/bin/sh\n',
    '.git/h.sh': '#!/bin/sh\n',
  });
  const env = { PATH: `${dir}/bin:${process.env.PATH}` };
  const seen = execFileSync('/bin/sh', ['-c', subprojects[0]?.lint ?? ''], { cwd: dir, env, encoding: 'utf8' });
  assert.deepEqual(seen.trim().split(' ./').sort(), [
    '-f json1 --severity=error',
    'a b.sh',
    'a/release',
    'a/x.sh',
    'bin/shellcheck',
  ]);
});

test('names from the repository are words of the command, never part of its syntax', async (t) => {
  const { subprojects } = await detected(t, { "$(touch hacked)'.csproj": '' });
  assert.ok(subprojects[0]?.build?.includes("'$(touch hacked)'\\''.csproj'"));
});

test('broken manifests are no obstacle', async (t) => {
  const files = {
    'package.json': '{"scripts": [',
    'a/package.json': '[]',
    'b/package.json': '{"scripts":{"test":7},"workspaces":9}',
    'Cargo.toml': '\u0000',
  };
  const { subprojects } = await detected(t, files);
  assert.deepEqual(
    subprojects.map(({ path, language }) => [path, language]),
    [['.', 'rust']],
  );
});

test('a tool that several steps of a recipe lack is told once', async (t) => {
  const far = step('lint', ['far'], 'far');
  const found = { path: '.', language: 'text', timeout_secs: 60, steps: [far, far] };
  const units = [{ name: 'far', suggested: [], find: () => [found] }];
  const { skipped } = await detect(await writtenFiles(t, { a: '' }), { has: none, units });
  assert.deepEqual(
    skipped.map(({ tool, why }) => [tool, why]),
    [['far', 'far is not installed']],
  );
});

const ci = (...commands: string[]) =>
  `on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n${commands.map((one) => `      - run: ${one}\n`).join('')}`;
const workflow = '.github/workflows/ci.yml';

test('options by which CI says what is wrong are kept, those that only print are not', async (t) => {
  const lintOf = async (...commands: string[]) => {
    const files = {
      'pyproject.toml': '[project]\nname = "lib"\n',
      'src/lib/__init__.py': '',
      [workflow]: ci(...commands),
    };
    return (await detected(t, files)).subprojects[0]?.lint?.replace('PATH="$PWD/.venv/bin:$PATH" ', '') ?? '';
  };
  assert.equal(
    await lintOf('pyright --ignoreexternal --verifytypes lib'),
    'pyright --ignoreexternal --verifytypes lib',
  );
  assert.match(await lintOf('pyright src'), /^pyright --outputjson src$/);
  assert.equal(
    await lintOf('flake8 --max-line-length 120 --ignore=E203,W503 --statistics --count src'),
    'flake8 --max-line-length 120 --ignore=E203,W503 --extend-exclude .venv,.crafting-tools src',
  );
  assert.equal(
    await lintOf('mypy --strict --pretty src'),
    'mypy --python-executable .venv/bin/python --strict --show-column-numbers --no-pretty src',
  );
  assert.equal(
    await lintOf('mypy --strict -p lib'),
    'mypy --python-executable .venv/bin/python --strict -p lib --show-column-numbers --no-pretty',
  );
  assert.equal(await lintOf('black --check -l 100 src'), 'black -l 100 --check src');
  assert.equal(
    await lintOf("ruff check --select 'E,F;touch hacked' --output-format=github --config $CONF ."),
    "ruff check --select 'E,F;touch hacked' --output-format=json .",
  );
});

test('a program that CI starts by go needs go alone, at the version that CI names', async (t) => {
  const files = {
    'go.mod': 'module m\nrequire x v1\n',
    'a.go': '',
    [workflow]: ci(
      'go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...',
      'go run honnef.co/go/tools/cmd/staticcheck@2025.1 -checks=all,-ST1000 ./...',
      'go run ./cmd/gosec@x',
    ),
  };
  const { subprojects, skipped } = await detected(t, files, (tool) => tool === 'go');
  assert.equal(subprojects[0]?.audit, 'go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 -json ./...');
  assert.match(
    subprojects[0]?.lint ?? '',
    /go vet -json .*; go run honnef\.co\/go\/tools\/cmd\/staticcheck@2025\.1 -checks=all,-ST1000 -f json \.\/\.\.\. \|\| /,
  );
  assert.doesNotMatch(subprojects[0]?.lint ?? '', /gosec/);
  assert.deepEqual(skipped, []);
  const tool = { ...files, [workflow]: ci('go tool govulncheck ./...', 'go tool cover -html=c.out') };
  assert.equal(
    (await detected(t, tool, (one) => one === 'go')).subprojects[0]?.audit,
    'go tool govulncheck -json ./...',
  );
});

test('a run of pytest in the root gives no tests to a folder that has none, and is no place of another folder', async (t) => {
  const python = { 'pyproject.toml': '[project]\nname = "a"\n', 'a.py': '' };
  const under = (folder: string, files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  const files = {
    ...under('none', python),
    ...under('some', { ...python, 'tests/test_a.py': '' }),
    'tests/test_b.py': '',
    [workflow]: ci('pytest'),
  };
  const { subprojects, off } = await detected(t, files);
  const found = [...subprojects, ...off.map(({ subproject }) => subproject)];
  assert.deepEqual(
    found.map(({ path, test, found_in }) => [path, test !== undefined, found_in?.test]),
    [
      ['none', false, undefined],
      ['some', true, 'some/tests/test_a.py'],
    ],
  );
});

test('what members of a workspace check and test does not vanish behind their root', async (t) => {
  const member = (scripts: object) => JSON.stringify({ name: 'm', scripts });
  const root = (scripts: object) => JSON.stringify({ private: true, workspaces: ['packages/*'], scripts });
  const files = {
    'package-lock.json': '',
    'packages/a/package.json': member({ test: 'node --test', lint: 'eslint .' }),
    'packages/a/a.js': '',
    'index.js': '',
  };
  const own = await detected(t, { ...files, 'package.json': root({}) });
  assert.equal(own.subprojects[0]?.lint, 'npm run lint --workspaces --if-present');
  assert.equal(own.subprojects[0]?.test, 'npm test --workspaces --if-present');
  const both = { ...files, 'package.json': root({ test: 'node --test test/' }) };
  for (const [command, isBoth] of [
    ['npm test --workspaces', true],
    ['npm run test -w packages/a', true],
    ['npm test', false],
  ] as const) {
    const { subprojects } = await detected(t, { ...both, [workflow]: ci(command) });
    assert.equal(/npm test --workspaces --if-present/.test(subprojects[0]?.test ?? ''), isBoth, command);
    assert.match(subprojects[0]?.test ?? '', /node --test (--test-reporter=tap )?test\//, command);
  }
});

test('an example without a lock file is installed by the package manager of the repository around it', async (t) => {
  const files = (lock: string) => ({
    'package.json': JSON.stringify({ private: true, workspaces: ['packages/*'], devDependencies: { a: '1' } }),
    [lock]: '',
    'packages/a/package.json': '{"name":"a"}',
    'examples/x/package.json': JSON.stringify({ scripts: { test: 'vitest run' }, devDependencies: { vitest: '1' } }),
  });
  const installs = async (lock: string) => (await detected(t, files(lock))).off[0]?.subproject.install ?? '';
  assert.match(await installs('pnpm-lock.yaml'), /&& pnpm install --ignore-workspace --no-lockfile --ignore-scripts$/);
  assert.match(await installs('yarn.lock'), /&& yarn install --no-lockfile --ignore-scripts --non-interactive$/);
  assert.match(await installs('bun.lock'), /&& bun install --no-save --ignore-scripts$/);
  assert.match(await installs('package-lock.json'), /&& npm install --no-package-lock --ignore-scripts /);
});

test('checks of CI with tools of which nothing is known are told, and nothing else that CI does', async (t) => {
  const files = {
    'package.json': '{"scripts":{"test":"node --test","lint":"mystery-lint ."}}',
    'package-lock.json': '',
    [workflow]: ci(
      'npx publint --strict',
      'lychee docs/',
      'pipx run reuse lint',
      'buf lint proto',
      'npx publint again',
      'npm ci',
      'sudo apt-get install lintian-tools',
      'echo lint',
      'sha256sum --check sums.txt',
      'docker scan image',
      'npm run lint',
      'npm test',
      'npx eslint .',
    ),
  };
  const { unknown } = await detected(t, files);
  assert.deepEqual(
    unknown.map(({ command, where }) => [command, where]),
    [
      ['publint --strict', workflow],
      ['lychee docs/', workflow],
      ['reuse lint', workflow],
      ['buf lint proto', workflow],
    ],
  );
});

test('checks of another kind by the same tool are each proposed, with the levels that CI gives', async (t) => {
  const files = { 'pyproject.toml': '[project]\nname = "lib"\n', 'src/lib/__init__.py': '' };
  const typed = { ...files, [workflow]: ci('pyright', 'pyright --verifytypes lib --ignoreexternal') };
  assert.match(
    (await detected(t, typed)).subprojects[0]?.lint ?? '',
    /pyright --outputjson \|\| .*pyright --verifytypes lib --ignoreexternal \|\| /,
  );
  const crates = {
    'Cargo.toml': '[package]\nname = "a"\n',
    'tests/crate/Cargo.toml': '[package]\nname = "b"\n[workspace]\n',
    [workflow]: ci(
      'cargo clippy --tests -- -Dclippy::all -W clippy::pedantic',
      'cargo test --manifest-path tests/crate/Cargo.toml',
    ),
  };
  const [own, other] = (await detected(t, crates)).subprojects;
  assert.match(own?.lint ?? '', /--message-format=json -- -Dclippy::all -W clippy::pedantic$/);
  assert.deepEqual([other?.path, other?.found_in?.lint], ['tests/crate', undefined]);
  const go = {
    'go.mod': 'module m\n',
    'a.go': '',
    Makefile: 'check:\n\tgovulncheck ./...\n',
    [workflow]: ci('make check'),
  };
  assert.equal((await detected(t, go)).subprojects[0]?.audit, 'govulncheck -json ./...');
  const scripts = {
    check: 'npm run check:lint && npm run check:format',
    'check:lint': 'eslint .',
    'check:format': 'prettier --check .',
  };
  const js = { 'package.json': JSON.stringify({ scripts }), 'a.js': '', [workflow]: ci('npm run check') };
  const { lint } = (await detected(t, js)).subprojects[0] ?? {};
  assert.match(lint ?? '', /eslint -f json \. .*prettier --check \./);
  const xo = { 'package.json': '{"scripts":{"test":"xo && ava"}}', 'a.js': '', [workflow]: ci('npm test') };
  assert.equal((await detected(t, xo)).subprojects[0]?.lint, undefined);
});

test('test frameworks that lie in the tree are not looked at, as folders or as single files', async (t) => {
  const { subprojects } = await detected(t, {
    'CMakeLists.txt': 'enable_testing()',
    'a.cpp': '',
    'test/catch.hpp': '',
    'deps/googletest/g.cpp': '',
  });
  assert.equal(
    subprojects[0]?.lint,
    "cppcheck --quiet --xml --error-exitcode=1 -i deps --suppress='*:test/catch.hpp' .",
  );
});
