import { actionlint } from './actionlint.ts';
import { allure } from './allure.ts';
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
import { cargoAudit } from './cargo-audit.ts';
import { cargoDeny } from './cargo-deny.ts';
import { cargoTest } from './cargo-test.ts';
import { checkov } from './checkov.ts';
import { checkstyleText } from './checkstyle-text.ts';
import { checkstyleXml } from './checkstyle-xml.ts';
import { clangFormat } from './clang-format.ts';
import { clangTidy } from './clang-tidy.ts';
import { clippy } from './clippy.ts';
import { codeclimate } from './codeclimate.ts';
import { codespell } from './codespell.ts';
import { composerAudit } from './composer-audit.ts';
import { cppcheck } from './cppcheck.ts';
import { ctest } from './ctest.ts';
import { ctrf } from './ctrf.ts';
import { cucumber } from './cucumber.ts';
import { cyclonedx } from './cyclonedx.ts';
import type { NamedParser, Parser } from './define.ts';
import { denoFmt } from './deno-fmt.ts';
import { denoLint } from './deno-lint.ts';
import { denoTest } from './deno-test.ts';
import { depcheck } from './depcheck.ts';
import { detekt } from './detekt.ts';
import { dotnetList } from './dotnet-list.ts';
import { dotnetTest } from './dotnet-test.ts';
import { eslint } from './eslint.ts';
import { flake8 } from './flake8.ts';
import { gcc } from './gcc.ts';
import { generic } from './generic.ts';
import { gitleaks } from './gitleaks.ts';
import { goTest } from './go-test.ts';
import { goVet } from './go-vet.ts';
import { gofmt } from './gofmt.ts';
import { golangciLint } from './golangci-lint.ts';
import { gosec } from './gosec.ts';
import { govulncheck } from './govulncheck.ts';
import { govulncheckText } from './govulncheck-text.ts';
import { gradleTest } from './gradle-test.ts';
import { hadolint } from './hadolint.ts';
import { hlint } from './hlint.ts';
import { isort } from './isort.ts';
import { javac } from './javac.ts';
import { jest } from './jest.ts';
import { junit } from './junit.ts';
import { knip } from './knip.ts';
import { kotlinc } from './kotlinc.ts';
import { ktlint } from './ktlint.ts';
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
import { npmAuditText } from './npm-audit-text.ts';
import { nunit } from './nunit.ts';
import { osvScanner } from './osv-scanner.ts';
import { oxlint } from './oxlint.ts';
import { perlcritic } from './perlcritic.ts';
import { phpLint } from './php-lint.ts';
import { phpcs } from './phpcs.ts';
import { phpstan } from './phpstan.ts';
import { phpunit } from './phpunit.ts';
import { pipAudit } from './pip-audit.ts';
import { placedLines } from './placed-lines.ts';
import { playwright } from './playwright.ts';
import { playwrightJson } from './playwright-json.ts';
import { pnpmAudit } from './pnpm-audit.ts';
import { prettier } from './prettier.ts';
import { prove } from './prove.ts';
import { psalm } from './psalm.ts';
import { pyflakes } from './pyflakes.ts';
import { pylint } from './pylint.ts';
import { pyright } from './pyright.ts';
import { pytest } from './pytest.ts';
import { rdjson } from './rdjson.ts';
import { robot } from './robot.ts';
import { rspec } from './rspec.ts';
import { rubocop } from './rubocop.ts';
import { ruff } from './ruff.ts';
import { ruffFormat } from './ruff-format.ts';
import { rustcText } from './rustc-text.ts';
import { rustfmt } from './rustfmt.ts';
import { sarif } from './sarif.ts';
import { semgrep } from './semgrep.ts';
import { shellcheck } from './shellcheck.ts';
import { shfmt } from './shfmt.ts';
import { sonarIssues } from './sonar-issues.ts';
import { spotbugs } from './spotbugs.ts';
import { sqlfluff } from './sqlfluff.ts';
import { staticcheck } from './staticcheck.ts';
import { stylelint } from './stylelint.ts';
import { surefire } from './surefire.ts';
import { swiftBuild } from './swift-build.ts';
import { swiftTest } from './swift-test.ts';
import { tap } from './tap.ts';
import { trivy } from './trivy.ts';
import { trx } from './trx.ts';
import { tsc } from './tsc.ts';
import { unittest } from './unittest.ts';
import { valgrind } from './valgrind.ts';
import { vitest } from './vitest.ts';
import { xunit } from './xunit.ts';
import { yamllint } from './yamllint.ts';
import { yarnAudit } from './yarn-audit.ts';
import { zizmor } from './zizmor.ts';

/** Every parser, by name, alphabetically. */
export const parsers: readonly NamedParser[] = named([
  actionlint,
  allure,
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
  cargoAudit,
  cargoDeny,
  cargoTest,
  checkov,
  checkstyleText,
  checkstyleXml,
  clangFormat,
  clangTidy,
  clippy,
  codeclimate,
  codespell,
  composerAudit,
  cppcheck,
  ctest,
  ctrf,
  cucumber,
  cyclonedx,
  denoFmt,
  denoLint,
  denoTest,
  depcheck,
  detekt,
  dotnetList,
  dotnetTest,
  eslint,
  flake8,
  gcc,
  generic,
  gitleaks,
  goTest,
  goVet,
  gofmt,
  golangciLint,
  gosec,
  govulncheck,
  govulncheckText,
  gradleTest,
  hadolint,
  hlint,
  isort,
  javac,
  jest,
  junit,
  knip,
  kotlinc,
  ktlint,
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
  npmAuditText,
  nunit,
  osvScanner,
  oxlint,
  perlcritic,
  phpLint,
  phpcs,
  phpstan,
  phpunit,
  pipAudit,
  placedLines,
  playwright,
  playwrightJson,
  pnpmAudit,
  prettier,
  prove,
  psalm,
  pyflakes,
  pylint,
  pyright,
  pytest,
  rdjson,
  robot,
  rspec,
  rubocop,
  ruff,
  ruffFormat,
  rustcText,
  rustfmt,
  sarif,
  semgrep,
  shellcheck,
  shfmt,
  sonarIssues,
  spotbugs,
  sqlfluff,
  staticcheck,
  stylelint,
  surefire,
  swiftBuild,
  swiftTest,
  tap,
  trivy,
  trx,
  tsc,
  unittest,
  valgrind,
  vitest,
  xunit,
  yamllint,
  yarnAudit,
  zizmor,
]);

function named(units: readonly Parser[]): NamedParser[] {
  return units.map((unit) => ({ ...unit, tool: unit.tool ?? unit.name }));
}
