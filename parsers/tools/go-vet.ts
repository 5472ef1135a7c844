import type { Tool } from './define.ts';

/** No comment silences it; build constraints and arguments do. */
export const goVet: Tool = {
  name: 'go-vet',
  documentation: 'https://pkg.go.dev/cmd/vet',
  install: 'the Go toolchain',
  programs: ['go vet'],
  languages: ['go'],
  scope: 'program',
  exits: { 0: 'nothing found, or -json', 1: 'findings' },
  fails: { 2: 'it failed' },
  machine: { flag: '-json', asked: /-json/ },
  settings: { builds: ['go.work'] },
  options: { selects: '-tags -vettool', config: '-modfile' },
  fix: { how: 'edits', counts: 'bytes' },
};
