/** How a linter reads the words of its command. Options that are in neither list are not understood. */
export type Linter = {
  /** The words that start it. */
  readonly program: readonly string[];
  /** Options whose value is the next word. */
  readonly values: readonly string[];
  /** Options that stand alone. */
  readonly flags: readonly string[];
  /** Names of files that it reads. */
  readonly reads: RegExp;
  /** What comes after `--` is a path, whatever it looks like. */
  readonly dashes: boolean;
  /** Without a path it looks at the whole folder. */
  readonly wholeFolder: boolean;
};

const python = /\.pyi?$/;
const script = /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/;
const list = (words: string) => words.split(' ').filter((word) => word !== '');

function linter(program: string, reads: RegExp, values: string, flags: string, more: Partial<Linter> = {}): Linter {
  const own = { program: program.split(' '), reads, values: list(values), flags: list(flags) };
  return { ...own, dashes: true, wholeFolder: true, ...more };
}

/** By the name that findings give the tool. */
export const linters: Readonly<Record<string, Linter>> = {
  bandit: linter(
    'bandit',
    /\.py$/,
    '-f --format -c --configfile -s --skip -t --tests -x --exclude -p --profile -b --baseline',
    '-r --recursive -q --quiet -l -ll -lll -i -ii -iii --exit-zero',
    { wholeFolder: false },
  ),
  biome: linter(
    'biome check',
    /\.(?:[cm]?[jt]s|[jt]sx|jsonc?|css|graphql|vue|svelte|astro)$/,
    '--config-path --reporter --max-diagnostics --diagnostic-level --colors --only --skip --log-level',
    '--no-errors-on-unmatched --error-on-warnings --verbose',
  ),
  eslint: linter(
    'eslint',
    script,
    '-f --format -c --config --ext --max-warnings --ignore-pattern --parser --parser-options --rule --plugin --cache-location',
    '--quiet --cache --no-cache --color --no-color --report-unused-disable-directives --no-error-on-unmatched-pattern --no-warn-ignored --no-eslintrc',
  ),
  flake8: linter(
    'flake8',
    python,
    '--format --config --select --extend-select --ignore --extend-ignore --exclude --extend-exclude --max-line-length --max-complexity -j --jobs',
    '-q --quiet -v --verbose --show-source --statistics --count --isolated --exit-zero',
  ),
  hadolint: linter(
    'hadolint',
    /(?:^|\/)(?:[\w.-]*Dockerfile[\w.-]*|Containerfile|[\w.-]+\.dockerfile)$/i,
    '-f --format -c --config -t --failure-threshold --ignore',
    '--no-fail --no-color -V --verbose',
    { wholeFolder: false },
  ),
  mypy: linter(
    'mypy',
    python,
    '-O --output --config-file --python-version --exclude --cache-dir --platform --follow-imports',
    '--strict --ignore-missing-imports --no-error-summary --show-column-numbers --show-error-codes --no-color-output --explicit-package-bases --namespace-packages --check-untyped-defs --install-types --non-interactive',
    { wholeFolder: false },
  ),
  oxlint: linter('oxlint', script, '-f --format -c --config -A -D -W --tsconfig --ignore-pattern', '--quiet'),
  phpcs: linter(
    'phpcs',
    /\.(?:php|inc|phtml)$/,
    '--report --standard --extensions --severity --error-severity --warning-severity --ignore --parallel',
    '-q -s -n -p -v',
    { dashes: false },
  ),
  pylint: linter(
    'pylint',
    python,
    '-f --output-format --rcfile -d --disable -e --enable -j --jobs --ignore --ignore-patterns --load-plugins',
    '-E --errors-only --recursive=y --exit-zero --persistent=n',
    { wholeFolder: false },
  ),
  rubocop: linter(
    'rubocop',
    /(?:\.(?:rb|rake|gemspec|ru)|(?:^|\/)(?:Gemfile|Rakefile))$/,
    '-f --format -c --config --only --except --fail-level -r --require',
    '--parallel --no-parallel --no-color --color --no-server --display-cop-names -D --force-exclusion',
  ),
  ruff: linter(
    'ruff check',
    python,
    '--output-format --select --extend-select --ignore --extend-ignore --config --target-version --line-length --exclude --extend-exclude',
    '-q --quiet --no-cache --isolated --preview --no-fix --exit-zero --force-exclude',
  ),
  shellcheck: linter(
    'shellcheck',
    /(?:\.(?:sh|bash|ksh|dash|bats)|(?:^|\/)[\w-]+)$/,
    '-f --format -s --shell -S --severity -e --exclude -i --include -o --enable -P --source-path',
    '-x --external-sources -a --check-sourced --norc',
    { wholeFolder: false },
  ),
  yamllint: linter(
    'yamllint',
    /(?:\.ya?ml|(?:^|\/)\.yamllint)$/,
    '-f --format -c --config-file -d --config-data',
    '-s --strict',
    {
      wholeFolder: false,
    },
  ),
};
