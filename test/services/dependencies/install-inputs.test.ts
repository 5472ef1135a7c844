import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installInputs } from '../../../services/dependencies/rules/install-inputs.ts';

/** `paths` with their texts; what counts for the install. */
const inputsOf = (command: string, files: Record<string, string>, subproject = '.') =>
  installInputs({ command, subproject, paths: Object.keys(files), text: (path) => files[path] ?? '' });
const why = (command: string, files: Record<string, string> = {}) => {
  const inputs = inputsOf(command, files);
  return inputs.kind === 'commit' ? inputs.why : null;
};

const npm = {
  'package.json': '{}',
  'package-lock.json': '',
  'a/package.json': '{}',
  'src/a.js': '',
  'Cargo.lock': '',
  '.nvmrc': '',
  '.npmrc': '',
  'patches/left.patch': '',
};

test('an install of npm depends on manifests, lock files and settings, and on no source', () => {
  const inputs = inputsOf('npm ci --ignore-scripts --no-audit', npm);
  assert.equal(inputs.kind, 'files');
  assert.deepEqual(inputs.kind === 'files' && inputs.paths, [
    'package.json',
    'package-lock.json',
    'a/package.json',
    '.nvmrc',
    '.npmrc',
    'patches/left.patch',
  ]);
  assert.equal(inputs.floating, false);
});

test('only what lies in the subproject or right above it counts', () => {
  const files = { 'web/package.json': '', 'web/package-lock.json': '', 'api/package.json': '', '.npmrc': '' };
  const inputs = inputsOf('npm ci', files, 'web');
  assert.deepEqual(inputs.kind === 'files' && inputs.paths, ['web/package.json', 'web/package-lock.json', '.npmrc']);
});

test('versions float where no lock file decides them', () => {
  const floats = (command: string, files: Record<string, string>) => inputsOf(command, files).floating;
  assert.equal(floats('npm install', { 'package.json': '' }), true);
  assert.equal(floats('npm install --no-package-lock', npm), true);
  assert.equal(floats('pip install -r requirements.txt', { 'requirements.txt': 'a==1' }), true);
  assert.equal(
    floats('pip install --require-hashes -r requirements.txt', { 'uv.lock': '', 'requirements.txt': '' }),
    false,
  );
  assert.equal(floats('uv sync --frozen', { 'uv.lock': '', 'pyproject.toml': '' }), false);
  assert.equal(floats('poetry install', { 'pyproject.toml': '' }), true);
  assert.equal(floats('go mod download', { 'go.mod': '' }), false);
});

test('what an install builds out of the sources is kept for one commit', () => {
  assert.equal(
    why('npm ci', { ...npm, 'package.json': '{"scripts":{"prepare":"tsc"}}' }),
    'a package.json has a script that installs run',
  );
  assert.equal(why('npm ci --ignore-scripts', { ...npm, 'package.json': '{"scripts":{"prepare":"tsc"}}' }), null);
  assert.equal(
    why('npm ci', { ...npm, 'package.json': '{"dependencies":{"a":"file:../a"}}' }),
    'a package.json names a folder as a package',
  );
  const py = { 'pyproject.toml': '[project]\nversion = "1"', 'src/a.py': '', 'requirements.txt': 'a==1' };
  assert.equal(why('pip install .', py), 'it installs a copy of the sources');
  assert.equal(why("pip install '.[test]'", py), 'it installs a copy of the sources');
  assert.equal(why('pip install ./dist/a.whl', py), 'it installs a copy of the sources');
  assert.equal(
    why("python3 -m venv .venv && .venv/bin/python -m pip install --quiet pytest -r requirements.txt -e '.[test]'", py),
    null,
  );
  assert.equal(why('pip install -e .', { ...py, 'src/a.c': '' }), 'it may compile sources of the package');
  assert.equal(
    why('pip install -e .', { 'pyproject.toml': 'requires = ["setuptools-scm"]' }),
    'the version of the package is that of the commit',
  );
  assert.equal(why('uv sync --frozen --no-install-project', { 'pyproject.toml': 'setuptools-scm' }), null);
  assert.equal(
    why('composer install --no-scripts', { 'composer.json': '{"autoload":{"classmap":["src"]}}' }),
    'the autoloader lists the sources',
  );
});

test('an editable Python install is kept for other commits only where its metadata is static', () => {
  const files = { 'pyproject.toml': '[project]\nversion = "1"', 'uv.lock': '', 'src/a/__init__.py': '' };
  const inputs = inputsOf('uv sync --frozen', files);
  assert.deepEqual(inputs.kind === 'files' && inputs.paths, ['pyproject.toml', 'uv.lock']);
  assert.equal(inputs.isLocal, true);
  const dynamic =
    '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = {file = ["deps.lst"]}';
  const notStatic = 'the metadata of the package is not static';
  for (const install of ['pip install -e .', 'pip install --editable=.[test]', 'uv sync --frozen', 'poetry install'])
    assert.match(why(install, { ...files, 'pyproject.toml': dynamic }) ?? '', /not static|names a file/, install);
  const editable = (more: Record<string, string>) => why('pip install -e .', more);
  assert.equal(editable(files), null);
  assert.equal(editable({ 'setup.cfg': '[options]\ninstall_requires = file: deps.lst' }), notStatic);
  assert.equal(editable({ 'setup.py': 'setup(install_requires=open("d").read())' }), 'its setup.py may read anything');
  assert.equal(
    editable({ 'pyproject.toml': '[build-system]\nbuild-backend = "own"\nbackend-path = ["."]' }),
    notStatic,
  );
  assert.equal(editable({ 'pyproject.toml': '[tool.hatch.build.hooks.custom]\npath = "b.py"' }), notStatic);
  assert.match(why('pip install .', files) ?? '', /copy of the sources/);
});

test('the files that requirements include count whatever their names are', () => {
  const files = {
    'requirements.txt': 'a==1 # x\n-r reqs/base.lst\n',
    'reqs/base.lst': '-c ../deps/versions.cfg\nb[x,y]>=1,<2 ; python_version < "3.9"\n-r base.lst\n',
    'deps/versions.cfg': 'b==1.5 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\nc @ https://example.org/c.whl\n',
    'more.lst': 'd\n',
    'other.lst': '',
  };
  for (const command of [
    'pip install -r requirements.txt -rmore.lst',
    'uv pip install -c more.lst -r requirements.txt',
  ]) {
    const inputs = inputsOf(command, files);
    assert.deepEqual(
      inputs.kind === 'files' && [...inputs.paths].sort(),
      ['deps/versions.cfg', 'more.lst', 'reqs/base.lst', 'requirements.txt'],
      command,
    );
  }
});

test('a line of a requirements file that is not a package of an index binds an install to its commit', () => {
  const plain = /^(?:a line of|".*", which pip reads, is not in the commit|.* is not plain text)/;
  for (const line of [
    './w/foo-1.0-py3-none-any.whl',
    'foo-1.0-py3-none-any.whl',
    'w/foo.tar.gz',
    '-e ./pkg',
    '--editable=pkg',
    'foo @ file:///src/foo.whl',
    'file:w/foo.whl',
    '--find-links w',
    '-r missing.lst',
    '-r ../../out.lst',
    '-r $' + '{NAME}.lst',
    '--requirements x.lst',
    'foo --config-settings x=y',
    '# a comment \\\n./w/foo.whl',
    'a==1 # b\f./w/foo.whl',
    '# coding: utf-7',
  ])
    assert.match(why('pip install -r deep.lst', { 'deep.lst': '-r a/x.txt', 'a/x.txt': line }) ?? '', plain, line);
  for (const command of [
    'pip install -e ./pkg',
    'pip install -f wheels a',
    'pip install --req x.lst',
    'pip install -qr x.lst',
    'PIP_CONSTRAINT=c.cfg pip install a',
  ])
    assert.notEqual(why(command, { 'x.lst': 'a', 'c.cfg': 'a==1' }), null, command);
});

test('folders that manifests of other languages name bind an install to its commit', () => {
  const cases: [string, Record<string, string>, string?][] = [
    ['npm ci --ignore-scripts', { 'package.json': '{"dependencies":{"a":"../a"}}' }],
    ['npm ci --ignore-scripts', { 'package.json': '{"overrides":{"b":{"a":"./w/a.tgz"}}}' }],
    ['npm ci --ignore-scripts', { 'package.json': '{"workspaces":["web"]}', 'web/package.json': '{}' }, 'web'],
    ['npm ci --ignore-scripts --prefix web', { 'web/package.json': '{}' }],
    ['pnpm install --ignore-scripts', { 'package.json': '{}', '.pnpmfile.cjs': '' }],
    ['cargo fetch', { 'a/Cargo.toml': '[dependencies]\nb = { path = "../b" }', 'b/Cargo.toml': '' }, 'a'],
    ['cargo fetch', { 'a/Cargo.toml': '[dependencies]\nb = { "path" = "../b" }', 'b/Cargo.toml': '' }, 'a'],
    ['cargo fetch', { 'a/Cargo.toml': '[dependencies]\nb = { "p\\u0061th" = "../b" }' }, 'a'],
    ['go mod download', { 'go.work': 'use /elsewhere/b', 'go.mod': '' }],
    ['uv sync', { 'pyproject.toml': '[tool.uv.sources]\na = { "path" = "../a" }' }],
    ['go mod download', { 'a/go.mod': 'replace x => ../b', 'b/go.mod': '' }, 'a'],
    ['go mod download', { 'a/go.work': 'use (\n\t.\n\t../b\n)', 'a/go.mod': '', 'b/go.mod': '' }, 'a'],
    ['bundle install', { Gemfile: 'gem "a", path: "../a"' }],
    ['bundle install', { Gemfile: 'eval_gemfile "other.rb"' }],
    ['bundle install', { Gemfile: 'gemspec', 'a.gemspec': '' }],
    ['composer install --no-scripts', { 'composer.json': '{"repositories":[{"type": "path","url":"../a"}]}' }],
    ['uv sync', { 'pyproject.toml': '[tool.uv.sources]\na = { path = "../a" }' }],
    ['poetry install --no-root', { 'pyproject.toml': '[tool.poetry.dependencies]\na = { path = "w/a.whl" }' }],
  ];
  for (const [command, files, subproject] of cases)
    assert.equal(inputsOf(command, files, subproject).kind, 'commit', `${command} ${JSON.stringify(files)}`);
  const fine: [string, Record<string, string>][] = [
    [
      'npm ci',
      { 'package.json': '{"main":"./a.js","workspaces":["b"]}', 'b/package.json': '{"dependencies":{"c":"^1"}}' },
    ],
    ['cargo fetch', { 'a/Cargo.toml': '[dependencies]\nb = { path = "../b" }', 'b/Cargo.toml': '' }],
    ['go mod download', { 'go.mod': 'replace x => ./b\nreplace y => example.org/y v1.0.0', 'b/go.mod': '' }],
    [
      'bundle install',
      { Gemfile: 'source "https://example.org"\ngroup :test do\n  gem "a", "~> 1.0",\n    require: false\nend\n' },
    ],
  ];
  for (const [command, files] of fine) assert.equal(why(command, files), null, command);
});

test('a command that is not known may read anything', () => {
  assert.equal(why('make deps'), 'what "make deps" reads is not known');
  assert.equal(why('npm ci && ./setup.sh'), 'what "./setup.sh" reads is not known');
  for (const command of [
    'npm ci | tee log',
    'npm ci > log',
    'npm ci $(cat flags)',
    'npm ci &',
    'if true; then npm ci; fi',
  ])
    assert.notEqual(why(command), null, command);
  assert.equal(why('npm install ../other'), 'what "npm install ../other" reads is not known');
  assert.equal(why('BUNDLE_PATH=.bundle/gems bundle install --quiet', { 'Gemfile.lock': '' }), null);
});
