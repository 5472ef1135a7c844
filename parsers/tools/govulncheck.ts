import type { Tool } from './define.ts';

/** It has no list of what to pass over. */
export const govulncheck: Tool = {
  name: 'govulncheck',
  documentation: 'https://pkg.go.dev/golang.org/x/vuln/cmd/govulncheck',
  install: 'go install golang.org/x/vuln/cmd/govulncheck@latest',
  programs: ['govulncheck'],
  languages: ['go'],
  exits: { 0: 'nothing found, or -json', 3: 'advisories' },
  fails: { 1: 'it failed' },
  machine: { flag: '-json', asked: /-(json|format[ =](json|sarif))/ },
  settings: { lists: ['.govulncheck*', 'govulncheck*.{yml,yaml,json}'], builds: ['go.work'] },
  locks: ['go.mod'],
  options: { selects: '-scan -tags -mode', ignores: '-exclude', lowers: '-test' },
};
