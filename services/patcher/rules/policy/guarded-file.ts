import type { Objection, Rule } from './define.ts';
import { baseName, type ReadFile, type Reading } from './patch-reading.ts';

type Guard = { readonly rule: string; readonly path: RegExp; readonly why: string };

const farm =
  /(?:^|\/)(?:\.(?:github|gitea|forgejo|circleci|buildkite|woodpecker|husky|teamcity|semaphore|gitlab|azure-pipelines|devcontainer|crafting[\w-]{0,40})(?:\/|$)|\.gitlab-ci[\w.-]{0,60}$|\.woodpecker\.|\.(?:drone|travis|appveyor|cirrus|lefthook|lintstagedrc|dependabot|codecov|pre-commit-[\w-]{1,40})\.(?:ya?ml|json)$|(?:appveyor|lefthook|codecov|cloudbuild|buildspec|bitbucket-pipelines|wercker|bitrise|skaffold)\.ya?ml$|jenkinsfile[^/]{0,60}$|azure-pipelines[^/]{0,60}$|\.?renovate(?:rc)?(?:\.json5?)?$|codeowners$|\.gitattributes$|\.mailmap$|\.ci\/)/i;
const tools =
  /(?:^|\/)(?:eslint\.config\.\w{2,4}|\.eslintrc[^/]{0,20}|tsconfig[^/]{0,60}\.json|jsconfig[^/]{0,60}\.json|\.?biome\.jsonc?|\.?oxlintrc?\.jsonc?|tslint\.json|\.jshintrc|\.stylelintrc[^/]{0,20}|stylelint\.config\.\w{2,4}|\.?prettierrc[^/]{0,20}|prettier\.config\.\w{2,4}|\.babelrc[^/]{0,20}|babel\.config\.\w{2,5}|\.swcrc|(?:jest|vitest|vite|karma|playwright|cypress|wdio|ava|nyc|knip|commitlint|lint-staged|webpack|rollup|svelte|next)\.(?:config|conf|workspace|setup)[^/]{0,20}|\.mocharc[^/]{0,20}|\.nycrc[^/]{0,20}|\.c8rc[^/]{0,20}|\.taprc|\.npmrc|\.yarnrc[^/]{0,20}|deno\.jsonc?|\.?ruff\.toml|\.?mypy\.ini|\.?pylintrc(?:\.toml)?|\.flake8|\.bandit[^/]{0,20}|\.?bandit\.ya?ml|tox\.ini|noxfile\.py|\.?pytest\.(?:ini|toml)|\.coveragerc|\.isort\.cfg|\.style\.yapf|pyrightconfig\.json|\.pre-commit-config\.ya?ml|\.?semgrep\.ya?ml|\.semgrep\/.{0,200}|\.?clippy\.toml|\.?rustfmt\.toml|deny\.toml|audit\.toml|tarpaulin\.toml|\.cargo\/.{0,100}|rust-toolchain[^/]{0,10}|\.golangci[^/]{0,20}|staticcheck\.conf|revive\.toml|\.rubocop[^/]{0,40}|\.rspec|\.simplecov|\.reek[^/]{0,10}|\.erb_lint\.yml|\.haml-lint\.yml|phpstan[^/]{0,40}\.neon[^/]{0,10}|psalm[^/]{0,20}\.xml[^/]{0,10}|\.?phpcs[^/]{0,20}|\.?php-cs-fixer[^/]{0,20}|phpunit[^/]{0,20}\.xml[^/]{0,10}|phpmd[^/]{0,20}\.xml|infection\.json[^/]{0,10}|rector\.php|checkstyle[^/]{0,40}\.xml|pmd[^/]{0,40}\.xml|spotbugs[^/]{0,40}\.xml|findbugs[^/]{0,40}\.xml|suppressions?[^/]{0,20}\.xml|detekt[^/]{0,40}\.ya?ml|lint\.xml|gradle\.properties|\.mvn\/.{0,100}|\.clang-(?:tidy|format)|\.clangd|\.?cppcheck[^/]{0,40}|\.?editorconfig|\.?stylecop\.json|[^/]{1,80}\.(?:ruleset|globalconfig|runsettings)|directory\.build\.(?:props|targets)|\.swiftlint\.ya?ml|\.swiftformat|\.shellcheckrc|\.?hadolint\.ya?ml|\.yamllint[^/]{0,10}|\.markdownlint[^/]{0,20}|\.sqlfluff|\.?tflint\.hcl|\.?checkov\.ya?ml|\.?gitleaks\.toml|\.?trivy\.ya?ml|\.ansible-lint|\.luacheckrc|\.credo\.exs|\.scalafmt\.conf|scalastyle[^/]{0,20}\.xml|analysis_options\.yaml|sonar-project\.properties|\.lgtm\.yml|\.codeclimate\.yml|\.hlint\.ya?ml|\.perlcriticrc|conftest\.toml|pyre_configuration|\.?cspell[^/]{0,20}|\.typos\.toml|bunfig\.toml|\.bats[^/]{0,10}|\.env)$/i;
const locks =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|poetry\.lock|pdm\.lock|uv\.lock|pipfile\.lock|pylock[^/]{0,40}\.toml|conda-lock\.yml|cargo\.lock|go\.(?:work\.)?sum|gemfile\.lock|gems\.locked|composer\.lock|packages\.lock\.json|paket\.lock|gradle\.lockfile|buildscript-gradle\.lockfile|verification-metadata\.xml|package\.resolved|podfile\.lock|cartfile\.resolved|pubspec\.lock|mix\.lock|flake\.lock|conan\.lock|\.terraform\.lock\.hcl|module\.bazel\.lock|stack\.yaml\.lock|rebar\.lock)$/i;

const guards: readonly Guard[] = [
  {
    rule: 'farm_configuration',
    path: /(?:^|\/)\.pre-commit-config\.ya?ml$/i,
    why: 'what is run on every commit is for people to decide',
  },
  { rule: 'farm_configuration', path: farm, why: 'pipelines, hooks and owners are for people to decide' },
  { rule: 'tool_configuration', path: tools, why: 'a finding is mended in the code, not in the settings of a tool' },
];

/** Files that decide how code is judged, and lock files, are not for a patch. */
export const guardedFile: Rule = {
  name: 'guarded_file',
  judge: (patch) => patch.files.flatMap((file) => judgeFile(file, patch)),
};

function judgeFile({ file }: ReadFile, { judged, owned }: Reading): Objection[] {
  const paths = [...new Set([file.path, file.oldPath ?? file.path])];
  const found = paths.flatMap((path) =>
    guards
      .filter((guard) => guard.path.test(path))
      .slice(0, 1)
      .map(({ rule, why }): Objection => ({ rule, path, line: null, why })),
  );
  if (found.length > 0 || paths.every((path) => owned.has(path))) return found;
  if (locks.test(file.path) || locks.test(file.oldPath ?? ''))
    return [
      {
        rule: 'lock_file_changed',
        path: file.path,
        line: null,
        why: `the lock file ${baseName(file.path).slice(0, 100)} is not this method's to change`,
      },
    ];
  if (judged.method !== 'bump') return [];
  return [
    {
      rule: 'file_not_owned',
      path: file.path,
      line: null,
      why: 'a bump changes the manifest and the lock file of its package, and nothing else',
    },
  ];
}
