import type { Tool } from './define.ts';

/** The compiler of Go: nothing silences it. */
export const goBuild: Tool = {
  name: 'go-build',
  documentation: 'https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies',
  install: 'the Go toolchain',
  programs: ['go build'],
  builds: true,
  languages: ['go'],
  scope: 'program',
  toldBy: ['go-vet', 'go-test', 'staticcheck'],
  exits: { 0: 'it built', 1: 'errors' },
  settings: { builds: ['go.mod', 'go.work'] },
  options: { selects: '-tags', ignores: '-overlay', config: '-modfile' },
};
