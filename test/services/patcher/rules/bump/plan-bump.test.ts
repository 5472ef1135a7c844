import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BumpFinding } from '../../../../../services/patcher/rules/bump/define.ts';
import { planBump } from '../../../../../services/patcher/rules/bump/plan-bump.ts';
import { bumpEcosystems } from '../../../../../services/patcher/rules/bump/registry.ts';

const auditors = {
  'bundler-audit': 'ruby',
  'cargo-audit': 'rust',
  'composer-audit': 'php',
  govulncheck: 'go',
  'npm-audit': 'typescript',
  'pip-audit': 'python',
  'pnpm-audit': 'typescript',
} as const;
type Auditor = keyof typeof auditors;

function cve(tool: Auditor, name: string, from: string | null, fixed: string | null, more: Partial<BumpFinding> = {}) {
  const what = { package: name, installed_version: from, fixed_version: fixed };
  return { ...what, file: null, tool, code: 'CVE-1', subproject: '.', ...more };
}

function planned(finding: BumpFinding, files: Record<string, string>, siblings: BumpFinding[] = []) {
  const language = finding.tool in auditors ? auditors[finding.tool as Auditor] : 'python';
  return planBump(finding, siblings, { language, files: new Map(Object.entries(files)) });
}

/** The command, the changed text, or the reason for none. */
function brief(finding: BumpFinding, files: Record<string, string>, siblings: BumpFinding[] = []): string {
  const plan = planned(finding, files, siblings);
  if (plan.kind === 'none') return `none: ${plan.reason}`;
  return plan.kind === 'command' ? plan.command : [...plan.files.values()].join('---\n');
}

const json = (value: unknown) => JSON.stringify(value, null, 2);
const npmQuiet = '--package-lock-only --ignore-scripts --no-audit --no-fund';

function npmFiles(range: string, copies: Record<string, object>, kind = 'dependencies') {
  const manifest = { name: 'x', [kind]: { minimist: range } };
  const lock = { lockfileVersion: 3, packages: { '': manifest, ...copies } };
  return { 'package.json': json(manifest), 'package-lock.json': json(lock) };
}

test('npm installs what the manifest names, in the style of its range', () => {
  const copies = { 'node_modules/minimist': { version: '1.2.0' } };
  const finding = cve('npm-audit', 'minimist', null, '1.2.6');
  for (const [range, kind, option] of [
    ['1.2.0', 'dependencies', '--save-exact'],
    ['^1.2.0', 'dependencies', "--save-prefix='^'"],
    ['~1.2.0', 'devDependencies', "--save-prefix='~' --save-dev"],
  ] as const)
    assert.equal(brief(finding, npmFiles(range, copies, kind)), `npm install ${npmQuiet} ${option} minimist@1.2.6`);
  const plan = planned(finding, npmFiles('1.2.0', copies));
  assert.ok(plan.kind === 'command');
  assert.deepEqual([plan.to, plan.toolNeeded, plan.owned], ['1.2.6', 'npm', ['package.json', 'package-lock.json']]);
  assert.match(plan.explanation, /^minimist 1\.2\.0 is vulnerable; 1\.2\.6 is the smallest version that will do\./);
  assert.match(brief(finding, npmFiles('>=1 <2', copies)), /^none: package.json asks for minimist in a way/);
});

test('npm updates what others bring along, unless one of them holds it back', () => {
  const files = (range: string) => {
    const manifest = { name: 'x', dependencies: { mkdirp: '^0.5.0' } };
    const packages = {
      '': manifest,
      'node_modules/mkdirp': { version: '0.5.5', dependencies: { minimist: range } },
      'node_modules/minimist': { version: '1.2.0' },
    };
    return { 'package.json': json(manifest), 'package-lock.json': json({ packages }) };
  };
  const finding = cve('npm-audit', 'minimist', '1.2.0', '1.2.6');
  assert.equal(brief(finding, files('^1.2.0')), `npm update ${npmQuiet} minimist`);
  assert.equal(brief(finding, files('1.2.0')), 'none: mkdirp asks for minimist 1.2.0, which 1.2.6 is not in');
});

test('a copy that only a package has is not the one that the manifest names', () => {
  const files = npmFiles('^1.2.6', {
    'node_modules/minimist': { version: '1.2.8' },
    'node_modules/a': { version: '1.0.0', dependencies: { minimist: '^0.2.0' } },
    'node_modules/a/node_modules/minimist': { version: '0.2.0' },
  });
  assert.equal(brief(cve('npm-audit', 'minimist', '0.2.0', '0.2.1'), files), `npm update ${npmQuiet} minimist`);
});

test('npm writes to the workspaces that name the package', () => {
  const packages = {
    '': { workspaces: ['packages/*'] },
    'packages/a': { dependencies: { minimist: '^1.2.0' } },
    'node_modules/a': { resolved: 'packages/a', link: true },
    'node_modules/minimist': { version: '1.2.5' },
  };
  const files = { 'web/package.json': '{}', 'web/package-lock.json': json({ packages }) };
  const plan = planned(cve('npm-audit', 'minimist', null, '1.2.6', { subproject: 'web' }), files);
  assert.ok(plan.kind === 'command');
  assert.equal(plan.command, `npm install ${npmQuiet} --save-prefix='^' --workspace=packages/a minimist@1.2.6`);
  assert.deepEqual(plan.owned, ['web/packages/a/package.json', 'web/package-lock.json']);
  const odd = json(packages).replaceAll('packages/a"', 'packages/$(id)"');
  const refused = { 'web/package.json': '{}', 'web/package-lock.json': `{"packages":${odd}}` };
  assert.match(brief(cve('npm-audit', 'minimist', null, '1.2.6', { subproject: 'web' }), refused), /not fit/);
});

test('a manifest without a lock file is changed as text', () => {
  const manifest = '{\n  "dependencies": { "minimist": "^1.2.0" } }\n';
  const finding = cve('npm-audit', 'minimist', '1.2.0', '1.2.6');
  assert.equal(brief(finding, { 'package.json': manifest }), manifest.replace('1.2.0', '1.2.6'));
});

test('pnpm updates to the version, or what others bring along', () => {
  const lock = 'packages:\n\n  /minimist@1.2.0:\n    resolution: {}\n';
  const finding = cve('pnpm-audit', 'minimist', null, '1.2.3');
  const files = { 'package.json': json({ dependencies: { minimist: '1.2.0' } }), 'pnpm-lock.yaml': lock };
  assert.equal(brief(finding, files), 'pnpm update --lockfile-only --ignore-scripts minimist@1.2.3');
  const others = 'pnpm update --lockfile-only --ignore-scripts --no-save --depth Infinity minimist';
  assert.equal(brief(finding, { ...files, 'package.json': '{}' }), others);
});

test('pip pins are changed where they stand, and nothing else is', () => {
  const before = '-r base.txt\nFlask[async] == 0.5 ; python_version < "4"  # web\nother==0.5\nflask-login==0.5\r\n';
  const finding = cve('pip-audit', 'flask', '0.5', '1.0');
  const after = before.replace('== 0.5', '== 1.0');
  assert.equal(brief(finding, { 'requirements.txt': before }), after);
  assert.deepEqual(planned(finding, { 'requirements.txt': '-r deps/base.txt\n', 'deps/base.txt': 'FLASK==0.5\r\n' }), {
    kind: 'edit',
    files: new Map([['deps/base.txt', 'FLASK==1.0\r\n']]),
    to: '1.0',
    owned: ['deps/base.txt'],
    explanation: 'flask 0.5 is vulnerable; 1.0 is the smallest version that will do. Only the pinned version changes.',
  });
});

test('pins of a pyproject.toml are changed in the tables that ask for packages', () => {
  const text = '[project]\ndependencies = [\n  "flask==0.5", # "flask==0.5"\n]\n[tool.x]\na = "flask==0.5"\n';
  const finding = cve('pip-audit', 'flask', '0.5', '1.0');
  assert.match(brief(finding, { 'pyproject.toml': text }), /^\[project\]\ndependencies = \[\n {2}"flask==1\.0"/);
  assert.match(brief(finding, { 'pyproject.toml': text }), /\[tool\.x\]\na = "flask==0\.5"/);
  assert.match(brief(finding, { 'pyproject.toml': text, 'uv.lock': '' }), /^none: .*uv\.lock would no longer agree/);
});

test('a package that is not pinned to one version in text is left, and the reason said', () => {
  const reason = (text: string) => brief(cve('pip-audit', 'flask', null, '1.0'), { 'requirements.txt': text });
  assert.match(reason('flask>=0.5\n'), /in a range/);
  assert.match(reason('flask==0.*\n'), /in a range/);
  assert.match(reason('flask==0.5 --hash=sha256:0\n'), /with hashes/);
  assert.match(reason('flask==0.5 \\\n    --hash=sha256:0\n'), /with hashes/);
  assert.match(reason('other==0.5\n'), /another package brings it along/);
  assert.match(reason('flask==1.1\n'), /is not older than 1.0/);
});

test('cargo moves exactly one package in the lock file, and raises the manifest only where it must', () => {
  const lock = '[[package]]\nname = "time"\nversion = "0.1.42"\n\n[[package]]\nname = "time"\nversion = "0.2.22"\n';
  const files = { 'Cargo.lock': lock, 'Cargo.toml': '[dependencies]\ntime = { version = "0.2.20" }\n' };
  const second = cve('cargo-audit', 'time', '0.2.22', '0.2.23');
  assert.equal(brief(second, files), 'cargo update -p time@0.2.22 --precise 0.2.23');
  const dev = { ...files, 'Cargo.toml': '[dev-dependencies]\ntime = "0.1"\n' };
  assert.equal(
    brief(cve('cargo-audit', 'time', '0.1.42', '0.2.23'), dev),
    'cargo add --dev time@0.2.23 && cargo update -p time --precise 0.2.23',
  );
  const target = { ...files, 'Cargo.toml': '[target.\'cfg(unix)\'.dependencies]\ntime = "0.1"\n' };
  assert.match(brief(cve('cargo-audit', 'time', '0.1.42', '0.2.23'), target), /^none: .* does not write to/);
});

test('go gets the version, and leaves what is not a module, replaced or vendored', () => {
  const files = { 'go.mod': 'module x\n\nrequire golang.org/x/text v0.3.5\n', 'go.sum': '' };
  const text = cve('govulncheck', 'golang.org/x/text', 'v0.3.5', 'v0.3.7', { file: 'main.go' });
  assert.equal(
    brief(text, files),
    'export GOTOOLCHAIN=local GOFLAGS=-mod=mod && go get golang.org/x/text@v0.3.7 && go mod tidy',
  );
  assert.match(brief(cve('govulncheck', 'stdlib', 'go1.24.3', 'go1.24.4'), files), /^none: the fix is in the Go tool/);
  assert.match(brief(text, { ...files, 'vendor/modules.txt': '' }), /^none: the modules are kept in vendor/);
  const replaced = `${files['go.mod']}replace golang.org/x/text => ../text\n`;
  assert.match(brief(text, { ...files, 'go.mod': replaced }), /^none: go\.mod replaces/);
});

test('bundler updates one gem as little as it may, and a pin in the Gemfile first', () => {
  const files = { Gemfile: "gem 'rack', '~> 2.0'\n", 'Gemfile.lock': 'GEM\n  specs:\n    rack (2.0.1)\n' };
  const finding = cve('bundler-audit', 'rack', '2.0.1', '2.0.6');
  assert.equal(brief(finding, files), 'bundle lock --conservative --patch --update=rack');
  const plan = planned(finding, { ...files, Gemfile: "gem 'rack', '2.0.1' # 2.0.1\n" });
  assert.ok(plan.kind === 'command');
  assert.deepEqual([...plan.files], [['Gemfile', "gem 'rack', '2.0.6' # 2.0.1\n"]]);
  assert.deepEqual(plan.owned, ['Gemfile', 'Gemfile.lock']);
});

test('composer goes to exactly the version, and raises the manifest only where it must', () => {
  const files = (asked: string) => ({
    'composer.json': json({ require: { 'acme/http': asked } }),
    'composer.lock': json({ packages: [{ name: 'acme/http', version: 'v1.2.0' }] }),
  });
  const quiet = '--no-install --no-scripts --no-plugins --no-interaction';
  const finding = cve('composer-audit', 'acme/http', null, '1.2.3');
  assert.equal(brief(finding, files('^1.0')), `composer update ${quiet} --with acme/http:1.2.3 acme/http`);
  assert.equal(brief(finding, files('~1.2')), `composer update ${quiet} --with acme/http:1.2.3 acme/http`);
  assert.equal(brief(finding, files('1.2.0')), `composer require ${quiet} acme/http:1.2.3`);
  assert.equal(brief(finding, files('1.0.* || 1.1.*')), `composer require ${quiet} 'acme/http:^1.2.3'`);
  assert.match(brief(finding, files('dev-main')), /^none: what composer.json asks for/);
});

test('the advisories of one package are mended together', () => {
  const files = npmFiles('^1.2.0', { 'node_modules/minimist': { version: '1.2.0' } });
  const first = cve('npm-audit', 'minimist', null, '1.2.3');
  const more = [first, cve('npm-audit', 'minimist', null, '1.2.6'), cve('npm-audit', 'minimist', null, null)];
  const plan = planned(first, files, more);
  assert.ok(plan.kind === 'command');
  assert.equal(plan.to, '1.2.6');
  assert.match(plan.explanation, /1 other advisory of it would take another version\.$/);
});

test('a scanner of every language is understood by the file that it names', () => {
  const files = { 'web/requirements.txt': 'flask==0.5\n' };
  const finding = cve('pip-audit', 'flask', '0.5', '1.0', { tool: 'osv-scanner', file: 'web/requirements.txt' });
  assert.equal(brief(finding, files), 'flask==1.0\n');
  assert.match(brief({ ...finding, subproject: 'api' }, files), /^none: the file .* outside/);
});

test('a package manager that is not supported is named', () => {
  const finding = cve('npm-audit', 'lodash', '4.17.4', '4.17.21');
  assert.match(brief(finding, { 'package.json': '{}', 'yarn.lock': '' }), /^none: yarn\.lock belongs to/);
  assert.match(brief(finding, {}), /^none: there is no manifest/);
  assert.match(brief(cve('npm-audit', 'lodash', '1.0.0', null), {}), /^none: the tool names no version/);
});

test('a hostile name or version never comes into a command', () => {
  const hostile = [
    'x; id',
    '$(id)',
    '`id`',
    '--registry=x',
    "x'",
    'x\nid',
    '../x',
    'x y',
    '',
    '-x',
    'x@1 && id',
    '@x/;',
  ];
  const everything: Record<string, string> = {
    ...npmFiles('^1.0.0', { 'node_modules/minimist': { version: '1.0.0' } }),
    'Cargo.lock': '[[package]]\nname = "minimist"\nversion = "1.0.0"\n',
    'composer.lock': json({ packages: [{ name: 'minimist', version: '1.0.0' }] }),
    'Gemfile.lock': '    minimist (1.0.0)\n',
    Gemfile: '',
    'go.mod': '',
    'pnpm-lock.yaml': '  /minimist@1.0.0:\n',
    'requirements.txt': 'minimist==1.0.0\n',
  };
  const word = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 40 }));
  for (const tool of Object.keys(auditors) as Auditor[]) {
    const { [tool === 'npm-audit' ? 'pnpm-lock.yaml' : 'package-lock.json']: _, ...files } = everything;
    for (const name of hostile) {
      assert.match(brief(cve(tool, name, '1.0.0', '1.0.1'), files), /^none: /, `${tool} ${name}`);
      assert.match(brief(cve(tool, 'minimist', '1.0.0', name), files), /^none: /, `${tool} ${name}`);
      assert.match(brief(cve(tool, 'minimist', name, '1.0.1'), files), /^none: /, `${tool} ${name}`);
    }
    fc.assert(
      fc.property(word, word, word, (name, from, fixed) => {
        const plan = planned(cve(tool, name, from, fixed), files);
        if (plan.kind === 'command') assert.match(plan.command, /^[\w@%+=:,./'^~ -]+(?: && [\w@%+=:,./ -]+)*$/);
      }),
      { numRuns: 50 },
    );
  }
});

test('the registry lists every package manager of its folder, in order', () => {
  const folder = new URL('../../../../../services/patcher/rules/bump/', import.meta.url);
  const isUnit = (name: string) => readFileSync(new URL(name, folder), 'utf8').includes(': BumpEcosystem = {');
  const units = readdirSync(folder).filter((name) => name.endsWith('.ts') && isUnit(name));
  assert.deepEqual(
    bumpEcosystems.map(({ name }) => `${name}.ts`),
    units.sort(),
  );
});
