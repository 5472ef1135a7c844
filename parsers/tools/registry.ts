import { actionlint } from './actionlint.ts';
import { allure } from './allure.ts';
import { androidLint } from './android-lint.ts';
import { ansibleLint } from './ansible-lint.ts';
import { ava } from './ava.ts';
import { bandit } from './bandit.ts';
import { bats } from './bats.ts';
import { behave } from './behave.ts';
import { biome } from './biome.ts';
import { black } from './black.ts';
import { brakeman } from './brakeman.ts';
import { bunTest } from './bun-test.ts';
import { bundlerAudit } from './bundler-audit.ts';
import { cAnalyzers } from './c-analyzers.ts';
import { cargoAudit } from './cargo-audit.ts';
import { cargoDeny } from './cargo-deny.ts';
import { cargoTest } from './cargo-test.ts';
import { checkov } from './checkov.ts';
import { checkstyle } from './checkstyle.ts';
import { clang } from './clang.ts';
import { clangFormat } from './clang-format.ts';
import { clangTidy } from './clang-tidy.ts';
import { clippy } from './clippy.ts';
import { codeclimate } from './codeclimate.ts';
import { codeql } from './codeql.ts';
import { codespell } from './codespell.ts';
import { commitlint } from './commitlint.ts';
import { composerAudit } from './composer-audit.ts';
import { coverage } from './coverage.ts';
import { cppcheck } from './cppcheck.ts';
import { credo } from './credo.ts';
import { cspell } from './cspell.ts';
import { ctest } from './ctest.ts';
import { ctrf } from './ctrf.ts';
import { cucumber } from './cucumber.ts';
import { cyclonedx } from './cyclonedx.ts';
import { cypress } from './cypress.ts';
import { dart } from './dart.ts';
import { deepsource } from './deepsource.ts';
import type { Tool } from './define.ts';
import { deno } from './deno.ts';
import { denoFmt } from './deno-fmt.ts';
import { denoTest } from './deno-test.ts';
import { depcheck } from './depcheck.ts';
import { dependencyCheck } from './dependency-check.ts';
import { detectSecrets } from './detect-secrets.ts';
import { detekt } from './detekt.ts';
import { dockerBuild } from './docker-build.ts';
import { dotnetListPackage } from './dotnet-list-package.ts';
import { dotnetTest } from './dotnet-test.ts';
import { editorconfig } from './editorconfig.ts';
import { eslint } from './eslint.ts';
import { flake8 } from './flake8.ts';
import { flow } from './flow.ts';
import { gcc } from './gcc.ts';
import { generic } from './generic.ts';
import { gitleaks } from './gitleaks.ts';
import { goBuild } from './go-build.ts';
import { goTest } from './go-test.ts';
import { goVet } from './go-vet.ts';
import { gofmt } from './gofmt.ts';
import { golangciLint } from './golangci-lint.ts';
import { gosec } from './gosec.ts';
import { govulncheck } from './govulncheck.ts';
import { gradleTest } from './gradle-test.ts';
import { grype } from './grype.ts';
import { hadolint } from './hadolint.ts';
import { hlint } from './hlint.ts';
import { isort } from './isort.ts';
import { javac } from './javac.ts';
import { jest } from './jest.ts';
import { jetbrains } from './jetbrains.ts';
import { jshint } from './jshint.ts';
import { junit } from './junit.ts';
import { karma } from './karma.ts';
import { kics } from './kics.ts';
import { knip } from './knip.ts';
import { kotlinc } from './kotlinc.ts';
import { ktlint } from './ktlint.ts';
import { kubeLinter } from './kube-linter.ts';
import { lcov } from './lcov.ts';
import { ld } from './ld.ts';
import { luacheck } from './luacheck.ts';
import { markdownlint } from './markdownlint.ts';
import { minitest } from './minitest.ts';
import { mixTest } from './mix-test.ts';
import { mocha } from './mocha.ts';
import { msbuild } from './msbuild.ts';
import { mypy } from './mypy.ts';
import { nextest } from './nextest.ts';
import { nodeTest } from './node-test.ts';
import { npmAudit } from './npm-audit.ts';
import { nugetAudit } from './nuget-audit.ts';
import { nunit } from './nunit.ts';
import { nyc } from './nyc.ts';
import { osvScanner } from './osv-scanner.ts';
import { oxlint } from './oxlint.ts';
import { perlcritic } from './perlcritic.ts';
import { phpLint } from './php-lint.ts';
import { phpQuality } from './php-quality.ts';
import { phpcs } from './phpcs.ts';
import { phpmd } from './phpmd.ts';
import { phpstan } from './phpstan.ts';
import { phpunit } from './phpunit.ts';
import { pipAudit } from './pip-audit.ts';
import { playwright } from './playwright.ts';
import { pmd } from './pmd.ts';
import { pnpmAudit } from './pnpm-audit.ts';
import { prettier } from './prettier.ts';
import { prose } from './prose.ts';
import { prove } from './prove.ts';
import { psalm } from './psalm.ts';
import { pyflakes } from './pyflakes.ts';
import { pylint } from './pylint.ts';
import { pyre } from './pyre.ts';
import { pyright } from './pyright.ts';
import { pytest } from './pytest.ts';
import { rdjson } from './rdjson.ts';
import { robot } from './robot.ts';
import { rspec } from './rspec.ts';
import { rubocop } from './rubocop.ts';
import { rubyCheckers } from './ruby-checkers.ts';
import { ruff } from './ruff.ts';
import { ruffFormat } from './ruff-format.ts';
import { rustc } from './rustc.ts';
import { rustfmt } from './rustfmt.ts';
import { sarif } from './sarif.ts';
import { scalastyle } from './scalastyle.ts';
import { semgrep } from './semgrep.ts';
import { shellcheck } from './shellcheck.ts';
import { shfmt } from './shfmt.ts';
import { sonar } from './sonar.ts';
import { spotbugs } from './spotbugs.ts';
import { sqlfluff } from './sqlfluff.ts';
import { staticcheck } from './staticcheck.ts';
import { stylelint } from './stylelint.ts';
import { surefire } from './surefire.ts';
import { svelteCheck } from './svelte-check.ts';
import { swiftTest } from './swift-test.ts';
import { swiftc } from './swiftc.ts';
import { swiftformat } from './swiftformat.ts';
import { swiftlint } from './swiftlint.ts';
import { swiftpm } from './swiftpm.ts';
import { tap } from './tap.ts';
import { tarpaulin } from './tarpaulin.ts';
import { tflint } from './tflint.ts';
import { trivy } from './trivy.ts';
import { tsc } from './tsc.ts';
import { tslint } from './tslint.ts';
import { unittest } from './unittest.ts';
import { valgrind } from './valgrind.ts';
import { vitest } from './vitest.ts';
import { xunit } from './xunit.ts';
import { yamllint } from './yamllint.ts';
import { yarnAudit } from './yarn-audit.ts';
import { zap } from './zap.ts';
import { zizmor } from './zizmor.ts';

/** Every tool, by name, alphabetically. */
export const tools: readonly Tool[] = [
  actionlint,
  allure,
  androidLint,
  ansibleLint,
  ava,
  bandit,
  bats,
  behave,
  biome,
  black,
  brakeman,
  bunTest,
  bundlerAudit,
  cAnalyzers,
  cargoAudit,
  cargoDeny,
  cargoTest,
  checkov,
  checkstyle,
  clang,
  clangFormat,
  clangTidy,
  clippy,
  codeclimate,
  codeql,
  codespell,
  commitlint,
  composerAudit,
  coverage,
  cppcheck,
  credo,
  cspell,
  ctest,
  ctrf,
  cucumber,
  cyclonedx,
  cypress,
  dart,
  deepsource,
  deno,
  denoFmt,
  denoTest,
  depcheck,
  dependencyCheck,
  detectSecrets,
  detekt,
  dockerBuild,
  dotnetListPackage,
  dotnetTest,
  editorconfig,
  eslint,
  flake8,
  flow,
  gcc,
  generic,
  gitleaks,
  goBuild,
  goTest,
  goVet,
  gofmt,
  golangciLint,
  gosec,
  govulncheck,
  gradleTest,
  grype,
  hadolint,
  hlint,
  isort,
  javac,
  jest,
  jetbrains,
  jshint,
  junit,
  karma,
  kics,
  knip,
  kotlinc,
  ktlint,
  kubeLinter,
  lcov,
  ld,
  luacheck,
  markdownlint,
  minitest,
  mixTest,
  mocha,
  msbuild,
  mypy,
  nextest,
  nodeTest,
  npmAudit,
  nugetAudit,
  nunit,
  nyc,
  osvScanner,
  oxlint,
  perlcritic,
  phpLint,
  phpQuality,
  phpcs,
  phpmd,
  phpstan,
  phpunit,
  pipAudit,
  playwright,
  pmd,
  pnpmAudit,
  prettier,
  prose,
  prove,
  psalm,
  pyflakes,
  pylint,
  pyre,
  pyright,
  pytest,
  rdjson,
  robot,
  rspec,
  rubocop,
  rubyCheckers,
  ruff,
  ruffFormat,
  rustc,
  rustfmt,
  sarif,
  scalastyle,
  semgrep,
  shellcheck,
  shfmt,
  sonar,
  spotbugs,
  sqlfluff,
  staticcheck,
  stylelint,
  surefire,
  svelteCheck,
  swiftTest,
  swiftc,
  swiftformat,
  swiftlint,
  swiftpm,
  tap,
  tarpaulin,
  tflint,
  trivy,
  tsc,
  tslint,
  unittest,
  valgrind,
  vitest,
  xunit,
  yamllint,
  yarnAudit,
  zap,
  zizmor,
];

const byName = new Map(tools.map((tool) => [tool.name, tool]));

/** What is known of a tool; undefined of one that the farm knows only by the name in a document. */
export function toolNamed(name: string): Tool | undefined {
  return byName.get(name);
}

/** The flag by which a tool prints for machines. */
export function machineFlag(name: string): string {
  const flag = byName.get(name)?.machine?.flag;
  if (flag === undefined) throw new Error(`parsers/tools/ knows no such flag of ${name}`);
  return flag;
}
