import { posix } from 'node:path';
import { machineFlag, toolNamed } from '../../parsers/tools/registry.ts';
import type { Evidence, Run, Step, Tree, Use } from '../define.ts';
import { pathsOf } from '../evidence/project-evidence.ts';
import { shellArgument, shellWord } from '../shell-word.ts';
import { settingsAbove, settingsHere } from './settings-here.ts';
import { inside } from './tree.ts';

/** The units that ask for a tool; `root`: once for the whole repository. */
type World = 'cpp' | 'go' | 'javascript' | 'php' | 'python' | 'root' | 'ruby' | 'rust' | 'shell';

/** A checker that is proposed where the project names it: by its settings, in CI, a hook or a task. */
type Linter = {
  /** The name of its card. */
  readonly tool: string;
  readonly world: World;
  /** The recipe that it is part of; `lint` unless told. */
  readonly recipe?: 'audit';
  /** What starts it. */
  readonly program: string;
  /** Hooks of pre-commit and actions of CI that run it. */
  readonly uses?: RegExp;
  /** A formatter's settings are for editors too: it is a check only where something runs it as one. */
  readonly checks?: RegExp;
  /** An option that makes another check of it, which is proposed beside the usual one. */
  readonly apart?: RegExp;
  /** Options of a command that say what is wrong, as its settings would: those that take a value, and those that stand alone. */
  readonly keeps?: { readonly values: string; readonly flags?: string };
  /**
   * Which files a hook gives it, as patterns of git: where the hook names files, or leaves some out, it gets the same ones.
   * Of a `plain` one nothing is read but how it ends: it gets all options of the hook or command that do not write.
   */
  readonly on?: string;
  readonly plain?: true;
  /** The command for these paths; `options` are those that are kept, and come behind the program. */
  command(paths: string, options: readonly string[]): string;
};

const flagged =
  (tool: string, command: string, whole = '.') =>
  (paths: string) =>
    [command, machineFlag(tool), paths || whole].filter(Boolean).join(' ');
/** Long: a table, one entry a linter. */
const tracked = (globs: string, command: string) => () =>
  `git ls-files -z --cached -- ${globs} | xargs -0 -r ${command}`;
const formats = /^(--check|--check-only|-c|--diff|-d|-l|--list-different|-n|--dry-run|--verify|--test|ci)$/;

/** In the order in which a recipe runs them. */
export const linters: readonly Linter[] = [
  {
    tool: 'ruff',
    world: 'python',
    program: 'ruff check',
    keeps: {
      values:
        '--select --extend-select --ignore --extend-ignore --line-length --target-version --config --per-file-ignores --exclude --extend-exclude',
      flags: '--preview',
    },
    uses: /^(ruff|ruff-check|astral-sh\/ruff-action|chartboost\/ruff-action)$/,
    command: flagged('ruff', 'ruff check'),
  },
  {
    tool: 'ruff-format',
    world: 'python',
    program: 'ruff format',
    keeps: { values: '--line-length --target-version --config --exclude', flags: '--preview' },
    uses: /^ruff-format$/,
    checks: formats,
    command: (paths) => `ruff format --check ${paths || '.'}`,
  },
  {
    tool: 'flake8',
    world: 'python',
    program: 'flake8',
    keeps: {
      values:
        '--max-line-length --max-complexity --select --extend-select --ignore --extend-ignore --per-file-ignores --config --exclude --max-doc-length',
    },
    uses: /^flake8$/,
    command: (paths) => `flake8 --extend-exclude .venv,.crafting-tools ${paths || '.'}`,
  },
  {
    tool: 'pylint',
    world: 'python',
    program: 'pylint',
    keeps: {
      values: '--disable -d --enable -e --rcfile --max-line-length --ignore --ignore-paths --fail-under --load-plugins',
      flags: '--errors-only -E',
    },
    uses: /^pylint$/,
    command: (paths) => `pylint ${machineFlag('pylint')} --recursive=y ${paths || '.'}`,
  },
  {
    tool: 'black',
    world: 'python',
    program: 'black',
    keeps: {
      values: '--line-length -l --target-version -t --config --exclude --extend-exclude',
      flags: '--skip-string-normalization -S --preview',
    },
    uses: /^(black|psf\/black|black-jupyter)$/,
    on: "'*.py' '*.pyi'",
    checks: formats,
    command: (paths) => `black --check ${paths || '.'}`,
  },
  {
    tool: 'isort',
    world: 'python',
    program: 'isort',
    keeps: { values: '--profile --line-length -l --settings-path --sp --skip --skip-glob', flags: '--float-to-top' },
    uses: /^isort$/,
    checks: formats,
    command: (paths) => `isort --check-only ${paths || '.'}`,
  },
  {
    tool: 'mypy',
    world: 'python',
    program: 'mypy',
    keeps: {
      values:
        '--config-file --python-version --platform --exclude --disable-error-code --enable-error-code --follow-imports -p --package -m --module',
      flags:
        '--strict --ignore-missing-imports --no-implicit-reexport --disallow-untyped-defs --disallow-any-generics --check-untyped-defs --warn-unused-ignores --namespace-packages --explicit-package-bases',
    },
    uses: /mypy$/,
    command: (paths) => `mypy --show-column-numbers --no-pretty ${paths}`.trim(),
  },
  {
    tool: 'pyright',
    world: 'python',
    program: 'pyright',
    keeps: {
      values: '--verifytypes --project -p --pythonversion --pythonplatform --level',
      flags: '--ignoreexternal --warnings',
    },
    apart: /^--verifytypes$/,
    uses: /pyright(-action)?$/,
    // What it says of the types that a package offers stands in its text alone.
    command: (paths, options) =>
      options.includes('--verifytypes') ? 'pyright' : flagged('pyright', 'pyright', '')(paths),
  },
  {
    tool: 'bandit',
    world: 'python',
    program: 'bandit',
    keeps: {
      values: '-c --configfile --skip -s --tests -t --severity-level --confidence-level --exclude -x -b --baseline',
      flags: '-l -ll -lll -i -ii -iii',
    },
    uses: /^bandit$/,
    command: (paths) => `bandit -q ${machineFlag('bandit')} -r ${paths || '.'}`,
  },
  plain('python', 'ty check', /^ty(-check)?$/),
  plain('python', 'pyrefly check', /^pyrefly(-check)?$/),
  plain('python', 'interrogate', /^interrogate$/, "'*.py'"),
  plain('python', 'autoflake --check', /^autoflake$/, "'*.py'"),
  plain('python', 'pyupgrade', /^pyupgrade$/, "'*.py'"),
  plain('python', 'blacken-docs', /^blacken-docs$/, "'*.md' '*.rst'"),
  plain('python', 'validate-pyproject', /^validate-pyproject$/, "'*pyproject.toml'"),
  {
    tool: 'biome',
    world: 'javascript',
    program: 'biome',
    uses: /^(biome-check|biome-ci|biomejs\/setup-biome)$/,
    command: (paths) => `biome ci ${paths || '.'}`,
  },
  {
    tool: 'oxlint',
    world: 'javascript',
    program: 'oxlint',
    uses: /^oxlint$/,
    command: flagged('oxlint', 'oxlint', ''),
  },
  {
    tool: 'stylelint',
    world: 'javascript',
    program: 'stylelint',
    uses: /^stylelint$/,
    command: (paths) => `stylelint ${machineFlag('stylelint')} ${paths || "'**/*.{css,scss,sass,less}'"}`,
  },
  { tool: 'knip', world: 'javascript', program: 'knip', command: () => 'knip --reporter json' },
  {
    tool: 'golangci-lint',
    world: 'go',
    program: 'golangci-lint',
    uses: /^(golangci-lint(-full)?|golangci\/golangci-lint-action)$/,
    command: (paths) => `golangci-lint run ${paths || './...'}`,
  },
  {
    tool: 'staticcheck',
    world: 'go',
    program: 'staticcheck',
    keeps: { values: '-checks -tags -go', flags: '-tests' },
    uses: /staticcheck(-action)?$/,
    command: () => `staticcheck ${machineFlag('staticcheck')} ./...`,
  },
  {
    tool: 'gosec',
    world: 'go',
    program: 'gosec',
    keeps: { values: '-exclude -include -exclude-dir -severity -confidence -conf', flags: '-exclude-generated -tests' },
    uses: /gosec$/,
    command: () => `gosec -quiet ${machineFlag('gosec')} ./...`,
  },
  {
    tool: 'gofmt',
    world: 'go',
    program: 'gofmt',
    uses: /^(go-fmt|gofmt)$/,
    checks: formats,
    command: () => 'gofmt -l .',
  },
  {
    tool: 'phpstan',
    world: 'php',
    program: 'phpstan',
    command: () => `phpstan analyse ${machineFlag('phpstan')} --no-progress --no-interaction --memory-limit=2G`,
  },
  { tool: 'psalm', world: 'php', program: 'psalm', command: () => `psalm --no-progress ${machineFlag('psalm')}` },
  {
    tool: 'phpcs',
    world: 'php',
    program: 'phpcs',
    command: (paths) => `phpcs -q ${machineFlag('phpcs')} ${paths}`.trim(),
  },
  {
    tool: 'php-quality',
    world: 'php',
    program: 'php-cs-fixer',
    checks: /^(--dry-run|check)$/,
    command: () => 'php-cs-fixer fix --dry-run --diff --show-progress=none',
  },
  {
    tool: 'cargo-deny',
    world: 'rust',
    program: 'cargo deny',
    uses: /cargo-deny/,
    command: () => `cargo deny ${machineFlag('cargo-deny')} check`,
  },
  {
    tool: 'rustfmt',
    world: 'rust',
    program: 'cargo fmt',
    uses: /^(fmt|rustfmt|cargo-fmt)$/,
    checks: formats,
    command: () => 'cargo fmt --all --check',
  },
  plain('rust', 'cargo hack', /^$/),
  plain('ruby', 'yard-junk', /^$/),
  {
    tool: 'brakeman',
    world: 'ruby',
    program: 'brakeman',
    command: () => `brakeman -q --no-pager ${machineFlag('brakeman')}`,
  },
  {
    tool: 'clang-format',
    world: 'cpp',
    program: 'clang-format',
    uses: /clang-format/,
    checks: formats,
    command: tracked("'*.c' '*.cc' '*.cpp' '*.cxx' '*.h' '*.hpp'", 'clang-format --dry-run --Werror'),
  },
  plain('cpp', 'cpplint', /^cpplint$/, "'*.c' '*.cc' '*.cpp' '*.cxx' '*.h' '*.hpp'"),
  plain('cpp', 'cmake-format --check', /^cmake-format$/, "'*CMakeLists.txt' '*.cmake'"),
  { tool: 'shellcheck', world: 'shell', program: 'shellcheck', uses: /shellcheck/, command: (paths) => paths },
  {
    tool: 'shfmt',
    world: 'shell',
    program: 'shfmt',
    uses: /^shfmt/,
    checks: formats,
    command: (paths) => `shfmt -d ${paths || '.'}`,
  },
  {
    tool: 'markdownlint',
    world: 'root',
    program: 'markdownlint-cli2',
    uses: /markdownlint/,
    command: () => "markdownlint-cli2 '**/*.md' '#**/node_modules' '#.venv'",
  },
  {
    tool: 'yamllint',
    world: 'root',
    program: 'yamllint',
    keeps: { values: '-c --config-file -d --config-data', flags: '-s --strict --no-warnings' },
    uses: /yamllint/,
    command: flagged('yamllint', 'yamllint'),
  },
  {
    tool: 'codespell',
    world: 'root',
    program: 'codespell',
    keeps: {
      values: '-L --ignore-words-list -I --ignore-words -S --skip -x --exclude-file',
      flags: '--check-filenames',
    },
    uses: /^codespell/,
    on: '.',
    command: (paths) => `codespell ${paths}`.trim(),
  },
  {
    tool: 'prettier',
    world: 'root',
    program: 'prettier',
    // Scripts of a package are looked at with the package.
    keeps: {
      values: '--prose-wrap --config --tab-width --print-width --trailing-comma --end-of-line',
      flags: '--single-quote',
    },
    uses: /^prettier$/,
    checks: /^$/,
    on: "'*.js' '*.jsx' '*.ts' '*.tsx' '*.json' '*.css' '*.scss' '*.html' '*.md' '*.yml' '*.yaml'",
    command: (paths) => `prettier --check ${paths || '.'}`,
  },
  plain('root', 'typos', /^typos$/),
  plain('root', 'yamlfmt -lint', /^yamlfmt$/),
  {
    tool: 'hadolint',
    world: 'root',
    program: 'hadolint',
    uses: /hadolint/,
    command: tracked("'*Dockerfile' '*Dockerfile.*' '*.Dockerfile'", `hadolint ${machineFlag('hadolint')}`),
  },
  {
    tool: 'actionlint',
    world: 'root',
    program: 'actionlint',
    uses: /actionlint/,
    command: () => "actionlint -format '{{json .}}'",
  },
  {
    tool: 'zizmor',
    world: 'root',
    program: 'zizmor',
    uses: /zizmor/,
    command: () => `zizmor --offline ${machineFlag('zizmor')} .`,
  },
  {
    tool: 'trivy',
    recipe: 'audit',
    world: 'root',
    program: 'trivy',
    uses: /trivy/,
    command: () => `trivy fs --quiet ${machineFlag('trivy')} .`,
  },
  {
    tool: 'gitleaks',
    world: 'root',
    program: 'gitleaks',
    uses: /gitleaks/,
    // It deletes what it is to write to first: /dev/stdout, where it may.
    command: () => 'gitleaks detect --no-banner -f json -r /dev/fd/1',
  },
  {
    tool: 'cspell',
    world: 'root',
    program: 'cspell',
    uses: /cspell/,
    command: () => "cspell lint --no-progress --no-summary '**'",
  },
  {
    tool: 'sqlfluff',
    world: 'root',
    program: 'sqlfluff',
    uses: /^sqlfluff-lint$/,
    command: flagged('sqlfluff', 'sqlfluff lint'),
  },
  {
    tool: 'ansible-lint',
    world: 'root',
    program: 'ansible-lint',
    uses: /ansible-lint/,
    command: () => 'ansible-lint -q -p',
  },
  {
    tool: 'tflint',
    world: 'root',
    program: 'tflint',
    uses: /tflint/,
    command: () => 'tflint --recursive --format=json',
  },
  {
    tool: 'editorconfig',
    world: 'root',
    program: 'editorconfig-checker',
    uses: /editorconfig-checker/,
    command: () => 'editorconfig-checker',
  },
];

/** One of which only the end is read: it goes by its program, with a subcommand or what makes it write nothing. */
function plain(world: World, command: string, uses: RegExp, on?: string): Linter {
  const program = command.replace(/ -.*$/, '');
  return {
    tool: program,
    world,
    program,
    uses,
    plain: true,
    ...(on ? { on } : {}),
    command: (paths) => `${command} ${paths}`.trim(),
  };
}

/** A checker that a project names, with its command and the file that names it. */
export type Named = {
  readonly linter: Linter;
  readonly command: string;
  readonly found: string;
  /** go brings it: `command` starts it so, and needs nothing else. */
  readonly byGo: boolean;
};

type Place = {
  readonly folder: string;
  /** An outer project of the same world has the checkers of the folders above. */
  readonly isCovered: boolean;
};

/** The checkers of a world that a project names, in the order of the table. */
export function namedLinters(world: World, { folder, isCovered }: Place, tree: Tree, evidence: Evidence): Named[] {
  const own = linters.filter((linter) => linter.world === world);
  const useOf = ({ uses }: Linter) => (isCovered ? undefined : evidence.uses.find(({ name }) => uses?.test(name)));
  const isOfCi = (linter: Linter) => {
    const use = useOf(linter);
    const run = runOf(linter, { folder, isCovered, isApart: null }, evidence);
    return (use !== undefined && use.from === undefined) || (run?.gate === true && run.job !== null);
  };
  // Who has some checkers run by CI has left the settings of the others behind, or keeps them for editors.
  const choosesByCi = isOneLanguage(world) && own.some(isOfCi);
  return own.flatMap((linter): Named[] => {
    const of = (isApart: boolean) => runOf(linter, { folder, isCovered, isApart }, evidence);
    const run = of(false);
    const settings = choosesByCi ? null : (isCovered ? settingsHere : settingsAbove)(linter.tool, folder, tree);
    const found = run?.where ?? useOf(linter)?.where ?? (linter.checks === undefined ? settings : null);
    const apart = linter.apart === undefined ? null : of(true);
    return [
      // Where CI names the other check alone, settings are no word for this one.
      ...(found === null || found === undefined || (apart !== null && run === null)
        ? []
        : [named(linter, { run, found, folder, hook: run === null ? useOf(linter) : undefined }, tree)]),
      ...(apart === null ? [] : [named(linter, { run: apart, found: apart.where, folder, hook: undefined }, tree)]),
    ];
  });
}

/** Checkers of the repository as a whole and of scripts have nothing to do with each other. */
function isOneLanguage(world: World): boolean {
  return world !== 'root' && world !== 'shell';
}

/** `paths`: from the root, at which a hook looks. */
type Naming = {
  readonly run: Run | null;
  readonly found: string;
  readonly folder: string;
  readonly hook: Use | undefined;
};

function named(linter: Linter, { run, found, folder, hook }: Naming, tree: Tree): Named {
  const ofHook = hook?.paths ?? [];
  // What a settings file names looks at everything; a command says at what, and a hook by the names of files.
  const words = run?.words ?? [...linter.program.split(' '), ...(hook?.args ?? [])];
  const options = linter.plain ? optionsOfPlain(linter, words) : keptOptions(linter, words);
  const own =
    run === null || linter.plain || run.folder !== folder
      ? []
      : pathsOf(tree, run).filter((path) => !options.includes(path));
  const inHere = ofHook.filter((path) => inside(path, folder)).map((path) => posix.relative(folder, path) || '.');
  const paths = [...own, ...inHere].map(shellWord).join(' ');
  const { program } = linter;
  const namesFiles = run !== null && (own.length > 0 || options.some((word) => !word.startsWith('-')));
  const isGiven = linter.on !== undefined && !namesFiles && (hook !== undefined || linter.plain);
  const given = isGiven ? filesOf(linter.on ?? '', hook ?? {}) : null;
  // What the files are given to gets no paths of its own: `.` would be all of them.
  const usual = linter.command(given === null ? paths : filesHere, options);
  const kept = [program, ...options.map(shellArgument)].join(' ');
  const whole = usual.replace(program, () => (run?.by ? kept.replace(program, () => run.by ?? program) : kept));
  const command = given === null ? whole : `${given} | xargs -0 -r ${whole.replace(filesHere, '').trim()}`;
  return { linter, command, found, byGo: run?.by !== undefined };
}

const filesHere = '\0';

/** The files of the repository that a hook gives to its program; null for all of them, and for patterns that grep does not know. */
function filesOf(globs: string, { files = [], exclude = [] }: Pick<Use, 'exclude' | 'files'>): string | null {
  const known = [...files, ...exclude].map((pattern) => pattern.replace(/^\s*\(\?x\)|\s+/g, '').replace(/\(\?:/g, '('));
  if (known.some((pattern) => pattern.includes('(?') || pattern.length > 1000)) return null;
  const wanted = known.slice(0, files.length).map((pattern) => ` | grep -zE -e ${shellArgument(pattern)}`);
  const left = known.slice(files.length).map((pattern) => `-e ${shellArgument(pattern)}`);
  if (known.length === 0 && globs === '.') return null;
  return `git ls-files -z --cached -- ${globs}${wanted.join('')}${left.length > 0 ? ` | grep -zEv ${left.join(' ')}` : ''}`;
}

/** All words of a plain one but those that make it write, ask for another toolchain, or are there already. */
function optionsOfPlain({ program, command }: Linter, words: readonly string[]): string[] {
  const own = command('', []).split(' ');
  const others =
    /^(--fix|--write|--write-changes|-w|--in-place|-i|--coverage.*|--verbose|-v|--rust-version|--version-range)$/;
  return words
    .slice(program.split(' ').length)
    .filter((word) => !others.test(word) && !own.includes(word) && !/[$`]/.test(word));
}

/** The options of a run that say what is wrong. One that depends on a variable says nothing here. */
function keptOptions({ keeps, program }: Linter, words: readonly string[]): string[] {
  if (keeps === undefined) return [];
  const values = new Set(keeps.values.split(' '));
  const flags = new Set((keeps.flags ?? '').split(' '));
  const args = words.slice(program.split(' ').length);
  const known = args.flatMap((word, at): string[][] => {
    const name = word.replace(/=.*$/s, '');
    if (word !== name && values.has(name)) return [[word]];
    if (flags.has(word)) return [[word]];
    const value = args[at + 1];
    return values.has(word) && value !== undefined && !value.startsWith('-') ? [[word, value]] : [];
  });
  return known.filter((option) => !option.some((word) => /[$`]/.test(word))).flat();
}

/** `isApart`: the other check of its command or the usual one; null for either. */
type Wanted = Place & { readonly isApart: boolean | null };

function runOf(
  { program, checks, apart }: Linter,
  { folder, isCovered, isApart }: Wanted,
  evidence: Evidence,
): Run | null {
  const [first = '', ...others] = program.split(' ');
  const fits = ({ words, folder: here, gate, job }: Run) =>
    programOf(words) === first &&
    others.every((word, place) => words[place + 1] === word) &&
    (here === folder || (!isCovered && inside(here, folder))) &&
    (apart === undefined || isApart === null || words.some((word) => apart.test(word)) === isApart) &&
    (checks === undefined || words.some((word) => checks.test(word)) || (gate && seesChanges(job, evidence)));
  return evidence.runs.find((run) => run.gate && fits(run)) ?? evidence.runs.find(fits) ?? null;
}

/** `/usr/bin/clang-format-18` is clang-format. */
function programOf(words: readonly string[]): string {
  return (words[0] ?? '').replace(/^.*\//, '').replace(/\.phar$|-\d+(\.\d+)*$/, '');
}

/** Whether a job fails when something was written: then what writes in it is a check. */
function seesChanges(job: string | null, { runs }: Evidence): boolean {
  return runs.some(
    ({ words, gate, job: of }) =>
      gate &&
      job !== null &&
      of === job &&
      words[0] === 'git' &&
      words[1] === 'diff' &&
      words.some((word) => /^--(exit-code|quiet)$/.test(word)),
  );
}

/** A step for a checker that runs from the PATH of the machine. */
export function machineStep({ linter, command, found, byGo }: Named): Step {
  const tools = byGo ? ['go'] : [linter.program.replace(/^cargo (\w+)$/, 'cargo-$1').split(' ')[0] ?? linter.tool];
  return { recipe: linter.recipe ?? 'lint', ways: [{ tools, command }], found, configured: linter.tool };
}

/** How a missing tool is installed, as one types it. */
export function installHint(tool: string): string | null {
  const name =
    linters.find(({ program }) => program.split(' ')[0] === tool || program.replace(' ', '-') === tool)?.tool ?? tool;
  const how = toolNamed(name)?.install;
  if (how === undefined) return null;
  return how.replace(/^pip install /, 'pipx install ').replace(/^npm install --save-dev /, 'npm install --global ');
}
