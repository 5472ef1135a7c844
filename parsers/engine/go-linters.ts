/** The linters that are common enough to be known by name where the command does not say what it runs. */
export const goLinters = new Set(
  (
    'bodyclose copyloopvar dupl errcheck errorlint exhaustive funlen gci gocognit goconst gocritic gocyclo gofmt ' +
    'gofumpt goimports gosec gosimple govet ineffassign lll misspell nakedret noctx nolintlint perfsprint prealloc ' +
    'revive staticcheck stylecheck testifylint typecheck unconvert unparam unused whitespace wsl'
  ).split(' '),
);
