import { type RuleNames, rows } from './define.ts';

/** Analyzers of `go vet` and the checks that say the same: https://staticcheck.dev/docs/checks/ */
const vet =
  'printf SA5009|assign SA4018|structtag SA5008|nilness SA5011|testinggoroutine SA2002|waitgroup SA2000|sigchanyzer SA1017|' +
  'unmarshal SA1014|ifaceassert SA5010';

/** Linters that golangci-lint starts and calls by their own names: https://golangci-lint.run/docs/linters/ */
const wrapped = 'unused U1000|ineffassign SA4006';

export const go: readonly RuleNames[] = [
  ...rows(['go-vet', 'staticcheck'], vet),
  ...rows(['golangci-lint', 'staticcheck'], wrapped),
  ...rows(['golangci-lint', 'go-build'], 'typecheck compile'),
  ...rows(['golangci-lint', 'go-vet'], 'govet vet'),
  ...rows(['golangci-lint', 'gosec'], 'errcheck G104'),
];
