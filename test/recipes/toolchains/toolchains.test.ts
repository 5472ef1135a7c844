import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { detect } from '../../../recipes/detection/detect.ts';
import { machineHas } from '../../../recipes/toolchains/machine-has.ts';
import { type Pin, pinsIn, pinsOf } from '../../../recipes/toolchains/pins.ts';
import { toolchainVerdicts } from '../../../recipes/toolchains/verdict.ts';
import { compareVersions, meetsSpecifier, startsWithVersion } from '../../../recipes/toolchains/version-met.ts';
import { writtenFiles } from '../written-files.ts';

function pins(files: Record<string, string>): Pin[] {
  return pinsOf({ files: Object.keys(files).sort(), text: (path) => files[path] ?? '' });
}

/** A file, and what it asks for as `toolchain version`. */
const asked: readonly (readonly [file: string, text: string, asks: readonly string[]])[] = [
  ['rust-toolchain', '1.74.0\n', ['rust 1.74.0']],
  ['rust-toolchain', '# a comment\n[toolchain]\nchannel = "nightly-2025-01-01"\n', ['rust nightly-2025-01-01']],
  ['rust-toolchain.toml', '[toolchain]\npath = "./evil"\n', ['rust ./evil']],
  ['.python-version', '# ours\n3.12\n3.11\n', ['python 3.12']],
  ['.python-version', 'system\n', []],
  ['pyproject.toml', '[project]\nrequires-python = ">=3.10,<4"\n', ['python >=3.10,<4']],
  ['.nvmrc', 'v18\n', ['node v18']],
  ['.node-version', 'lts/iron', ['node lts/iron']],
  [
    'package.json',
    '{"packageManager":"pnpm@9.1.0+sha512.abc","volta":{"node":"24.13.0","x":"1"}}',
    ['pnpm 9.1.0', 'node 24.13.0'],
  ],
  ['package.json', '{"packageManager":"yarn@stable"}', []],
  ['go.mod', 'module m\n\ngo 1.23.0\n\ntoolchain go1.25.1\n', ['go 1.25.1']],
  ['go.mod', 'module m\ngo 1.23\n', ['go 1.23']],
  ['.ruby-version', 'ruby-3.3.0\n', ['ruby ruby-3.3.0']],
  ['.tool-versions', 'nodejs 20.1.0 # web\ngolang 1.24\nterraform 1.9\npython system\n', ['node 20.1.0', 'go 1.24']],
  [
    'mise.toml',
    '[tools]\nnode = "22"\npython = ["3.12", "3.11"]\nrust = { version = "1.80" }\n',
    ['node 22', 'python 3.12', 'rust 1.80'],
  ],
  [
    'gradle/wrapper/gradle-wrapper.properties',
    'distributionUrl=https\\://dist.example.org/gradle-8.14.2-bin.zip\n',
    ['gradle https://dist.example.org/gradle-8.14.2-bin.zip'],
  ],
  [
    '.mvn/wrapper/maven-wrapper.properties',
    'distributionUrl=https://dist.example.org/apache-maven-3.9.9-bin.zip',
    ['maven https://dist.example.org/apache-maven-3.9.9-bin.zip'],
  ],
  ['.nvmrc', `${'x'.repeat(500)}\n`, []],
];
for (const [file, text, expected] of asked)
  test(`${file} ${JSON.stringify(text.slice(0, 40))} asks for ${expected.join(' and ') || 'nothing'}`, () => {
    assert.deepEqual(
      pins({ [file]: text }).map(({ toolchain, asks }) => `${toolchain} ${asks}`),
      expected,
    );
  });

test('the nearest file above a folder says what holds in it, and of several in one folder the exact one', () => {
  const all = pins({
    '.python-version': '3.11',
    'pyproject.toml': '[project]\nrequires-python = ">=3.9"\n',
    'a/.python-version': '3.12',
    'a/b/go.mod': 'go 1.20\n',
    'ab/x.py': '',
  });
  const of = (folder: string) => pinsIn(all, folder).map(({ toolchain, asks }) => `${toolchain} ${asks}`);
  assert.deepEqual(of('.'), ['python 3.11']);
  assert.deepEqual(of('a/b'), ['python 3.12', 'go 1.20']);
  assert.deepEqual(of('ab'), ['python 3.11']);
});

test('versions are compared by their parts, and specifiers are met as PEP 440 says', () => {
  assert.equal(Math.sign(compareVersions('1.9', '1.10')), -1);
  assert.equal(compareVersions('1.2', '1.2.0'), 0);
  assert.deepEqual(
    ['3.1', '3.11', '3.11.7', '3.11.70'].map((start) => startsWithVersion('3.11.7', start)),
    [false, true, true, false],
  );
  const met = (specifier: string) => meetsSpecifier('3.11.7', specifier);
  const yes = ['>=3.10', '>=3.10,<4', '==3.11.*', '~=3.11', '~=3.11.2', '!=3.10.*', '>3.11,<=3.11.7', ''];
  assert.deepEqual(
    yes.map(met),
    yes.map(() => true),
  );
  const no = ['>=3.12', '<3.11', '==3.11', '~=3.11.8', '!=3.11.*', '>=3.10,<3.11'];
  assert.deepEqual(
    no.map(met),
    no.map(() => false),
  );
  assert.equal(met('^3.10'), null);
});

const rustup =
  '#!/bin/sh\n[ "$1 $2" = "toolchain list" ] && printf "stable-x86_64-unknown-linux-gnu (active, default)\\n1.95.0-x86_64-unknown-linux-gnu\\n"\n';
const pyenvShim =
  '#!/bin/sh\nname=$(basename "$0")\ncase "$PYENV_VERSION $name" in\n3.13.9*) echo "pyenv: version 3.13.9 is not installed" >&2; exit 1;;\n"3.12.1 pytest") echo "pyenv: pytest: command not found" >&2; exit 127;;\n*) [ -n "$PYENV_VERSION" ] || PYENV_VERSION=3.11.7; echo "Python $PYENV_VERSION";;\nesac\n';

test('a toolchain that rustup lacks is told with the command that installs it, and its recipes are left out', async (t) => {
  const works = '#!/bin/sh\necho "cargo 1.95.0"\n';
  const bin = await writtenFiles(t, { rustup, cargo: works, 'cargo-clippy': works });
  const toolchain = (channel: string) => ({
    'Cargo.toml': '[package]\nname = "a"\n',
    'rust-toolchain.toml': `[toolchain]\nchannel = "${channel}"\ncomponents = ["clippy"]\ntargets = ["wasm32-unknown-unknown"]\n`,
  });
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const lacking = await detect(await writtenFiles(t, toolchain('1.88.0')), machineHas(env));
  assert.deepEqual(lacking.subprojects, []);
  const advice = '`rustup toolchain install 1.88.0 --component clippy --target wasm32-unknown-unknown`';
  assert.equal(lacking.skipped[0]?.why, `rust-toolchain.toml asks for rust 1.88.0; here is stable, 1.95.0: ${advice}`);
  const there = await detect(await writtenFiles(t, toolchain('1.95.0')), machineHas(env));
  assert.equal(there.subprojects[0]?.test, 'cargo test --workspace --no-fail-fast');
  assert.deepEqual(
    there.toolchains.map(({ toolchain, asks, met }) => [toolchain, asks, met]),
    [['rust', '1.95.0', true]],
  );
  const other = await detect(await writtenFiles(t, toolchain('1.88.0')), { ...machineHas(env), keepMissing: true });
  assert.equal(other.subprojects.length, 1);
  assert.equal(other.toolchains[0]?.met, false);
});

test('nothing of a repository is run to find out what it asks for', async (t) => {
  const bin = await writtenFiles(t, { rustup, cargo: '#!/bin/sh\nexit 0\n' });
  const dir = await writtenFiles(t, {
    'Cargo.toml': '[package]\n',
    'rust-toolchain.toml': '[toolchain]\npath = "./own"\n',
    'own/bin/cargo': '#!/bin/sh\ntouch ../ran\n',
  });
  const { skipped } = await detect(dir, machineHas({ PATH: `${bin}:/usr/bin:/bin` }));
  assert.match(skipped[0]?.why ?? '', /asks for rust \.\/own; here is nothing: it names a folder/);
  assert.equal(existsSync(join(dir, 'ran')), false);
});

test('a stand-in of pyenv is asked under the version of the folder, which may lack the tool or not be there', async (t) => {
  const bin = await writtenFiles(t, {
    'shims/python3': pyenvShim,
    'shims/pytest': pyenvShim,
    'shims/ruff': pyenvShim,
    pyenv: '#!/bin/sh\nprintf "3.11.7\\n3.12.1\\n"\n',
  });
  const env = { PATH: `${bin}/shims:${bin}:/usr/bin:/bin` };
  const project = (version: string) => ({ '.python-version': version, 'setup.cfg': '', 'a.py': '' });
  const verdict = toolchainVerdicts(env);
  const said = async (asks: string) => {
    const { has, isMet, advice } = await verdict({ folder: '.', toolchain: 'python', asks, file: 'f' }, []);
    return [has, isMet, advice];
  };
  assert.deepEqual(await said('3.13.9'), ['3.11.7, 3.12.1', false, '`pyenv install 3.13.9`']);
  assert.deepEqual(await said('3.12.1'), ['3.12.1', true, null]);
  assert.deepEqual(await said('>=3.13'), ['3.11.7', false, 'install a later Python']);
  assert.deepEqual(await said('>=3.10'), ['3.11.7', true, null]);
  const { has } = machineHas(env);
  assert.equal(await has('pytest'), true);
  assert.equal(await has('pytest', { PYENV_VERSION: '3.12.1' }), false);
  const gone = await detect(await writtenFiles(t, { ...project('3.13.9'), 'test_a.py': '' }), machineHas(env));
  assert.deepEqual(
    gone.skipped.filter(({ recipe }) => recipe === 'test').map(({ why }) => why),
    ['.python-version asks for python 3.13.9; here is 3.11.7, 3.12.1: `pyenv install 3.13.9`'],
  );
});

test('go, gradle, node and yarn of another version are told by what will happen', async (t) => {
  const bin = await writtenFiles(t, {
    go: '#!/bin/sh\n[ "$1" = version ] && echo "go version go1.24.1 linux/amd64" || echo "$CHOICE"\n',
    node: '#!/bin/sh\necho v20.20.2\n',
    yarn: '#!/bin/sh\necho 1.22.22\n',
    'home/.gradle/wrapper/dists/gradle-8.14.2-bin/x/ok': '',
  });
  const said = async (
    toolchain: Pin['toolchain'],
    asks: string,
    more: Record<string, string> = {},
    files: string[] = [],
  ) => {
    const verdict = toolchainVerdicts({ PATH: `${bin}:/usr/bin:/bin`, HOME: join(bin, 'home'), ...more });
    const { has, isMet } = await verdict({ folder: '.', toolchain, asks, file: 'f' }, files);
    return [has, isMet];
  };
  assert.deepEqual(await said('go', '1.23.0'), ['1.24.1', true]);
  assert.deepEqual(await said('go', '1.25'), ['1.24.1', null]);
  assert.deepEqual(await said('go', '1.25', { CHOICE: 'local' }), ['1.24.1', false]);
  assert.deepEqual(await said('node', 'v20'), ['20.20.2', true]);
  assert.deepEqual(await said('node', 'v18'), ['20.20.2', null]);
  assert.deepEqual(await said('yarn', '4.1.0'), ['1.22.22', false]);
  assert.deepEqual(await said('yarn', '4.1.0', {}, ['.yarn/releases/yarn-4.1.0.cjs']), ['1.22.22', true]);
  assert.deepEqual(await said('yarn', '1.22.19'), ['1.22.22', true]);
  const dist = 'https://dist.example.org/gradle-';
  assert.deepEqual(await said('gradle', `${dist}8.14.2-bin.zip`), ['gradle-8.14.2-bin', true]);
  assert.deepEqual(await said('gradle', `${dist}7.6-bin.zip`), ['nothing', null]);
});
