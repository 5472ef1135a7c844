/** A command that has to end well, or one whose output has to yield a finding that holds a text. */
type Check = {
  readonly recipe: 'build' | 'test' | 'lint' | 'audit';
  readonly command: string;
  /** In which language the output is read, and what its findings must hold; without it the command must end with 0. */
  readonly finds?: readonly [language: string, text: string];
};

/** A row of the README's table: which targets of the Dockerfile have it, how it says its version, and how it is tried. */
export type Toolchain = {
  readonly name: string;
  readonly targets: readonly ('debian' | 'full')[];
  /** Must all be on the PATH. */
  readonly programs: readonly string[];
  readonly version: string;
  readonly checks: readonly Check[];
};

const both = ['debian', 'full'] as const;
const passes = (recipe: Check['recipe'], command: string): Check => ({ recipe, command });
const finds = (recipe: Check['recipe'], language: string, text: string, command: string): Check => ({
  recipe,
  command,
  finds: [language, text],
});

/** Every toolchain, by name. The projects on which they are tried lie under `smoke/`, in a folder of the same name. */
export const toolchains: readonly Toolchain[] = [
  {
    name: 'bash',
    targets: both,
    programs: ['bash', 'bats', 'shellcheck', 'shfmt'],
    version: 'shellcheck --version | sed -n "s/^version: /shellcheck /p"',
    checks: [
      passes('test', 'bats --filter greets --formatter tap .'),
      finds('test', 'shell', 'finds the defect', 'bats --formatter tap .'),
      finds('lint', 'shell', 'SC2086', 'shellcheck -f json1 hello.sh'),
      finds('lint', 'shell', 'hello.sh', 'shfmt -d hello.sh'),
    ],
  },
  {
    name: 'bun',
    targets: both,
    programs: ['bun'],
    version: 'bun --version',
    checks: [
      passes('build', 'bun build hello.ts --outdir out'),
      finds(
        'test',
        'typescript',
        'finds the defect',
        'bun test --reporter=junit --reporter-outfile=r.xml; e=$?; cat r.xml; exit $e',
      ),
    ],
  },
  {
    name: 'cpp',
    targets: both,
    programs: ['clang', 'clang++', 'ld.lld', 'cmake', 'ninja', 'valgrind'],
    version: 'clang --version | head -n 1',
    checks: [
      passes('build', 'cmake -G Ninja -S . -B out -DCMAKE_CXX_COMPILER=clang++ && cmake --build out'),
      passes('test', 'ctest --test-dir out -R greets && valgrind --quiet --error-exitcode=1 ./out/greets'),
      finds('test', 'cpp', 'finds_the_defect', 'ctest --test-dir out --output-on-failure'),
      finds('build', 'cpp', 'unused', 'clang++ -Wall -Wextra -c hello.cpp -o /dev/null'),
    ],
  },
  {
    name: 'dotnet',
    targets: ['full'],
    programs: ['dotnet'],
    version: 'dotnet --version',
    checks: [
      passes('build', 'dotnet build --nologo -clp:NoSummary'),
      finds('build', 'csharp', 'CS0029', 'cp Broken.cs.txt Broken.cs; dotnet build --nologo -clp:NoSummary'),
    ],
  },
  {
    name: 'generic',
    targets: both,
    programs: ['git', 'jq', 'yq', 'rg', 'fd', 'curl', 'wget'],
    version: 'git --version',
    checks: [
      passes(
        'test',
        'echo \'{"a":1}\' | jq -e .a && rg hello && fd hello && yq --version && curl --version && wget --version',
      ),
      finds('test', 'text', 'recipe_fail', 'exit 3'),
    ],
  },
  {
    name: 'go',
    targets: both,
    programs: ['go'],
    version: 'go version',
    checks: [
      passes('build', 'go build ./...'),
      passes('test', 'go test -vet=off -run Greets ./...'),
      finds('test', 'go', 'TestFindsTheDefect', 'go test -vet=off ./...'),
      finds('lint', 'go', 'printf', 'go vet -json ./...'),
    ],
  },
  {
    name: 'gradle',
    targets: both,
    programs: ['gradle'],
    version: "gradle --version | sed -n 's/^Gradle /gradle /p'",
    checks: [
      passes('build', 'gradle --no-daemon --offline --console=plain assemble'),
      finds('test', 'java', 'findsTheDefect', 'gradle --no-daemon --offline --console=plain --continue test'),
    ],
  },
  {
    name: 'jdk',
    targets: both,
    programs: ['java', 'javac'],
    version: 'javac -version',
    checks: [
      passes('build', 'javac -d out Hello.java && java -cp out Hello'),
      finds('build', 'java', 'incompatible types', 'javac -d out Broken.java'),
    ],
  },
  {
    name: 'kotlin',
    targets: both,
    programs: ['kotlinc'],
    version: 'kotlinc -version 2>&1 | tail -n 1',
    checks: [
      passes('build', 'kotlinc hello.kt -d out'),
      finds('build', 'kotlin', 'broken.kt', 'kotlinc broken.kt -d out'),
    ],
  },
  {
    name: 'maven',
    targets: both,
    programs: ['mvn'],
    version: 'mvn --version | head -n 1',
    checks: [
      passes('build', 'mvn -B -q -s settings.xml -Dmaven.repo.local=repo compile'),
      finds('test', 'java', 'findsTheDefect', 'mvn -B -s settings.xml -Dmaven.repo.local=repo --fail-at-end test'),
    ],
  },
  {
    name: 'node',
    targets: both,
    programs: ['node', 'npm', 'pnpm', 'tsx', 'eslint', 'tsc'],
    version: 'node --version',
    checks: [
      passes('build', 'npm run build && pnpm --version && tsx hello.ts'),
      finds('test', 'typescript', 'finds the defect', 'node --test'),
      finds('build', 'typescript', 'TS2322', 'tsc --noEmit --strict --pretty false broken.ts'),
      finds('lint', 'typescript', 'no-undef', 'eslint -f json broken.js'),
    ],
  },
  {
    name: 'php',
    targets: both,
    programs: ['php', 'composer', 'phpunit'],
    version: 'php --version | head -n 1',
    checks: [
      passes('test', 'composer --version && phpunit --no-configuration --filter greets tests'),
      finds('test', 'php', 'finds_the_defect', 'phpunit --no-configuration tests'),
      finds('lint', 'php', 'broken.php', 'php -l broken.php'),
    ],
  },
  {
    name: 'python',
    targets: both,
    programs: ['python3', 'pipx', 'mypy'],
    version: 'python3 --version',
    checks: [
      passes('test', 'python3 -m pytest -q -k greets'),
      finds('test', 'python', 'test_finds_the_defect', 'python3 -m pytest --tb=line'),
      finds('lint', 'python', 'return-value', 'mypy --show-error-codes hello.py'),
    ],
  },
  {
    name: 'ruby',
    targets: both,
    programs: ['ruby', 'bundle', 'rspec', 'rubocop'],
    version: 'ruby --version',
    checks: [
      passes('test', 'rspec -e greets'),
      finds('test', 'ruby', 'finds the defect', 'rspec --format json'),
      finds('lint', 'ruby', 'UselessAssignment', 'rubocop -f json'),
    ],
  },
  {
    name: 'rust',
    targets: both,
    programs: ['cargo', 'rustc', 'cargo-clippy', 'rustfmt'],
    version: 'rustc --version',
    checks: [
      passes('build', 'cargo build && rustfmt --check src/lib.rs'),
      passes('test', 'cargo test greets'),
      finds('test', 'rust', 'finds_the_defect', 'cargo test --no-fail-fast'),
      finds('lint', 'rust', 'clippy', 'cargo clippy --message-format=json'),
    ],
  },
  {
    name: 'swift',
    targets: ['full'],
    programs: ['swift'],
    version: 'swift --version 2>&1 | head -n 1',
    checks: [
      passes('build', 'swift build --disable-sandbox'),
      finds('test', 'swift', 'testFindsTheDefect', 'swift test --disable-sandbox'),
    ],
  },
];

/** One line a check, its fields separated by the character US: what `smoke.sh` reads. */
export function linesForSmoke(): string[] {
  return toolchains.flatMap(({ name, targets, programs, version, checks }) =>
    checks.map(({ recipe, command, finds: [language, text] = ['', ''] }) =>
      [name, targets.join(','), programs.join(' '), version, recipe, language, text, command].join('\x1f'),
    ),
  );
}

if (import.meta.main)
  process.stdout.write(
    linesForSmoke()
      .map((line) => `${line}\n`)
      .join(''),
  );
