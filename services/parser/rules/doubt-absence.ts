import { normalised } from './identify-findings.ts';

/** What is known about the place of a finding that a tool no longer shows. */
export type AbsenceFacts = {
  readonly tool: string;
  /** The text of the finding's line when it was seen, with white space folded; null when it was never known. */
  readonly line: string | null;
  /** The lines of its file at the new commit; null when the file is gone or could not be read. */
  readonly linesNow: readonly string[] | null;
  /** Files that changed between the commit where it was last seen and the new one. */
  readonly changed: ReadonlySet<string>;
  readonly commandThen: string;
  readonly commandNow: string;
};

/** Files that decide which rules a tool applies. */
const settings =
  /(^|\/)(eslint\.config\.\w+|\.eslintrc(\.\w+)?|\.eslintignore|tsconfig[\w.-]*\.json|biome\.jsonc?|\.oxlintrc\.json|pyproject\.toml|ruff\.toml|\.ruff\.toml|setup\.cfg|tox\.ini|mypy\.ini|\.mypy\.ini|\.pylintrc|pylintrc|\.flake8|\.bandit|\.semgrepignore|clippy\.toml|\.clippy\.toml|Cargo\.toml|rustfmt\.toml|deny\.toml|\.golangci\.(ya?ml|toml|json)|staticcheck\.conf|\.rubocop(_todo)?\.yml|phpstan[\w.-]*\.neon(\.dist)?|psalm\.xml(\.dist)?|phpcs\.xml(\.dist)?|\.phpcs\.xml|checkstyle[\w.-]*\.xml|detekt[\w.-]*\.yml|\.editorconfig|\.clang-tidy|\.shellcheckrc|\.hadolint\.ya?ml|\.gitleaks\.toml|\.trivyignore|\.gitleaksignore|package\.json)$/;

/** Comments by which people tell a tool to be silent about a place. */
const silencers =
  /eslint-disable|biome-ignore|oxlint-disable|@ts-(ignore|expect-error|nocheck)|#\s*noqa|#\s*type:\s*ignore|pylint:\s*disable|#\s*nosec|nosemgrep|#!?\[(allow|expect)\(|\/\/\s*nolint|\/\/lint:ignore|rubocop:disable|phpcs:(ignore|disable)|@phpstan-ignore|@psalm-suppress|@SuppressWarnings|@Suppress\(|CHECKSTYLE:OFF|NOLINT|shellcheck\s+disable|hadolint\s+ignore|#pragma\s+(warning\s+disable|GCC\s+diagnostic\s+ignored)|gitleaks:allow/i;

/**
 * Why a finding that a complete run no longer shows may still be there, or null. Its line standing unchanged is no proof
 * by itself (an import elsewhere may have mended it), but it is doubt enough when the tool was also told other things.
 */
export function doubtAbsence({ tool, line, linesNow, changed, commandThen, commandNow }: AbsenceFacts): string | null {
  if (line === null || line === '' || linesNow === null) return null;
  const at = linesNow.findIndex((one) => normalised(one) === line || silenced(one, line));
  if (at < 0) return null;
  const silencer = [linesNow[at], linesNow[at - 1]].find((one) => one !== undefined && silencers.test(one));
  if (silencer !== undefined && !silencers.test(line))
    return `${tool} was silenced there: ${normalised(silencer).slice(0, 120)}`;
  if (commandThen !== commandNow) return `the command of ${tool} changed and the line is still there`;
  const file = [...changed].find((path) => settings.test(path));
  return file === undefined ? null : `${file} changed and the line is still there: its rule may be switched off`;
}

/** The same line with a comment behind it that silences a tool. */
function silenced(now: string, line: string): boolean {
  return silencers.test(now) && normalised(now).startsWith(line);
}
