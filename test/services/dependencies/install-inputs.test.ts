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
  const py = { 'pyproject.toml': '[project]\nversion = "1"', 'src/a.py': '' };
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

test('a source counts for a Python install only where the version of the package is read from it', () => {
  const files = { 'pyproject.toml': '[project]\nversion = "1"', 'uv.lock': '', 'src/a/__init__.py': '' };
  const paths = (more: Record<string, string>) => {
    const inputs = inputsOf('uv sync --frozen', { ...files, ...more });
    return inputs.kind === 'files' && inputs.paths;
  };
  assert.deepEqual(paths({}), ['pyproject.toml', 'uv.lock']);
  const dynamic = { 'pyproject.toml': '[project]\ndynamic = ["version"]' };
  assert.deepEqual(paths(dynamic), ['pyproject.toml', 'uv.lock', 'src/a/__init__.py']);
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
