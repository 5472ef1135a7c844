import type { Tool } from './define.ts';

export const goTest: Tool = {
  name: 'go-test',
  documentation: 'https://pkg.go.dev/cmd/go#hdr-Testing_flags',
  install: 'the Go toolchain',
  programs: ['go test', 'gotestsum'],
  languages: ['go'],
  exits: { 0: 'all passed', 1: 'failures' },
  fails: { 2: 'it did not build, or a panic' },
  settings: { files: ['.gotestsum*'], builds: ['go.work'] },
  options: { selects: '-run -tags -list -bench', ignores: '-skip', lowers: '-short' },
};
