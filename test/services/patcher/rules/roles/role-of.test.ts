import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decidesVerdict, noSettings } from '../../../../../services/patcher/rules/roles/define.ts';
import { roleOf } from '../../../../../services/patcher/rules/roles/role-of.ts';
import { readRunnerSettings } from '../../../../../services/patcher/rules/roles/runner-settings.ts';

const expected: Readonly<Record<string, string>> = {
  source:
    'shop/prices.py src/a.js src/types.ts src/main/java/A.java src/lib.rs lib/a.rb shop/json.py Sources/A/B.swift src/Foo.php cmd/main.go app/models/user.rb src/Order.cs src/list.c include/list.h src/main/kotlin/A.kt lib/common.bash styles/a.css',
  test: 'tests/test_prices.py a.spec.ts src/test/java/A.java A.Tests/B.cs Tests/ATests/B.swift test/a.bats price_test.go tests/cart.rs spec/cart_spec.rb tests/CartTest.php src/list_test.c src/commonTest/kotlin/A.kt src/CartTests.cs src/testing/util.go tests/helpers.py',
  fixture: 'tests/fixtures/a.json src/__snapshots__/a.snap testdata/x.txt spec/data.yml tests/notes.md',
  hook: 'conftest.py tests/conftest.py sitecustomize.py lib/usercustomize.py tests/load_tests.py build.rs spec/spec_helper.rb spec/rails_helper.rb spec/support/time.rb test/setup.ts tests/bootstrap.php src/test/resources/META-INF/services/org.junit.Extension cypress/support/e2e.js test/test_helper.bash features/environment.py',
  configuration:
    '.github/workflows/ci.yml jest.config.ts setupTests.js vitest.config.mts .mocharc.yml phpunit.xml .eslintrc.json ruff.toml tsconfig.json karma.conf.js cypress.config.ts src/test/resources/testng.xml Directory.Build.props .gitattributes lefthook.yml .husky/pre-commit .crafting-table.json .npmrc .devcontainer/devcontainer.json .rspec',
  build_script: 'Makefile Dockerfile setup.py Rakefile CMakeLists.txt scripts/deploy.sh run-tests.sh gulpfile.js',
  manifest: 'package.json pyproject.toml Cargo.toml go.mod pom.xml build.gradle.kts Gemfile composer.json a.csproj',
  lock: 'package-lock.json poetry.lock go.sum clients/web/yarn.lock',
  generated: 'dist/a.js api/x.pb.go app/x_pb2.py a.min.js Form.Designer.cs',
  vendored: 'node_modules/x/index.js vendor/a/b.go third_party/z.c',
  loaded_by_name:
    'pytest.py types.py json/__init__.py src/queue.py unittest/case.py clients/x.pth CLAUDE.md AGENTS.md .envrc .vscode/tasks.json .idea/x.xml .cursor/rules/a.mdc .bashrc lib/json.rb src/assert.h include/gtest/gtest.h src/test2/org/junit/Assert.java Sources/XCTest/XCTest.swift binding.gyp flake.nix .unheard-of',
  data: 'data/prices.json bin/run deploy/values.yaml a.unheardof',
  documentation: 'README.md docs/guide.rst LICENSE CHANGELOG.txt',
};

test('every path has the role that its ecosystem gives it', () => {
  const wrong = Object.entries(expected).flatMap(([role, paths]) =>
    paths.split(' ').flatMap((path) => {
      const found = roleOf(path);
      return found.role === role ? [] : [`${path}: ${found.role} (${found.why}), expected ${role}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('only sources and documentation have no say in the verdict', () => {
  const roles = Object.keys(expected).filter((role) => !decidesVerdict(role as never));
  assert.deepEqual(roles.sort(), ['documentation', 'source']);
});

test('the settings of the runners at the base commit make files tests, hooks and scripts', () => {
  const texts = new Map([
    [
      'package.json',
      '{"scripts":{"test":"node tools/verify.js && jest","start":"node src/i.js"},"devDependencies":{"left_pad":"1.0"},"jest":{"setupFiles":["<rootDir>/src/boot.js"],"testMatch":["**/suites/*.test-case.js"]}}',
    ],
    [
      'pyproject.toml',
      '[tool.pytest.ini_options]\ntestpaths = ["checks", "src"]\npython_files = [\n  "verify_*.py",\n]\naddopts = "-p shop.plug -q"\n[project]\ndependencies = ["requests>=2"]\n',
    ],
    ['web/.mocharc.yml', 'require:\n  - ./boot.js\nspec: things/**/*.spec-of.js\n'],
    [
      'a/phpunit.xml',
      '<phpunit bootstrap="boot/start.php"><testsuite name="x"><directory>unit</directory></testsuite></phpunit>',
    ],
    ['Cargo.toml', '[package]\nbuild = "gen.rs"\n[[test]]\nname = "x"\npath = "it/x.rs"\n'],
    ['build.gradle', 'sourceSets { test { java { srcDirs = ["quality"] } } }'],
    ['pom.xml', '<testSourceDirectory>proofs</testSourceDirectory>'],
    ['.rspec', '--require boot\n'],
  ]);
  const commands = [
    { folder: '.', command: './verify && python3 tools/report.py && bash -n lib/a.sh && python3 -m pytest --tb=line' },
    { folder: 'b', command: 'sh ./x.sh' },
  ];
  const settings = readRunnerSettings(texts, commands);
  const roles = (path: string) => roleOf(path, settings).role;
  const found = Object.fromEntries(
    [
      ...['tools/verify.js', 'src/i.js', 'src/boot.js', 'checks/a.py', 'src/a.py', 'src/verify_a.py', 'shop/plug.py'],
      ...['web/boot.js', 'web/things/x/a.spec-of.js', 'a/boot/start.php', 'a/unit/A.php', 'gen.rs', 'it/x.rs'],
      ...['quality/A.java', 'proofs/A.java', 'spec/boot.rb', 'tools/report.py', 'lib/a.sh', 'b/x.sh', 'requests.py'],
      ...['web/suites/a.test-case.js', 'left_pad.js', 'b/types.py'],
    ].map((path) => [path, roles(path)]),
  );
  assert.deepEqual(found, {
    'tools/verify.js': 'build_script',
    'src/i.js': 'source',
    'src/boot.js': 'hook',
    'checks/a.py': 'test',
    'src/a.py': 'source',
    'src/verify_a.py': 'test',
    'shop/plug.py': 'hook',
    'web/boot.js': 'hook',
    'web/things/x/a.spec-of.js': 'test',
    'a/boot/start.php': 'hook',
    'a/unit/A.php': 'test',
    'gen.rs': 'hook',
    'it/x.rs': 'test',
    'quality/A.java': 'test',
    'proofs/A.java': 'test',
    'spec/boot.rb': 'hook',
    'tools/report.py': 'build_script',
    'lib/a.sh': 'source',
    'b/x.sh': 'build_script',
    'requests.py': 'loaded_by_name',
    'web/suites/a.test-case.js': 'test',
    'left_pad.js': 'loaded_by_name',
    'b/types.py': 'loaded_by_name',
  });
  assert.equal(roleOf('shop/plug.py', settings).by, 'pyproject.toml');
});

test('no path and no text of settings makes it throw or take long', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (path) => void roleOf(path, noSettings)));
  const piece = fc.constantFrom(
    '"',
    '[',
    '{',
    'setupFiles',
    ':',
    ' ',
    '\n',
    'testpaths = ',
    'node a/',
    '-p x',
    '<directory>',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      for (const name of ['package.json', 'pyproject.toml', '.mocharc.yml', 'phpunit.xml', 'Makefile', 'build.gradle'])
        void roleOf('src/a.js', readRunnerSettings(new Map([[name, pieces.join('')]])));
    }),
  );
});
