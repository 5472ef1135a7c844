/** One way to tell a tool to be silent. */
export type Silencer = {
  /** Directives of one family speak to the same tool: a wide one may be narrowed to another. */
  readonly family: string;
  /** 1 a line or a declaration, 2 a block, 3 a file. */
  readonly width: 1 | 2 | 3;
  /** Names of languages; null for all. */
  readonly languages: readonly string[] | null;
  /** `comment`: at the start of a comment; `inside`: anywhere in one; `code`: outside of comments and strings; `line`: anywhere. */
  readonly where: 'comment' | 'inside' | 'code' | 'line';
  readonly pattern: RegExp;
  /** On a line of its own it is valid for what follows, not only for that line. */
  readonly placed?: boolean;
};

type Words = readonly (readonly [family: string, width: 1 | 2 | 3, pattern: string, placed?: 'placed'])[];

// White space is bounded everywhere: two unbounded runs beside each other take time by the square of their length.
const leader = '^(?:#{1,9}|\\/{2,9}|\\/\\*{1,9}|--|<!--|;{1,9}|%{1,9}|\\{-)[\\s*!]{0,40}';

function silencers(languages: string | null, where: Silencer['where'], words: Words): Silencer[] {
  return words.map(([family, width, text, placed]) => ({
    family,
    width,
    languages: languages?.split(' ') ?? null,
    where,
    pattern: new RegExp((where === 'comment' ? leader : '') + text.replaceAll(' ', '\\s{0,20}'), 'gi'),
    placed: placed === 'placed',
  }));
}

const script = 'javascript typescript vue json css';

/** Spaces in a pattern stand for any white space, or none. */
export const silencerTable: readonly Silencer[] = [
  ...silencers(null, 'line', [
    ['semgrep', 1, '\\bnosemgrep\\b'],
    ['gitleaks', 1, 'gitleaks : allow\\b'],
    ['secrets', 1, 'pragma : (?:allow|white)list (?:nextline )?secret'],
    ['codespell', 1, 'codespell : ignore'],
    ['trufflehog', 1, 'trufflehog : ignore'],
  ]),
  ...silencers(null, 'inside', [
    ['sonar', 1, '\\bNOSONAR\\b'],
    ['noinspection', 1, '\\bnoinspection\\b'],
    ['skipcq', 1, '\\bskipcq\\b'],
    ['lgtm', 1, '\\blgtm \\['],
    ['lcov', 1, '\\b(?:LCOV|GCOVR?|GRCOV)_EXCL_(?:LINE|BR_LINE|START|BR_START)\\b'],
    ['coverage', 1, '\\b(?:kcov|cov|coverage) : ?-? ?ignore'],
    ['cspell', 1, '\\bc?spell(?:-?checker)? : (?:disable|ignore)'],
    ['checkov', 1, '\\b(?:checkov|bridgecrew) : skip'],
    ['tfsec', 1, '\\b(?:tfsec|trivy|kics-scan|terrascan|snyk) : ?(?:ignore|skip)|kics-scan ignore'],
    ['formatter', 2, '@formatter : off|\\bspotless : off|\\bclang-format off'],
    ['bearer', 1, '\\bbearer : ?disable'],
    ['prettier', 1, '\\bprettier-ignore\\b'],
    ['checkstyle', 2, '\\bCHECKSTYLE ?[:.]? ?(?:OFF|SUPPRESS|IGNORE)|\\bCPD-OFF\\b|\\bCS-OFF\\b'],
    ['pmd', 1, '\\bNOPMD\\b'],
    ['sqlfluff', 1, '(?:--|#) noqa\\b|sqlfluff : noqa'],
  ]),
  ...silencers('python toml yaml', 'line', [['noqa', 1, '# noqa\\b', 'placed']]),
  ...silencers('python', 'comment', [
    ['noqa', 3, '(?:flake8|ruff) : noqa\\b'],
    ['mypy', 3, 'mypy : [\\w-]{1,40}'],
    ['pyright', 3, 'pyright : (?!ignore)[\\w-]{1,40}'],
    ['pylint', 3, 'pylint : skip-file'],
    ['isort', 2, 'isort : (?:skip_file|off|dont-add-import)'],
    ['format', 2, '(?:fmt|autopep8|ruff : isort) : off|yapf : disable'],
    ['pytype', 2, 'pytype : (?:disable|skip-file)'],
    ['pyre', 3, 'pyre-(?:unsafe|ignore-all-errors)'],
  ]),
  ...silencers('python', 'inside', [
    ['type-ignore', 1, '# type : ignore\\b', 'placed'],
    ['pyright', 1, '# pyright : ignore\\b'],
    ['pyre', 1, '# pyre-(?:ignore|fixme)\\b'],
    ['pylint', 1, '# pylint : disable(?:-next|-msg)?\\b', 'placed'],
    ['nosec', 1, '# nosec\\b'],
    ['pycov', 1, '# pragma : no (?:cover|branch)'],
    ['isort', 1, '# isort : skip\\b'],
    ['format', 1, '# fmt : skip'],
    ['doctest', 1, '# doctest : \\+ ?skip'],
  ]),
  ...silencers('python', 'code', [
    ['no-type-check', 1, '@ (?:typing \\. )?no_type_check'],
    ['python-any', 1, '\\bcast \\( (?:typing \\. )?Any\\b'],
  ]),
  ...silencers(script, 'comment', [
    ['eslint', 3, '(?:eslint|stylelint|oxlint|tslint : ?|jscs : ?)-?disable(?!-(?:next-)?line)\\b'],
    ['eslint', 1, '(?:eslint|stylelint|oxlint|tslint : ?|jscs : ?)-?disable(?:-next)?-line\\b'],
    ['eslint-inline', 3, 'eslint(?:-env)?\\s{1,20}[\\w@"/-]{1,80} ?[:,*]'],
    ['eslint-inline', 3, '(?:eslint-env|jshint|jslint)\\s'],
    ['eslint-globals', 3, '(?:globals?|exported)\\s{1,20}\\w'],
    ['biome', 1, '(?:biome|rome)-ignore\\b(?!-)'],
    ['biome', 3, 'biome-ignore-(?:all|start)\\b'],
    ['ts', 1, '@ts-(?:ignore|expect-error)\\b'],
    ['ts', 3, '@ts-nocheck\\b'],
    ['deno', 1, 'deno-(?:lint|fmt)-ignore(?!-file)'],
    ['deno', 3, 'deno-(?:lint|fmt)-ignore-file'],
    ['cover', 1, '(?:istanbul|c8|v8|vitest) ignore\\b|node : coverage (?:disable|ignore)'],
    ['flow', 1, '(?:@noflow\\b|\\$Flow(?:FixMe|Issue|Expected\\w{0,10}|Ignore))'],
    ['misc', 1, '(?:svelte-ignore|dprint-ignore|prettier-ignore|jshint ignore|sonarjs|jsx-a11y-ignore)\\b'],
  ]),
  ...silencers('typescript vue', 'code', [
    ['any', 1, '\\bas\\s{1,20}(?:any|never)\\b'],
    ['any', 1, '\\bas\\s{1,20}unknown\\s{1,20}as\\b'],
    ['any', 1, '< any >'],
    ['any', 1, ': any\\b'],
  ]),
  ...silencers('go', 'comment', [
    ['nolint', 1, 'nolint\\b', 'placed'],
    ['lint-ignore', 1, 'lint : ignore\\b'],
    ['lint-ignore', 3, 'lint : file-ignore\\b'],
    [
      'go-misc',
      1,
      '(?:revive : disable|exhaustive : ignore|errcheck : ?ignore|gocover : ignore|coverage : ignore|nolintlint|wrapcheck : ignore|exhaustruct : ignore)',
    ],
  ]),
  ...silencers('go', 'inside', [['gosec', 1, '# nosec\\b|gosec : disable']]),
  ...silencers('rust', 'code', [
    ['allow', 1, '# \\[ (?:allow|expect) \\('],
    ['allow', 3, '# ! \\[ (?:allow|expect) \\('],
    ['allow', 3, '# !? \\[ cfg_attr \\([^\\]]{0,300}?\\b(?:allow|expect) \\('],
    [
      'rust-skip',
      1,
      '# !? \\[ (?:rustfmt\\s{0,9}::\\s{0,9}skip|coverage \\( off|no_coverage|automatically_derived|clippy\\s{0,9}::\\s{0,9}\\w)',
    ],
  ]),
  ...silencers('ruby', 'inside', [
    ['rubocop', 1, '(?:rubocop|standard) : (?:disable|todo)\\b', 'placed'],
    ['nocov', 1, ': ?nocov ?:|simplecov : ?disable'],
    ['reek', 1, '# :reek:'],
    ['sorbet', 3, '# typed : (?:false|ignore)\\b'],
    ['steep', 1, '# steep : ignore\\b'],
    ['erblint', 1, 'erblint : disable'],
  ]),
  ...silencers('php', 'inside', [
    ['phpcs', 1, 'phpcs : ignore\\b'],
    ['phpcs', 3, 'phpcs : (?:disable|ignoreFile)\\b'],
    ['phpcs', 3, '@codingStandardsIgnore\\w{1,10}|@phpcsSuppress'],
    ['phpstan', 1, '@phpstan-ignore[\\w-]{0,20}'],
    ['psalm', 1, '@(?:psalm|phan)-(?:suppress|ignore)[\\w-]{0,40}|@phan-file-suppress'],
    ['phpmd', 1, '@SuppressWarnings\\b'],
    ['phpcov', 1, '@codeCoverageIgnore(?!End)\\w{0,10}|@infection-ignore\\w{0,5}|@coversNothing'],
  ]),
  ...silencers('java kotlin groovy scala', 'code', [
    ['suppress', 1, '@ (?:[\\w.]{1,60} [.:] )?Suppress(?:Warnings|FBWarnings|Lint|ForbiddenApi|Static\\w{0,20})?\\b'],
    ['suppress', 3, '@ file : (?:\\[ )?Suppress'],
    ['generated', 1, '@ (?:[\\w.]{1,60} \\. )?(?:Generated|ExcludeFromJacoco\\w{0,30}|nowarn|CoverageIgnore)\\b'],
    ['escape', 1, '\\\\u{1,9}00[4-7][0-9a-f]'],
  ]),
  ...silencers('java kotlin groovy scala', 'inside', [
    ['ktlint', 1, 'ktlint-disable\\b'],
    ['detekt', 1, 'detekt : ?(?:disable|ignore|off)'],
    ['scalastyle', 2, 'scalastyle : off|scalafix : off|\\$COVERAGE-OFF'],
    ['spotbugs', 1, '@SuppressFBWarnings'],
  ]),
  ...silencers('c cpp', 'line', [
    ['tidy', 1, '\\bNOLINT(?:NEXTLINE)?\\b'],
    ['tidy', 2, '\\bNOLINTBEGIN\\b'],
  ]),
  ...silencers('c cpp', 'inside', [
    ['cppcheck', 1, 'cppcheck-suppress\\b[\\w-]{0,20}'],
    [
      'c-misc',
      1,
      '\\b(?:coverity \\[|PVS-Studio|-V\\d{3}|flawfinder : ignore|ignore-nolint|lint -e|IWYU pragma : keep|NOSONAR|Flawfinder)',
    ],
  ]),
  ...silencers('c cpp', 'code', [
    ['diagnostic', 2, '# pragma (?:GCC|clang) diagnostic (?:ignored|warning)\\b'],
    ['diagnostic', 2, '# pragma warning \\( (?:push , )?(?:disable|suppress|once)'],
    ['diagnostic', 3, '# pragma (?:GCC|clang) system_header'],
    ['diagnostic', 2, '\\b_Pragma \\('],
    ['sanitize', 1, '\\bno_sanitize\\w{0,20}\\b|\\[\\[ (?:gsl|clang|gnu) :: (?:suppress|no_sanitize)'],
  ]),
  ...silencers('csharp', 'code', [
    ['pragma', 2, '# pragma warning disable\\b'],
    ['cs-attribute', 1, '\\b(?:Unconditional)?SuppressMessage(?:Attribute)?\\b'],
    ['cs-attribute', 1, '\\bExcludeFromCodeCoverage(?:Attribute)?\\b|\\bGeneratedCode(?:Attribute)? \\('],
    ['nullable', 3, '# nullable disable'],
  ]),
  ...silencers('csharp', 'inside', [['resharper', 1, '\\bReSharper disable\\b[\\w ]{0,20}|StyleCop : ?disable']]),
  ...silencers('swift', 'inside', [
    ['swiftlint', 1, 'swiftlint : disable : (?:next|this|previous)\\b'],
    ['swiftlint', 2, 'swiftlint : disable\\b(?!\\s{0,20}:)'],
    ['swift-misc', 1, '(?:swiftformat : ?disable|periphery : ?ignore|sourcery : ?skip|swift-format-ignore)\\b'],
  ]),
  ...silencers('shell dockerfile make', 'comment', [
    ['shellcheck', 1, 'shellcheck\\s[^\\n]{0,80}?disable\\b'],
    ['hadolint', 1, 'hadolint (?:global )?ignore\\b'],
    ['docker-check', 3, 'check = ?[^\\n]{0,40}?skip'],
    ['checkmake', 1, 'checkmake : ?(?:disable|ignore)'],
  ]),
  ...silencers('yaml', 'inside', [
    ['yamllint', 1, 'yamllint disable\\b[\\w-]{0,10}'],
    ['ansible-lint', 1, '# noqa\\b|ansible-lint : ?skip'],
    ['zizmor', 1, 'zizmor : ignore|actionlint : ignore|kube-linter : ignore|kube-score/ignore'],
  ]),
  ...silencers('markdown xml vue', 'comment', [
    ['markdownlint', 2, 'markdownlint-(?:disable|configure)\\b[\\w-]{0,20}'],
    [
      'prose',
      2,
      '(?:vale\\s{1,9}[\\w.]{1,60} ?= ?NO|vale off|alex (?:disable|ignore)|lint (?:disable|ignore)|textlint-disable|prettier-ignore|htmlhint|eslint-disable)\\b[\\w-]{0,20}',
    ],
  ]),
  ...silencers('dart', 'comment', [
    ['dart', 1, 'ignore :'],
    ['dart', 3, 'ignore_for_file :'],
  ]),
  ...silencers('elixir lua perl haskell r', 'inside', [
    [
      'other',
      1,
      '(?:credo : ?disable|coveralls-ignore|luacheck : ?\\w|nolint\\b|no critic\\b|HLINT ignore|OPTIONS_GHC|LANGUAGE Unsafe|sobelow_skip)',
    ],
  ]),
];
